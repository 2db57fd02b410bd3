import type { Pool } from './pool.ts';

export interface NodeStats {
  appid: string;
  inFlight: number;
  window: number;
  /** Smoothed time of an answer, ms; 0 before the first. */
  latencyMs: number;
}

/** Replaces what a node says of itself. */
export async function storeNodeStats(pool: Pool, nodeId: string, stats: NodeStats[]): Promise<void> {
  await pool.query(
    `with gone as (delete from node_stats where node_id = $1 and appid <> all ($2::text[]) or at < steady_now() - interval '1 minute')
     insert into node_stats (node_id, appid, in_flight, window_size, latency_ms)
     select $1, s.* from unnest($2::text[], $3::integer[], $4::integer[], $5::real[]) s
     on conflict (node_id, appid) do update set in_flight = excluded.in_flight, window_size = excluded.window_size,
       latency_ms = excluded.latency_ms, at = steady_now()`,
    [
      nodeId,
      stats.map((one) => one.appid),
      stats.map((one) => one.inFlight),
      stats.map((one) => one.window),
      stats.map((one) => one.latencyMs),
    ],
  );
}

export interface AccountActivity {
  nodes: number;
  inFlight: number;
  window: number;
  latencyMs: number;
}

/** What all nodes do for an account, as of the last seconds. */
export async function accountActivity(pool: Pool, appid: string): Promise<AccountActivity> {
  const result = await pool.query<AccountActivity>(
    `select count(*) as nodes, coalesce(sum(in_flight), 0) as "inFlight", coalesce(sum(window_size), 0) as window,
       coalesce(sum(latency_ms * window_size) / nullif(sum(window_size), 0), 0)::double precision as "latencyMs"
     from node_stats where appid = $1 and at > (select steady_now()) - interval '5 s'`,
    [appid],
  );
  return result.rows[0]!; // an aggregate without group by gives one row
}
