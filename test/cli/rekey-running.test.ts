import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, test } from 'node:test';
import { createSealer, parseSecretKey } from '../../src/base/seal.ts';
import { saveAccount } from '../../src/store/accounts/accounts.ts';
import { setRate } from '../../src/store/accounts/pace.ts';
import { createPool } from '../../src/store/database/pool.ts';
import { findUnreadable } from '../../src/store/installation/rekey.ts';
import { makeSite } from '../support/campaign.ts';
import { lastJson, type RunningCli, until } from '../support/cli.ts';
import { insertCampaign } from '../support/delivery/insert-campaign.ts';
import { received, startWechat } from '../support/wechat.ts';

/** At the rate below there is enough left to send, however long processes take to begin. */
const followers = 3_000;
const wechat = await startWechat({ kind: 'service', followers, latencyMs: 5 });
const account = wechat.account();
const site = await makeSite();
await site.add(wechat, account);
const { cli } = site;
/** Not a process of Hongyan's, which is refused once there is a key that it does not have. */
const pool = createPool({ ...site.database.connection, application_name: 'test' }, { max: 4 });
after(() => pool.end());

// Of whose secrets nobody seals any anew by himself.
const idle = Array.from({ length: 250 }, (_, n) => `wx${String(n + 1).padStart(16, '0')}`);
for (const appid of idle)
  await saveAccount(pool, site.store.sealer, {
    ...{ appid, kind: 'service', name: '', tokenSource: 'secret', secret: `secret of ${appid}` },
    ...{ baseUrl: null, proxy: 'http://user:pass@127.0.0.1:9' },
  });

const oldKey = cli.env.HONGYAN_SECRET_KEY ?? '';
const newKey = randomBytes(32).toString('base64');
const idOf = (key: string): string => createSealer(parseSecretKey(key)).keyId;
const [oldId, newId] = [idOf(oldKey), idOf(newKey)];

const only = (key: string) => ({ HONGYAN_SECRET_KEY: key });
const both = (key: string, other: string) => ({
  HONGYAN_SECRET_KEY: key,
  HONGYAN_SECRET_KEY_PREVIOUS: other,
});
const steps = {
  first: only(oldKey),
  ready: both(oldKey, newKey),
  turned: both(newKey, oldKey),
  last: only(newKey),
};

async function node(env: Record<string, string>): Promise<RunningCli> {
  const running = cli.start(['serve'], { env });
  await running.printed(/"node started"/);
  return running;
}

async function next(running: RunningCli, env: Record<string, string>): Promise<RunningCli> {
  assert.equal((await running.kill('SIGTERM')).code, 0);
  return await node(env);
}

/** Values by the key that they are sealed with. */
async function sealedBy(): Promise<Record<string, number>> {
  const ring = createSealer(parseSecretKey(newKey), [parseSecretKey(oldKey)]);
  const { unreadable, byKey } = await findUnreadable(pool, ring);
  assert.deepEqual(unreadable, []);
  return byKey;
}

/** What a node seals: the AppSecret is stored again by whoever has these keys. */
async function saveAgain(env: Record<string, string>): Promise<void> {
  const file = await site.file('secret', account.secret);
  await cli.ok(
    [
      ...['accounts', 'add', '--appid', account.appid, '--kind', 'service', '--base-url', wechat.url],
      ...['--secret-file', file],
    ],
    { env },
  );
}

test('the key is replaced while two nodes deliver: no gap, nothing unreadable, nobody twice', async () => {
  await setRate(pool, account.appid, 8);
  const id = await insertCampaign(pool, account, 'oa-template', followers, { chunkSize: 50 });
  const got = async (): Promise<number> => (await received(wechat, account.appid)).size;
  const goesOn = async (): Promise<void> => {
    const before = await got();
    await until('it goes on', async () => (await got()) > before);
  };
  let [a, b] = [await node(steps.first), await node(steps.first)];
  await goesOn();

  // Out of turn: one that has only the old key could not read what this one seals.
  assert.match(
    await cli.fails(1, ['worker'], { env: steps.turned }),
    new RegExp(`${newId} yet: serve .*\\[REKEY_IN_USE\\]`),
  );
  a = await next(a, steps.ready);
  assert.match(await cli.fails(1, ['worker'], { env: steps.turned }), /\[REKEY_IN_USE\]/);
  b = await next(b, steps.ready);
  await goesOn();
  assert.equal((await sealedBy())[newId], 0);
  assert.match(
    await cli.ok(['rekey'], { env: steps.ready }),
    new RegExp(`with the secret key ${oldId} already; if that is the old one`),
  );

  a = await next(a, steps.turned);
  await saveAgain(steps.turned);
  assert.ok(((await sealedBy())[newId] ?? 0) > 0);
  // Each reads what the other seals, and who has only one of the keys is told which one is missing.
  await cli.ok(['accounts', 'check', account.appid], { env: steps.ready });
  for (const [env, missing] of [
    [steps.first, newId],
    [steps.last, oldId],
  ] as const)
    assert.match(
      await cli.fails(1, ['worker'], { env }),
      new RegExp(`${missing}.*\\[SECRET_KEY_MISMATCH\\]`),
    );
  assert.match(
    await cli.fails(1, ['rekey'], { env: steps.turned }),
    new RegExp(`encrypt with the new secret key ${newId} yet: serve .*\\[REKEY_IN_USE\\]`),
  );
  b = await next(b, steps.turned);
  await goesOn();

  const doctor = async (): Promise<{ ok: boolean; detail: string } | undefined> =>
    (
      lastJson((await cli.run(['doctor', '--json'], { env: steps.turned })).stdout) as {
        findings: { check: string; ok: boolean; detail: string }[];
      }
    ).findings.find(({ check }) => check === 'keys');
  const before = await doctor();
  assert.equal(before?.ok, false);
  assert.match(before?.detail ?? '', new RegExp(`50\\d with ${oldId}`));

  // Killed in the middle, after some of it is sealed anew.
  await pool.query(`create function hold() returns trigger language plpgsql as
    'begin perform pg_advisory_xact_lock(66); return new; end'`);
  await pool.query('create trigger hold before update on installation for each row execute function hold()');
  const holder = await pool.connect();
  await holder.query('select pg_advisory_lock(66)');
  const running = cli.start(['rekey'], { env: steps.turned });
  await until('it waits', async () => {
    const { rows } = await pool.query(
      `select 1 from pg_locks join pg_stat_activity using (pid)
       where locktype = 'advisory' and objid = 66 and not granted and datname = current_database()`,
    );
    return rows.length === 1;
  });
  await running.kill('SIGKILL');
  assert.equal((await sealedBy())[oldId], 0);
  assert.equal((await pool.query('select key_id from installation')).rows[0]?.key_id, oldId);
  await holder.query('select pg_advisory_unlock(66)');
  holder.release();
  await pool.query('drop function hold() cascade');

  const done = lastJson(await cli.ok(['rekey', '--json'], { env: steps.turned }));
  assert.equal(done.to, newId);
  assert.equal((await sealedBy())[oldId], 0);
  assert.equal((await doctor())?.ok, true);
  // It would seal with the key that is about to be dropped.
  assert.match(
    await cli.fails(1, ['accounts', 'list'], { env: steps.ready }),
    new RegExp(`would encrypt with the secret key ${oldId}`),
  );
  await goesOn();
  a = await next(a, steps.last);
  b = await next(b, steps.last);
  await cli.ok(['accounts', 'check', account.appid], { env: steps.last });

  await setRate(pool, account.appid, 5_000);
  await until(
    'it is done',
    async () =>
      (await pool.query('select state from campaigns where id = $1', [id])).rows[0]?.state === 'done',
  );
  const all = await received(wechat, account.appid);
  assert.equal(all.size, followers);
  assert.deepEqual(
    [...all.values()].filter((times) => times !== 1),
    [],
  );
  for (const one of [a, b]) assert.equal((await one.kill('SIGTERM')).code, 0);
});
