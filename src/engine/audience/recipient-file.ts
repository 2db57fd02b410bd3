import { failure, HongyanError } from '../../base/errors.ts';
import { sheetsAndColumns } from '../../texts/parts.ts';
import type { RowWords } from '../../texts/rows.ts';
import { DelimitedParser, type Dialect, detectDelimiter, separatorLine } from '../formats/delimited.ts';
import { byteOrderMark, decodeBlock, detectEncoding } from '../formats/encoding.ts';
import { isWide, type TextEncoding } from '../formats/encoding-names.ts';
import { binaryFormat, type RecipientFormat, textFormat } from '../formats/format.ts';
import { type LineBlock, type LineOptions, readLines } from '../formats/lines.ts';
import { NdjsonParser } from '../formats/ndjson.ts';
import { parsePlainText } from '../formats/plain-text.ts';
import { inBatches, type RawRecord, type RecipientRecord } from '../formats/record.ts';
import { openWorkbook } from '../workbook/workbook.ts';
import { headBytes, type OpenSource, openSource, type RecipientSource } from './source.ts';
import { readTable, type Table, type TableOptions } from './table.ts';

export type { TextEncoding } from '../formats/encoding-names.ts';
export type { RecipientFormat } from '../formats/format.ts';
export type { BadRowReason, RecipientRecord } from '../formats/record.ts';
export type { RecipientSource } from './source.ts';

export interface ReadOptions {
  /** Default: by content for XLSX, else by extension, else by the first lines. */
  format?: RecipientFormat;
  /** Default: by byte order mark, else UTF-8 or GB18030, whichever the bytes are. */
  encoding?: TextEncoding;
  /** Name of the column (or NDJSON key) with the openids; `column2` for the second one of a file without header. */
  openidColumn?: string;
  /** Line of the row with the columns' names, or `none`. Default: found by the openid column, in the first 20 rows. */
  headerRow?: number | 'none';
  /** Sheet of an XLSX file, by name or by number from 1. Default: the first visible one with openids. */
  sheet?: string;
  /** Leaves out the rows of a sheet that are hidden, by hand or by a filter. Default false. */
  visibleOnly?: boolean;
  /**
   * How the cells of a TSV are written. Default: `mysql` from a stream without byte order mark, and for a file in which
   * no cell of the first 256 KiB starts with a quote; else `spreadsheet`.
   */
  tsv?: 'mysql' | 'spreadsheet';
  /** Most records in a batch; fewer where rows are long. Default 1,000. */
  batchSize?: number;
  signal?: AbortSignal;
}

/** A recipient list that is open for reading. */
export interface RecipientFile {
  format: RecipientFormat;
  /** Decided at the latest when the first character above U+007F is read; `utf-8` until then, and for XLSX. */
  readonly encoding: TextEncoding;
  hasHeader: boolean;
  /** Line of the header; null without one. */
  headerRow: number | null;
  /** Rows above the header, such as a title, that are left out. */
  skippedRows: number;
  /** The variables, in order, without the openid. `column1`, `column2` … without a header; of NDJSON those of the first records. */
  columns: string[];
  /** The column or key that holds the openids. */
  openidColumn: string;
  /**
   * All columns in the order of a record's `source`, with that of the openids and those without a name; of NDJSON it
   * grows while records are read.
   */
  readonly header: readonly string[];
  /** Name of the sheet that is read. */
  sheet?: string;
  /** Rows of the sheet with a value that are hidden, by hand or by a filter, as far as it was read. */
  readonly hiddenRows: number;
  /** Whether these rows are left out. */
  visibleOnly: boolean;
  /** Columns with a number format that cannot be shown as Excel does, and the first problem met; their rows are bad. */
  readonly formatProblems: ReadonlyMap<string, RowWords>;
  /**
   * Only these columns become variables, and only they can spoil a row; without a call all do. Has to come before
   * reading; names that no column has are ignored.
   */
  select(columns: readonly string[]): void;
  /** Every record of the file in order, good and bad. Can be read once; closes the file at its end or on `break`. */
  batches: AsyncIterable<RecipientRecord[]>;
  /** Closes a file that is not read to its end, and removes its temporary copy. Harmless to repeat. */
  close(): Promise<void>;
}

interface Reader extends Omit<Table, 'rows'> {
  format: RecipientFormat;
  encoding: () => TextEncoding;
  sheet?: string;
  hiddenRows?: () => number;
  rows: AsyncIterable<RecipientRecord[]>;
  close?: () => void;
}

/**
 * Opens a recipient list (CSV, TSV, XLSX, NDJSON or plain openids, each also as .gz) and finds out its columns.
 *
 * Memory does not depend on the file's size. A row that cannot be sent to is given as bad with its line and reason, and
 * reading goes on. A problem of the whole file is thrown, here or while reading: `RECIPIENT_FILE_NOT_FOUND`,
 * `RECIPIENT_FILE_UNREADABLE`, `RECIPIENT_FILE_EMPTY`, `RECIPIENT_FILE_CHANGED`, `RECIPIENT_FILE_DAMAGED`,
 * `RECIPIENT_FILE_TOO_LARGE`, `RECIPIENT_FORMAT_UNSUPPORTED`, `RECIPIENT_ENCODING_UNKNOWN`,
 * `RECIPIENT_OPENID_COLUMN_MISSING`, `RECIPIENT_COLUMN_DUPLICATE`, `RECIPIENT_HEADER_MISSING`, `RECIPIENT_SHEET_NOT_FOUND`.
 */
export async function openRecipientFile(
  source: RecipientSource,
  options: ReadOptions = {},
): Promise<RecipientFile> {
  const opened = await openSource(source, options.signal);
  let reader: Reader;
  try {
    reader = await openReader(opened, options);
  } catch (error) {
    await opened.close();
    throw options.signal?.aborted === true ? options.signal.reason : error;
  }
  const close = async (): Promise<void> => {
    reader.close?.();
    await opened.close();
  };
  let started = false;
  async function* read(): AsyncGenerator<RecipientRecord[]> {
    if (started) throw failure('RECIPIENT_FILE_ALREADY_READ', { file: opened.name });
    started = true;
    try {
      yield* inBatches(reader.rows, options.batchSize ?? 1000, options.signal);
      await opened.checkUnchanged();
    } catch (error) {
      throw options.signal?.aborted === true ? options.signal.reason : error;
    } finally {
      await close();
    }
  }
  const { format, hasHeader, headerRow, skippedRows, columns, openidColumn, header, sheet } = reader;
  return {
    format,
    get encoding() {
      return reader.encoding();
    },
    hasHeader,
    headerRow,
    skippedRows,
    columns,
    openidColumn,
    header,
    ...(sheet === undefined ? {} : { sheet }),
    get hiddenRows() {
      return reader.hiddenRows?.() ?? 0;
    },
    visibleOnly: options.visibleOnly ?? false,
    formatProblems: reader.formatProblems,
    select: reader.select,
    batches: { [Symbol.asyncIterator]: read },
    close,
  };
}

async function openReader(opened: OpenSource, options: ReadOptions): Promise<Reader> {
  const mark = byteOrderMark(opened.head);
  const asked = options.encoding;
  const isText = mark !== undefined || (asked !== undefined && isWide(asked));
  if (binaryFormat(opened.name, opened.head, options.format, isText) === 'xlsx') {
    return openSheet(opened, options);
  }
  const head = opened.head.subarray(mark?.length ?? 0);
  const lines: LineOptions = {
    encoding: mark?.encoding ?? asked ?? (await detectEncoding(wholeLines(head))),
    forced: mark === undefined && asked !== undefined,
    skip: mark?.length ?? 0,
    onEncoding: (encoding) => {
      lines.encoding = encoding;
    },
  };
  const sample = sampleLines(head, lines.encoding);
  const format = textFormat(opened.name, sample, options.format);
  const blocks = readLines(opened.chunks(), lines);
  const text = { format, encoding: () => lines.encoding ?? 'utf-8' };
  const { openidColumn, headerRow } = options;
  const table: TableOptions = {
    ...{ name: opened.name, openidColumn, headerRow },
    ...{ shape: 'table', width: 'text', wrapped: true },
  };
  switch (format) {
    case 'ndjson':
      return { ...text, ...(await openNdjson(opened.name, blocks, options)) };
    case 'txt':
      return { ...text, ...(await readTable(mapped(blocks, parsePlainText), { ...table, shape: 'list' })) };
    case 'csv':
    case 'tsv': {
      const separator = separatorLine(sample[0] ?? '');
      const firstLines = separator === undefined ? sample : sample.slice(1);
      const delimiter = format === 'tsv' ? '\t' : (separator ?? detectDelimiter(firstLines));
      const dialect = format === 'csv' ? 'quoted' : tsvDialect(sample, opened, mark !== undefined, options);
      // Old Macintosh programs end lines with CR alone; elsewhere `mysql` leaves a CR in a cell as it is.
      const crInCells = dialect !== 'quoted' && head.includes(0x0a);
      const parser = new DelimitedParser({ delimiter, dialect, crInCells });
      const records = readDelimited(blocks, parser, separator !== undefined);
      // `mysql --batch` leaves no cell out: a line with fewer of them was cut off.
      return {
        ...text,
        ...(await readTable(records, dialect === 'quoted' ? table : { ...table, width: 'exact' })),
      };
    }
  }
}

/** The part of the head that ends with a line, so that no character is cut in two. */
function wholeLines(head: Buffer): Buffer {
  const last = Math.max(head.lastIndexOf(0x0a), head.lastIndexOf(0x0d));
  return last < 0 || head.length < headBytes ? head : head.subarray(0, last);
}

function sampleLines(head: Buffer, encoding: TextEncoding = 'utf-8'): string[] {
  let text: string;
  if (isWide(encoding)) text = new TextDecoder(encoding).decode(head);
  else {
    const whole = wholeLines(head);
    text = decodeBlock(whole, encoding, true) ?? new TextDecoder(encoding).decode(whole);
  }
  return text.split(/\r\n|\n|\r/).filter((line) => line.trim() !== '');
}

function tsvDialect(
  sample: readonly string[],
  opened: OpenSource,
  hasByteOrderMark: boolean,
  options: ReadOptions,
): Dialect {
  if (options.tsv !== undefined) return options.tsv === 'mysql' ? 'mysql' : 'quoted';
  // `mysql --batch` writes no byte order mark.
  if (hasByteOrderMark) return 'quoted';
  if (opened.isStream) return 'mysql';
  return sample.some((line) => /(^|\t)"/.test(line)) ? 'quoted' : 'mysql-guessed';
}

async function* mapped<T>(
  blocks: AsyncIterable<LineBlock>,
  parse: (block: LineBlock) => T[],
): AsyncGenerator<T[]> {
  for await (const block of blocks) yield parse(block);
}

async function* readDelimited(
  blocks: AsyncIterable<LineBlock>,
  parser: DelimitedParser,
  skipFirst: boolean,
): AsyncGenerator<RawRecord[]> {
  for await (const block of blocks) {
    yield parser.push(skipFirst && block.first === 1 ? withoutFirstLine(block) : block);
  }
  yield parser.end();
}

/** Empties the first line and keeps the numbering. */
function withoutFirstLine(block: LineBlock): LineBlock {
  return { ...block, lines: ['', ...block.lines.slice(1)] };
}

/** Lines in which the keys of NDJSON are looked for. */
const ndjsonLookahead = 200;

async function openNdjson(
  name: string,
  blocks: AsyncGenerator<LineBlock>,
  options: ReadOptions,
): Promise<Omit<Reader, 'format' | 'encoding'>> {
  const parser = new NdjsonParser(options.openidColumn);
  const ahead: LineBlock[] = [];
  let records = 0;
  while (records < ndjsonLookahead) {
    const next = await blocks.next();
    if (next.done === true) break;
    ahead.push(next.value);
    for (const record of parser.push(next.value)) {
      records += 1;
      record.source?.();
    }
  }
  if (records === 0) throw failure('RECIPIENT_FILE_EMPTY/no-rows', { file: name });
  const rows = (async function* () {
    // Read again, since what spoils a row was not known then.
    for (const block of ahead) yield parser.push(block);
    for await (const block of blocks) yield parser.push(block);
  })();
  return {
    ...{ hasHeader: false, headerRow: null, skippedRows: 0 },
    columns: parser.columns(),
    openidColumn: parser.openidColumn(),
    header: parser.header,
    formatProblems: new Map(),
    select: (columns) => parser.select(columns),
    rows,
  };
}

/** Sheets that are looked through for openids. */
const sheetsTried = 50;

async function openSheet(opened: OpenSource, options: ReadOptions): Promise<Reader> {
  const path = await opened.randomAccessPath();
  const { sheet: asked, visibleOnly, openidColumn, headerRow, signal } = options;
  const workbook = await openWorkbook(path, opened.name, { sheet: asked, visibleOnly, signal });
  try {
    const refusals: { sheet: string; error: HongyanError }[] = [];
    for (const sheet of workbook.sheets.slice(0, sheetsTried)) {
      try {
        const table = await readTable(sheet.records(), {
          ...{ name: opened.name, openidColumn, headerRow },
          ...{ shape: 'table', width: 'any', wrapped: false },
        });
        return {
          format: 'xlsx',
          encoding: () => 'utf-8',
          sheet: sheet.name,
          ...table,
          hiddenRows: sheet.hiddenRows,
          close: workbook.close,
        };
      } catch (error) {
        if (!(error instanceof HongyanError) || !elsewhere.has(error.code)) throw error;
        refusals.push({ sheet: sheet.name, error });
      }
    }
    throw noSheet(opened.name, refusals);
  } catch (error) {
    workbook.close();
    throw error;
  }
}

/** Errors of a sheet after which another one may be the right one. */
const elsewhere = new Set([
  'RECIPIENT_FILE_EMPTY',
  'RECIPIENT_OPENID_COLUMN_MISSING',
  'RECIPIENT_COLUMN_DUPLICATE',
  'RECIPIENT_HEADER_MISSING',
]);

/** The error of the only sheet, or one that says what each of them holds. */
function noSheet(name: string, refusals: { sheet: string; error: HongyanError }[]): HongyanError {
  const [first, ...others] = refusals;
  if (first !== undefined && others.length === 0) return first.error;
  const shown = sheetsAndColumns(
    refusals.map(({ sheet, error }) => {
      const columns: unknown = error.details.columns;
      if (error.code === 'RECIPIENT_FILE_EMPTY') return { sheet, columns: [] };
      return { sheet, columns: Array.isArray(columns) ? columns.map(String) : [error.code] };
    }),
  );
  const details = { sheets: refusals.map(({ sheet }) => sheet).slice(0, 100) };
  return failure('RECIPIENT_OPENID_COLUMN_MISSING/no-sheet', { file: name, sheets: shown }, { details });
}
