import { failure } from '../../base/errors.ts';
import { isCertainRank, looksLikeOpenid, openidNameRank } from '../formats/openid.ts';
import { cellAt, type RawRecord } from '../formats/record.ts';

/** Rows in which a header is looked for: above it may stand a title, a date, a note. */
const headerRows = 20;

export interface HeaderOptions {
  name: string;
  openidColumn?: string | undefined;
  headerRow?: number | 'none' | undefined;
  shape: 'table' | 'list';
}

/** Every cell of a row that has one, with its column. */
function* valuesOf({ cells, far }: RawRecord): Generator<[column: number, value: string]> {
  for (let column = 0; column < cells.length; column += 1) {
    const value = cells[column]!.trim();
    if (value !== '') yield [column, value];
  }
  if (far !== undefined)
    for (const [column, value] of far) if (value.trim() !== '') yield [column, value.trim()];
}

/** Whether a value is an openid, perhaps behind the backtick of a WeChat Pay bill. */
const isOpenid = (value: string): boolean => looksLikeOpenid(value.startsWith('`') ? value.slice(1) : value);

/** The columns whose values look like openids, in most of the rows that have a value there. */
export function openidLikeColumns(rows: readonly RawRecord[]): number[] {
  const found = new Map<number, { values: number; like: number }>();
  for (const row of rows)
    for (const [column, value] of valuesOf(row)) {
      const count = found.get(column) ?? { values: 0, like: 0 };
      count.values += 1;
      if (isOpenid(value)) count.like += 1;
      found.set(column, count);
    }
  return [...found]
    .filter(([, { values, like }]) => like > 0 && like * 2 >= values)
    .map(([column]) => column)
    .sort((a, b) => a - b);
}

function hasName(row: RawRecord, isName: (value: string) => boolean): boolean {
  for (const [, value] of valuesOf(row)) if (isName(value)) return true;
  return false;
}

/**
 * Which of the first records is the header; -1 is none.
 *
 * The first row that names the openid column is one; else, above the first openid, the row with most names; else the
 * first row. Throws `RECIPIENT_HEADER_MISSING` when the asked line is none of the first records.
 */
export function findHeader(ahead: readonly RawRecord[], options: HeaderOptions): number {
  const { headerRow, shape } = options;
  if (headerRow === 'none') return -1;
  if (headerRow !== undefined) {
    const at = ahead.findIndex(({ line }) => line === headerRow);
    if (at >= 0) return at;
    throw failure('RECIPIENT_HEADER_MISSING', { row: String(headerRow), file: options.name });
  }
  const first = ahead.slice(0, headerRows);
  if (shape === 'list')
    return first[0] !== undefined && hasName(first[0], (value) => openidNameRank(value) !== undefined)
      ? 0
      : -1;
  const firstOpenid = first.findIndex((row) => hasName(row, isOpenid));
  const above = firstOpenid < 0 ? first : first.slice(0, firstOpenid);
  const asked = options.openidColumn?.trim().toLowerCase();
  const named = above.findIndex((row) =>
    hasName(row, (value) => value.toLowerCase() === asked || isCertainRank(openidNameRank(value))),
  );
  if (named >= 0) return named;
  if (firstOpenid >= 0) return fullest(above, first[firstOpenid]!);
  const possible = above.findIndex((row) => hasName(row, (value) => openidNameRank(value) !== undefined));
  return Math.max(0, possible);
}

/** The row with most values among those with one above the first openid; the first of them, since bad rows follow it. */
function fullest(above: readonly RawRecord[], withOpenid: RawRecord): number {
  const columns = [...valuesOf(withOpenid)].flatMap(([column, value]) => (isOpenid(value) ? [column] : []));
  let best = -1;
  let most = 0;
  above.forEach((row, index) => {
    if (columns.every((column) => cellAt(row, column).trim() === '')) return;
    const count = [...valuesOf(row)].length;
    if (count <= most) return;
    best = index;
    most = count;
  });
  return best;
}
