/** A server that will never answer, and a line that is dead without a word: who waits is told, and who only takes long is not. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { finished } from 'node:stream/promises';
import { after, test } from 'node:test';
import { from as copyFrom, to as copyTo } from 'pg-copy-streams';
import { errorCode } from '../../src/base/errors.ts';
import type { Logger } from '../../src/base/logger.ts';
import { copyRows } from '../../src/store/database/copy.ts';
import { explainDatabaseError } from '../../src/store/database/explain.ts';
import { createPool, inTransaction, type Pool } from '../../src/store/database/pool.ts';
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

/**
 * For lines that lose something: what waits for the other side for so long has lost it. Longer than a busy machine keeps an
 * answer of another statement from being read.
 */
const impatient = { silentMs: 1_500, answerMs: unhurriedMs, stuckMs: 400 };

test('a COPY whose last piece a line has lost is given up, and so is one that is lost in the middle', async () => {
  for (const lost of ['of the last piece', 'of a piece in the middle']) {
    const link = await linkDatabase(database);
    const pool = createPool({ ...link.connection }, { max: 3, ...impatient });
    try {
      const length = 3_000_000;
      const value = 'x'.repeat(1_000);
      const marks = new Map([
        [length / 1_000 - 1, 'of the last piece'],
        [length / 2_000, 'of a piece in the middle'],
      ]);
      const rows = Array.from({ length: length / 1_000 }, (_, i) => [marks.get(i) ?? value]);
      const stalled = link.stallAt(lost);
      const copied = inTransaction(pool, async (client) => {
        await client.query('create temporary table copied (value text) on commit drop');
        await copyRows(client, 'copied', rows);
      });
      copied.catch(() => {}); // it may fail before somebody waits for it
      await stalled;
      link.forget();
      await inTime('it is given up', assert.rejects(copied, unreachable));
      await pool.query('select 1');
    } finally {
      await pool.close(0);
    }
  }
});

test('a long answer that a line has swallowed in the middle is given up', async () => {
  const link = await linkDatabase(database);
  const pool = createPool({ ...link.connection }, { max: 3, ...impatient });
  try {
    await pool.query('select 1');
    const { held, release } = link.holdNext('an answer of many megabytes');
    const asked = pool.query(
      "select 'an answer of many megabytes', repeat('x', 1000) from generate_series(1, 100000)",
    );
    asked.catch(() => {}); // as above
    await held;
    link.swallow();
    await inTime('it is given up', assert.rejects(asked, unreachable));
    release();
    await pool.query('select 1');
  } finally {
    await pool.close(0);
  }
});

test('a COPY whose rows are still to come, or are not read yet, is not cut, however long that takes', async () => {
  const link = await linkDatabase(database);
  const asked = link.counting(asking);
  const pool = createPool({ ...link.connection }, { max: 3, ...impatient });
  // It is asked after all the while.
  const { statement, release } = await lasting(pool, 4);
  const looks = async (what: string): Promise<void> => {
    const before = asked.sent;
    // Each is 300 ms after the one before at the least.
    await until(`${what} was asked after`, async () => asked.sent >= before + 12);
  };
  try {
    await inTransaction(pool, async (client) => {
      await client.query('create temporary table copied (value text) on commit drop');
      const into = client.query(copyFrom('copy copied from stdin'));
      into.write('first\n');
      await looks('what is to come');
      into.end('last\n');
      await finished(into);
      assert.equal(into.rowCount, 2);
    });
    await inTransaction(pool, async (client) => {
      const from = client.query(
        copyTo("copy (select repeat('x', 1000) from generate_series(1, 100000)) to stdout"),
      );
      await once(from, 'readable');
      await looks('what is not read');
      let bytes = 0;
      for await (const piece of from) bytes += (piece as Buffer).length;
      assert.equal(bytes, 100_000 * 1_001);
    });
    await release();
    await inTime('it comes to its end', statement);
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
