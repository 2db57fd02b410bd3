import type { CallbackEvent, CallbackFields, CallbackValue } from '../../wechat/callback/event.ts';

/** Largest CreateTime that is believed: the year 2100. */
const maxCreateTime = 4_102_444_800;

/** CreateTime as it is stored; 0 for one that no clock can have shown. */
export function eventSecond({ createTime }: Pick<CallbackEvent, 'createTime'>): number {
  return Number.isSafeInteger(createTime) && createTime > 0 && createTime < maxCreateTime ? createTime : 0;
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
