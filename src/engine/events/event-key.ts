import { createHash } from 'node:crypto';
import type { CallbackEvent, CallbackFields, CallbackValue } from '../../wechat/callback/event.ts';

/** Largest CreateTime that is believed: the year 2100. */
const maxCreateTime = 4_102_444_800;

/**
 * Which event it is among those of its account and second; WeChat's repeats have the same.
 *
 * A user's message has its MsgId. Events have none, and WeChat's own rule (FromUserName and CreateTime) takes two
 * different events of one second for one: the digest of the whole body tells them apart, and a repeat brings the body
 * again. The order of the fields does not matter.
 */
export function eventKey(event: CallbackEvent): string {
  if (event.type === 'message' && /^\d{1,20}$/.test(event.msgId)) return `m${event.msgId}`;
  return createHash('sha256').update(canonical(event.fields)).digest('base64url').slice(0, 22);
}

/** CreateTime as it is stored; 0 for one that no clock can have shown. */
export function eventSecond({ createTime }: Pick<CallbackEvent, 'createTime'>): number {
  return Number.isSafeInteger(createTime) && createTime > 0 && createTime < maxCreateTime ? createTime : 0;
}

function canonical(value: CallbackValue): string {
  if (typeof value === 'string') return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(canonical).join()}]`;
  const names = Object.keys(value).sort();
  return `{${names.map((name) => `${JSON.stringify(name)}:${canonical(value[name] ?? '')}`).join()}}`;
}

/** What PostgreSQL can keep: without U+0000, and without halves of characters. */
export function storableText(text: string): string {
  return text.toWellFormed().replaceAll('\0', '\ufffd');
}

export function storableFields(fields: CallbackFields): CallbackFields {
  const kept: [string, CallbackValue][] = Object.entries(fields).map(([name, value]) => [
    storableText(name),
    storableValue(value),
  ]);
  return Object.fromEntries(kept);
}

function storableValue(value: CallbackValue): CallbackValue {
  if (typeof value === 'string') return storableText(value);
  return Array.isArray(value) ? value.map(storableValue) : storableFields(value);
}
