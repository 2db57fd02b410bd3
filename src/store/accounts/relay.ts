import { failure } from '../../base/errors.ts';
import type { Pool } from '../database/pool.ts';

/** What decides whether other programs may use an account through us. */
export interface RelayRules {
  isOn: boolean;
  isActive: boolean;
  /** Nothing but Hongyan's own messages is sent for it, and doubts are settled by that. */
  isExclusive: boolean;
}

/** Throws `ACCOUNT_NOT_FOUND`. */
export async function relayRules(pool: Pool, appid: string): Promise<RelayRules> {
  const result = await pool.query<RelayRules>({
    name: 'relay-rules',
    text: `select a.wx_relay as "isOn", a.state = 'active' as "isActive", coalesce(c.exclusive, false) as "isExclusive"
      from accounts a left join account_callbacks c using (appid) where a.appid = $1`,
    values: [appid],
  });
  const [rules] = result.rows;
  if (rules === undefined) throw failure('ACCOUNT_NOT_FOUND', { appid });
  return rules;
}
