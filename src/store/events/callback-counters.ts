import type { Pool } from '../database/pool.ts';

export interface CallbackCount {
  /** Empty for requests to no account of ours. */
  appid: string;
  kind: string;
  count: number;
}

/** Adds to the counters of today, in each account's zone. */
export async function addCallbackCounts(pool: Pool, counts: CallbackCount[]): Promise<void> {
  await pool.query(
    `insert into callback_counters (appid, day, kind, count)
     select c.appid, (clock_timestamp() at time zone coalesce(a.time_zone, 'Asia/Shanghai'))::date, c.kind, c.count
     from unnest($1::text[], $2::text[], $3::bigint[]) as c (appid, kind, count) left join accounts a using (appid)
     order by 1, 3
     on conflict (appid, day, kind) do update set count = callback_counters.count + excluded.count, last_at = clock_timestamp()`,
    [counts.map((one) => one.appid), counts.map((one) => one.kind), counts.map((one) => one.count)],
  );
}

/** An account's counters of the last days, newest day first. */
export async function listCallbackCounts(
  pool: Pool,
  appid: string,
  days: number,
): Promise<{ day: string; kind: string; count: number }[]> {
  const result = await pool.query<{ day: string; kind: string; count: number }>(
    `select day::text, kind, count from callback_counters
     where appid = $1 and day > current_date - $2::integer order by day desc, kind`,
    [appid, days],
  );
  return result.rows;
}
