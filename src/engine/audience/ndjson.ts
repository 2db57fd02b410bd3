import { setOwn } from '../../base/set-own.ts';
import type { LineBlock } from './lines.ts';
import { openidFault, openidNameRank } from './openid.ts';
import type { Fault, RecipientRecord } from './record.ts';
import { textFault } from './record.ts';

// Only these lines pay for a reviver: their numbers would change when read as doubles (order numbers, "19.90").
const delicateNumber = /\d{16}|\d\.\d|\d[eE]/;

function keepNumbers(_key: string, value: unknown, context: { source?: string }): unknown {
  if (typeof value !== 'number' || context.source === undefined) return value;
  return /[eE]/.test(context.source) ? value : context.source;
}

function parse(line: string): unknown {
  // Node 24 passes the context; the library's type of JSON.parse does not know it yet.
  const reviver = keepNumbers as (this: unknown, key: string, value: unknown) => unknown;
  return delicateNumber.test(line) ? JSON.parse(line, reviver) : JSON.parse(line);
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function scalar(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  return value === null ? '' : undefined;
}

function toRecipient(line: number, text: string, openidKey: string | undefined): RecipientRecord {
  const bad = ({ reason, detail }: Fault): RecipientRecord => ({ kind: 'bad', line, reason, detail });
  let parsed: unknown;
  try {
    parsed = parse(text);
  } catch {
    // V8's message quotes the line, openid included.
    return bad({ reason: 'json-invalid', detail: 'the line is not valid JSON' });
  }
  if (!isObject(parsed)) return bad({ reason: 'json-invalid', detail: 'the line is not a JSON object' });
  const key = openidKey ?? bestOpenidKey(parsed);
  const openid = (key === undefined ? '' : (scalar(parsed[key]) ?? '')).trim();
  const wrong = openidFault(openid);
  if (wrong !== undefined) return bad(wrong);
  const vars: Record<string, string> = {};
  for (const [name, value] of variables(parsed, key)) {
    const text = scalar(isObject(value) && 'value' in value ? value.value : value);
    if (text === undefined) {
      return bad({ reason: 'value-not-scalar', detail: `"${name}" is an object or a list, not a text` });
    }
    const damage = textFault(text, `"${name}"`);
    if (damage !== undefined) return bad(damage);
    setOwn(vars, name, text);
  }
  return { kind: 'row', line, openid, vars };
}

function bestOpenidKey(object: Record<string, unknown>): string | undefined {
  if (Object.hasOwn(object, 'openid')) return 'openid';
  let best: string | undefined;
  let bestRank = Number.POSITIVE_INFINITY;
  for (const key of Object.keys(object)) {
    const rank = openidNameRank(key);
    if (rank !== undefined && rank < bestRank) {
      best = key;
      bestRank = rank;
    }
  }
  return best;
}

/** Flat keys, or those of a nested `data` or `vars` object, which may be in WeChat's own form `{"value": …}`. */
function* variables(
  object: Record<string, unknown>,
  openidKey: string | undefined,
): Generator<[string, unknown]> {
  for (const [key, value] of Object.entries(object)) {
    if (key === openidKey) continue;
    if ((key === 'data' || key === 'vars') && isObject(value)) yield* Object.entries(value);
    else yield [key.trim(), value];
  }
}

/** One JSON object a line. Blank lines are skipped. */
export function parseNdjson(block: LineBlock, openidKey: string | undefined): RecipientRecord[] {
  const out: RecipientRecord[] = [];
  block.lines.forEach((text, index) => {
    const line = block.first + index;
    const fault = block.faults?.get(index);
    if (fault !== undefined) out.push({ kind: 'bad', line, reason: fault.reason, detail: fault.detail });
    else if (text.trim() !== '') out.push(toRecipient(line, text, openidKey));
  });
  return out;
}

/** The names of all variables in some first records, in order of appearance. */
export function ndjsonColumns(records: readonly RecipientRecord[]): string[] {
  const names = new Set<string>();
  for (const record of records)
    if (record.kind === 'row') for (const name of Object.keys(record.vars)) names.add(name);
  return [...names];
}
