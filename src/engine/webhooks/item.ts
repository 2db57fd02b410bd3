import type { NewDelivery } from '../../store/webhook-deliveries.ts';
import type { ChunkOutcome, MessageOutcome, OutboxRow } from '../../store/webhook-outbox.ts';
import { storableText } from '../events/storable.ts';
import type { StoredEvent } from '../events/stored-event.ts';
import type { WebhookTopic } from './topics.ts';

/** One thing told. `at` is when it happened, ISO 8601 UTC. */
export interface WebhookItem {
  topic: WebhookTopic;
  at: string;
  [field: string]: unknown;
}

/** Most items and characters of one POST; one item may be larger than the latter. */
const mostItems = 1_000;
const mostCharacters = 512 * 1024;

export function eventItems({ key, event }: StoredEvent): WebhookItem[] {
  const base = { at: new Date(event.createTime * 1000).toISOString(), openid: event.openid };
  switch (event.type) {
    case 'template-receipt': {
      const { msgid, status, detail } = event;
      return [{ topic: 'receipt', ...base, msgid, status, detail }];
    }
    case 'subscribe-receipt':
      return event.items.map((item) => ({ topic: 'receipt', ...base, ...item }));
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
  const { campaignId, state, reason, name, planned } = row;
  return { topic: 'campaign', at: row.at.toISOString(), campaignId, key: name, state, reason, planned };
}

export function outcomeItem(campaignId: number, one: ChunkOutcome): WebhookItem {
  const { no, openid, errcode, reason, msgid } = one;
  const topic = `outcome.${one.outcome}` as const;
  return { topic, at: one.at.toISOString(), campaignId, no, openid, errcode, reason, msgid };
}

export function messageOutcomeItem(one: MessageOutcome): WebhookItem {
  const { id, key, openid, errcode, reason, msgid } = one;
  const topic = `outcome.${one.outcome}` as const;
  return { topic, at: one.at.toISOString(), messageId: id, key, openid, errcode, reason, msgid };
}

/** One webhook's share of the items, in POSTs of bounded size. */
export function deliveriesOf(
  webhook: { id: number; appid: string; topics: string[] },
  items: WebhookItem[],
): NewDelivery[] {
  const deliveries: NewDelivery[] = [];
  let texts: string[] = [];
  let characters = 0;
  const close = (): void => {
    if (texts.length === 0) return;
    const body = `{"appid":${JSON.stringify(webhook.appid)},"items":[${texts.join(',')}]}`;
    deliveries.push({ webhookId: webhook.id, body, items: texts.length });
    texts = [];
    characters = 0;
  };
  for (const item of items) {
    if (!webhook.topics.includes(item.topic)) continue;
    const text = JSON.stringify(item);
    if (texts.length === mostItems || characters + text.length > mostCharacters) close();
    texts.push(text);
    characters += text.length;
  }
  close();
  return deliveries;
}
