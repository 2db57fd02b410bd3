import { errcodeInfo } from '../errcodes/errcodes.ts';
import type { ReceiptStatus } from './event.ts';

/**
 * `Status` of TEMPLATESENDJOBFINISH: `success`, or `failed:` with `user block`, `system failed` (after a space) or
 * `freq limit`; a text is all that WeChat gives here.
 *
 * @see https://developers.weixin.qq.com/doc/offiaccount/Message_Management/Template_Message_Interface.html
 */
export function templateStatus(detail: string): ReceiptStatus {
  const text = detail.trim().toLowerCase();
  if (text === 'success') return 'delivered';
  const reason = /^failed\s*:\s*(.+)$/.exec(text)?.[1] ?? text;
  if (/^user\s*block/.test(reason)) return 'blocked';
  if (/^system\s*fail/.test(reason)) return 'failed-system';
  if (/^freq/.test(reason)) return 'failed-frequency';
  return 'failed-other';
}

/** `ErrorCode` and `ErrorStatus` of subscribe_msg_sent_event; the text decides only where the table has no such code. */
export function subscribeStatus(errorCode: string, errorStatus: string): ReceiptStatus {
  if (!/^-?\d{1,9}$/.test(errorCode)) return templateStatus(errorStatus);
  if (Number(errorCode) === 0) return 'delivered';
  const { known, effect, class: kind } = errcodeInfo(Number(errorCode));
  if (!known) {
    const status = templateStatus(errorStatus);
    return status === 'delivered' ? 'failed-other' : status;
  }
  if (effect === 'blocked' || effect === 'no-credit' || effect === 'unfollowed') return 'blocked';
  if (kind === 'RATE') return 'failed-frequency';
  return kind === 'TRANS' ? 'failed-system' : 'failed-other';
}

/** WeChat's words for the usual ends: the status says the same. */
const usual = new Set(['success', 'failed:user block', 'failed: system failed', 'failed:freq limit']);

/** Whether WeChat's words say no more than the status does, so that they need not be kept five million times. */
export function isUsualReceiptText(detail: string): boolean {
  return usual.has(detail);
}
