import { failure } from '../../base/errors.ts';
import { clientChoices } from '../../engine/credits/client-results.ts';
import { type ReportedChoice, reportCredits as report } from '../../engine/credits/report-credits.ts';
import {
  type FormIdReport,
  type ReportedFormId,
  reportFormIds,
} from '../../engine/credits/report-form-ids.ts';
import { action } from '../action.ts';

interface GivenFormId {
  formId: string;
  /** When the form was submitted or the payment made. Default: that of the report. */
  at?: Date | undefined;
}

export type { ReportedFormId };

/** What somebody's client was given when it asked for consent, as it was given. */
export interface CreditReportInput {
  appid: string;
  openid: string;
  /** Names the tap: the same report again counts nothing. */
  key: string | undefined;
  /** `res` of `wx.requestSubscribeMessage`. */
  results?: Record<string, unknown> | undefined;
  /** `e.detail.subscribeDetails` of `<wx-open-subscribe>`. */
  subscribeDetails?: unknown;
  formIds?: GivenFormId[] | undefined;
  prepayIds?: GivenFormId[] | undefined;
  /** When the user tapped, by the caller's server. Default: now. */
  at?: Date | undefined;
}

/**
 * Counts each accept as one credit and enters form_ids and prepay_ids; repeating it changes nothing.
 *
 * Throws `ACCOUNT_NOT_FOUND`, `CREDIT_REPORT_INVALID`.
 */
export const reportCredits = action<
  CreditReportInput,
  { credits: ReportedChoice[]; formIds: ReportedFormId[] }
>(
  { name: 'credits.report', permission: 'contact.manage', audit: 'none', appid: ({ appid }) => appid },
  async ({ store: { pool } }, { appid, openid, key, results, subscribeDetails, formIds, prepayIds, at }) => {
    if (key === undefined) throw failure('CREDIT_REPORT_INVALID/key-missing', {});
    const ids: FormIdReport['formIds'] = [
      ...(formIds ?? []).map((one) => ({ ...one, kind: 'form' as const })),
      ...(prepayIds ?? []).map((one) => ({ ...one, kind: 'prepay' as const })),
    ].map(({ formId, kind, at: madeAt = at ?? new Date() }) => ({ formId, kind, at: madeAt }));
    const onlyIds = ids.length > 0 && results === undefined && subscribeDetails === undefined;
    const choices = onlyIds ? [] : clientChoices(results, subscribeDetails);
    const credits = await report(pool, { appid, openid, key, at, choices });
    // Both count once, so a report of which only one half was entered can be repeated.
    const entered = ids.length === 0 ? [] : await reportFormIds(pool, { appid, openid, formIds: ids });
    return { credits, formIds: entered };
  },
);
