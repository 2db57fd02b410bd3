import type { Pool } from '../database/pool.ts';

/**
 * Notes the signature of a plain push, which covers no content. False when it was first seen more than `goodForMs` ago:
 * then whoever sends it has it from somewhere.
 */
export async function noteSignature(
  pool: Pool,
  appid: string,
  signature: string,
  goodForMs: number,
): Promise<boolean> {
  const result = await pool.query<{ isGood: boolean }>(
    `with added as (
       insert into callback_signatures (appid, signature) values ($1, decode($2, 'hex'))
       on conflict do nothing returning true as "isGood")
     select "isGood" from added
     union all
     select seen_at > clock_timestamp() - make_interval(secs => $3::double precision / 1000)
     from callback_signatures where appid = $1 and signature = decode($2, 'hex')`,
    [appid, signature, goodForMs],
  );
  // Neither: somebody else adds it just now.
  return result.rows[0]?.isGood ?? true;
}

/** Removes those of pushes that are too old to be taken at all. */
export async function removeOldSignatures(pool: Pool, days: number): Promise<void> {
  await pool.query(
    'delete from callback_signatures where seen_at < clock_timestamp() - make_interval(days => $1)',
    [days],
  );
}
