import type { AccountKind } from '../../wechat/channels.ts';

/** Limits of a new account as WeChat documents them; they grow with its followers. Null: not documented. */
export function defaultDailyLimit(kind: AccountKind, path: string): number | null {
  const limits = documented[path];
  return limits === undefined ? null : kind === 'sandbox' ? (limits.sandbox ?? limits.daily) : limits.daily;
}

/** @see https://developers.weixin.qq.com/doc/offiaccount/Message_Management/API_Call_Limits.html */
const documented: Readonly<Record<string, { daily: number; sandbox?: number }>> = {
  '/cgi-bin/message/template/send': { daily: 100_000 },
  '/cgi-bin/message/subscribe/send': { daily: 10_000_000 },
  '/cgi-bin/message/custom/send': { daily: 500_000, sandbox: 50_000 },
};
