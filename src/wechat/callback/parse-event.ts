import type { CallbackEvent, CallbackFields, CreditChoice, SubscribeReceiptEvent } from './event.ts';
import { countOf, listItems, msgidOf, optionalText, textOf } from './event-fields.ts';
import { subscribeStatus, templateStatus } from './receipt-status.ts';

type Envelope = Pick<CallbackEvent, 'openid' | 'toUserName' | 'createTime' | 'name' | 'fields'>;

const qrPrefix = 'qrscene_';

/**
 * The typed event of a body's fields. Names of events are matched in any case: old pushes have `templatesendjobfinish`.
 *
 * An event without what its type needs (a receipt without msgid, a subscription event without items) is `unknown` and
 * keeps everything in `fields`. Never throws.
 */
export function parseEvent(body: CallbackFields): CallbackEvent {
  const { Encrypt: _, ...fields } = body;
  const msgType = textOf(fields, 'MsgType');
  const isEvent = msgType.toLowerCase() === 'event';
  const isMessage = !isEvent && msgType !== '';
  const createTime = textOf(fields, 'CreateTime');
  const envelope: Envelope = {
    openid: textOf(fields, 'FromUserName'),
    toUserName: textOf(fields, 'ToUserName'),
    createTime: /^\d{1,10}$/.test(createTime) ? Number(createTime) : 0,
    // A platform's events have InfoType in its place.
    name: isMessage ? null : (optionalText(fields, 'Event') ?? optionalText(fields, 'InfoType') ?? null),
    fields,
  };
  if (isMessage) return { ...envelope, type: 'message', msgType, msgId: textOf(fields, 'MsgId') };
  return (isEvent ? typed(envelope) : undefined) ?? { ...envelope, type: 'unknown' };
}

function typed(envelope: Envelope): CallbackEvent | undefined {
  const { fields, name } = envelope;
  switch (name?.toLowerCase()) {
    case 'templatesendjobfinish': {
      const msgid = msgidOf(fields);
      const detail = optionalText(fields, 'Status');
      if (msgid === undefined || detail === undefined) return undefined;
      return { ...envelope, type: 'template-receipt', msgid, status: templateStatus(detail), detail };
    }
    case 'subscribe_msg_sent_event': {
      const items = listItems(fields).flatMap(receiptItem);
      return items.length === 0 ? undefined : { ...envelope, type: 'subscribe-receipt', items };
    }
    case 'masssendjobfinish':
      return massReceipt(envelope);
    case 'subscribe':
      return { ...envelope, type: 'follow', scene: sceneOfFollow(textOf(fields, 'EventKey')) };
    case 'unsubscribe':
      return { ...envelope, type: 'unfollow' };
    case 'scan':
      return { ...envelope, type: 'scan', scene: textOf(fields, 'EventKey') };
    case 'subscribe_msg_popup_event': {
      const items = listItems(fields).flatMap(choiceItem);
      return items.length === 0 ? undefined : { ...envelope, type: 'credit-popup', items };
    }
    case 'subscribe_msg_change_event': {
      const items = listItems(fields).flatMap(choiceItem);
      return items.length === 0 ? undefined : { ...envelope, type: 'credit-change', items };
    }
    case 'user_enter_tempsession':
      return { ...envelope, type: 'session', sessionFrom: textOf(fields, 'SessionFrom') };
    default:
      return undefined;
  }
}

function massReceipt(envelope: Envelope): CallbackEvent | undefined {
  const { fields } = envelope;
  const msgid = msgidOf(fields);
  if (msgid === undefined) return undefined;
  return {
    ...envelope,
    type: 'mass-receipt',
    msgid,
    detail: textOf(fields, 'Status'),
    totalCount: countOf(fields, 'TotalCount'),
    filterCount: countOf(fields, 'FilterCount'),
    sentCount: countOf(fields, 'SentCount'),
    errorCount: countOf(fields, 'ErrorCount'),
  };
}

/** Other keys than a QR code's name another way in (`last_trade_no_…` after a payment). */
function sceneOfFollow(key: string): string | null {
  return key.startsWith(qrPrefix) ? key.slice(qrPrefix.length) : null;
}

function receiptItem(item: CallbackFields): SubscribeReceiptEvent['items'] {
  const msgid = msgidOf(item);
  if (msgid === undefined) return [];
  const errorCode = textOf(item, 'ErrorCode');
  const detail = textOf(item, 'ErrorStatus');
  const templateId = textOf(item, 'TemplateId');
  return [{ templateId, msgid, errorCode, status: subscribeStatus(errorCode, detail), detail }];
}

function choiceItem(item: CallbackFields): CreditChoice[] {
  const templateId = textOf(item, 'TemplateId');
  const word = textOf(item, 'SubscribeStatusString');
  if (templateId === '' || word === '') return [];
  return [{ templateId, choice: choiceOf(word), scene: optionalText(item, 'PopupScene') ?? null }];
}

/** Newer clients say acceptWithAudio, acceptWithAlert …: each is a consent. */
function choiceOf(word: string): string {
  const lower = word.toLowerCase();
  if (lower.startsWith('accept')) return 'accept';
  return lower === 'reject' ? lower : word;
}
