import type { Sealer } from '../../base/seal.ts';
import type { Pool } from '../database/pool.ts';

/** Nothing is carried out for longer. */
const inFlightS = 900;

/** Keys that are over are forgotten with the requests that bring new ones, so many of others with each. */
const mostForgotten = 100;

/** A key of one caller, and the request that it was sent with. */
export interface KeyedRequest {
  actor: string;
  key: string;
  /** SHA-256 of what was asked. */
  digest: Buffer;
  /** Of a request that holds a secret, or is answered with one: nothing is stored that the secret could be guessed from. */
  sealer: Sealer | null;
}

export type Claimed =
  | { state: 'new' }
  | { state: 'in-flight' }
  /** The process that carried it out ended before it was over: whether it was done, nobody wrote down. */
  | { state: 'interrupted' }
  | { state: 'other' }
  | { state: 'done'; status: number; answer: string };

interface KeyRow {
  digest: Buffer;
  isYoung: boolean;
  status: number | null;
  answer: string | null;
  sealed: Buffer | null;
}

/** Length of a digest as hex, which stands before a sealed answer. */
const digestChars = 64;

/** Takes a key for a request, or says what became of the one that has it. Forgets keys that are over. */
export async function claimKey(pool: Pool, request: KeyedRequest): Promise<Claimed> {
  const { actor, key, digest, sealer } = request;
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
    `insert into idempotency_keys (actor, key, digest, answer_sealed) values ($1, $2, $3, $4) on conflict do nothing`,
    [actor, key, sealer === null ? digest : Buffer.alloc(0), seal(request, '')],
  );
  if (inserted.rowCount === 1) return { state: 'new' };
  const result = await pool.query<KeyRow>(
    `select digest, began_at > clock_timestamp() - $3::integer * interval '1 second' as "isYoung", status, answer,
       answer_sealed as sealed
     from idempotency_keys where actor = $1 and key = $2`,
    [actor, key, inFlightS],
  );
  const [row] = result.rows;
  // Given back between the two statements.
  if (row === undefined) return { state: 'in-flight' };
  const kept = open(request, row);
  if (kept === null || !kept.digest.equals(digest)) return { state: 'other' };
  if (row.status !== null) return { state: 'done', status: row.status, answer: kept.answer };
  return { state: row.isYoung ? 'in-flight' : 'interrupted' };
}

export async function storeAnswer(
  pool: Pool,
  request: KeyedRequest,
  { status, answer }: { status: number; answer: string },
): Promise<void> {
  await pool.query(
    `update idempotency_keys set status = $3, answer = $4, answer_sealed = $5 where actor = $1 and key = $2`,
    [request.actor, request.key, status, request.sealer === null ? answer : null, seal(request, answer)],
  );
}

/** Of a request that was refused: the same key may be tried again. */
export async function giveKeyBack(pool: Pool, { actor, key }: KeyedRequest): Promise<void> {
  await pool.query('delete from idempotency_keys where actor = $1 and key = $2 and status is null', [
    actor,
    key,
  ]);
}

/** What a sealed answer is bound to. */
export function answerPlace(actor: string, key: string): string {
  return `idempotency_keys.answer:${actor} ${key}`;
}

function seal({ actor, key, digest, sealer }: KeyedRequest, answer: string): Buffer | null {
  return sealer === null ? null : sealer.seal(digest.toString('hex') + answer, answerPlace(actor, key));
}

/** Null: the key has another kind of request. */
function open(
  { actor, key, sealer }: KeyedRequest,
  { digest, answer, sealed }: KeyRow,
): { digest: Buffer; answer: string } | null {
  if ((sealer === null) !== (sealed === null)) return null;
  if (sealer === null || sealed === null) return { digest, answer: answer ?? '' };
  const text = sealer.open(sealed, answerPlace(actor, key));
  return { digest: Buffer.from(text.slice(0, digestChars), 'hex'), answer: text.slice(digestChars) };
}
