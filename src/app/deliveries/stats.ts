import { getAccount } from '../../store/accounts/accounts.ts';
import { type DailyOutcomes, dailyOutcomes } from '../../store/deliveries/daily.ts';
import { action } from '../action.ts';

export type { DailyOutcomes };

/**
 * What became of messages, by day, account and channel: campaigns and single messages together, of the last `days` days with
 * today. Throws `ACCOUNT_NOT_FOUND`.
 */
export const showStats = action<{ appid?: string | undefined; days: number }, { data: DailyOutcomes[] }>(
  { name: 'stats.show', permission: 'message.read', audit: 'none', appid: ({ appid }) => appid ?? null },
  async ({ store: { pool } }, { appid, days }, { actor: { accounts } }) => {
    if (appid !== undefined) await getAccount(pool, appid);
    const appids = appid !== undefined ? [appid] : accounts === 'all' ? null : [...accounts];
    return { data: await dailyOutcomes(pool, appids, days) };
  },
);
