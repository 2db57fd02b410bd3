import type { Pool } from '../database/pool.ts';

/** Stops everything of an account until a person has mended it: the account and its running campaigns. */
export async function pauseAccount(
  pool: Pool,
  appid: string,
  reason: string,
  detail: string | null,
): Promise<void> {
  await pool.query(
    `with account as (
       update accounts set state = 'paused', state_reason = $2, updated_at = clock_timestamp()
       where appid = $1 and state = 'active' returning appid),
     campaigns as (
       update campaigns set state = 'paused', state_reason = $2, state_detail = $3
       where appid = $1 and state = 'running' returning id)
     select pg_notify('hongyan_work', $1)`,
    [appid, reason, detail],
  );
}

/** The account may send again; its paused campaigns stay paused until they are resumed. */
export async function activateAccount(
  pool: Pool,
  appid: string,
): Promise<{ activated: boolean; paused: number[] }> {
  const result = await pool.query<{ activated: boolean; paused: number[] }>(
    `with account as (
       update accounts set state = 'active', state_reason = null, updated_at = clock_timestamp()
       where appid = $1 and state = 'paused' returning appid),
     asked as (delete from node_blocks where appid = $1 and reason = 'ip')
     select exists (select 1 from account) as activated,
       coalesce((select array_agg(id order by id) from campaigns where appid = $1 and state = 'paused'), '{}') as paused,
       pg_notify('hongyan_work', $1)`,
    [appid],
  );
  const { activated = false, paused = [] } = result.rows[0] ?? {};
  return { activated, paused };
}
