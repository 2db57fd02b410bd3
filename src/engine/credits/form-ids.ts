import type { Campaign } from '../../store/campaigns/campaigns.ts';
import type { FormIdKind, NewFormCredit } from '../../store/credits/form-credits.ts';
import { mockFormId } from '../../wechat/form-id.ts';

/** WeChat takes a form_id for 7 days. */
const lifeMs = 7 * 86_400_000;
/** Hongyan stops a little earlier, ms: for the way of a message, and for clocks that differ. */
const marginMs = 5 * 60_000;
const usesOf: Record<FormIdKind, number> = { form: 1, prepay: 3 };
const longest = 128;

/** Why a form_id that was reported is not taken. */
export type FormIdFault = 'mock' | 'malformed' | 'expired' | 'other-person';

/** Whether each message of the campaign is sent with a form_id of the ledger: it brings none of its own. */
export function takesFormIds({ channel, message }: Pick<Campaign, 'channel' | 'message'>): boolean {
  return channel === 'mp-form' && message.form_id === undefined;
}

/**
 * What the ledger keeps of a form_id that was made at `at`, or why it is of no use.
 *
 * Spaces around it are dropped, and `prepay_id=` before a prepay_id, as `wx.requestPayment` wants it.
 */
export function readFormId(
  given: { openid: string; formId: string; kind: FormIdKind; at: Date },
  now: number,
): NewFormCredit | FormIdFault {
  const { openid, kind, at } = given;
  const formId = given.formId.trim().replace(/^prepay_id=/, '');
  if (formId === mockFormId) return 'mock';
  // "undefined", and what the client gives when a form_id could not be had: `requestFormId:fail timeout`.
  if (
    !/^[\x21-\x7e]+$/.test(formId) ||
    formId.length > longest ||
    formId === 'undefined' ||
    formId === 'null'
  )
    return 'malformed';
  const expiresAt = new Date(Math.min(at.getTime(), now) + lifeMs - marginMs);
  return expiresAt.getTime() <= now ? 'expired' : { openid, formId, kind, uses: usesOf[kind], expiresAt };
}

/** Enough of a form_id to find it again; the whole is a right to send. */
export function shortFormId(formId: string): string {
  return `…${formId.slice(-6)}`;
}
