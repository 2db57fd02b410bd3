import { setImmediate as nextTurn } from 'node:timers/promises';
import { fill, type Words } from '../../texts/catalogue.ts';
import { type RowKey, type RowValues, type RowWords, rowTexts, rowWords } from '../../texts/rows.ts';

/** Why a row of a recipient file is not sent to. Stable: stored with the row and looked up for people. */
export type BadRowReason =
  | 'openid-missing'
  | 'openid-malformed'
  | 'column-count'
  | 'quote-broken'
  | 'quote-ambiguous'
  | 'control-character'
  | 'damaged-text'
  | 'invalid-encoding'
  | 'line-too-long'
  | 'number-too-long'
  | 'number-invalid'
  | 'cell-error'
  | 'formula-not-calculated'
  | 'date-out-of-range'
  | 'format-unsupported'
  | 'json-invalid'
  | 'value-not-scalar'
  | 'variable-missing'
  | 'variable-empty'
  | 'ref-invalid';

/** The cells of a row as the file has them, those of unused columns too, in the order of `RecipientFile.header`. */
export interface SourceCells {
  /** Empty last cells may be missing. */
  cells: readonly string[];
  /** Cells far behind the others, by column. */
  far?: ReadonlyMap<number, string>;
}

/** One recipient of a file, or the account of a row that cannot be one. */
export type RecipientRecord =
  | {
      kind: 'row';
      /** Line of the text file on which the record starts, or row number of the sheet; from 1. */
      line: number;
      openid: string;
      /** The other columns by name, or those that were selected. An empty cell is the empty string. */
      vars: Record<string, string>;
      source?: () => SourceCells;
    }
  | {
      kind: 'bad';
      line: number;
      reason: BadRowReason;
      /** Short English explanation; values in it are shortened, an openid is never whole. */
      detail: string;
      /** The same for every language. */
      words: RowWords;
      /** Name of the column at fault, where it is one. */
      column?: string;
      source?: () => SourceCells;
    };

/** What is wrong with a record, or with one cell of it when `column` is given (0-based). */
export interface Fault {
  reason: BadRowReason;
  /** In English. */
  detail: string;
  words: RowWords;
  column?: number;
}

/** A fault by its words, whose key begins with the reason. */
export function fault<K extends RowKey>(key: K & `${BadRowReason}${string}`, values: RowValues<K>): Fault {
  const [reason] = key.split('/');
  const detail = fill(rowTexts[key], 'en', 'code', values);
  return { reason: reason as BadRowReason, detail, words: { key, values } }; // the type of `key` says so
}

/** A record as its format gives it, before anything is known of its columns. */
export interface RawRecord extends SourceCells {
  line: number;
  cells: string[];
  faults?: Fault[];
}

export function cellAt({ cells, far }: SourceCells, column: number): string {
  return cells[column] ?? far?.get(column) ?? '';
}

/** What is wrong with a row, and where, for a list that has no column of its own for columns. */
export function faultWords({ column, words }: RecipientRecord & { kind: 'bad' }): Words {
  const { en, zh } = rowWords(words);
  return column === undefined ? { en, zh } : { en: `column "${column}": ${en}`, zh: `“${column}”列：${zh}` };
}

/** Shows enough of a value to find it in the file, and never a whole openid. */
function shorten(value: string): string {
  const text = value.trim();
  // Code points, so that a cut never leaves half of a 4-byte Han character.
  const start = [...text.slice(0, 16)].slice(0, 6).join('');
  return start.length === text.length ? `"${text}"` : `"${start}…" (${text.length} characters)`;
}

/** `shorten` in both languages. */
export function shortened(value: string): Words {
  const en = shorten(value);
  const [, start = en.slice(1, -1), count] = /^"(.*…)" \((\d+) characters\)$/s.exec(en) ?? [];
  return { en, zh: count === undefined ? `“${start}”` : `“${start}”（${count} 个字符）` };
}

// Tab, line feed and carriage return are legitimate inside a cell; the other C0 controls and DEL are not.
// biome-ignore lint/suspicious/noControlCharactersInRegex: finding control characters is its job
const unsendable = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f\ufffd]/;

/** The fault of a value that must not reach a person, if it has one. */
export function textFault(value: string): Fault | undefined {
  const found = unsendable.exec(value);
  if (found === null && value.isWellFormed()) return undefined;
  if (found !== null && found[0] !== '\ufffd') {
    const code = found[0].charCodeAt(0).toString(16).padStart(4, '0').toUpperCase();
    return fault('control-character', { character: `U+${code}` });
  }
  return fault('damaged-text', {});
}

/** Groups after which a batch is given although it is not full: rows may be as long as a megabyte. */
const groupsPerBatch = 32;
/** How long reading goes on before timers and signals have a turn: a buffered file never waits by itself. */
const turnMs = 20;

/** Regroups arrays of any size into arrays of `size`, or fewer where the items are large. */
export async function* inBatches<T>(
  groups: AsyncIterable<readonly T[]>,
  size: number,
  signal?: AbortSignal,
): AsyncGenerator<T[]> {
  let batch: T[] = [];
  let gathered = 0;
  let turn = performance.now();
  for await (const group of groups) {
    for (const item of group) {
      batch.push(item);
      if (batch.length >= size) {
        signal?.throwIfAborted();
        yield batch;
        batch = [];
        gathered = 0;
      }
    }
    gathered += 1;
    if (gathered >= groupsPerBatch && batch.length > 0) {
      yield batch;
      batch = [];
      gathered = 0;
    }
    if (performance.now() - turn > turnMs) {
      await nextTurn();
      turn = performance.now();
    }
    signal?.throwIfAborted();
  }
  if (batch.length > 0) yield batch;
}
