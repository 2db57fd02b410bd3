import { isTracing, noParent, parentOf, readTrace, type SpanContext, startSpan } from '../../base/tracing.ts';
import type { Pool } from '../../store/database/pool.ts';
import { findReceiptTraces, type TracedReceipt } from '../../store/events/receipts.ts';
import { spanNames } from '../../texts/parts.ts';
import type { CallbackEvent } from '../../wechat/callback/event.ts';
import { receiptsOf } from './receipts.ts';

/** An event that was stored, with the span of the request that brought it. */
export interface BroughtEvent {
  appid: string;
  event: CallbackEvent;
  /** Unix ms. */
  cameAt: number;
  by: SpanContext | undefined;
}

/** Makes the spans of the receipts in events of which each is new. */
export async function spanReceipts(pool: Pool, events: readonly BroughtEvent[]): Promise<void> {
  if (!isTracing()) return;
  const brought = new Map(
    events.flatMap((one) =>
      receiptsOf(one.appid, one.event).map((receipt) => [keyOf(receipt), { ...one, receipt }] as const),
    ),
  );
  const receipts = [...brought.values()].map(({ receipt }) => receipt);
  for (const found of await findReceiptTraces(pool, receipts)) {
    const one = brought.get(keyOf(found));
    spanReceipt(found, one?.cameAt, one?.by);
  }
}

/**
 * A consumer span, in the trace of a single message. That of a campaign's recipient begins a trace, or goes on with that of the
 * request that brought it, and links to the campaign.
 *
 * @param cameAt Unix ms; undefined: it came before, and is matched now
 * @param by the span of the request that brought it
 */
export function spanReceipt(
  { appid, msgid, status, campaignId, messageId, trace }: TracedReceipt,
  cameAt?: number,
  by?: SpanContext,
): void {
  const made = readTrace(trace);
  if (made === undefined) return;
  const isSingle = messageId !== null;
  const [parent, link] = isSingle ? [made, by] : [by, made];
  startSpan(spanNames.processReceipt, {
    kind: 'consumer',
    parent: parent === undefined ? noParent : parentOf(parent),
    links: link === undefined ? [] : [link],
    startedAt: cameAt,
    attributes: {
      'wechat.appid': appid,
      'wechat.msgid': msgid,
      'hongyan.receipt.status': status,
      ...(isSingle ? { 'hongyan.message.id': messageId } : {}),
      ...(campaignId === null ? {} : { 'hongyan.campaign.id': campaignId }),
    },
  })?.end();
}

function keyOf({ appid, msgid }: { appid: string; msgid: string }): string {
  return `${appid} ${msgid}`;
}
