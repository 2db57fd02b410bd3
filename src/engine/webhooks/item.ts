import type { NewItem, ReceiptHolder } from '../../store/webhooks/items.ts';
import type { ChunkOutcome, MessageOutcome, OutboxRow } from '../../store/webhooks/outbox.ts';
import type { Channel } from '../../wechat/channels.ts';
import { channels } from '../../wechat/channels.ts';
import { errcodeInfo } from '../../wechat/errcodes/errcodes.ts';
import { isMsgid } from '../events/receipts.ts';
import { eventSecond, storableText } from '../events/storable.ts';
import type { StoredEvent } from '../events/stored-event.ts';
import type { WebhookTopic } from './topics.ts';

/** One thing told. `at` is when it happened, ISO 8601 UTC. */
export interface WebhookItem {
  topic: WebhookTopic;
  at: string;
  [field: string]: unknown;
}

/** Nobody's: a receipt of a message that others sent, or whose answer came later than its receipt. */
const noHolder: ReceiptHolder = { campaignId: null, no: null, messageId: null, key: null, ref: null };

export function eventItems({ key, event }: StoredEvent): WebhookItem[] {
  const base = { at: new Date(eventSecond(event) * 1000).toISOString(), openid: event.openid };
  switch (event.type) {
    case 'template-receipt': {
      const { msgid, status, detail } = event;
      return [{ topic: 'receipt', ...base, msgid, status, detail, errmsg: errmsgOf(event) }];
    }
    case 'subscribe-receipt':
      return event.items.map((item) => ({ topic: 'receipt', ...base, ...item, errmsg: errmsgOf(item) }));
    case 'mass-receipt': {
      const { msgid, detail, totalCount, filterCount, sentCount, errorCount } = event;
      return [{ topic: 'mass', at: base.at, msgid, detail, totalCount, filterCount, sentCount, errorCount }];
    }
    case 'follow':
    case 'scan':
      return [{ topic: event.type, ...base, scene: event.scene }];
    case 'unfollow':
      return [{ topic: 'unfollow', ...base }];
    case 'credit-popup':
    case 'credit-change':
      return event.items.map((item) => ({ topic: 'credit', ...base, event: event.name, ...item }));
    case 'session':
      return [{ topic: 'session', ...base, id: key, sessionFrom: event.sessionFrom }];
    case 'message':
      return [{ topic: 'message', ...base, id: event.msgId, msgType: event.msgType, fields: event.fields }];
    case 'unknown':
      return [{ topic: 'other', ...base, id: key, event: event.name, fields: event.fields }];
    case 'unreadable': {
      const raw = storableText(event.raw.toString('utf8'));
      return [{ topic: 'other', ...base, id: key, event: event.name, fields: event.fields, raw }];
    }
  }
}

export function campaignItem(row: OutboxRow): WebhookItem {
  const { campaignId, state, reason, key, planned } = row;
  return { topic: 'campaign', at: row.at.toISOString(), campaignId, key, state, reason, planned };
}

export function outcomeItem(
  { campaignId, key, channel }: Pick<OutboxRow, 'campaignId' | 'key' | 'channel'>,
  one: ChunkOutcome,
): WebhookItem {
  const { no, ref, openid, errcode, reason, msgid } = one;
  const errmsg = wechatWords(errcode, channel);
  const topic = `outcome.${one.outcome}` as const;
  return {
    topic,
    at: one.at.toISOString(),
    campaignId,
    no,
    key,
    ref,
    openid,
    errcode,
    errmsg,
    reason,
    msgid,
  };
}

export function messageOutcomeItem(one: MessageOutcome): WebhookItem {
  const { id, key, ref, openid, errcode, reason, msgid } = one;
  const errmsg = wechatWords(errcode, one.channel);
  const topic = `outcome.${one.outcome}` as const;
  return { topic, at: one.at.toISOString(), messageId: id, key, ref, openid, errcode, errmsg, reason, msgid };
}

/** Each webhook's share of an account's items, in their order. */
export function itemsFor(
  webhooks: { id: number; appid: string; topics: string[] }[],
  appid: string,
  items: WebhookItem[],
): NewItem[] {
  const mine = webhooks.filter((webhook) => webhook.appid === appid);
  return items.flatMap((item) => {
    const wanted = mine.filter((webhook) => webhook.topics.includes(item.topic));
    if (wanted.length === 0) return [];
    const isReceipt = item.topic === 'receipt';
    const msgid = isReceipt && typeof item.msgid === 'string' && isMsgid(item.msgid) ? item.msgid : null;
    // A receipt that can be looked up gets its holder when it leaves.
    const body = JSON.stringify(isReceipt && msgid === null ? { ...item, ...noHolder } : item);
    return wanted.map(({ id }) => ({ webhookId: id, subject: subjectOf(item), msgid, body }));
  });
}

/** The body of a receipt with whose message it is about. */
export function withHolder(body: string, holder: ReceiptHolder | undefined): string {
  return `${body.slice(0, -1)},${JSON.stringify(holder ?? noHolder).slice(1)}`;
}

/** Whose items stay in order: a person's, or, where there is none, a campaign's. It must fit into an index. */
function subjectOf({ openid, campaignId }: WebhookItem): string {
  if (typeof openid === 'string') return storableText(openid.slice(0, 200));
  return typeof campaignId === 'number' ? `campaign:${campaignId}` : '';
}

/** WeChat's words for an errcode, as far as they are known: a fact keeps the code alone. */
function wechatWords(errcode: number | null, channel: Channel): string | null {
  if (errcode === null) return null;
  const { wechat } = errcodeInfo(errcode, channels[channel].path);
  return wechat === '' ? null : wechat;
}

/** Why a message did not arrive, in WeChat's words; null when it did. */
function errmsgOf({ status, detail }: { status: string; detail: string }): string | null {
  return status === 'delivered' ? null : detail;
}
