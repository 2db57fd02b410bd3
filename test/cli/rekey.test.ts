import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { link, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { silentLogger } from '../../src/base/logger.ts';
import { createSealer, parseSecretKey, type Sealer } from '../../src/base/seal.ts';
import { claimKey, type KeyedRequest, storeAnswer } from '../../src/store/access/idempotency.ts';
import { type NewAccount, openAccount, saveAccount } from '../../src/store/accounts/accounts.ts';
import { databaseTokenStore } from '../../src/store/accounts/tokens.ts';
import { addChannel, openChannel } from '../../src/store/alerts/channels.ts';
import { createPool } from '../../src/store/database/pool.ts';
import { claimDataDirectory } from '../../src/store/embedded/data-directory.ts';
import { type CallbackSettings, findCallback, saveCallback } from '../../src/store/events/callbacks.ts';
import { openStore } from '../../src/store/store.ts';
import { rotateSecret } from '../../src/store/webhooks/rotation.ts';
import { addWebhook, openWebhook } from '../../src/store/webhooks/webhooks.ts';
import { makeSite } from '../support/campaign.ts';
import { until } from '../support/cli.ts';

const site = await makeSite();
const { cli, store, database } = site;
const dataDir = join(site.directory, 'data');
const keyPath = join(dataDir, 'secret.key');
const appid = 'wx00000000000000aa';
const anHour = new Date(Date.now() + 3_600_000);

// The key lies in the data directory, as it does where nobody has configured anything.
const { HONGYAN_SECRET_KEY: firstKey = '', ...environment } = cli.env;
delete cli.env.HONGYAN_SECRET_KEY;
assert.equal(environment.HONGYAN_DATA_DIR, dataDir);
await claimDataDirectory(dataDir);
await writeFile(keyPath, `${firstKey}\n`, { mode: 0o600 });

const account: NewAccount = {
  appid,
  kind: 'service',
  name: '鸿雁',
  tokenSource: 'secret',
  secret: 'the AppSecret',
  baseUrl: 'http://127.0.0.1:9/',
  proxy: 'http://user:pass@127.0.0.1:9',
};
const callback: CallbackSettings = {
  appid,
  token: 'token',
  aesKey: 'k'.repeat(43),
  previousToken: 'before',
  previousTokenUntil: anHour,
  previousAesKey: 'b'.repeat(43),
  previousAesKeyUntil: anHour,
  mode: 'secure',
  format: 'xml',
  publicUrl: null,
  forwardTo: 'https://example.com/?key=1',
  reply: 'none',
  exclusive: false,
  unsignedFrom: [],
};
await saveAccount(store.pool, store.sealer, account);
await databaseTokenStore(store.pool, store.sealer).refresh(appid, null, async () => ({
  token: 'the token',
  expiresAt: anHour.getTime(),
}));
await saveCallback(store.pool, store.sealer, callback);
const webhook = { appid, url: new URL('https://example.com/hook'), topics: ['message'], createdBy: 'test' };
const webhookId = await addWebhook(store.pool, store.sealer, { ...webhook, secret: 'first' });
await rotateSecret(store.pool, store.sealer, { id: webhookId, appid }, 'second', 1);
const target = { url: 'https://example.com/robot?key=1' };
const channelId = await addChannel(store.pool, store.sealer, {
  ...{
    kind: 'wecom',
    name: '值班',
    lang: 'zh',
    appids: null,
    host: 'example.com',
    target,
    createdBy: 'test',
  },
});
const digest = Buffer.alloc(32, 1);
const request: KeyedRequest = {
  actor: 'key:1',
  key: 'one',
  claimId: randomUUID(),
  digest,
  sealer: store.sealer,
};
await claimKey(store.pool, request);
await storeAnswer(store.pool, request, { status: 201, answer: 'the answer' });
await store.close();

/** Under another name than Hongyan's sessions: it looks on. */
const watch = createPool({ ...database.connection, application_name: 'test' }, { max: 4 });
after(() => watch.end());

async function currentSealer(): Promise<Sealer> {
  return createSealer(parseSecretKey(await readFile(keyPath, 'utf8')));
}

async function storedKeyId(): Promise<string> {
  const { rows } = await watch.query<{ id: string }>('select key_id as id from installation');
  return rows[0]?.id ?? '';
}

/** Every sealed value of the database, whatever the code knows of them. */
async function sealedValues(): Promise<Map<string, Buffer | null>> {
  const { rows } = await watch.query<{ table: string; column: string }>(
    `select c.table_name as "table", c.column_name as "column" from information_schema.columns c
     where c.table_schema = 'hongyan' and (c.column_name like '%\\_sealed' or c.column_name = 'key_check')`,
  );
  const values = new Map<string, Buffer | null>();
  for (const { table, column } of rows) {
    const found = await watch.query<{ value: Buffer | null }>(`select ${column} as value from ${table}`);
    values.set(`${table}.${column}`, found.rows[0]?.value ?? null);
  }
  return values;
}

/** What is sealed can be read with the key of the data directory. */
async function requireReadable(): Promise<void> {
  const sealer = await currentSealer();
  assert.equal(await storedKeyId(), sealer.keyId);
  const { secrets } = await openAccount(watch, sealer, appid);
  assert.deepEqual(secrets, { secret: account.secret, proxy: account.proxy });
  assert.equal((await databaseTokenStore(watch, sealer).read(appid))?.token, 'the token');
  assert.deepEqual(await findCallback(watch, sealer, appid), callback);
  const repeat = { state: 'done', status: 201, answer: 'the answer' };
  assert.deepEqual(await claimKey(watch, { ...request, sealer }), repeat);
  const { url, secrets: webhookSecrets } = await openWebhook(watch, sealer, webhookId);
  assert.deepEqual([url, webhookSecrets], ['https://example.com/hook', ['second', 'first']]);
  assert.deepEqual(await openChannel(watch, sealer, channelId), target);
}

async function waiting(): Promise<string[]> {
  return (await readdir(dataDir)).filter((name) => name.includes('.next-'));
}

/** Has rekey wait where the trigger stands, kills it there, and lets its session in the database go on. */
async function killAt(trigger: string): Promise<void> {
  const holder = await watch.connect();
  await holder.query('select pg_advisory_lock(65)');
  await watch.query(
    `create function hold() returns trigger language plpgsql as
       'begin perform pg_advisory_xact_lock(65); return new; end'`,
  );
  await watch.query(trigger);
  const running = cli.start(['rekey']);
  const sessions = async (where: string): Promise<number> =>
    (
      await watch.query(
        `select 1 from pg_stat_activity where datname = current_database() and application_name = 'hongyan' and ${where}`,
      )
    ).rows.length;
  await until(
    'rekey waits',
    async () => (await sessions("wait_event_type = 'Lock' and wait_event = 'advisory'")) === 1,
  );
  await running.kill('SIGKILL');
  await holder.query('select pg_advisory_unlock(65)');
  holder.release();
  await until('its sessions have ended', async () => (await sessions('true')) === 0);
  await watch.query('drop function hold() cascade');
}

test('everything that is sealed needs the new key, and the old one stays for backups', async () => {
  const before = await sealedValues();
  assert.ok(before.size >= 14, [...before.keys()].join());
  for (const [column, value] of before) assert.ok(value !== null, `${column} has no value here`);
  const oldId = (await currentSealer()).keyId;
  const printed = await cli.ok(['rekey']);
  for (const [column, value] of await sealedValues()) {
    assert.notDeepEqual(value, before.get(column), `${column} is as it was`);
  }
  await requireReadable();
  const now = (await readFile(keyPath, 'utf8')).trim();
  assert.notEqual(now, firstKey);
  assert.match(printed, new RegExp(`${oldId} is replaced by ${(await currentSealer()).keyId}; 13 values`));
  assert.ok(!printed.includes(now) && !printed.includes(firstKey));
  assert.equal((await readFile(`${keyPath}.before-${oldId}`, 'utf8')).trim(), firstKey);
  assert.equal((await stat(keyPath)).mode & 0o777, 0o600);
  assert.deepEqual(await waiting(), []);
  assert.match(await cli.ok(['audit', 'list', '--action', 'installation.rekey']), /done/);
});

test('is refused while a node or another command uses the database, and nothing changes', async () => {
  const worker = cli.start(['worker']);
  await worker.printed(/is working/);
  const held = await storedKeyId();
  assert.match(await cli.fails(1, ['rekey']), /worker \(.*pid \d+\).*\[REKEY_IN_USE\]/);
  await worker.kill('SIGTERM');
  const other = createPool({ ...database.connection }, { max: 1 });
  try {
    await other.query('select 1');
    assert.match(await cli.fails(1, ['rekey']), /database sessions \d+.*\[REKEY_IN_USE\]/);
    assert.match(await cli.fails(1, ['--lang', 'zh', 'rekey']), /数据库会话 \d+.*\[REKEY_IN_USE\]/);
  } finally {
    await other.end();
  }
  assert.equal(await storedKeyId(), held);
  assert.deepEqual(await waiting(), []);
  await requireReadable();
});

test('killed before its commit, the old key holds, and the next rekey succeeds', async () => {
  const held = await storedKeyId();
  await killAt('create trigger hold before update on installation for each row execute function hold()');
  assert.equal((await waiting()).length, 1);
  assert.equal(await storedKeyId(), held);
  await cli.ok(['accounts', 'list']);
  await requireReadable();
  await cli.ok(['rekey']);
  assert.notEqual(await storedKeyId(), held);
  assert.deepEqual(await waiting(), []);
  await requireReadable();
});

test('killed behind its commit, the next command takes the new key into its place', async () => {
  for (const hasKept of [false, true]) {
    const held = await currentSealer();
    await killAt(
      `create constraint trigger hold after update on installation deferrable initially deferred
         for each row execute function hold()`,
    );
    assert.notEqual(await storedKeyId(), held.keyId);
    assert.equal((await currentSealer()).keyId, held.keyId);
    assert.equal((await waiting()).length, 1);
    const before = `${keyPath}.before-${held.keyId}`;
    // As if it had been killed a step later.
    if (hasKept) await link(keyPath, before);
    await cli.ok(['accounts', 'list']);
    assert.notEqual((await currentSealer()).keyId, held.keyId);
    assert.deepEqual(await waiting(), []);
    assert.equal(createSealer(parseSecretKey(await readFile(before, 'utf8'))).keyId, held.keyId);
    await requireReadable();
  }
});

test('a process that had no connection meanwhile gets none with the old key', async () => {
  const sealer = await currentSealer();
  const connection = { ...database.connection, idleTimeoutMillis: 1 };
  const idle = await openStore({ connection, sealer, logger: silentLogger, poolSize: 2 });
  try {
    await until('it has no connection', async () => idle.pool.totalCount === 0);
    await cli.ok(['rekey']);
    await assert.rejects(saveAccount(idle.pool, idle.sealer, account), { code: 'SECRET_KEY_MISMATCH' });
  } finally {
    await idle.close();
  }
  await requireReadable();
});

test('a key in the environment is replaced by one of a file, which is never printed', async () => {
  const old = (await readFile(keyPath, 'utf8')).trim();
  const env = { HONGYAN_SECRET_KEY: old };
  assert.match(await cli.fails(1, ['rekey'], { env }), /\[REKEY_FILE\]\n.*--new-key-file/);
  const same = await site.file('same.key', old);
  assert.match(await cli.fails(1, ['rekey', '--new-key-file', same], { env }), /\[SECRET_KEY_EXPOSED\]/);
  const path = join(site.directory, 'made.key');
  const printed = await cli.ok(['rekey', '--new-key-file', path], { env });
  const made = (await readFile(path, 'utf8')).trim();
  assert.equal((await stat(path)).mode & 0o777, 0o600);
  assert.ok(printed.includes(path) && !printed.includes(made) && !printed.includes(old));
  assert.match(await cli.fails(1, ['accounts', 'list'], { env }), /\[SECRET_KEY_MISMATCH\]/);
  await cli.ok(['accounts', 'list'], { env: { HONGYAN_SECRET_KEY: made } });
  assert.match(
    await cli.fails(1, ['rekey', '--new-key-file', path], { env: { HONGYAN_SECRET_KEY: made } }),
    /\[REKEY_SAME_KEY\]/,
  );
});
