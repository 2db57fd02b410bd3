import type { ClientBase, Pool } from 'pg';
import { failure } from '../../base/errors.ts';
import { DatabaseError } from './explain.ts';

/** A transaction whose process says nothing for so long is rolled back. About a lease: then others take over. */
const idleInTransactionMs = 10_000;

/** A server that takes the connection and says nothing must not hold up the pool for ever. */
const answerMs = 10_000;

/**
 * What every session of ours is set to, before anything else is asked through it. As a statement and not with the start of
 * the connection (`options`), which PgBouncer refuses.
 *
 * A process that is stopped (SIGSTOP, a sleeping machine) in the middle of a transaction must not keep its rows locked: nobody
 * could take over its chunks, or send to the people whose credits it was looking at.
 *
 * @param isOneOf of several servers it must be the one that takes writes
 * @returns the server's process behind it; a pooler tells another number when a connection begins
 */
export async function setUpSession(client: ClientBase, isOneOf: boolean): Promise<number> {
  const query = {
    text: `select set_config('search_path', 'hongyan', false), set_config('idle_in_transaction_session_timeout', $1, false),
       pg_backend_pid() as pid, pg_is_in_recovery() or current_setting('transaction_read_only')::boolean as "isStandby"`,
    values: [String(idleInTransactionMs)],
    query_timeout: isOneOf ? answerMs / 3 : answerMs, // of pg, though its types do not know it
  };
  const { pid, isStandby } = (await client.query<{ pid: number; isStandby: boolean }>(query)).rows[0]!; // a select without from gives one row
  if (isOneOf && isStandby)
    throw new DatabaseError('25006', 'this server of several is a standby, or takes no writes');
  return pid;
}

/** How often two connections are compared: with other clients about, a pooler may give them two sessions by chance. */
const comparisons = 3;

/**
 * Throws `DATABASE_POOLER` when a pooler gives transactions, and not connections, to sessions: then two connections that are
 * open side by side are answered by one session. Without a pooler between it costs one statement.
 */
export async function requireSessions(pool: Pool): Promise<void> {
  const first = await pool.connect();
  let isBroken = true;
  try {
    const backend = async (client: ClientBase): Promise<number> => {
      const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
      return rows[0]!.pid; // a select without from gives one row
    };
    // A pooler tells a number of its own when a connection begins.
    const { processID } = first as unknown as { processID: number | null }; // not in pg's types
    if ((await backend(first)) !== processID) {
      const second = await pool.connect();
      try {
        for (let i = 0; i < comparisons; i++)
          if ((await backend(first)) === (await backend(second))) throw failure('DATABASE_POOLER', {});
      } finally {
        second.release(true);
      }
    }
    isBroken = false;
  } finally {
    first.release(isBroken);
  }
}
