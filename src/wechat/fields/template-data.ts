import { HongyanError } from '../../base/errors.ts';
import { setOwn } from '../../base/set-own.ts';

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
    throw new HongyanError(
      'MESSAGE_INVALID',
      `data is an object such as {"thing1": {"value": "…"}}, not ${kindOf(data)}`,
    );
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
  throw new HongyanError(
    'MESSAGE_INVALID',
    `data.${key.slice(0, 64)} is to be a text or {"value": a text}, not ${
      isObject ? `an object whose value is ${kindOf(value)}` : kindOf(field)
    }`,
    { details: { key } },
  );
}

function kindOf(value: unknown): string {
  if (value === undefined) return 'missing';
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'an object';
  return typeof value === 'number' ? 'a number: write it as a text' : `a ${typeof value}`;
}
