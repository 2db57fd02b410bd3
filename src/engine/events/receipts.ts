import { type Receipt, storeReceipts } from '../../store/receipts.ts';
import type { CallbackEvent } from '../../wechat/callback/event.ts';
import type { EventEffect } from './stored-event.ts';

/** 2^63 − 1: what the database's msgids are. */
const maxMsgid = 9_223_372_036_854_775_807n;
/** The year 9999; WeChat writes ten digits. */
const maxSeconds = 253_402_300_799;
const maxDetail = 200;
/** WeChat's words for the usual ends: the status says the same, so they are not kept five million times. */
const usual = new Set(['success', 'failed:user block', 'failed: system failed', 'failed:freq limit']);

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

/** Stores the receipts among the events and matches them to what was sent; repeats of WeChat's are harmless. */
export const storeEventReceipts: EventEffect = async (client, events) => {
  await storeReceipts(
    client,
    events.flatMap(({ appid, event }) => receiptsOf(appid, event)),
  );
};

function receipt(
  appid: string,
  event: Pick<CallbackEvent, 'openid' | 'createTime'>,
  item: Pick<Receipt, 'msgid' | 'templateId' | 'status'> & { detail: string },
): Receipt[] {
  if (!/^\d{1,19}$/.test(item.msgid) || BigInt(item.msgid) > maxMsgid) return [];
  const { createTime } = event;
  if (!(createTime >= 0 && createTime <= maxSeconds)) return [];
  return [
    {
      appid,
      createdAt: Math.floor(createTime),
      msgid: item.msgid,
      openid: storable(event.openid),
      templateId: item.templateId === null ? null : storable(item.templateId),
      status: item.status,
      detail: usual.has(item.detail) ? null : storable(item.detail),
    },
  ];
}

/** PostgreSQL has no U+0000 in text, and one such value would refuse the whole group. */
function storable(text: string): string {
  return text.replaceAll('\0', '').slice(0, maxDetail);
}
