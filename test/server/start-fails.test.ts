import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { silentLogger } from '../../src/base/logger.ts';
import { createSealer, parseSecretKey } from '../../src/base/seal.ts';
import { startEngine } from '../../src/engine/engine.ts';
import { AccountClients } from '../../src/engine/sending/account-clients.ts';
import { connectionLimits } from '../../src/store/database/connections.ts';
import { openStore } from '../../src/store/store.ts';
import { Cli, type CliResult, until } from '../support/cli.ts';
import { createTestDatabase } from '../support/postgres.ts';
import { type LimitedUser, makeLimitedUser } from '../support/store/limited-user.ts';

const secretKey = Buffer.alloc(32, 7).toString('base64');
const directory = await mkdtemp(join(tmpdir(), 'hongyan-start-'));
const clis: Cli[] = [];
after(async () => {
  for (const cli of clis) await cli.close();
  await rm(directory, { recursive: true, force: true });
});

function cliOf(url: string, env: Record<string, string> = {}): Cli {
  const cli = new Cli({
    HONGYAN_DATABASE_URL: url,
    HONGYAN_SECRET_KEY: secretKey,
    HONGYAN_DATA_DIR: join(directory, 'data'),
    ...env,
  });
  clis.push(cli);
  return cli;
}

/** A server notices a little later that a connection has ended. */
async function untilClosed(user: LimitedUser): Promise<void> {
  await until('its connections are closed', async () => (await user.open()) === 0);
}

/** The process has ended by itself, said why in a sentence, and left nothing in the database. */
async function assertRefused(result: CliResult, code: string, user: LimitedUser): Promise<void> {
  assert.deepEqual([result.code, result.signal], [1, null], result.stderr);
  assert.match(result.stderr, new RegExp(`^error: .*\\[${code}\\]$`, 'm'));
  assert.doesNotMatch(result.stderr, /^\s+at |unexpected|was still open/m);
  assert.doesNotMatch(result.stdout, /is working/);
  await untilClosed(user);
  const nodes = await user.asOwner(
    "select count(*)::integer as n from pg_class where relname = 'nodes' and relnamespace::regnamespace::text = 'hongyan'",
  );
  if (nodes[0]?.n === 1) assert.deepEqual(await user.asOwner('select id from hongyan.nodes'), []);
}

/** A user whose database is migrated, and has its background jobs. */
async function migrated(): Promise<LimitedUser> {
  const user = await makeLimitedUser();
  const store = await openStore({
    connection: user.connection,
    sealer: createSealer(parseSecretKey(secretKey)),
    logger: silentLogger,
  });
  await store.jobs();
  await store.close();
  // Those that are still there would be among those that it may have.
  await untilClosed(user);
  return user;
}

test('serve on a taken port or a foreign address ends at once, before it has started anything', async () => {
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  const address = other.address();
  assert(typeof address === 'object' && address !== null);
  const dataDir = join(directory, 'taken');
  const cli = new Cli({ HONGYAN_DATA_DIR: dataDir, HONGYAN_LISTEN: `127.0.0.1:${address.port}` });
  clis.push(cli);
  try {
    assert.match(await cli.fails(1, ['serve']), /is taken.*\[ADDRESS_IN_USE\]/);
    // TEST-NET-1: no machine's own.
    const elsewhere = { env: { HONGYAN_LISTEN: '192.0.2.1:8790' } };
    assert.match(await cli.fails(1, ['serve'], elsewhere), /192\.0\.2\.1:8790.*\[LISTEN_FAILED\]/);
    await assert.rejects(readdir(dataDir), { code: 'ENOENT' });
  } finally {
    await new Promise((resolve) => other.close(resolve));
  }
});

test('a server with fewer connections than a node needs is refused at once, with the number that it needs', async () => {
  const user = await migrated();
  const cli = cliOf(user.url);
  for (const [limit, args] of [
    [7, ['serve']],
    [7, ['worker']],
    [20, ['serve', '--senders', '3']],
  ] as const) {
    await user.limit(limit);
    const result = await cli.run(args);
    await assertRefused(result, 'DATABASE_CONNECTIONS_FEW', user);
    // 21 a node, 10 for commands, and 3 that the server reserves for superusers.
    const nodes = args.length === 1 ? 1 : 3;
    assert.match(result.stderr, new RegExp(`set max_connections to ${nodes * 21 + 10 + 3} and`));
  }
});

test('the limits are those of the server, of the user and of its reserved connections', async () => {
  const user = await migrated();
  const own = await createTestDatabase();
  const sealer = createSealer(parseSecretKey(secretKey));
  const limitsOf = async (connection: object) => {
    const store = await openStore({ connection, sealer, logger: silentLogger });
    try {
      return await connectionLimits(store.pool);
    } finally {
      await store.close();
    }
  };
  const { maxConnections, ...superuser } = await limitsOf(own.connection);
  assert.deepEqual(superuser, { reserved: 0, usable: maxConnections });
  assert.deepEqual(await limitsOf(user.connection), {
    maxConnections,
    reserved: 3,
    usable: maxConnections - 3,
  });
  await user.limit(11);
  assert.equal((await limitsOf(user.connection)).usable, 11);
});

test('with all but a few connections taken, a start gives up wherever it runs out of them, and leaves nothing', {
  timeout: 90_000,
}, async () => {
  const all = await Promise.all(
    [0, 1, 3, 5, 6].map(async (free) => {
      const user = await migrated();
      await user.limit(8);
      await user.hold(8 - free);
      const begun = performance.now();
      const result = await cliOf(user.url).run(['serve']);
      await assertRefused(result, 'DATABASE_CONNECTIONS_USED_UP', user);
      return performance.now() - begun;
    }),
  );
  assert.ok(Math.max(...all) < 60_000, `${all}`);
});

test('a node that finds no connection left while it works waits, and goes on', async () => {
  const user = await migrated();
  await user.limit(60);
  const node = cliOf(user.url).start(['worker']);
  await node.printed(/is working/);
  const release = await user.hold(5);
  await user.limit(5);
  await user.asOwner(
    `select pg_terminate_backend(pid) from pg_stat_activity
     where usename = '${user.connection.user}' and application_name <> 'holder'`,
  );
  await until('it says that it waits', async () => {
    assert.equal(node.child.exitCode, null, node.stderr);
    return node.stderr.includes('"53300"');
  });
  const beat = async (): Promise<number> =>
    Number((await user.asOwner('select max(beat) as beat from hongyan.nodes'))[0]?.beat);
  const before = await beat();
  await release();
  await user.limit(60);
  await until('it goes on', async () => (await beat()) > before);
  node.child.kill('SIGTERM');
  await until('it ends', async () => node.child.exitCode !== null);
  assert.equal(node.child.exitCode, 0, node.stderr);
  assert.doesNotMatch(node.stderr, /^\s+at |fewer connections than its nodes may use/m);
});

test('a start waits for connections that become free', async () => {
  const user = await migrated();
  await user.limit(8);
  const release = await user.hold(7);
  const serve = cliOf(user.url).start(['serve']);
  await serve.printed(/the database has no connection left, and one is waited for/);
  await release();
  await serve.printed(/the database has fewer connections than its nodes may use/);
  await serve.printed(/is working \(node /);
  const { code, stderr } = await serve.kill('SIGTERM');
  assert.equal(code, 0);
  assert.match(stderr, /Stopped; nothing is lost/);
});

const failures: [what: string, statement: string][] = [
  ['no lease', 'create trigger no before insert on hongyan.nodes execute function hongyan.refuse()'],
  ['no jobs', 'create trigger no before insert or update on pgboss.queue execute function hongyan.refuse()'],
  [
    'no hourly job',
    'create trigger no before insert or update on pgboss.schedule execute function hongyan.refuse()',
  ],
];
for (const [what, statement] of failures) {
  test(`a node that cannot start ends, and what it had begun is undone (${what})`, async () => {
    const user = await migrated();
    await user.asOwner(
      `create function hongyan.refuse() returns trigger language plpgsql as $$ begin raise exception sqlstate '54000'; end $$`,
    );
    await user.asOwner(statement);
    const result = await cliOf(user.url).run(['serve']);
    assert.deepEqual([result.code, result.signal], [1, null], result.stderr);
    assert.match(result.stderr, /\[54000\]/);
    assert.doesNotMatch(result.stderr, /was still open/);
    await untilClosed(user);
    assert.deepEqual(await user.asOwner('select id from hongyan.nodes'), []);

    // Embedded in another program, which lives on.
    const store = await openStore({
      connection: user.connection,
      sealer: createSealer(parseSecretKey(secretKey)),
      logger: silentLogger,
    });
    const clients = new AccountClients({ store, logger: silentLogger });
    const engine = { store, clients, logger: silentLogger, role: 'serve' as const, version: '0' };
    await assert.rejects(startEngine(engine), { code: '54000' });
    assert.deepEqual(await user.asOwner('select id from hongyan.nodes'), []);
    await user.asOwner(`drop function hongyan.refuse() cascade`);
    const started = await startEngine(engine);
    assert.equal((await user.asOwner('select id from hongyan.nodes')).length, 1);
    await started.stop();
    await clients.close();
    await store.close();
    await untilClosed(user);
  });
}

test('a node whose database is of a newer version, or of another key, ends', async () => {
  const user = await migrated();
  await assertRefused(
    await cliOf(user.url, { HONGYAN_SECRET_KEY: Buffer.alloc(32, 8).toString('base64') }).run(['serve']),
    'SECRET_KEY_MISMATCH',
    user,
  );
  await user.asOwner("insert into hongyan.schema_migrations values (9999, '9999_later.sql', true)");
  await assertRefused(await cliOf(user.url).run(['worker']), 'SCHEMA_TOO_NEW', user);
});
