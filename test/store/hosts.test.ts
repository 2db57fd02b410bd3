import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { errorCode } from '../../src/base/errors.ts';
import { type Logger, silentLogger } from '../../src/base/logger.ts';
import { createPool } from '../../src/store/database/pool.ts';
import { Cli, until } from '../support/cli.ts';
import { makeOwnCluster, type OwnCluster } from '../support/embedded/own-cluster.ts';
import { databaseUrl } from '../support/postgres.ts';

/** For HONGYAN_DATABASE_URL: the servers in this order. */
function urlOf(...clusters: OwnCluster[]): string {
  const [first] = clusters;
  assert.ok(first !== undefined);
  const url = new URL(databaseUrl(first.connection));
  url.searchParams.set('host', clusters.map(({ connection }) => connection.host).join(','));
  url.searchParams.set('target_session_attrs', 'read-write');
  return url.href;
}

function heard(): { codes: string[]; logger: Logger } {
  const codes: string[] = [];
  const warn = (fields: object): void => {
    if ('code' in fields) codes.push(String(fields.code));
  };
  return { codes, logger: { ...silentLogger, warn } };
}

test('of several servers the one that takes writes is used, and a connection that is asked for during a failover waits for it', async (t) => {
  const { cluster, directory } = await makeOwnCluster(t);
  await cluster.stop();
  const standby = await cluster.standby(join(directory, 'standby'));
  const { codes, logger } = heard();
  const pool = createPool({ connectionString: urlOf(standby, cluster) }, { logger, max: 3 });
  try {
    const asks = async (): Promise<unknown> =>
      (await pool.query('select pg_is_in_recovery() as "isStandby", pg_backend_pid() as pid')).rows[0];
    assert.equal((await pool.query('select pg_is_in_recovery() as is')).rows[0].is, false);
    await cluster.crash();
    await until('its connection broke', async () => pool.totalCount === 0);
    const waiting = Promise.all([asks(), asks(), asks()]);
    await until('that it waits is said', async () => codes.some((code) => code !== 'undefined'));
    await standby.promote();
    for (const row of await waiting) assert.equal((row as { isStandby: boolean }).isStandby, false);
  } finally {
    await pool.end();
  }
});

test('a server that is starting or recovering is waited for, by a pool and by a node, and said so', async (t) => {
  const { cluster, directory } = await makeOwnCluster(t);
  await cluster.stop();
  const standby = await cluster.standby(join(directory, 'standby'));
  // It answers as a server does that is still reading its log: 57P03.
  await standby.query('alter system set hot_standby = off');
  await standby.stop();
  const started = standby.start(); // it waits until it answers
  await until('it refuses connections for now', async () => {
    const code = await standby.query('select 1').then(() => '', errorCode);
    return code === '57P03';
  });
  const { codes, logger } = heard();
  const pool = createPool({ ...standby.connection }, { logger, max: 1 });
  const cli = new Cli({
    HONGYAN_DATABASE_URL: databaseUrl(standby.connection),
    HONGYAN_SECRET_KEY: Buffer.alloc(32, 7).toString('base64'),
    HONGYAN_DATA_DIR: join(directory, 'data'),
  });
  try {
    // Each waits for 15 s at most: the node has to be begun before.
    const node = cli.start(['worker']);
    await until('the node says that it waits', async () => {
      assert.equal(node.child.exitCode, null, node.stderr);
      return node.stderr.includes('"57P03"');
    });
    const waiting = pool.query('select 1 as one');
    await until('the pool says so, too', async () => codes.includes('57P03'));
    await standby.promote();
    await started;
    assert.equal((await waiting).rows[0].one, 1);
    await node.printed(/is working/);
    node.child.kill('SIGTERM');
    await until('it ends', async () => node.child.exitCode !== null);
    assert.equal(node.child.exitCode, 0, node.stderr);
    assert.doesNotMatch(node.stderr, /^\s+at /m);
  } finally {
    await pool.end();
    await cli.close();
  }
});

test('an address that names servers in a way that cannot be meant is refused, with the reason', async () => {
  const cli = new Cli({
    HONGYAN_DATABASE_URL: 'postgresql://u:geheim@localhost,127.0.0.1/x?target_session_attrs=standby',
    HONGYAN_SECRET_KEY: Buffer.alloc(32, 7).toString('base64'),
  });
  try {
    const said = await cli.fails(1, ['accounts', 'list']);
    assert.match(said, /target_session_attrs=standby .*\[DATABASE_HOSTS\]/);
    assert.doesNotMatch(said, /geheim/);
    const isUnsafe = (error: unknown): boolean => errorCode(error) === 'DATABASE_NOT_ENCRYPTED';
    assert.throws(() => createPool({ connectionString: 'postgres://localhost,db.example.com/x' }), isUnsafe);
  } finally {
    await cli.close();
  }
});
