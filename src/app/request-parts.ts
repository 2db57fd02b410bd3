import type { z } from 'zod';
import { failure, type HongyanError } from '../base/errors.ts';
import { fill, type Lang } from '../texts/catalogue.ts';
import { type FieldText, fieldTexts } from '../texts/fields.ts';

export type RequestPart = 'body' | 'query' | 'path' | 'header';

export interface FieldProblem {
  in: RequestPart;
  path: string;
  rule: string;
  limit?: number | string;
  actual?: number | string;
  message: string;
}

/** The value of a part of a request as its shape gives it; else throws `REQUEST_INVALID`, which names each place. */
export function parsePart<S extends z.ZodType>(
  shape: S,
  value: unknown,
  part: RequestPart,
  lang: Lang,
): z.output<S> {
  const read = readPart(shape, value, part, lang);
  if ('data' in read) return read.data;
  throw invalidFields(read.fields);
}

/** The value as its shape gives it, or each place that does not fit. */
export function readPart<S extends z.ZodType>(
  shape: S,
  value: unknown,
  part: RequestPart,
  lang: Lang,
): { data: z.output<S> } | { fields: FieldProblem[] } {
  const parsed = shape.safeParse(value, { reportInput: true });
  if (parsed.success) return { data: parsed.data };
  return { fields: parsed.error.issues.flatMap((issue) => problemsOf(issue, shape, part, lang)) };
}

/** Names the places and never repeats the values: they may be openids. */
export function invalidFields(fields: FieldProblem[]): HongyanError {
  const list = (between: string, after: string): string =>
    fields
      .map(({ in: part, path, message }) => `${path === '' ? part : path}${between}${message}`)
      .join(after);
  const problems = { en: list(': ', '; '), zh: list('：', '；') };
  return failure('REQUEST_INVALID/fields', { problems }, { details: { fields } });
}

export function fieldProblem(
  part: RequestPart,
  path: readonly PropertyKey[],
  text: FieldText,
  lang: Lang,
  values: { limit?: number | string; actual?: number | string } = {},
): FieldProblem {
  const [rule = text] = text.split('.');
  const message = fill(fieldTexts[text], lang, 'http', values);
  return { in: part, path: path.map(String).join('.'), rule, ...values, message };
}

type Issue = z.core.$ZodIssue;

function problemsOf(issue: Issue, shape: z.ZodType, part: RequestPart, lang: Lang): FieldProblem[] {
  const one = (
    text: FieldText,
    values: { limit?: number | string; actual?: number | string } = {},
  ): FieldProblem[] => [fieldProblem(part, issue.path, text, lang, values)];
  switch (issue.code) {
    case 'invalid_type':
      return issue.input === undefined
        ? one('missing')
        : Number.isNaN(issue.input)
          ? one('type.number', { limit: 'number' })
          : one('type', { limit: issue.expected, actual: typeName(issue.input) });
    case 'too_small':
      return one(`min.${sizeOf(issue.origin)}`, { limit: Number(issue.minimum) });
    case 'too_big':
      return one(`max.${sizeOf(issue.origin)}`, { limit: Number(issue.maximum) });
    case 'invalid_format':
      return issue.format === 'datetime'
        ? one('format.datetime')
        : one('format', { limit: issue.pattern ?? issue.format });
    case 'invalid_value':
      return issue.input === undefined
        ? one('missing')
        : one('choice', { limit: issue.values.map(String).join(', ') });
    case 'unrecognized_keys': {
      const known = keysAt(shape, issue.path);
      return issue.keys.map((name) => {
        const right = nearest(name, known);
        return fieldProblem(
          part,
          [...issue.path, name],
          right === null ? 'unknown' : 'unknown.meant',
          lang,
          right === null ? {} : { limit: right },
        );
      });
    }
    case 'invalid_union':
      return issue.input === undefined ? one('missing') : one('none');
    case 'custom': {
      const { rule, limit } = issue.params ?? {};
      if (rule === 'unknown' && typeof limit === 'string') return one('unknown.meant', { limit });
      return typeof rule === 'string' && isFieldText(rule)
        ? one(rule, typeof limit === 'string' || typeof limit === 'number' ? { limit } : {})
        : one('invalid');
    }
    default:
      return one('invalid');
  }
}

function isFieldText(rule: string): rule is FieldText {
  return Object.hasOwn(fieldTexts, rule);
}

function sizeOf(origin: string): 'text' | 'list' | 'number' {
  if (origin === 'string') return 'text';
  return origin === 'array' || origin === 'set' ? 'list' : 'number';
}

function typeName(value: unknown): string {
  return value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value;
}

/** The names that an object of the shape may have at this place. */
function keysAt(shape: z.ZodType, path: readonly PropertyKey[]): string[] {
  let at: unknown = shape;
  for (const step of path) {
    at = unwrapped(at);
    if (isRecord(at) && isRecord(at.shape)) at = at.shape[String(step)];
    else if (isRecord(at) && 'element' in at) at = at.element;
    else return [];
  }
  at = unwrapped(at);
  return isRecord(at) && isRecord(at.shape) ? Object.keys(at.shape) : [];
}

/** Without optional, nullable and default around it. */
function unwrapped(shape: unknown): unknown {
  let at = shape;
  while (isRecord(at) && typeof at.unwrap === 'function' && !isRecord(at.shape) && !('element' in at))
    at = at.unwrap();
  return at;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

/** The name that was probably meant: the same but for case, `_` and `-`, or two letters away (one, in a short name). */
function nearest(name: string, known: readonly string[]): string | null {
  const plain = (text: string): string => text.toLowerCase().replace(/[_-]/g, '');
  const wanted = plain(name);
  let best: string | null = null;
  let least = wanted.length < 5 ? 2 : 3;
  for (const one of known) {
    const distance = editDistance(wanted, plain(one), least);
    if (distance < least) [best, least] = [one, distance];
  }
  return best;
}

/** Letters to insert, remove, replace, or swap with their neighbour; `limit` when it is that many or more. */
function editDistance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) >= limit) return limit;
  let before: number[] = [];
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = (row[j - 1] ?? limit) + (a[i - 1] === b[j - 1] ? 0 : 1);
      const isSwap = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      const swapped = isSwap ? (before[j - 2] ?? limit) + 1 : limit;
      next.push(Math.min(replaced, swapped, (row[j] ?? limit) + 1, (next[j - 1] ?? limit) + 1));
    }
    before = row;
    row = next;
  }
  return Math.min(limit, row.at(-1) ?? limit);
}
