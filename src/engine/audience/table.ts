import { HongyanError } from '../../base/errors.ts';
import { setOwn } from '../../base/set-own.ts';
import { isCertainRank, isUnionidName, looksLikeOpenid, openidFault, openidNameRank } from './openid.ts';
import type { Fault, RawRecord, RecipientRecord } from './record.ts';
import { textFault } from './record.ts';

export interface TableOptions {
  /** File name for messages. */
  name: string;
  openidColumn?: string | undefined;
  /** `list`: every record is one openid, and only a known name makes the first a header. */
  shape: 'table' | 'list';
  /** Whether a row must have as many cells as the first. Sheets leave empty cells out. */
  strictWidth: boolean;
}

/** Records with their columns known. */
export interface Table {
  hasHeader: boolean;
  /** Name of the openid column; `columnN` without a header. */
  openidColumn: string;
  /** The other columns, in order. */
  columns: string[];
  rows: AsyncIterable<RecipientRecord[]>;
}

const lookahead = 200;

const isBlank = (record: RawRecord): boolean =>
  record.faults === undefined && record.cells.every((cell) => cell.trim() === '');

function listed(names: readonly string[]): string {
  const shown = names.slice(0, 20).map((name) => `"${name}"`);
  return shown.join(', ') + (names.length > 20 ? `, … (${names.length})` : '');
}

/** The columns whose values look like openids, in most of the rows that have a value there. */
function openidLikeColumns(rows: readonly RawRecord[], width: number): number[] {
  const found: number[] = [];
  for (let column = 0; column < width; column += 1) {
    const values = rows.map((row) => row.cells[column]?.trim() ?? '').filter((value) => value !== '');
    const like = values.filter(looksLikeOpenid).length;
    if (like > 0 && like * 2 >= values.length) found.push(column);
  }
  return found;
}

function columnMissing(options: TableOptions, names: readonly string[], why: string): HongyanError {
  return new HongyanError(
    'RECIPIENT_OPENID_COLUMN_MISSING',
    `${why} in ${options.name}; its columns are ${listed(names)}. Name the one with the openids: --openid-column NAME.`,
    { details: { columns: names.slice(0, 100) } },
  );
}

function findOpenidColumn(
  names: readonly string[],
  rows: readonly RawRecord[],
  options: TableOptions,
): number {
  const asked = options.openidColumn?.trim();
  if (asked !== undefined) {
    const exact = names.indexOf(asked);
    const column = exact >= 0 ? exact : names.findIndex((name) => name.toLowerCase() === asked.toLowerCase());
    if (column < 0) throw columnMissing(options, names, `There is no column "${asked}"`);
    return column;
  }
  if (options.shape === 'list') return 0;
  const ranked = names
    .map((name, column) => ({ column, rank: openidNameRank(name) }))
    .filter((entry) => entry.rank !== undefined)
    .sort((a, b) => a.rank! - b.rank!);
  if (isCertainRank(ranked[0]?.rank)) return ranked[0]!.column;
  const like = openidLikeColumns(rows, names.length).filter((column) => !isUnionidName(names[column]!));
  if (like.length === 1) return like[0]!;
  if (like.length > 1) {
    const which = listed(like.map((column) => names[column]!));
    throw columnMissing(options, names, `More than one column looks like openids (${which})`);
  }
  if (ranked[0] !== undefined) return ranked[0].column;
  throw columnMissing(options, names, 'There is no openid column');
}

function isHeader(first: RawRecord, options: TableOptions): boolean {
  const asked = options.openidColumn?.trim().toLowerCase();
  const named = first.cells.some(
    (cell) =>
      openidNameRank(cell.trim()) !== undefined ||
      (asked !== undefined && cell.trim().toLowerCase() === asked),
  );
  if (named || options.shape === 'list') return named;
  return !first.cells.some(looksLikeOpenid);
}

function checkDuplicates(names: readonly string[], options: TableOptions): void {
  const twice = names.find((name, column) => name !== '' && names.indexOf(name) !== column);
  if (twice === undefined) return;
  throw new HongyanError(
    'RECIPIENT_COLUMN_DUPLICATE',
    `Two columns of ${options.name} are called "${twice}", so {{${twice}}} would be ambiguous. Rename one of them.`,
    { details: { column: twice } },
  );
}

async function* continued(
  ahead: readonly RawRecord[],
  rest: AsyncIterator<RawRecord[]>,
): AsyncGenerator<readonly RawRecord[]> {
  try {
    yield ahead;
    for (let next = await rest.next(); next.done !== true; next = await rest.next()) yield next.value;
  } finally {
    await rest.return?.();
  }
}

/**
 * Finds header and openid column by looking at up to some hundred records, then gives every record as a recipient or
 * as a bad row. Rows without any value are skipped; an unnamed column is ignored.
 *
 * Throws `RECIPIENT_OPENID_COLUMN_MISSING`, `RECIPIENT_COLUMN_DUPLICATE`, `RECIPIENT_FILE_EMPTY`.
 */
export async function readTable(records: AsyncIterable<RawRecord[]>, options: TableOptions): Promise<Table> {
  const iterator = records[Symbol.asyncIterator]();
  try {
    const ahead: RawRecord[] = [];
    while (ahead.length < lookahead) {
      const next = await iterator.next();
      if (next.done === true) break;
      for (const record of next.value) if (!isBlank(record)) ahead.push(record);
    }
    const readable = ahead.filter((record) => record.faults === undefined || record.cells.length > 0);
    const first = ahead[0];
    if (first === undefined) {
      throw new HongyanError('RECIPIENT_FILE_EMPTY', `The recipient file ${options.name} has no rows.`);
    }
    const hasHeader = first.cells.length > 0 && isHeader(first, options);
    const shape = (hasHeader ? first : readable[0])?.cells ?? [];
    const names = shape.map((cell, column) => (hasHeader ? cell.trim() : `column${column + 1}`));
    checkDuplicates(names, options);
    const data = hasHeader ? ahead.slice(1) : ahead;
    const openidAt = findOpenidColumn(names, hasHeader ? readable.slice(1) : readable, options);
    const convert = rowConverter(names, openidAt, options.strictWidth);
    const rows = (async function* () {
      for await (const group of continued(data, iterator)) {
        const out: RecipientRecord[] = [];
        for (const record of group) {
          const converted = convert(record);
          if (converted !== undefined) out.push(converted);
        }
        yield out;
      }
    })();
    const columns = names.filter((name, column) => column !== openidAt && name !== '');
    return { hasHeader, openidColumn: names[openidAt]!, columns, rows };
  } catch (error) {
    await iterator.return?.();
    throw error;
  }
}

function rowConverter(
  names: readonly string[],
  openidAt: number,
  strictWidth: boolean,
): (record: RawRecord) => RecipientRecord | undefined {
  const variables = names
    .map((name, column) => ({ name, column }))
    .filter(({ name, column }) => {
      return column !== openidAt && name !== '';
    });
  const used = new Set([openidAt, ...variables.map(({ column }) => column)]);
  const bad = (line: number, fault: Fault): RecipientRecord => ({
    kind: 'bad',
    line,
    reason: fault.reason,
    detail: fault.detail,
  });
  return ({ line, cells, faults }) => {
    const fault = faults?.find(({ column }) => column === undefined || used.has(column));
    if (fault !== undefined) return bad(line, fault);
    if (cells.every((cell) => cell.trim() === '')) return undefined;
    if (strictWidth && cells.length !== names.length) {
      // Spreadsheets write empty cells beyond the last column; values there mean that the row is shifted.
      const extra = cells.slice(names.length).some((cell) => cell.trim() !== '');
      if (extra || cells.length < names.length) {
        const detail = `${cells.length} cells where ${names.length} were expected`;
        return bad(line, { reason: 'column-count', detail });
      }
    }
    const openid = cells[openidAt]?.trim() ?? '';
    const wrong = openidFault(openid);
    if (wrong !== undefined) return bad(line, wrong);
    const vars: Record<string, string> = {};
    for (const { name, column } of variables) {
      const value = cells[column] ?? '';
      const damage = textFault(value, `"${name}"`);
      if (damage !== undefined) return bad(line, damage);
      setOwn(vars, name, value);
    }
    return { kind: 'row', line, openid, vars };
  };
}
