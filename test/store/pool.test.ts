import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { errorCode } from '../../src/base/errors.ts';
import { explainDatabaseError } from '../../src/store/database/explain.ts';
import { createPool, inTransaction } from '../../src/store/database/pool.ts';
import { inTime } from '../support/in-time.ts';
import { createTestDatabase } from '../support/postgres.ts';

test('a connection that is cut inside a transaction, between two statements, fails the transaction and nothing else', async () => {
  const { connection } = await createTestDatabase();
  const pool = createPool({ ...connection }, { max: 2 });
  try {
    await assert.rejects(
      inTransaction(pool, async (client) => {
        const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
        const closed = once(client, 'end');
        await pool.query('select pg_terminate_backend($1)', [rows[0]?.pid]);
        await inTime('the connection ends', closed); // its error came while nobody was waiting for an answer
        await client.query('select 1');
      }),
      (error) => errorCode(explainDatabaseError(error)) === 'DATABASE_UNREACHABLE',
    );
    assert.equal((await pool.query('select 1 as one')).rows[0]?.one, 1);
  } finally {
    await pool.end();
  }
});
