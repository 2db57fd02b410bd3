/** A server that will never answer, and a line that is dead without a word: who waits is told, and who only takes long is not. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { errorCode } from '../../src/base/errors.ts';
import type { Logger } from '../../src/base/logger.ts';
import { explainDatabaseError } from '../../src/store/database/explain.ts';
import { createPool, type Pool } from '../../src/store/database/pool.ts';
import { until } from '../support/cli.ts';
import { makeOwnCluster } from '../support/embedded/own-cluster.ts';
import { inTime, unhurriedMs } from '../support/in-time.ts';
import { createTestDatabase } from '../support/postgres.ts';
import { linkDatabase } from '../support/store/database-link.ts';

const database = await createTestDatabase();
const own = createPool({ ...database.connection }, { max: 2 });
after(() => own.end());

/** How the watch asks. */
const asking = 'pg_catalog.pg_stat_activity';
const unreachable = (error: unknown): boolean =>
  errorCode(explainDatabaseError(error)) === 'DATABASE_UNREACHABLE';

function told(): { logger: Logger; said: string[] } {
  const said: string[] = [];
  const say = (_fields: object, message: string): void => void said.push(message);
  return { said, logger: { debug() {}, info: say, warn: say, error: say } };
}

/** A statement that lasts until `release`, and is under way in the server. */
async function lasting(
  pool: Pool,
  lock: number,
): Promise<{ statement: Promise<unknown>; release(): Promise<void> }> {
  const holder = await own.connect();
  await holder.query('select pg_advisory_lock($1)', [lock]);
  const statement = pool.query('select pg_advisory_lock($1)', [lock]);
  statement.catch(() => {}); // it may fail before somebody waits for it
  await until('it waits for the lock', async () => {
    const found = await own.query(
      `select 1 from pg_locks l join pg_database d on d.oid = l.database
       where datname = current_database() and locktype = 'advisory' and objid = $1 and not granted`,
      [lock],
    );
    return found.rows.length === 1;
  });
  return { statement, release: async () => holder.release(true) };
}

test('of a server that does not answer any more whoever waits is told, and it goes on when it answers', async () => {
  const link = await linkDatabase(database);
  const { logger, said } = told();
  const pool = createPool({ ...link.connection }, { max: 3, logger });
  try {
    const { statement, release } = await lasting(pool, 1);
    link.stall();
    const second = pool.query('select 2');
    await inTime(
      'both are told',
      Promise.all([assert.rejects(statement, unreachable), assert.rejects(second, unreachable)]),
    );
    assert.equal(pool.answers, false);
    assert.equal(
      said.filter((one) => one.startsWith('the database does not answer')).length,
      1,
      said.join('\n'),
    );
    await release();
    link.forget();
    await until('it answers', async () => (await pool.query('select 1').catch(() => null)) !== null);
    assert.equal(pool.answers, true);
    assert.ok(said.includes('the database answers again'));
  } finally {
    await pool.close(0);
  }
});

test('a statement that takes long is asked after, and not cut, however often', async () => {
  const link = await linkDatabase(database);
  const { logger, said } = told();
  const asked = link.counting(asking);
  const pool = createPool({ ...link.connection }, { max: 3, logger, silentMs: 200, answerMs: unhurriedMs });
  try {
    const { statement, release } = await lasting(pool, 2);
    await until('it was asked after', async () => asked.sent >= 5);
    await release();
    await inTime('it comes to its end', statement);
    assert.equal(pool.answers, true);
    assert.deepEqual(said, []);
  } finally {
    await pool.close(0);
  }
});

test('what was asked through a connection that a router has forgotten is given up, and others go on', async () => {
  const link = await linkDatabase(database);
  const { logger, said } = told();
  const pool = createPool({ ...link.connection }, { max: 3, logger, silentMs: 200, answerMs: unhurriedMs });
  try {
    // The server works on one, has never heard of the other, and of neither anything comes any more.
    const [client, { statement, release }] = [await pool.connect(), await lasting(pool, 3)];
    link.swallow();
    const lost = client.query('select 1');
    lost.catch(() => {}); // as above
    await inTime('what never arrived is given up', assert.rejects(lost, unreachable));
    client.release(true);
    await pool.query('select 1');
    await release();
    await inTime('that whose answer is lost is given up', assert.rejects(statement, unreachable));
    assert.ok(!said.some((one) => one.startsWith('the database does not answer')), said.join('\n'));
    assert.equal(pool.answers, true);
  } finally {
    await pool.close(0);
  }
});

test('a server that is stopped (SIGSTOP) and goes on is waited for', async (t) => {
  const { cluster } = await makeOwnCluster(t);
  const { logger, said } = told();
  const pool = createPool({ ...cluster.connection }, { max: 3, logger });
  t.after(() => pool.close(0));
  await pool.query('select 1');
  const stopped = await cluster.freeze();
  try {
    await inTime('it is told', assert.rejects(pool.query('select 1'), unreachable));
    assert.equal(pool.answers, false);
  } finally {
    stopped.goOn();
  }
  await until('it answers', async () => (await pool.query('select 1').catch(() => null)) !== null);
  assert.ok(said.includes('the database answers again'));
});
