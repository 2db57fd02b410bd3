import type { Queryable } from './pool.ts';

/** Whether the account's pushes are configured to come to Hongyan. */
export async function hasCallback(pool: Queryable, appid: string): Promise<boolean> {
  const result = await pool.query('select 1 from account_callbacks where appid = $1', [appid]);
  return result.rows.length > 0;
}
