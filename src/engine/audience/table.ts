import { failure } from '../../base/errors.ts';
import { setOwn } from '../../base/set-own.ts';
import { quotedNames } from '../../texts/parts.ts';
import type { RowWords } from '../../texts/rows.ts';
import { maxColumns } from '../formats/delimited.ts';
import { isCertainRank, isUnionidName, openidFault, openidNameRank } from '../formats/openid.ts';
import {
  cellAt,
  type Fault,
  fault,
  type RawRecord,
  type RecipientRecord,
  textFault,
} from '../formats/record.ts';
import { findHeader, openidLikeColumns } from './header.ts';

export interface TableOptions {
  /** File name for messages. */
  name: string;
  openidColumn?: string | undefined;
  /** Line of the header, or `none`. Default: found by the openid column. */
  headerRow?: number | 'none' | undefined;
  /** `list`: every record is one openid, and only a known name makes the first a header. */
  shape: 'table' | 'list';
  /**
   * How many cells a row must have: `exact` as many as the header, `text` not more with a value in them (Excel leaves
   * out empty last cells), `any` whatever there is.
   */
  width: 'exact' | 'text' | 'any';
  /** Cells may be written as other programs protect them: `="007"`, or with a backtick in front. */
  wrapped: boolean;
}

/** Records with their columns known. */
export interface Table {
  hasHeader: boolean;
  /** Line of the header; null without one. */
  headerRow: number | null;
  /** Rows above the header, such as a title, that were left out. */
  skippedRows: number;
  /** Name of the openid column; `columnN` without a header. */
  openidColumn: string;
  /** The other columns, in order. */
  columns: string[];
  /** All columns, with the openids and those without a name. */
  header: string[];
  /** By column, the first problem with a number format that was met. */
  formatProblems: ReadonlyMap<string, RowWords>;
  select(columns: readonly string[]): void;
  rows: AsyncIterable<RecipientRecord[]>;
}

const lookahead = 200;
/** Groups that are looked at although they are few records: each may be a megabyte. */
const lookaheadGroups = 32;

/** Columns that all become variables when nobody says which: a short row has as many as the header. */
const mostUnselected = 1000;

const isBlank = (record: RawRecord): boolean =>
  record.faults === undefined && record.far === undefined && record.cells.every((cell) => cell.trim() === '');

function findOpenidColumn(
  names: readonly string[],
  rows: readonly RawRecord[],
  options: TableOptions,
): number {
  const asked = options.openidColumn?.trim();
  const about = { file: options.name, columns: quotedNames(names) };
  const details = { columns: names.slice(0, 100) };
  if (asked !== undefined) {
    const exact = names.indexOf(asked);
    const column = exact >= 0 ? exact : names.findIndex((name) => name.toLowerCase() === asked.toLowerCase());
    if (column < 0)
      throw failure(
        'RECIPIENT_OPENID_COLUMN_MISSING/no-such-column',
        { ...about, column: asked },
        { details },
      );
    return column;
  }
  if (options.shape === 'list') return 0;
  const ranked = names
    .map((name, column) => ({ column, rank: openidNameRank(name) }))
    .filter((entry) => entry.rank !== undefined)
    .sort((a, b) => a.rank! - b.rank!);
  if (isCertainRank(ranked[0]?.rank)) return ranked[0]!.column;
  const like = openidLikeColumns(rows).filter((column) => !isUnionidName(names[column] ?? ''));
  if (like.length === 1) return like[0]!;
  if (like.length > 1) {
    const which = quotedNames(like.map((column) => names[column] ?? ''));
    throw failure('RECIPIENT_OPENID_COLUMN_MISSING/several', { ...about, like: which }, { details });
  }
  if (ranked[0] !== undefined) return ranked[0].column;
  throw failure('RECIPIENT_OPENID_COLUMN_MISSING/no-column', about, { details });
}

function checkDuplicates(names: readonly string[], options: TableOptions): void {
  const seen = new Set<string>();
  for (const name of names) {
    if (name === '') continue;
    if (seen.has(name))
      throw failure(
        'RECIPIENT_COLUMN_DUPLICATE',
        { file: options.name, column: name, variable: `{{${name}}}` },
        { details: { column: name } },
      );
    seen.add(name);
  }
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

/** The names in a header, or `column1` … for as many cells as the first row has. */
function namesOf(header: RawRecord | undefined, first: RawRecord | undefined): string[] {
  const shape = header ?? first;
  if (shape === undefined) return [];
  const names = shape.cells.map((cell, column) =>
    header === undefined ? `column${column + 1}` : unwrapped(cell).trim(),
  );
  // A cell far to the right must not make every row as wide: sixteen thousand names, almost all of them empty.
  if (header?.far !== undefined)
    for (const [column, cell] of header.far) {
      while (names.length < column) names.push('');
      names[column] = cell.trim();
    }
  return names;
}

/**
 * Finds header and openid column by looking at up to some hundred records, then gives every record as a recipient or
 * as a bad row. Rows without any value are skipped; an unnamed column is ignored.
 *
 * Throws `RECIPIENT_OPENID_COLUMN_MISSING`, `RECIPIENT_COLUMN_DUPLICATE`, `RECIPIENT_FILE_EMPTY`,
 * `RECIPIENT_HEADER_MISSING`.
 */
export async function readTable(records: AsyncIterable<RawRecord[]>, options: TableOptions): Promise<Table> {
  const iterator = records[Symbol.asyncIterator]();
  try {
    const ahead: RawRecord[] = [];
    for (let groups = 0; ahead.length < lookahead && groups < lookaheadGroups; ) {
      const next = await iterator.next();
      if (next.done === true) break;
      if (next.value.length > 0) groups += 1;
      for (const record of next.value) if (!isBlank(record)) ahead.push(record);
    }
    if (ahead.length === 0) throw failure('RECIPIENT_FILE_EMPTY/no-rows', { file: options.name });
    if (ahead[0]?.faults?.some(({ reason }) => reason === 'column-count'))
      throw failure('RECIPIENT_FILE_TOO_LARGE/first-row', { file: options.name, most: maxColumns });
    const headerAt = findHeader(ahead, options);
    const header = ahead[headerAt];
    const data = ahead.slice(headerAt + 1);
    const readable = data.filter((record) => record.faults === undefined || record.cells.length > 0);
    const names = namesOf(header, readable[0]);
    checkDuplicates(names, options);
    const openidAt = findOpenidColumn(names, readable, options);
    const backticks = options.wrapped && hasBackticks(readable, openidAt);
    let selected: readonly string[] | undefined;
    const formatProblems = new Map<string, RowWords>();
    const columns = names.filter((name, column) => column !== openidAt && name !== '');
    const rows = (async function* () {
      if (selected === undefined && columns.length > mostUnselected)
        throw failure('RECIPIENT_FILE_TOO_LARGE/columns', {
          ...{ file: options.name, columns: columns.length, most: mostUnselected },
        });
      const convert = rowConverter({ names, openidAt, selected, backticks, formatProblems, ...options });
      for await (const group of continued(data, iterator)) {
        const out: RecipientRecord[] = [];
        for (const record of group) {
          const converted = convert(record);
          if (converted !== undefined) out.push(converted);
        }
        yield out;
      }
    })();
    return {
      hasHeader: header !== undefined,
      headerRow: header?.line ?? null,
      skippedRows: Math.max(0, headerAt),
      openidColumn: names[openidAt] ?? '',
      columns,
      header: names,
      formatProblems,
      select: (columns) => {
        selected = columns;
      },
      rows,
    };
  } catch (error) {
    await iterator.return?.();
    throw error;
  }
}

/** `="007"` is how programs keep Excel from taking a text for a number; the cell shows 007. */
function unwrapped(cell: string): string {
  if (cell.charCodeAt(0) !== 0x3d || !cell.startsWith('="') || !cell.endsWith('"') || cell.length < 3)
    return cell;
  return cell.slice(2, -1).replaceAll('""', '"');
}

/** Bills of WeChat Pay have a backtick before every value, for the same reason. */
function hasBackticks(rows: readonly RawRecord[], openidAt: number): boolean {
  const values = rows.map((row) => cellAt(row, openidAt)).filter((value) => value !== '');
  return values.length > 0 && values.filter((value) => value.startsWith('`')).length * 2 > values.length;
}

interface RowOptions extends TableOptions {
  names: readonly string[];
  openidAt: number;
  selected: readonly string[] | undefined;
  backticks: boolean;
  formatProblems: Map<string, RowWords>;
}

function rowConverter(options: RowOptions): (record: RawRecord) => RecipientRecord | undefined {
  const { names, openidAt, selected, backticks, width, wrapped } = options;
  const wanted = selected === undefined ? undefined : new Set(selected);
  const variables: { name: string; column: number }[] = [];
  names.forEach((name, column) => {
    if (column !== openidAt && name !== '' && wanted?.has(name) !== false) variables.push({ name, column });
  });
  const used = new Set([openidAt, ...variables.map(({ column }) => column)]);
  const valueAt = (record: RawRecord, column: number): string => {
    const cell = cellAt(record, column);
    if (!wrapped) return cell;
    return backticks && cell.charCodeAt(0) === 0x60 ? cell.slice(1) : unwrapped(cell);
  };
  const bad = (record: RawRecord, { reason, detail, words, column }: Fault): RecipientRecord => {
    const name = column === undefined ? undefined : names[column];
    if (reason === 'format-unsupported' && name !== undefined && !options.formatProblems.has(name))
      options.formatProblems.set(name, words);
    const where = name === undefined || name === '' ? {} : { column: name };
    return { kind: 'bad', line: record.line, reason, detail, words, ...where, source: () => record };
  };
  return (record) => {
    const { line, cells, faults, far } = record;
    const broken = faults?.find(({ column }) => column === undefined || used.has(column));
    if (broken !== undefined) return bad(record, broken);
    if (far === undefined && cells.every((cell) => cell.trim() === '')) return undefined;
    if (width !== 'any' && cells.length !== names.length) {
      // Spreadsheets write empty cells beyond the last column; values there mean that the row is shifted.
      const extra = cells.slice(names.length).some((cell) => cell.trim() !== '');
      if (extra || (width === 'exact' && cells.length < names.length)) {
        const values = { cells: String(cells.length), expected: String(names.length) };
        return bad(record, fault('column-count', values));
      }
    }
    const openid = valueAt(record, openidAt).trim();
    const wrong = openidFault(openid);
    if (wrong !== undefined) return bad(record, { ...wrong, column: openidAt });
    const vars: Record<string, string> = {};
    for (const { name, column } of variables) {
      const value = valueAt(record, column);
      const damage = textFault(value);
      if (damage !== undefined) return bad(record, { ...damage, column });
      setOwn(vars, name, value);
    }
    return { kind: 'row', line, openid, vars, source: () => record };
  };
}
