import type { Logger } from '../../base/logger.ts';
import { getAccount } from '../../store/accounts/accounts.ts';
import { listQuotas, quotaRules, storeLimit } from '../../store/accounts/quotas.ts';
import type { Store } from '../../store/store.ts';
import type { AccountClients } from './account-clients.ts';
import { defaultDailyLimit } from './default-limits.ts';

export interface QuotaView {
  path: string;
  /** Null: neither WeChat nor its documents say. */
  limit: number | null;
  /** `default`: WeChat's documents, for a new account. */
  source: 'operator' | 'wechat' | 'default';
  /** Attempts of today by the best knowledge. */
  used: number;
  /** What campaigns may still use today: the reserve is taken off a known limit. Null without a limit. */
  left: number | null;
  /** Attempts of today that our nodes took. */
  ours: number;
  parkedUntil: Date | null;
  reservedUntil: Date | null;
  /** When the next day is assumed to begin. */
  reset: Date;
  reservePercent: number;
}

export interface QuotaDeps {
  store: Store;
  clients: AccountClients;
  logger: Logger;
}

/** One API's quota of today; asks WeChat first and falls back on what is stored, then on the documents. */
export async function viewQuota(deps: QuotaDeps, appid: string, path: string): Promise<QuotaView> {
  const { pool } = deps.store;
  await askWechat(deps, appid, path);
  const account = await getAccount(pool, appid);
  const rules = await quotaRules(pool, appid);
  const row = (await listQuotas(pool, appid)).find((one) => one.path === path);
  const known = row?.dailyLimit ?? null;
  const limit = known ?? defaultDailyLimit(account.kind, path);
  const used = row?.used ?? 0;
  const forCampaigns =
    limit === null || known === null ? limit : Math.floor((limit * (100 - rules.reservePercent)) / 100);
  return {
    path,
    limit,
    source: row?.limitSource ?? 'default',
    used,
    left: forCampaigns === null ? null : Math.max(0, forCampaigns - used),
    ours: row?.leased ?? 0,
    parkedUntil: row?.parkedUntil ?? null,
    reservedUntil: row?.reservedUntil ?? null,
    reset: rules.nextReset,
    reservePercent: rules.reservePercent,
  };
}

/** WeChat's own counters lag and are 1 % off; without them nothing is lost but the projection. */
async function askWechat({ store, clients, logger }: QuotaDeps, appid: string, path: string): Promise<void> {
  try {
    const { quota } = await (await clients.get(appid)).quota.get(path);
    await storeLimit(store.pool, appid, path, {
      daily: quota.daily_limit,
      source: 'wechat',
      used: quota.used,
    });
  } catch (error) {
    logger.debug({ appid, path, err: error }, 'the quota could not be read from WeChat');
  }
}
