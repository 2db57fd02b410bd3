import { once } from 'node:events';
import type { Writable } from 'node:stream';
import type { Export, ExportRow } from './report.ts';
import { cellText, writeWorkbook } from './workbook.ts';

export type ExportFormat = 'csv' | 'ndjson' | 'xlsx';

export interface ExportWriting {
  format: ExportFormat;
  /** CSV for programs: cells as they are, without what keeps a spreadsheet program from changing them. */
  plain: boolean;
  out: Writable;
  signal: AbortSignal;
}

export async function writeExport(
  found: Export,
  { format, plain, out, signal }: ExportWriting,
): Promise<void> {
  const names = [...found.columns, ...fileNames(found)];
  if (format === 'xlsx') {
    await writeWorkbook(out, names, cellRows(found), signal);
    return;
  }
  const write = async (piece: string): Promise<void> => {
    signal.throwIfAborted();
    // Waits while the reader of our output is slower than we are; not for one that went away.
    if (!out.write(piece)) await once(out, 'drain', { signal });
  };
  const cell = plain ? csvCell : (value: unknown) => csvCell(spreadsheetCell(value));
  // Excel of Chinese Windows takes a CSV without this mark for GB18030.
  if (format === 'csv') await write(`\ufeff${names.map(cell).join(',')}\r\n`);
  for await (const rows of found.rows) {
    const lines = rows.map((row) =>
      format === 'ndjson'
        ? `${JSON.stringify(jsonRow(found, row))}\n`
        : `${cellsOf(found, row).map(cell).join(',')}\r\n`,
    );
    await write(lines.join(''));
  }
}

/** The file's names, each different from ours: one that is called as one of ours is written `file.NAME`. */
function fileNames({ columns, fileColumns }: Export): string[] {
  return fileColumns.map((name, index) =>
    columns.includes(name) ? `file.${name}` : name === '' ? `column ${index + 1}` : name,
  );
}

function cellsOf({ columns, fileColumns }: Export, { values, fileValues }: ExportRow): unknown[] {
  return [...columns.map((column) => values[column]), ...(fileValues ?? fileColumns.map(() => ''))];
}

async function* cellRows(found: Export): AsyncGenerator<unknown[][]> {
  for await (const rows of found.rows) yield rows.map((row) => cellsOf(found, row));
}

function jsonRow(found: Export, { values, fileValues }: ExportRow): Record<string, unknown> {
  const own = Object.fromEntries(found.columns.map((column) => [column, values[column] ?? null]));
  if (found.fileColumns.length === 0) return own;
  const named = found.fileColumns.map((name, index) => [
    name || `column ${index + 1}`,
    fileValues?.[index] ?? null,
  ]);
  return { ...own, columns: Object.fromEntries(named) };
}

export function csvCell(value: unknown): string {
  const cell = cellText(value);
  return /[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}

/**
 * A cell that a spreadsheet program shows as it is. A long number, or one that begins with zeros, would be rounded or
 * cut: `="007"` is a text to it, and to our own reader. What would be a formula gets a `\'` in front, which these
 * programs hide and never calculate.
 */
export function spreadsheetCell(value: unknown): string {
  const cell = cellText(value);
  // As the file had it, to the same purpose.
  if (/^="(?:[^"]|"")*"$/.test(cell)) return cell;
  if (/^(?:0\d+|\d{12,})$/.test(cell)) return `="${cell}"`;
  return /^[=+\-@\t\r\uff1d\uff0b\uff0d\uff20]/.test(cell) && !/^[+-]?\d{1,11}(?:\.\d{1,4})?$/.test(cell)
    ? `'${cell}`
    : cell;
}
