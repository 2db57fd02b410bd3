import { errorCode } from '../../base/errors.ts';
import type { Logger } from '../../base/logger.ts';
import type { CanaryHolds, CanaryReceipts } from '../../store/campaigns/canary.ts';
import type { WechatClient } from '../../wechat/client.ts';
import { WechatTransportError } from '../../wechat/error.ts';

/** So many pages of 100 are looked at: enough to know that there are some. */
const mostPages = 20;

/**
 * How many of the template's messages WeChat took since then and kept from their recipients.
 *
 * `refused`: WeChat does not answer the question (accounts without the permission, sandbox accounts). Null when no answer of
 * WeChat's came: that says nothing, so it is asked again.
 *
 * @see https://developers.weixin.qq.com/doc/service/api/notify/template/api_queryblocktmplmsg.html
 */
export async function interceptedSince(
  client: WechatClient,
  templateId: string,
  since: Date,
  logger: Logger,
): Promise<number | 'refused' | null> {
  // Whole seconds on the wire.
  const from = Math.floor(since.getTime() / 1000);
  let intercepted = 0;
  let pages = 0;
  try {
    for await (const page of client.oaTemplates.blocked(templateId)) {
      intercepted += page.filter((one) => one.send_timestamp >= from).length;
      if (++pages >= mostPages) break;
    }
  } catch (error) {
    logger.warn({ code: errorCode(error), err: error }, 'WeChat did not say which messages it intercepted');
    return error instanceof WechatTransportError ? null : 'refused';
  }
  return intercepted;
}

/** Receipts come within seconds; the few that are missing then say nothing about the others. */
const enoughShare = 0.8;
const waitMs = 60_000;
/** Fewer are no share of anything. */
const fewest = 50;

/**
 * What the receipts of the first chunk say: `wait` for more of them, `open` the campaign, or how many of how many block it.
 * `failed:user block` is WeChat's word; some users who got it say that they blocked nobody, so it is a share that counts.
 */
export function judgeReceipts(
  found: CanaryReceipts,
): 'wait' | 'open' | { blocked: number; receipts: number } {
  const { accepted, receipts, blocked, sinceMs, isExpected, mostBlockedPercent } = found;
  if (!isExpected || mostBlockedPercent === null || accepted === 0) return 'open';
  if (receipts < accepted * enoughShare && sinceMs < waitMs) return 'wait';
  if (receipts < Math.min(fewest, accepted)) return 'open';
  return blocked * 100 >= mostBlockedPercent * receipts ? { blocked, receipts } : 'open';
}

/**
 * What WeChat's review says of the first chunk. Holds are judged by their share: a few may be chance, a word in somebody's
 * values; from the account's share on (default 1 %) it is the content or the account that is under review, and of a whole
 * campaign as many more would be held. Then it waits for the verdict on all of them: half an hour, before which no list
 * can say anything.
 *
 * @param isListKnown WeChat says which ones it blocked; null: it was not asked yet
 */
export function judgeHolds(
  found: CanaryHolds,
  isListKnown: boolean | null,
): 'wait' | 'open' | { reason: 'intercepted' | 'held-share'; detail: string } {
  const { answered, held, open, blocked, unknown, mostHeldPercent } = found;
  if (mostHeldPercent === null || held === 0 || held * 100 < answered * mostHeldPercent) return 'open';
  if (open > 0) return 'wait';
  if (blocked > 0) return { reason: 'intercepted', detail: `${blocked}/${held}` };
  // Where there is a list, those that it does not have were let through, as far as WeChat keeps its word.
  if (isListKnown === false && unknown * 100 >= answered * mostHeldPercent)
    return { reason: 'held-share', detail: `${held}/${answered}` };
  return 'open';
}
