import type { Pool } from '../database/pool.ts';

/** Nothing is carried out for longer. */
const inFlightS = 900;

/** Keys that are over are forgotten with the requests that bring new ones, so many of others with each. */
const mostForgotten = 100;

export type Claimed =
  | { state: 'new' }
  | { state: 'in-flight' }
  /** The process that carried it out ended before it was over: whether it was done, nobody wrote down. */
  | { state: 'interrupted' }
  | { state: 'other' }
  | { state: 'done'; status: number; answer: string };

/** Takes a key for a request, or says what became of the one that has it. Forgets keys that are over. */
export async function claimKey(pool: Pool, actor: string, key: string, digest: Buffer): Promise<Claimed> {
  // Its own statement: an insert does not see what the same statement removes. By the index from its beginning, or each request
  // would read all keys.
  await pool.query(
    `with mine as (
       delete from idempotency_keys where actor = $1 and key = $2 and expires_at < (select clock_timestamp()))
     delete from idempotency_keys where ctid = any (array(
       select ctid from idempotency_keys where expires_at < (select clock_timestamp())
       order by expires_at limit $3))`,
    [actor, key, mostForgotten],
  );
  const inserted = await pool.query(
    `insert into idempotency_keys (actor, key, digest) values ($1, $2, $3) on conflict do nothing`,
    [actor, key, digest],
  );
  if (inserted.rowCount === 1) return { state: 'new' };
  const result = await pool.query<{
    isSame: boolean;
    isYoung: boolean;
    status: number | null;
    answer: string | null;
  }>(
    `select digest = $3 as "isSame", began_at > clock_timestamp() - $4::integer * interval '1 second' as "isYoung",
       status, answer
     from idempotency_keys where actor = $1 and key = $2`,
    [actor, key, digest, inFlightS],
  );
  const [row] = result.rows;
  // Given back between the two statements.
  if (row === undefined) return { state: 'in-flight' };
  if (!row.isSame) return { state: 'other' };
  if (row.status !== null) return { state: 'done', status: row.status, answer: row.answer ?? '' };
  return { state: row.isYoung ? 'in-flight' : 'interrupted' };
}

export async function storeAnswer(
  pool: Pool,
  actor: string,
  key: string,
  answered: { status: number; answer: string },
): Promise<void> {
  await pool.query(`update idempotency_keys set status = $3, answer = $4 where actor = $1 and key = $2`, [
    actor,
    key,
    answered.status,
    answered.answer,
  ]);
}

/** Of a request that was refused: the same key may be tried again. */
export async function giveKeyBack(pool: Pool, actor: string, key: string): Promise<void> {
  await pool.query('delete from idempotency_keys where actor = $1 and key = $2 and status is null', [
    actor,
    key,
  ]);
}
