import { shortFormId } from '../../engine/credits/form-ids.ts';
import { getAccount } from '../../store/accounts/accounts.ts';
import { type FormCredit, formCreditsOf } from '../../store/credits/form-credits.ts';
import {
  type CreditBalance,
  type CreditSource,
  creditBalances,
  creditSources,
  type HeldCredit,
  heldCredits,
  listCreditRules as listRules,
  setCreditRule as setRule,
} from '../../store/credits/views.ts';
import { action } from '../action.ts';

export type { CreditBalance, CreditSource, FormCredit, HeldCredit };

const mostSources = 50;

export interface PersonCredits {
  appid: string;
  openid: string;
  /** Of each template of which anything was heard, or of those that were asked for. */
  balances: CreditBalance[];
  /** Kept for messages of which nobody knows whether they arrived. */
  held: HeldCredit[];
  /** What the balances come from, newest first; the last 50. */
  sources: CreditSource[];
  /** Those that have not expired, the next to be used first; only the last characters of each, since the whole is a right to send. */
  formIds: FormCredit[];
}

/** How many subscribe messages one person may still be sent, and why we think so. Throws `ACCOUNT_NOT_FOUND`. */
export const readCredits = action<
  { appid: string; openid: string; templateId?: string | undefined },
  PersonCredits
>(
  { name: 'credits.show', permission: 'contact.read', audit: 'none', appid: ({ appid }) => appid },
  async ({ store: { pool } }, { appid, openid, templateId }) => {
    await getAccount(pool, appid);
    const isWanted = (one: { templateId: string }): boolean =>
      templateId === undefined || one.templateId === templateId;
    return {
      appid,
      openid,
      balances: await creditBalances(pool, appid, openid, templateId === undefined ? null : [templateId]),
      held: (await heldCredits(pool, appid, openid)).filter(isWanted),
      sources: (await creditSources(pool, appid, openid, mostSources)).filter(isWanted),
      formIds: (await formCreditsOf(pool, appid, openid)).map((one) => ({
        ...one,
        formId: shortFormId(one.formId),
      })),
    };
  },
);

/** At most `perPeriod` messages of a long-term template per person in `periodDays` days. */
export interface CreditRule {
  perPeriod: number;
  periodDays: number;
}

/** Limits a long-term template; null ends the limit. Throws `ACCOUNT_NOT_FOUND`. */
export const setCreditRule = action<{ appid: string; templateId: string; rule: CreditRule | null }, void>(
  {
    name: 'credits.rule',
    permission: 'account.manage',
    audit: 'change',
    appid: ({ appid }) => appid,
    target: ({ templateId }) => templateId,
    kept: ({ templateId, rule }) => ({ templateId, rule }),
  },
  async ({ store: { pool } }, { appid, templateId, rule }, { trail }) => {
    await getAccount(pool, appid);
    const of = async (): Promise<CreditRule | null> => {
      const found = (await listRules(pool, appid)).find((one) => one.templateId === templateId);
      return found === undefined ? null : { perPeriod: found.perPeriod, periodDays: found.periodDays };
    };
    trail.before = await of();
    await setRule(pool, appid, templateId, rule);
    trail.after = rule;
  },
);

/** The limits of an account, by template. Throws `ACCOUNT_NOT_FOUND`. */
export const listCreditRules = action<{ appid: string }, (CreditRule & { templateId: string })[]>(
  { name: 'credits.rules', permission: 'account.read', audit: 'none', appid: ({ appid }) => appid },
  async ({ store: { pool } }, { appid }) => {
    await getAccount(pool, appid);
    return await listRules(pool, appid);
  },
);
