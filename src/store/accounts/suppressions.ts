import type { Pool } from '../database/pool.ts';

export interface Suppression {
  openid: string;
  note: string;
  createdAt: Date;
}

/** Puts openids on the account's suppression list; those already there keep their note. Returns how many were new. */
export async function addSuppressions(
  pool: Pool,
  appid: string,
  openids: string[],
  note: string,
): Promise<number> {
  const result = await pool.query(
    `insert into suppressions (appid, openid, note) select $1, openid, $3 from unnest($2::text[]) as page (openid)
     on conflict do nothing`,
    [appid, openids, note],
  );
  return result.rowCount ?? 0;
}

/** Returns how many were on the list. */
export async function removeSuppressions(pool: Pool, appid: string, openids: string[]): Promise<number> {
  const result = await pool.query('delete from suppressions where appid = $1 and openid = any ($2::text[])', [
    appid,
    openids,
  ]);
  return result.rowCount ?? 0;
}

/** One page in openid order, after `after` (empty at first); `openid` null: of everybody. */
export async function listSuppressions(
  pool: Pool,
  appid: string,
  { openid, after, limit }: { openid: string | null; after: string; limit: number },
): Promise<Suppression[]> {
  const result = await pool.query<Suppression>(
    `select openid, note, created_at as "createdAt" from suppressions
     where appid = $1 and openid > $2 and ($4::text is null or openid = $4) order by openid limit $3`,
    [appid, after, limit, openid],
  );
  return result.rows;
}

export async function isSuppressed(pool: Pool, appid: string, openid: string): Promise<boolean> {
  const result = await pool.query('select 1 from suppressions where appid = $1 and openid = $2', [
    appid,
    openid,
  ]);
  return result.rowCount === 1;
}
