import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { errorCode } from '../../src/base/errors.ts';
import { explainDatabaseError } from '../../src/store/database/explain.ts';
import { createPool, inTransaction, type PoolClient } from '../../src/store/database/pool.ts';
import { until } from '../support/cli.ts';
import { heard, inTime } from '../support/in-time.ts';
import { createTestDatabase } from '../support/postgres.ts';
import { linkDatabase } from '../support/store/database-link.ts';

const database = await createTestDatabase();

/**
 * How a connection can be cut inside a transaction; gives what the transaction meets. The server says why (57P01) or the line is
 * only gone, and either while a statement is answered or between two.
 */
const cuts: Record<string, (client: PoolClient, cut: () => Promise<unknown>) => Promise<unknown>> = {
  async 'between two statements'(client, cut) {
    // Its error comes while nobody waits for an answer.
    const ended = heard(client, 'end');
    await cut();
    await inTime('the connection ends', ended);
    return client.query('select 1');
  },
  async 'inside a statement'(client, cut) {
    const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
    const running = client.query('select pg_sleep(300)');
    // It may be cut before the next line waits for it.
    running.catch(() => {});
    await until('it runs', () => isAsleep(rows[0]?.pid));
    await cut();
    return running;
  },
  async 'as the next statement begins'(client, cut) {
    const ended = heard(client, 'end');
    const [answer] = await Promise.allSettled([client.query('select pg_sleep(300)'), cut()]);
    await inTime('the connection ends', ended);
    if (answer.status === 'rejected') throw answer.reason;
    return answer.value;
  },
};

const own = createPool({ ...database.connection }, { max: 1 });
after(() => own.end());

async function isAsleep(pid: number | undefined): Promise<boolean> {
  const { rows } = await own.query(
    `select 1 from pg_stat_activity where pid = $1 and state = 'active' and query like '%pg_sleep%'`,
    [pid],
  );
  return rows.length === 1;
}

test('numbers of the database are numbers, in arrays too, and what is none stays null', async () => {
  const { rows } = await own.query(
    `select ${Number.MAX_SAFE_INTEGER}::bigint as one, array[1, null, ${Number.MAX_SAFE_INTEGER}]::bigint[] as some, '{}'::bigint[] as none,
       null::bigint[] as nothing`,
  );
  const most = Number.MAX_SAFE_INTEGER;
  assert.deepEqual(rows, [{ one: most, some: [1, null, most], none: [], nothing: null }]);
});

for (const [moment, meet] of Object.entries(cuts)) {
  test(`a connection that the server ends inside a transaction, ${moment}, fails the transaction and nothing else`, async () => {
    const pool = createPool({ ...database.connection }, { max: 2 });
    try {
      await assert.rejects(
        inTransaction(pool, async (client) => {
          const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
          await meet(client, () => own.query('select pg_terminate_backend($1)', [rows[0]?.pid]));
        }),
        isExplained,
      );
      assert.equal((await pool.query('select 1 as one')).rows[0]?.one, 1);
    } finally {
      await pool.end();
    }
  });

  test(`a connection that is lost inside a transaction, ${moment}, fails the transaction and nothing else`, async () => {
    const link = await linkDatabase(database);
    const pool = createPool({ ...link.connection }, { max: 2 });
    try {
      await assert.rejects(
        inTransaction(pool, async (client) => {
          await client.query('select 1');
          await meet(client, async () => link.down());
        }),
        isExplained,
      );
      link.up();
      assert.equal((await pool.query('select 1 as one')).rows[0]?.one, 1);
    } finally {
      await pool.end();
    }
  });
}

function isExplained(error: unknown): boolean {
  assert.equal(errorCode(explainDatabaseError(error)), 'DATABASE_UNREACHABLE', String(error));
  return true;
}
