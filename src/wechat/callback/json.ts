import { setOwn } from '../../base/set-own.ts';
import type { CallbackFields, CallbackValue } from './event.ts';
import { maxDepth, maxValues } from './limits.ts';

/**
 * A JSON object with all scalars as text: numbers in the digits that were sent (64-bit ids stay exact), `true`, `false`,
 * and `''` for null. Undefined for anything else, where a name comes twice, and beyond 16 levels or 10,000 values. Never
 * throws.
 */
export function parseCallbackJson(text: string): CallbackFields | undefined {
  const members = countMembers(text);
  if (members === undefined) return undefined;
  let value: unknown;
  try {
    // Raw line breaks and tabs, which a text must not hold and WeChat's have; between values they mean what a space does.
    const clean = text.replace(/[\t\n\r]/g, ' ');
    // TypeScript's lib does not know the reviver's third argument (ES2026, in Node since 21).
    value = JSON.parse(clean, keepDigits as (this: unknown, key: string, value: unknown) => unknown);
  } catch {
    // The parser's own error quotes the text, which is a user's.
    return undefined;
  }
  // Of two the parser keeps the last, which words that were not escaped could have written.
  if (typeof value !== 'object' || value === null || Object.keys(value).length !== members) return undefined;
  const fields = toValue(value);
  return typeof fields === 'string' || Array.isArray(fields) ? undefined : fields;
}

function keepDigits(_: string, value: unknown, context: { source?: string }): unknown {
  return typeof value === 'number' ? (context.source ?? String(value)) : value;
}

/**
 * How many members the outermost object has, those of one name counted each; undefined beyond the limits. Before the
 * parser sees it, since the reviver calls itself for each level.
 */
function countMembers(text: string): number | undefined {
  let depth = 0;
  let values = 1;
  let members = 0;
  let isInText = false;
  for (let at = 0; at < text.length; at++) {
    const char = text[at];
    if (isInText) {
      if (char === '\\') at++;
      else if (char === '"') isInText = false;
    } else if (char === '"') isInText = true;
    else if (char === ',') values++;
    else if (char === ':' && depth === 1) members++;
    else if (char === '{' || char === '[') {
      depth++;
      values++;
    } else if (char === '}' || char === ']') depth--;
    if (depth > maxDepth || values > maxValues) return undefined;
  }
  return members;
}

function toValue(value: unknown): CallbackValue {
  if (value === null || value === undefined) return '';
  if (Array.isArray(value)) return value.map(toValue);
  if (typeof value !== 'object') return storable(String(value));
  const fields: CallbackFields = {};
  for (const [name, one] of Object.entries(value)) setOwn(fields, storable(name), toValue(one));
  return fields;
}

/** Escapes can make what no database and no XML takes: U+0000 and halves of a character. */
function storable(text: string): string {
  return text.toWellFormed().replaceAll('\0', '\ufffd');
}
