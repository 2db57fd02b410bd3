import type { Sealer } from '../../base/seal.ts';
import type { Pool } from '../database/pool.ts';

/** A request is renewed while it is carried out; not heard of for so long, its process is gone. */
const inFlightS = 15;
/** How often it is renewed: two of them may be late. */
export const renewalMs = 5_000;

/** Keys that are over are forgotten with the requests that bring new ones, so many of others with each. */
const mostForgotten = 100;

/** A key of one caller, and the request that it was sent with. */
export interface KeyedRequest {
  actor: string;
  key: string;
  /** Which request it is: of two with the same key, one has it. */
  claimId: string;
  /** SHA-256 of what was asked. */
  digest: Buffer;
  /** Of a request that holds a secret, or is answered with one: nothing is stored that the secret could be guessed from. */
  sealer: Sealer | null;
}

export type Claimed =
  | { state: 'new' }
  | { state: 'in-flight' }
  /** It broke on its way, or its process ended: whether it was done, nobody wrote down. */
  | { state: 'interrupted' }
  | { state: 'other' }
  | { state: 'done'; status: number; answer: string };

interface KeyRow {
  digest: Buffer;
  isInFlight: boolean;
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
    `insert into idempotency_keys (actor, key, digest, answer_sealed, claim_id, in_flight_until)
     values ($1, $2, $3, $4, $5, clock_timestamp() + $6::integer * interval '1 second') on conflict do nothing`,
    [actor, key, sealer === null ? digest : Buffer.alloc(0), seal(request, ''), request.claimId, inFlightS],
  );
  if (inserted.rowCount === 1) return { state: 'new' };
  const result = await pool.query<KeyRow>(
    `select digest, in_flight_until > clock_timestamp() as "isInFlight", status, answer, answer_sealed as sealed
     from idempotency_keys where actor = $1 and key = $2`,
    [actor, key],
  );
  const [row] = result.rows;
  // Given back between the two statements.
  if (row === undefined) return { state: 'in-flight' };
  const kept = open(request, row);
  if (kept === null || !kept.digest.equals(digest)) return { state: 'other' };
  if (row.status !== null) return { state: 'done', status: row.status, answer: kept.answer };
  return { state: row.isInFlight ? 'in-flight' : 'interrupted' };
}

/** Those that are still carried out. */
export async function renewKeys(pool: Pool, requests: KeyedRequest[]): Promise<void> {
  await pool.query(
    `update idempotency_keys k set in_flight_until = clock_timestamp() + $4::integer * interval '1 second'
     from unnest($1::text[], $2::text[], $3::uuid[]) as mine (actor, key, claim_id)
     where k.actor = mine.actor and k.key = mine.key and k.claim_id = mine.claim_id and k.status is null`,
    [
      requests.map(({ actor }) => actor),
      requests.map(({ key }) => key),
      requests.map(({ claimId }) => claimId),
      inFlightS,
    ],
  );
}

export async function storeAnswer(
  pool: Pool,
  request: KeyedRequest,
  { status, answer }: { status: number; answer: string },
): Promise<void> {
  await pool.query(
    `update idempotency_keys set status = $4, answer = $5, answer_sealed = $6
     where actor = $1 and key = $2 and claim_id = $3`,
    [...place(request), status, request.sealer === null ? answer : null, seal(request, answer)],
  );
}

/** Of a request that did nothing: the same key may be tried again. */
export async function giveKeyBack(pool: Pool, request: KeyedRequest): Promise<void> {
  await pool.query(
    'delete from idempotency_keys where actor = $1 and key = $2 and claim_id = $3 and status is null',
    place(request),
  );
}

/** Of a request that may have been done: nobody carries it out any more. */
export async function leaveKeyOpen(pool: Pool, request: KeyedRequest): Promise<void> {
  await pool.query(
    `update idempotency_keys set in_flight_until = '-infinity'
     where actor = $1 and key = $2 and claim_id = $3 and status is null`,
    place(request),
  );
}

function place({ actor, key, claimId }: KeyedRequest): string[] {
  return [actor, key, claimId];
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
