import { failure } from '../../base/errors.ts';
import { openidFault } from '../../engine/formats/openid.ts';
import { forgetLiftedLimit, noteLiftedLimit } from '../../store/accounts/approval.ts';
import { setRate } from '../../store/accounts/pace.ts';
import {
  type AccountRules,
  getAccountRules,
  getAccountSettings,
  setAccountRules,
} from '../../store/accounts/rules.ts';
import { action } from '../action.ts';
import type { Actor } from '../actor.ts';
import { personOf } from '../actor.ts';
import type { App } from '../app.ts';
import { type AccountRulesView, auditedView, rulesView } from './account-view.ts';
import { invalidSetting, wholeNumber } from './invalid.ts';

/** The rules of an account's campaigns. Throws `ACCOUNT_NOT_FOUND`. */
export const showAccountRules = action<{ appid: string }, AccountRulesView>(
  { name: 'accounts.rules', permission: 'account.read', audit: 'none', appid: ({ appid }) => appid },
  async ({ store: { pool } }, { appid }) => rulesView(await getAccountRules(pool, appid)),
);

/** Changes the rules that are named and leaves the others. Throws `ACCOUNT_NOT_FOUND`, `ACCOUNT_INVALID`. */
export const changeAccountRules = action<
  { appid: string; rules: Partial<AccountRulesView> },
  AccountRulesView
>(
  {
    name: 'accounts.changeRules',
    permission: 'account.manage',
    audit: 'change',
    appid: ({ appid }) => appid,
    kept: ({ rules }) => ({ ...auditedView(rules) }),
  },
  async ({ store: { pool } }, { appid, rules }, { actor, trail }) => {
    const { before, after } = await storeRules(pool, appid, actor, rulesOf(rules));
    trail.before = auditedView(before);
    trail.after = auditedView(after);
    return after;
  },
);

/** Whether a limit of approval becomes a weaker one. */
function isLifted(before: number | null, after: number | null | undefined): before is number {
  return before !== null && after !== undefined && (after === null || after > before);
}

/** Stores rules; who raises the limit above which somebody else must approve stays held by it. */
export async function storeRules(
  pool: App['store']['pool'],
  appid: string,
  actor: Actor,
  changes: Parameters<typeof setAccountRules>[2],
): Promise<{ before: AccountRulesView; after: AccountRulesView }> {
  const before = await getAccountRules(pool, appid);
  // First: killed in between, somebody is held by a limit that they did not lift after all.
  if (isLifted(before.approvalAbove, changes.approvalAbove))
    await noteLiftedLimit(pool, appid, personOf(actor), before.approvalAbove);
  else if (changes.approvalAbove !== undefined) await forgetLiftedLimit(pool, appid, personOf(actor));
  await setAccountRules(pool, appid, changes);
  return { before: rulesView(before), after: rulesView(await getAccountRules(pool, appid)) };
}

export interface AccountRate {
  ratePerS: number;
  /** Of the rate, kept for single messages while there are some. */
  messageSharePercent: number;
}

/** Throws `ACCOUNT_NOT_FOUND`. */
export const showAccountRate = action<{ appid: string }, AccountRate>(
  { name: 'accounts.rate', permission: 'account.read', audit: 'none', appid: ({ appid }) => appid },
  async ({ store: { pool } }, { appid }) => rateOf(await getAccountSettings(pool, appid)),
);

/** Changes the ceiling on every node within a second. Throws `ACCOUNT_NOT_FOUND`, `ACCOUNT_INVALID`. */
export const changeAccountRate = action<
  { appid: string } & Partial<AccountRate>,
  { before: AccountRate; after: AccountRate }
>(
  {
    name: 'accounts.changeRate',
    permission: 'account.manage',
    audit: 'change',
    appid: ({ appid }) => appid,
    kept: ({ ratePerS, messageSharePercent }) => ({ ratePerS, messageSharePercent }),
  },
  async ({ store: { pool } }, { appid, ratePerS, messageSharePercent }, { trail }) => {
    if (ratePerS !== undefined) checkRate(ratePerS);
    if (messageSharePercent !== undefined) wholeNumber('messageSharePercent', messageSharePercent, 0, 90);
    const before = rateOf(await getAccountSettings(pool, appid));
    if (ratePerS !== undefined) await setRate(pool, appid, ratePerS);
    if (messageSharePercent !== undefined) await setAccountRules(pool, appid, { messageSharePercent });
    const after = rateOf(await getAccountSettings(pool, appid));
    Object.assign(trail, { before, after });
    return { before, after };
  },
);

export function checkRate(ratePerS: number): number {
  return wholeNumber('ratePerS', ratePerS, 1, 9_999_999);
}

function rateOf({ ratePerS, messageSharePercent }: AccountRate): AccountRate {
  return { ratePerS, messageSharePercent };
}

/** What is stored of the rules that somebody gave; refuses what no rule takes. */
export function rulesOf(
  given: {
    [K in keyof AccountRulesView]?: AccountRulesView[K] | undefined;
  },
): Partial<AccountRules> {
  const rules: Partial<AccountRules> = {};
  const { quietHours, fatigue, approvalAbove, timeZone, popupReject } = given;
  if (quietHours !== undefined) {
    if (quietHours !== null && !isQuietHours(quietHours)) throw invalidSetting('quietHours', quietHours);
    rules.quietFrom = quietHours?.from ?? null;
    rules.quietTo = quietHours?.to ?? null;
  }
  if (fatigue !== undefined) {
    if (fatigue !== null && !(isWithin(fatigue.limit, 1, 9_999) && isWithin(fatigue.days, 1, 999)))
      throw invalidSetting('fatigue', fatigue);
    rules.fatigueLimit = fatigue?.limit ?? null;
    rules.fatigueDays = fatigue?.days ?? null;
  }
  if (approvalAbove !== undefined)
    rules.approvalAbove =
      approvalAbove === null ? null : wholeNumber('approvalAbove', approvalAbove, 1, 999_999_999);
  for (const name of ['canaryBlockedPercent', 'canaryHeldPercent'] as const) {
    const percent = given[name];
    if (percent !== undefined) rules[name] = percent === null ? null : wholeNumber(name, percent, 1, 100);
  }
  if (given.retrySystemBusy !== undefined)
    rules.retrySystemBusy = wholeNumber('retrySystemBusy', given.retrySystemBusy, 0, 10);
  for (const [name, least, most] of terms) {
    const days = given[name];
    if (days !== undefined) rules[name] = days === null ? null : wholeNumber(name, days, least, most);
  }
  if (timeZone !== undefined) rules.timeZone = zone(timeZone);
  if (given.testOpenids !== undefined) rules.testOpenids = openids(given.testOpenids);
  if (popupReject !== undefined) rules.popupRejectWipes = popupReject === 'wipes';
  if (given.wxRelay !== undefined) rules.wxRelay = given.wxRelay;
  return rules;
}

/** How long things are kept, days from … to …; of the audit as the table's constraint and trigger say. */
const terms = [
  ['keepDays', 1, 99_999],
  ['keepEventDays', 1, 99_999],
  ['keepAuditDays', 184, 36_500],
] as const;

const hour = /^(?:[01]\d|2[0-3]):[0-5]\d$/;

/** Between two equal times lies either nothing or the whole day. */
function isQuietHours({ from, to }: { from: string; to: string }): boolean {
  return hour.test(from) && hour.test(to) && from !== to;
}

function isWithin(value: number, least: number, most: number): boolean {
  return Number.isInteger(value) && value >= least && value <= most;
}

const mostTestOpenids = 20;

function openids(given: string[]): string[] {
  const unique = [...new Set(given)];
  if (unique.length > mostTestOpenids || unique.some((one) => openidFault(one) !== undefined))
    throw failure('ACCOUNT_INVALID/test-openids', { most: mostTestOpenids });
  return unique;
}

/** PostgreSQL has its own list and refuses what only Node knows (22023). */
function zone(value: string): string {
  try {
    new Intl.DateTimeFormat('en', { timeZone: value });
    return value;
  } catch {
    throw invalidSetting('timeZone', value);
  }
}
