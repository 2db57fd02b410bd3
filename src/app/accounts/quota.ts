import { type QuotaView, viewQuota } from '../../engine/sending/projection.ts';
import { getAccount } from '../../store/accounts/accounts.ts';
import {
  countClears,
  noteClear,
  quotaRules,
  setQuotaRules,
  storeLimit,
} from '../../store/accounts/quotas.ts';
import { type Channel, channelNames, channels } from '../../wechat/channels.ts';
import { action } from '../action.ts';
import { invalidSetting, wholeNumber } from './invalid.ts';

/** Calls of clear_quota that WeChat allows in a calendar month. */
const clearsPerMonth = 10;

export interface AccountQuota {
  appid: string;
  /** One for each send API that this kind of account has. */
  apis: QuotaView[];
  nextReset: Date;
  /** Of a known limit, kept from campaigns. */
  reservePercent: number;
  /** Calls of clear_quota that are left this month, by our own count. */
  clearsLeft: number;
  timeZone: string;
}

/** Limit and use of the send APIs, from WeChat and by our own count. Throws `ACCOUNT_NOT_FOUND`. */
export const showQuota = action<{ appid: string }, AccountQuota>(
  { name: 'accounts.quota', permission: 'account.read', audit: 'none', appid: ({ appid }) => appid },
  async (app, { appid }) => {
    const { pool } = app.store;
    const { kind, timeZone } = await getAccount(pool, appid);
    const apis: QuotaView[] = [];
    for (const name of channelNames) {
      const { retired, kinds, path } = channels[name];
      if (!retired && kinds.includes(kind)) apis.push(await viewQuota(app, appid, path));
    }
    const { nextReset, reservePercent } = await quotaRules(pool, appid);
    return { appid, apis, nextReset, reservePercent, clearsLeft: await clearsLeft(pool, appid), timeZone };
  },
);

export interface QuotaChanges {
  appid: string;
  /** The daily limit of one channel; null takes WeChat's again. */
  limit?: { channel: Channel; daily: number | null } | undefined;
  reservePercent?: number | undefined;
  /** When WeChat's day starts, HH:MM or HH:MM:SS in Asia/Shanghai. */
  reset?: string | undefined;
}

/** Sets what WeChat does not tell. Throws `ACCOUNT_NOT_FOUND`, `ACCOUNT_INVALID`. */
export const changeQuota = action<QuotaChanges, void>(
  {
    name: 'accounts.changeQuota',
    permission: 'account.manage',
    audit: 'change',
    appid: ({ appid }) => appid,
    kept: ({ limit, reservePercent, reset }) => ({ limit, reservePercent, reset }),
  },
  async ({ store: { pool } }, { appid, limit, reservePercent, reset }) => {
    await getAccount(pool, appid);
    if (limit !== undefined && limit.daily !== null) wholeNumber('dailyLimit', limit.daily, 0, 999_999_999);
    if (reservePercent !== undefined) wholeNumber('reservePercent', reservePercent, 0, 99);
    if (reset !== undefined && !/^([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?$/.test(reset))
      throw invalidSetting('reset', reset);
    if (limit !== undefined)
      await storeLimit(pool, appid, channels[limit.channel].path, {
        daily: limit.daily,
        source: 'operator',
        used: null,
      });
    await setQuotaRules(pool, appid, { reset: reset ?? null, reservePercent: reservePercent ?? null });
  },
);

/** How often clear_quota can still be called this month, by our own count. Throws `ACCOUNT_NOT_FOUND`. */
export const countQuotaClears = action<{ appid: string }, { left: number }>(
  { name: 'accounts.quotaClears', permission: 'account.read', audit: 'none', appid: ({ appid }) => appid },
  async ({ store: { pool } }, { appid }) => {
    await getAccount(pool, appid);
    return { left: await clearsLeft(pool, appid) };
  },
);

/** Lets WeChat set all daily counters of the account to zero, and opens what was parked. Throws `ACCOUNT_NOT_FOUND`. */
export const clearQuota = action<{ appid: string }, { left: number }>(
  { name: 'accounts.clearQuota', permission: 'account.manage', audit: 'change', appid: ({ appid }) => appid },
  async ({ store: { pool }, clients }, { appid }) => {
    await getAccount(pool, appid);
    await (await clients.get(appid)).quota.clear(appid);
    await noteClear(pool, appid);
    return { left: await clearsLeft(pool, appid) };
  },
);

async function clearsLeft(pool: Parameters<typeof countClears>[0], appid: string): Promise<number> {
  return Math.max(0, clearsPerMonth - (await countClears(pool, appid)));
}
