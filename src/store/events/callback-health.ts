import type { Pool, Queryable } from '../database/pool.ts';

/** Whether the account's pushes are configured to come to Hongyan, and at what share of its rate it sends because of them. */
export async function callbackState(
  pool: Queryable,
  appid: string,
): Promise<{ isConfigured: boolean; share: number }> {
  const result = await pool.query<{ isConfigured: boolean; share: number }>(
    `select exists (select 1 from account_callbacks where appid = $1) as "isConfigured",
       coalesce((select callback_share(callback_share, callback_at) from account_pace where appid = $1), 1) as share`,
    [appid],
  );
  return result.rows[0]!; // it has no from
}

/**
 * A node falls behind with the pushes of these accounts: their campaigns send at half the share from now, at least at a
 * twentieth. Once a second, however many nodes say so.
 */
export async function slowForCallback(pool: Pool, appids: string[]): Promise<void> {
  await pool.query(
    `insert into account_pace as p (appid, next_slot, callback_share, callback_at)
     select appid, now, 0.5, now from accounts, (select steady_now() as now) clock where appid = any ($1::text[]) order by appid
     on conflict (appid) do update set callback_at = excluded.callback_at,
       callback_share = greatest(0.05, callback_share(p.callback_share, p.callback_at) / 2)
     where p.callback_at is null or p.callback_at < excluded.callback_at - interval '900 ms'`,
    [appids],
  );
}
