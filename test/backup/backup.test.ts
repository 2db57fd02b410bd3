import assert from 'node:assert/strict';
import { copyFile, readFile, stat, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { setRate } from '../../src/store/accounts/pace.ts';
import { openBackup } from '../../src/store/backup/file.ts';
import { tablesToKeep } from '../../src/store/backup/tables.ts';
import { createPool, type Pool } from '../../src/store/database/pool.ts';
import { makeSite, type Site } from '../support/campaign.ts';
import { until } from '../support/cli.ts';
import { insertCampaign } from '../support/delivery/insert-campaign.ts';
import { dumpSchema } from '../support/house/schema-dump.ts';
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts';
import { received, startWechat } from '../support/wechat.ts';

const followers = 3_000;
const wechat = await startWechat({ kind: 'service', followers, latencyMs: 5 });
const account = wechat.account();

/** An installation in which something of everything has happened, and a campaign that is half over. */
async function busySite(): Promise<Site> {
  const site = await makeSite();
  await site.add(wechat, account);
  await site.cli.ok(['followers', 'sync', account.appid]);
  await site.cli.ok(['templates', 'sync', account.appid]);
  await site.cli.ok(['keys', 'create', 'shop', '--permissions', 'message.send']);
  return site;
}

async function emptyPlace(): Promise<{ database: TestDatabase; pool: Pool }> {
  const database = await createTestDatabase();
  const pool = createPool({ ...database.connection }, { max: 2 });
  after(() => pool.end());
  return { database, pool };
}

async function contentOf(pool: Pool, table: string, columns: readonly string[]): Promise<string[]> {
  const { rows } = await pool.query<{ row: string }>(
    `select (t.*)::text as row from (select ${columns.join(', ')} from ${table}) t order by 1`,
  );
  return rows.map(({ row }) => row);
}

test('a backup holds every row, and a restore brings each of them back', async () => {
  const site = await busySite();
  const serve = site.cli.start(['serve']);
  await serve.printed(/"node started"/);
  const id = await insertCampaign(site.store.pool, account, 'oa-template', 300, { chunkSize: 50 });
  await until('the campaign is over', async () => {
    const { rows } = await site.store.pool.query('select state from campaigns where id = $1', [id]);
    return rows[0]?.state === 'done';
  });
  await serve.kill('SIGTERM');
  const path = join(site.directory, 'whole.zip');
  const said = await site.cli.ok(['backup', path]);
  assert.match(said, /The secret key is not in it/);
  assert.equal((await stat(path)).mode & 0o777, 0o600);
  const { database, pool } = await emptyPlace();
  const env = { HONGYAN_DATABASE_URL: database.url };
  assert.match(await site.cli.ok(['restore', path], { env }), /Restored: .* rows of \d+ tables/);
  const tables = await tablesToKeep(site.store.pool);
  assert.ok(tables.length > 40);
  let rows = 0;
  for (const { name, columns } of tables) {
    if (name === 'installation' || name === 'audit') continue;
    const there = await contentOf(site.store.pool, name, columns);
    assert.deepEqual(await contentOf(pool, name, columns), there, name);
    rows += there.length;
  }
  assert.ok(rows > followers);
  assert.deepEqual((await dumpSchema(pool)).split('\n'), (await dumpSchema(site.store.pool)).split('\n'));
  // Numbers go on where they were: nothing new takes the place of something old.
  const next = async (of: Pool): Promise<number> =>
    (await of.query<{ n: number }>("select nextval(pg_get_serial_sequence('campaigns', 'id')) as n")).rows[0]
      ?.n ?? 0;
  assert.ok((await next(pool)) > id);
  // It works, and knows that it is over.
  const report = await site.cli.json(['campaigns', 'show', String(id), '--json'], { env });
  assert.equal(report.accepted, 300);
});

test('a backup of a running campaign: its restore pauses it, and nobody gets the message twice', async () => {
  const site = await busySite();
  account.clearReceived();
  // Slowly enough to be in the middle of it for however long a backup takes.
  await setRate(site.store.pool, account.appid, 60);
  const serve = site.cli.start(['serve']);
  await serve.printed(/"node started"/);
  const id = await insertCampaign(site.store.pool, account, 'oa-template', followers, { chunkSize: 100 });
  await until('it is under way', async () => (await received(wechat, account.appid)).size > 150);
  const path = join(site.directory, 'running.zip');
  await site.cli.ok(['backup', path]);
  const sent = (await received(wechat, account.appid)).size;
  assert.ok(sent < followers, 'it was still running');
  await until('more goes out', async () => (await received(wechat, account.appid)).size > sent + 100);
  await serve.kill('SIGKILL');
  const { database, pool } = await emptyPlace();
  const env = { HONGYAN_DATABASE_URL: database.url };
  assert.match(
    await site.cli.ok(['restore', path], { env }),
    new RegExp(`Paused: 1 running campaigns \\(${id}\\)`),
  );
  await setRate(pool, account.appid, 1_000);
  await site.cli.ok(['campaigns', 'resume', String(id)], { env });
  const again = site.cli.start(['serve'], { env });
  await again.printed(/"node started"/);
  await until('it is over', async () => {
    const { rows } = await pool.query('select state from campaigns where id = $1', [id]);
    return rows[0]?.state === 'done';
  });
  const seen = await received(wechat, account.appid);
  assert.equal(Math.max(...seen.values()), 1, 'nobody twice');
  const report = await site.cli.json(['campaigns', 'show', String(id), '--json'], { env });
  const { accepted, unknown } = report as { accepted: number; unknown: number };
  assert.ok(unknown > 0, 'whoever may have it is named');
  assert.ok(accepted + unknown <= followers);
  await again.kill('SIGTERM');
});

test('what cannot be restored is refused, with the reason, and leaves nothing', async (t) => {
  const site = await busySite();
  const path = join(site.directory, 'one.zip');
  await site.cli.ok(['backup', '--with-key', path]);
  const { database, pool } = await emptyPlace();
  const env = { HONGYAN_DATABASE_URL: database.url };
  const isEmpty = async (): Promise<boolean> => {
    const { rows } = await pool.query("select to_regclass('hongyan.installation') as t");
    return rows[0]?.t === null || (await pool.query('select 1 from installation')).rows.length === 0;
  };
  await t.test('a file that is there already', async () => {
    const before = await readFile(path);
    assert.match(await site.cli.fails(1, ['backup', path]), /overwrites nothing.*\[BACKUP_FILE\]/s);
    assert.deepEqual(await readFile(path), before);
  });
  await t.test('a directory that is not there', async () => {
    assert.match(
      await site.cli.fails(1, ['backup', join(site.directory, 'none', 'x.zip')]),
      /ENOENT.*\[BACKUP_FILE\]/s,
    );
  });
  await t.test('another file', async () => {
    const other = await site.file('other.zip', 'no zip at all');
    assert.match(await site.cli.fails(1, ['restore', other], { env }), /is no backup.*\[BACKUP_FILE\]/s);
    assert.ok(await isEmpty());
  });
  await t.test('one that is cut', async () => {
    const cut = join(site.directory, 'cut.zip');
    await copyFile(path, cut);
    await truncate(cut, 2_000);
    assert.match(await site.cli.fails(1, ['restore', cut], { env }), /\[BACKUP_FILE\]/);
    assert.ok(await isEmpty());
  });
  await t.test('one in which a byte is another', async () => {
    const bent = join(site.directory, 'bent.zip');
    const bytes = await readFile(path);
    const at = bytes.indexOf('tables/contacts.tsv') + 600;
    bytes[at] = (bytes[at] ?? 0) ^ 0xff;
    await site.file('bent.zip', bytes);
    assert.match(await site.cli.fails(1, ['restore', bent], { env }), /damaged.*\[BACKUP_FILE\]/s);
    assert.ok(await isEmpty());
  });
  await t.test('another key', async () => {
    const other = { ...env, HONGYAN_SECRET_KEY: Buffer.alloc(32, 9).toString('base64') };
    assert.match(await site.cli.fails(1, ['restore', path], { env: other }), /\[BACKUP_KEY\]/);
    assert.ok(await isEmpty());
  });
  await t.test('a place that is taken', async () => {
    assert.match(await site.cli.fails(1, ['restore', path]), /in use already.*\[BACKUP_PLACE\]/s);
  });
  await t.test('and after all of it the same file still can', async () => {
    await site.cli.ok(['restore', path], { env });
    assert.match(await site.cli.fails(1, ['restore', path], { env }), /\[BACKUP_PLACE\]/);
  });
});

test('the key is in the file only where that was asked for', async () => {
  const site = await busySite();
  const [without, within] = [join(site.directory, 'a.zip'), join(site.directory, 'b.zip')];
  await site.cli.ok(['backup', without]);
  await site.cli.ok(['backup', '--with-key', within]);
  for (const [path, key] of [
    [without, null],
    [within, site.cli.env.HONGYAN_SECRET_KEY],
  ] as const) {
    const file = await openBackup(path);
    assert.equal(file.manifest.key, key);
    file.close();
  }
});

test('only what is of the moment is left out', async () => {
  const site = await makeSite();
  const kept = (await tablesToKeep(site.store.pool)).map(({ name }) => name);
  const { rows } = await site.store.pool.query<{ name: string }>(
    `select relname as name from pg_class where relnamespace = 'hongyan'::regnamespace and relkind in ('r', 'p') and not relispartition`,
  );
  assert.deepEqual(
    rows
      .map(({ name }) => name)
      .filter((name) => !kept.includes(name))
      .sort(),
    [
      ...['backup_wanted', 'backups', 'incident_looks', 'incident_tellings', 'incidents'],
      ...['node_blocks', 'node_stats', 'nodes', 'password_links'],
      ...['schema_migrations', 'sessions', 'stream_log'],
    ],
  );
});
