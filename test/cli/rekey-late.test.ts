import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, test } from 'node:test';
import { createSealer, parseSecretKey } from '../../src/base/seal.ts';
import { createPool } from '../../src/store/database/pool.ts';
import { findUnreadable, sealedTables } from '../../src/store/installation/rekey.ts';
import { sealingLock } from '../../src/store/installation/rekey-running.ts';
import { makeSite } from '../support/campaign.ts';
import { type RunningCli, until } from '../support/cli.ts';

const site = await makeSite();
const { cli } = site;
/** Not a session of Hongyan's. */
const pool = createPool({ ...site.database.connection, application_name: 'test' }, { max: 2 });
after(() => pool.end());

const oldKey = cli.env.HONGYAN_SECRET_KEY ?? '';
const newKey = randomBytes(32).toString('base64');
const secretFile = await site.file('secret', 's'.repeat(32));
const keys = (key: string, other?: string) => ({
  HONGYAN_SECRET_KEY: key,
  ...(other === undefined ? {} : { HONGYAN_SECRET_KEY_PREVIOUS: other }),
});

/** How many values need the one before, and what cannot be read with both. */
async function sealedWith(key: string, before: string): Promise<[number | undefined, string[]]> {
  const ring = createSealer(parseSecretKey(key), [parseSecretKey(before)]);
  const { byKey, unreadable } = await findUnreadable(pool, ring);
  return [byKey[ring.keyIds[1] ?? ''], unreadable];
}

/** Has whoever adds an account wait there, until the end of what is given. */
async function holding(trigger: string, work: () => Promise<void>): Promise<() => Promise<void>> {
  await pool.query(`create or replace function hold() returns trigger language plpgsql as
    'begin perform pg_advisory_xact_lock(67); return new; end'`);
  await pool.query(`create trigger ${trigger} on accounts for each row execute function hold()`);
  const holder = await pool.connect();
  await holder.query('select pg_advisory_lock(67)');
  await work();
  return async () => {
    await holder.query('select pg_advisory_unlock(67)');
    holder.release();
  };
}

async function waiting(lock: number, count: number): Promise<void> {
  await until(`${count} wait`, async () => {
    const { rows } = await pool.query(
      `select 1 from pg_locks join pg_stat_activity using (pid)
       where locktype = 'advisory' and objid = $1 and not granted and datname = current_database()`,
      [lock],
    );
    return rows.length === count;
  });
}

const add = (appid: string, env: Record<string, string>): RunningCli =>
  cli.start(
    [
      ...['accounts', 'add', '--appid', appid, '--kind', 'service', '--secret-file', secretFile],
      '--no-check',
    ],
    { env },
  );

test('a command of before a rekey that ends after it stores nothing under the old key, and says so', async () => {
  const late: RunningCli[] = [];
  // Before the database looks which key it has.
  const release = await holding('a_hold before insert', async () => {
    // Of before the first step, and of the one in which both keys are there.
    late.push(add('wx00000000000000a1', keys(oldKey)), add('wx00000000000000a2', keys(oldKey, newKey)));
    await waiting(67, late.length);
  });
  const turned = keys(newKey, oldKey);
  await cli.ok(['accounts', 'list'], { env: turned });
  await cli.ok(['rekey'], { env: turned });
  await release();
  for (const one of late) {
    const { code, stderr } = await one.ended;
    assert.equal(code, 1, stderr);
    assert.match(stderr, /replaced after this process had started.*\[SECRET_KEY_MISMATCH\]\n.*new key/);
  }
  assert.equal((await pool.query('select 1 from accounts')).rows.length, 0);
  assert.deepEqual(await sealedWith(newKey, oldKey), [0, []]);
});

test('what a command stores while a rekey ends is sealed anew by it', async () => {
  await pool.query('drop trigger a_hold on accounts');
  const late: RunningCli[] = [];
  // Behind that look, before its commit.
  const release = await holding('hold after insert', async () => {
    late.push(add('wx00000000000000a3', keys(newKey)));
    await waiting(67, 1);
  });
  const lastKey = randomBytes(32).toString('base64');
  const turned = keys(lastKey, newKey);
  await cli.ok(['accounts', 'list'], { env: turned });
  late.push(cli.start(['rekey'], { env: turned }));
  await waiting(sealingLock, 1);
  await release();
  for (const one of late) assert.equal((await one.ended).code, 0, one.stderr);
  assert.equal((await pool.query('select 1 from accounts')).rows.length, 1);
  assert.deepEqual(await sealedWith(lastKey, newKey), [0, []]);
});

test('every column that is sealed is looked at when it is written', async () => {
  const { rows } = await pool.query<{ table: string; columns: string[] }>(
    `select c.relname as "table", array_agg(a.attname::text order by a.attname) as columns
     from pg_trigger t join pg_class c on c.oid = t.tgrelid join pg_proc p on p.oid = t.tgfoid
       join pg_attribute a on a.attrelid = c.oid and a.attnum = any (t.tgattr)
     where p.proname = 'sealed_with_key_of_now' and c.relnamespace = 'hongyan'::regnamespace group by 1 order by 1`,
  );
  assert.deepEqual(
    rows,
    sealedTables
      .map(({ table, columns }) => ({ table, columns: Object.keys(columns).sort() }))
      .sort((a, b) => (a.table < b.table ? -1 : 1)),
  );
});
