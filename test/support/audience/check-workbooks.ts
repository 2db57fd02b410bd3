/**
 * Compares what our reader shows of the workbooks in a folder with what another reader shows, cell by cell.
 *
 *     npm run check:workbooks DIR [--all]
 *
 * The other one is SheetJS, which has number formats of its own. Where we differ on purpose (docs/recipients.md) is counted
 * and, with `--all`, listed too. Ends with 1 when anything else differs, or a workbook is read by one of the two only.
 */
import { readdir, readFile, stat } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { parseArgs } from 'node:util';
import { read, utils, type WorkBook } from '@e965/xlsx';
import type { RawRecord } from '../../../src/engine/formats/record.ts';
import { openWorkbook } from '../../../src/engine/workbook/workbook.ts';

/** What the other reader takes into memory at most. */
const maxBytes = 100 * 1024 * 1024;
const shownPerFile = 20;

export interface Difference {
  cell: string;
  format: string;
  ours: string;
  theirs: string;
  /** Why it is so on purpose; null is a fault of one of us. */
  reason: string | null;
}

export interface Comparison {
  cells: number;
  differences: Difference[];
}

/** Cells of a row by column, as we show them; a cell at fault is its reason in angle brackets. */
function shownCells(record: RawRecord): Map<number, string> {
  const cells = new Map(record.cells.map((cell, column) => [column, cell]));
  for (const [column, cell] of record.far ?? []) cells.set(column, cell);
  for (const { column, reason } of record.faults ?? [])
    if (column !== undefined) cells.set(column, `<${reason}>`);
  return cells;
}

/** Blanks align cells in their columns; we leave them out. */
const squeezed = (text: string): string => text.replace(/[\s\u00a0]+/g, '');

function onPurpose(ours: string, theirs: string, value: unknown, format: string): string | null {
  if (squeezed(ours) === squeezed(theirs)) return 'blanks that align';
  if (ours.startsWith('<') && ours.endsWith('>')) return `bad row: ${ours.slice(1, -1)}`;
  if (
    typeof value === 'number' &&
    /^(?:general|@)$/i.test(format) &&
    Number(ours) === Number(value.toPrecision(15))
  )
    return 'General without an exponent';
  // Numbers 37 to 40, whose codes no file has.
  if (squeezed(theirs).replace(/^\((.*)\)$/, '-$1') === squeezed(ours))
    return 'a built-in format, as in China';
  // They take every language for English, and leave Chinese formats out.
  if (/DBNum|aaa|上午|\[\$-|[eg]/i.test(format)) return 'a format in Chinese';
  return null;
}

/** Compares every sheet that we read; throws what either reader throws. */
export async function compareWorkbook(path: string): Promise<Comparison> {
  const theirs: WorkBook = read(await readFile(path), {
    cellNF: true,
    cellDates: false,
    dateNF: 'yyyy/m/d',
    sheetStubs: false,
  });
  const book = await openWorkbook(path, path, {});
  const result: Comparison = { cells: 0, differences: [] };
  try {
    for (const sheet of book.sheets) {
      const other = theirs.Sheets[sheet.name] ?? {};
      const left = new Set(Object.keys(other).filter((key) => !key.startsWith('!')));
      const compare = (row: number, column: number, ours: string): void => {
        const key = utils.encode_cell({ r: row, c: column });
        left.delete(key);
        // The library's type of a cell that is not there.
        const cell = other[key] as { w?: string; v?: unknown; z?: string; t?: string } | undefined;
        const shown =
          cell?.t === 'b' ? (cell.v === true ? 'TRUE' : 'FALSE') : String(cell?.w ?? cell?.v ?? '');
        result.cells += 1;
        if (ours === shown) return;
        const format = String(cell?.z ?? '');
        const reason = onPurpose(ours, shown, cell?.v, format);
        result.differences.push({ cell: `${sheet.name}!${key}`, format, ours, theirs: shown, reason });
      };
      for await (const records of sheet.records())
        for (const record of records)
          for (const [column, text] of shownCells(record)) compare(record.line - 1, column, text);
      for (const key of left) {
        const { r, c } = utils.decode_cell(key);
        compare(r, c, '');
      }
    }
  } finally {
    book.close();
  }
  return result;
}

async function main(folder: string, all: boolean): Promise<void> {
  const names = (await readdir(folder, { recursive: true })).filter((name) => /\.xlsx$/i.test(name)).sort();
  let cells = 0;
  let wrong = 0;
  const purposes = new Map<string, number>();
  for (const name of names) {
    const path = join(folder, name);
    if ((await stat(path)).size > maxBytes) {
      console.log(`${name}: too large for the other reader`);
      continue;
    }
    try {
      const { cells: compared, differences } = await compareWorkbook(path);
      cells += compared;
      for (const { reason } of differences)
        if (reason !== null) purposes.set(reason, (purposes.get(reason) ?? 0) + 1);
      const listed = differences.filter(({ reason }) => all || reason === null);
      wrong += differences.filter(({ reason }) => reason === null).length;
      for (const { cell, format, ours, theirs, reason } of listed.slice(0, shownPerFile))
        console.log(
          `${relative(folder, path)} ${cell} ${JSON.stringify(format)}: ${JSON.stringify(ours)}, and to the other reader ${JSON.stringify(theirs)}${reason === null ? '' : ` (${reason})`}`,
        );
      if (listed.length > shownPerFile) console.log(`${name}: … ${listed.length} in all`);
    } catch (error) {
      wrong += 1;
      console.log(`${name}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  const why = [...purposes].map(([reason, count]) => `${count} ${reason}`).join(', ');
  console.log(
    `${names.length} workbooks, ${cells} cells: ${wrong} differ${why === '' ? '' : `; on purpose: ${why}`}`,
  );
  if (wrong > 0) process.exitCode = 1;
}

if (import.meta.main) {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { all: { type: 'boolean', default: false } },
  });
  const [folder] = positionals;
  if (folder === undefined) {
    console.error('usage: npm run check:workbooks DIR [-- --all]');
    process.exitCode = 2;
  } else await main(folder, values.all);
}
