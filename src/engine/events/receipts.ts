import type { PoolClient } from '../../store/database/pool.ts';
import { type Receipt, storeReceipts } from '../../store/events/receipts.ts';
import type { CallbackEvent } from '../../wechat/callback/event.ts';
import { isUsualReceiptText } from '../../wechat/callback/receipt-status.ts';
import { eventSecond, storableText } from './storable.ts';
import type { StoredEvent } from './stored-event.ts';

/** 2^63 − 1: what the database's msgids are. */
const maxMsgid = 9_223_372_036_854_775_807n;
const maxDetail = 200;

/** Whether the database can hold it as what it is: a number of 64 bits. */
export function isMsgid(text: string): boolean {
  return /^\d{1,19}$/.test(text) && BigInt(text) <= maxMsgid;
}

/**
 * The receipts in an event: of one message, or of several (subscribe_msg_sent_event). Empty for other events. An item
 * whose msgid is no 64-bit number says nothing about any message and is left out.
 */
export function receiptsOf(appid: string, event: CallbackEvent): Receipt[] {
  if (event.type === 'template-receipt') return receipt(appid, event, { ...event, templateId: null });
  if (event.type === 'subscribe-receipt') return event.items.flatMap((item) => receipt(appid, event, item));
  return [];
}

/** Whether receipts hold all that an event says: it is then not kept a second time, raw. */
export function isWhollyReceipts(event: CallbackEvent): boolean {
  const items = event.type === 'subscribe-receipt' ? event.items.length : 1;
  return items > 0 && receiptsOf('', event).length === items;
}

/**
 * Stores the receipts among the events and matches them to what was sent.
 * @returns places of the events that brought a receipt that was not there yet, ascending
 */
export async function storeEventReceipts(
  client: PoolClient,
  events: Pick<StoredEvent, 'appid' | 'event'>[],
): Promise<number[]> {
  const found = events.flatMap(({ appid, event }, place) =>
    receiptsOf(appid, event).map((one) => ({ receipt: one, place })),
  );
  const stored = await storeReceipts(
    client,
    found.map((one) => one.receipt),
  );
  return [...new Set(stored.map((i) => found[i]!.place))]; // it returns what was given
}

function receipt(
  appid: string,
  event: Pick<CallbackEvent, 'openid' | 'createTime'>,
  item: Pick<Receipt, 'msgid' | 'templateId' | 'status'> & { detail: string },
): Receipt[] {
  if (!isMsgid(item.msgid)) return [];
  return [
    {
      appid,
      createdAt: eventSecond(event),
      msgid: item.msgid,
      openid: storableText(event.openid),
      templateId: item.templateId === null ? null : storableText(item.templateId),
      status: item.status,
      detail: isUsualReceiptText(item.detail) ? null : storableText(item.detail.slice(0, maxDetail)),
    },
  ];
}
