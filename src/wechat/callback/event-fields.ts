import type { CallbackFields, CallbackValue } from './event.ts';

const int64 = /^-?\d{1,19}$/;
const largest = 2n ** 63n - 1n;

/** The field when it is there and a text; never what an object inherits. */
export function optionalText(fields: CallbackFields, name: string): string | undefined {
  const value = Object.hasOwn(fields, name) ? fields[name] : undefined;
  return typeof value === 'string' ? value.trim() : undefined;
}

export function textOf(fields: CallbackFields, name: string): string {
  return optionalText(fields, name) ?? '';
}

/** A count of some digits; 0 for anything else. */
export function countOf(fields: CallbackFields, name: string): number {
  const text = textOf(fields, name);
  return /^\d{1,15}$/.test(text) ? Number(text) : 0;
}

/** The id of a sent message, under any of WeChat's spellings; undefined unless it is one of 64 bits. */
export function msgidOf(fields: CallbackFields): string | undefined {
  const text = optionalText(fields, 'MsgID') ?? optionalText(fields, 'MsgId') ?? textOf(fields, 'msgid');
  if (!int64.test(text)) return undefined;
  const id = BigInt(text);
  return id <= largest && id >= -largest - 1n ? text : undefined;
}

const wrappers = ['SubscribeMsgPopupEvent', 'SubscribeMsgChangeEvent', 'SubscribeMsgSentEvent'];

/**
 * The items of a subscription event: `List` on top or inside a wrapper, an object for one and a list for several. Old
 * documents wrap the change event in SubscribeMsgPopupEvent, so any wrapper does for any event.
 */
export function listItems(fields: CallbackFields): CallbackFields[] {
  const top = itemsOf(fields.List);
  return top.length > 0 ? top : wrappers.flatMap((name) => itemsOf(fields[name]));
}

function itemsOf(value: CallbackValue | undefined): CallbackFields[] {
  if (value === undefined || typeof value === 'string') return [];
  if (Array.isArray(value)) return value.flatMap(itemsOf);
  return Object.hasOwn(value, 'List') ? itemsOf(value.List) : [value];
}
