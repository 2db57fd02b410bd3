import type { AccountRules, AccountSettings } from '../../store/accounts/rules.ts';
import type { AccountKind } from '../../wechat/channels.ts';

/** When and how often campaigns of an account may send, and what it keeps. */
export interface AccountRulesView {
  /** No campaign message in these hours of its zone, HH:MM. */
  quietHours: { from: string; to: string } | null;
  /** At most `limit` campaign messages per person in `days` days. */
  fatigue: { limit: number; days: number } | null;
  /** Campaigns to more people need a second person. */
  approvalAbove: number | null;
  /** So many per cent of the first thousand block, and a large template campaign pauses. */
  canaryBlockedPercent: number | null;
  /** So many per cent of the first thousand are held for review, and a large template campaign waits for the verdict. */
  canaryHeldPercent: number | null;
  /** Attempts after a −1 where WeChat drops no repeats. */
  retrySystemBusy: number;
  /** Recipients and outcomes of campaigns that ended so long ago are removed, and single messages. */
  keepDays: number | null;
  /** Events and receipts are removed after so many days; null: as the installation says. */
  keepEventDays: number | null;
  /** Rows of the audit are removed after so many days; null: as the installation's are. */
  keepAuditDays: number | null;
  timeZone: string;
  /** Whom test messages may go to. */
  testOpenids: string[];
  /** What a user's reject in the consent dialog does to the credits that were there before. */
  popupReject: 'wipes' | 'ignored';
  /** Programs that speak WeChat may use the account at `/wx/{appid}/…`. */
  wxRelay: boolean;
}

/** An account as people and programs see it: everything but its secrets. */
export interface AccountView extends AccountRulesView {
  appid: string;
  kind: AccountKind;
  name: string;
  tokenSource: 'secret' | 'url' | 'none';
  /** Null: https://api.weixin.qq.com. */
  baseUrl: string | null;
  hasProxy: boolean;
  /** Its callback is set up. */
  hasCallback: boolean;
  ratePerS: number;
  /** Of the rate, kept for single messages while there are some. */
  messageSharePercent: number;
  /** Of a known daily limit, kept from campaigns. */
  quotaReservePercent: number;
  /** When WeChat's day starts, HH:MM in Asia/Shanghai. */
  quotaReset: string;
  state: 'active' | 'paused';
  stateReason: string | null;
  createdAt: Date;
}

export function rulesView(rules: AccountRules): AccountRulesView {
  const { quietFrom, quietTo, fatigueLimit, fatigueDays } = rules;
  return {
    quietHours: quietFrom === null || quietTo === null ? null : { from: quietFrom, to: quietTo },
    fatigue:
      fatigueLimit === null || fatigueDays === null ? null : { limit: fatigueLimit, days: fatigueDays },
    approvalAbove: rules.approvalAbove,
    canaryBlockedPercent: rules.canaryBlockedPercent,
    canaryHeldPercent: rules.canaryHeldPercent,
    retrySystemBusy: rules.retrySystemBusy,
    keepDays: rules.keepDays,
    keepEventDays: rules.keepEventDays,
    keepAuditDays: rules.keepAuditDays,
    timeZone: rules.timeZone,
    testOpenids: rules.testOpenids,
    popupReject: rules.popupRejectWipes ? 'wipes' : 'ignored',
    wxRelay: rules.wxRelay,
  };
}

/** The same for the audit, which names no openid. */
export function auditedView<T extends { testOpenids?: string[] | undefined }>({
  testOpenids,
  ...rest
}: T): object {
  return testOpenids === undefined ? rest : { ...rest, testOpenids: testOpenids.length };
}

export function accountView(settings: AccountSettings): AccountView {
  const { appid, kind, name, tokenSource, baseUrl, hasProxy, hasCallback, ratePerS } = settings;
  const { messageSharePercent, quotaReservePercent, quotaReset, state, stateReason, createdAt } = settings;
  return {
    ...{ appid, kind, name, tokenSource, baseUrl, hasProxy, hasCallback, ratePerS },
    ...{ messageSharePercent, quotaReservePercent, quotaReset, state, stateReason, createdAt },
    ...rulesView(settings),
  };
}
