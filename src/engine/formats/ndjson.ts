import { setOwn } from '../../base/set-own.ts';
import { maxColumns } from './delimited.ts';
import type { LineBlock } from './lines.ts';
import { openidFault, openidNameRank } from './openid.ts';
import { type Fault, fault, type RecipientRecord, type SourceCells, textFault } from './record.ts';

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

/** A value as text: WeChat's own form `{"value": …}` is its value. Undefined for other objects and lists. */
function textOf(value: unknown): string | undefined {
  return scalar(isObject(value) && 'value' in value ? value.value : value);
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

/** Flat keys, or those of a nested `data` or `vars` object. */
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

/** Without the column, which has another form in a record. */
type BadCell = Omit<Fault, 'column'>;

function ofLine({ reason, detail, words }: Fault): BadCell {
  return { reason, detail, words };
}

const notJson = ofLine(fault('json-invalid', {}));
const noObject = ofLine(fault('json-invalid/object', {}));

/** Reads one JSON object a line. Blank lines are skipped. */
export class NdjsonParser {
  private readonly openidKey: string | undefined;
  /** Only these keys become variables, and only they can spoil a row; undefined is all. */
  private selected: ReadonlySet<string> | undefined;
  /** The keys of every object whose `source` was asked for, in order of appearance. */
  readonly header: string[] = [];
  private readonly places = new Map<string, number>();
  private readonly openidKeys = new Set<string>();

  constructor(openidKey: string | undefined) {
    this.openidKey = openidKey;
  }

  select(columns: readonly string[]): void {
    this.selected = new Set(columns);
  }

  push(block: LineBlock): RecipientRecord[] {
    const out: RecipientRecord[] = [];
    block.lines.forEach((text, index) => {
      const line = block.first + index;
      const found = block.faults?.get(index);
      if (found !== undefined) out.push({ kind: 'bad', line, ...ofLine(found) });
      else if (text.trim() !== '') out.push(this.toRecipient(line, text));
    });
    return out;
  }

  private toRecipient(line: number, text: string): RecipientRecord {
    let parsed: unknown;
    try {
      parsed = parse(text);
    } catch {
      // V8's message quotes the line, openid included.
      return { kind: 'bad', line, ...notJson };
    }
    if (!isObject(parsed)) return { kind: 'bad', line, ...noObject };
    const object = parsed;
    const key = this.openidKey ?? bestOpenidKey(object);
    const source = () => this.sourceOf(object, key);
    const bad = ({ reason, detail, words }: BadCell, column: string | undefined): RecipientRecord => {
      const where = column === undefined ? {} : { column };
      return { kind: 'bad', line, reason, detail, words, ...where, source };
    };
    const openid = (key === undefined ? '' : (scalar(object[key]) ?? '')).trim();
    const wrong = openidFault(openid);
    if (wrong !== undefined) return bad(wrong, key);
    const vars: Record<string, string> = {};
    for (const [name, value] of variables(object, key)) {
      if (this.selected?.has(name) === false) continue;
      const text = textOf(value);
      if (text === undefined) return bad(fault('value-not-scalar', {}), name);
      const damage = textFault(text);
      if (damage !== undefined) return bad(damage, name);
      setOwn(vars, name, text);
    }
    return { kind: 'row', line, openid, vars, source };
  }

  /** The names of the variables that were seen so far, in order of appearance. */
  columns(): string[] {
    return this.header.filter((name) => !this.openidKeys.has(name));
  }

  /** The key that holds the openids, of the first object that had one. */
  openidColumn(): string {
    return this.openidKey ?? this.openidKeys.values().next().value ?? 'openid';
  }

  private sourceOf(object: Record<string, unknown>, openidKey: string | undefined): SourceCells {
    const cells: string[] = [];
    const far = new Map<number, string>();
    const put = (name: string, value: unknown): void => {
      let place = this.places.get(name);
      if (place === undefined) {
        if (this.header.length >= maxColumns) return;
        place = this.header.push(name) - 1;
        this.places.set(name, place);
      }
      const text = textOf(value) ?? jsonText(value);
      if (place > cells.length + 64) {
        far.set(place, text);
        return;
      }
      while (cells.length < place) cells.push('');
      cells[place] = text;
    };
    if (openidKey !== undefined) {
      put(openidKey, object[openidKey]);
      this.openidKeys.add(openidKey);
    }
    for (const [name, value] of variables(object, openidKey)) put(name, value);
    return far.size === 0 ? { cells } : { cells, far };
  }
}

/** A nested value as JSON; empty when it is nested too deeply to be written. */
function jsonText(value: unknown): string {
  try {
    return JSON.stringify(value) ?? '';
  } catch {
    return '';
  }
}
