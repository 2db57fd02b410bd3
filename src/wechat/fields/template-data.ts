import { failure } from '../../base/errors.ts';
import { setOwn } from '../../base/set-own.ts';
import type { Words } from '../../texts/catalogue.ts';
import { jsonKinds } from '../../texts/json-kinds.ts';

/** A value as it goes on the wire. `color` has been ignored by WeChat since 2023-05-04 (Mini Programs: since about 2018). */
export interface TemplateValue {
  value: string;
  color?: string;
}

/** `data` as it may be given: a text is short for `{ value }`. */
export type TemplateData = Record<string, string | TemplateValue>;

/**
 * `data` as WeChat takes it: an object for each field, with a text as its value. What else a field has goes along.
 *
 * Throws `MESSAGE_INVALID` for anything else: WeChat would show such a field empty, or refuse the message, for everybody. A
 * number is refused too, because JavaScript may have changed it already (12.50, or 20 digits).
 */
export function wireData(data: unknown): Record<string, TemplateValue> {
  if (typeof data !== 'object' || data === null || Array.isArray(data)) {
    throw failure('MESSAGE_INVALID/data-shape', { kind: kindOf(data) });
  }
  const fields: Record<string, TemplateValue> = {};
  for (const [key, field] of Object.entries(data)) setOwn(fields, key, wireValue(key, field));
  return fields;
}

function wireValue(key: string, field: unknown): TemplateValue {
  if (typeof field === 'string') return { value: field };
  const isObject = typeof field === 'object' && field !== null && !Array.isArray(field);
  const value: unknown =
    isObject && Object.hasOwn(field, 'value') && 'value' in field ? field.value : undefined;
  if (isObject && typeof value === 'string') return { ...field, value };
  const kind = isObject ? jsonKinds.objectWith(kindOf(value)) : kindOf(field);
  throw failure('MESSAGE_INVALID/data-field', { key: key.slice(0, 64), kind }, { details: { key } });
}

function kindOf(value: unknown): Words {
  if (value === undefined) return jsonKinds.missing;
  if (value === null) return jsonKinds.null;
  if (Array.isArray(value)) return jsonKinds.list;
  if (typeof value === 'object') return jsonKinds.object;
  return typeof value === 'number' ? jsonKinds.number : jsonKinds.boolean;
}
