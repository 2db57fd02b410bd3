import { HongyanError } from '../../base/errors.ts';
import { DelimitedParser, type Dialect, detectDelimiter, separatorLine } from './delimited.ts';
import { byteOrderMark, decodeBlock, detectEncoding, type TextEncoding } from './encoding.ts';
import { binaryFormat, type RecipientFormat, textFormat } from './format.ts';
import { type LineBlock, type LineOptions, readLines } from './lines.ts';
import { ndjsonColumns, parseNdjson } from './ndjson.ts';
import { parsePlainText } from './plain-text.ts';
import { inBatches, type RawRecord, type RecipientRecord } from './record.ts';
import { headBytes, type OpenSource, openSource, type RecipientSource } from './source.ts';
import { readTable, type TableOptions } from './table.ts';
import { openWorkbook } from './xlsx.ts';

export type { TextEncoding } from './encoding.ts';
export type { RecipientFormat } from './format.ts';
export type { BadRowReason, RecipientRecord } from './record.ts';
export type { RecipientSource } from './source.ts';

export interface ReadOptions {
  /** Default: by content for XLSX, else by extension, else by the first lines. */
  format?: RecipientFormat;
  /** Default: by byte order mark, else UTF-8 or GB18030, whichever the bytes are. */
  encoding?: 'utf-8' | 'gb18030';
  /** Name of the column (or NDJSON key) with the openids; `column2` for the second one of a file without header. */
  openidColumn?: string;
  /** Sheet of an XLSX file, by name or by number from 1. Default: the first visible one. */
  sheet?: string;
  /**
   * How the cells of a TSV are written. Default: `mysql` from a stream without byte order mark, and for a file in which
   * no cell of the first 256 KiB starts with a quote; else `spreadsheet`.
   */
  tsv?: 'mysql' | 'spreadsheet';
  /** Records in a batch, the last one excepted. Default 1,000. */
  batchSize?: number;
  signal?: AbortSignal;
}

/** A recipient list that is open for reading. */
export interface RecipientFile {
  format: RecipientFormat;
  /** Decided at the latest when the first character above U+007F is read; `utf-8` until then, and for XLSX. */
  readonly encoding: TextEncoding;
  hasHeader: boolean;
  /** The variables, in order, without the openid. `column1`, `column2` … without a header; of NDJSON those of the first records. */
  columns: string[];
  /** The column or key that holds the openids. */
  openidColumn: string;
  /** Name of the sheet that is read. */
  sheet?: string;
  /** Every record of the file in order, good and bad. Can be read once; closes the file at its end or on `break`. */
  batches: AsyncIterable<RecipientRecord[]>;
  /** Closes a file that is not read to its end, and removes its temporary copy. Harmless to repeat. */
  close(): Promise<void>;
}

interface Reader {
  format: RecipientFormat;
  encoding: () => TextEncoding;
  hasHeader: boolean;
  columns: string[];
  openidColumn: string;
  sheet?: string;
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
 * `RECIPIENT_OPENID_COLUMN_MISSING`, `RECIPIENT_COLUMN_DUPLICATE`, `RECIPIENT_SHEET_NOT_FOUND`.
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
    if (started) {
      throw new HongyanError(
        'RECIPIENT_FILE_ALREADY_READ',
        `The recipient file ${opened.name} was read already; open it again to read it again.`,
      );
    }
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
  const { format, hasHeader, columns, openidColumn, sheet } = reader;
  return {
    format,
    get encoding() {
      return reader.encoding();
    },
    hasHeader,
    columns,
    openidColumn,
    ...(sheet === undefined ? {} : { sheet }),
    batches: { [Symbol.asyncIterator]: read },
    close,
  };
}

async function openReader(opened: OpenSource, options: ReadOptions): Promise<Reader> {
  const mark = byteOrderMark(opened.head);
  if (binaryFormat(opened.name, opened.head, options.format, mark !== undefined) === 'xlsx') {
    return openSheet(opened, options);
  }
  const head = opened.head.subarray(mark?.length ?? 0);
  const terminator = head.includes(0x0a) || mark?.encoding.startsWith('utf-16') ? 0x0a : 0x0d;
  const lines: LineOptions = {
    encoding: mark?.encoding ?? options.encoding ?? detectEncoding(wholeLines(head, terminator), terminator),
    forced: mark === undefined && options.encoding !== undefined,
    skip: mark?.length ?? 0,
    terminator,
    onEncoding: (encoding) => {
      lines.encoding = encoding;
    },
  };
  const sample = sampleLines(head, lines);
  const format = textFormat(opened.name, sample, options.format);
  const blocks = readLines(opened.chunks(), lines);
  const text = { format, encoding: () => lines.encoding ?? 'utf-8' };
  const table: TableOptions = {
    name: opened.name,
    openidColumn: options.openidColumn,
    shape: 'table',
    strictWidth: true,
  };
  switch (format) {
    case 'ndjson':
      return { ...text, ...(await openNdjson(opened.name, blocks, options)) };
    case 'txt':
      return { ...text, ...(await readTable(mapped(blocks, parsePlainText), { ...table, shape: 'list' })) };
    case 'csv':
    case 'tsv': {
      const separator = separatorLine(sample[0] ?? '');
      const firstLine = sample[separator === undefined ? 0 : 1] ?? '';
      const delimiter = format === 'tsv' ? '\t' : (separator ?? detectDelimiter(firstLine));
      const dialect = format === 'csv' ? 'quoted' : tsvDialect(sample, opened, mark !== undefined, options);
      const records = readDelimited(
        blocks,
        new DelimitedParser({ delimiter, dialect }),
        separator !== undefined,
      );
      return { ...text, ...(await readTable(records, table)) };
    }
  }
}

/** The part of the head that ends with a line, so that no character is cut in two. */
function wholeLines(head: Buffer, terminator: number): Buffer {
  const last = head.lastIndexOf(terminator);
  return last < 0 || head.length < headBytes ? head : head.subarray(0, last);
}

function sampleLines(head: Buffer, { encoding, terminator }: LineOptions): string[] {
  let text: string;
  if (encoding === 'utf-16le' || encoding === 'utf-16be') text = new TextDecoder(encoding).decode(head);
  else {
    const whole = wholeLines(head, terminator);
    text =
      decodeBlock(whole, encoding ?? 'utf-8', true) ?? new TextDecoder(encoding ?? 'utf-8').decode(whole);
  }
  const lines = text.split(String.fromCharCode(terminator));
  return lines.filter((line) => line.trim() !== '');
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

async function openNdjson(
  name: string,
  blocks: AsyncIterable<LineBlock>,
  options: ReadOptions,
): Promise<Omit<Reader, 'format' | 'encoding'>> {
  const parsed = mapped(blocks, (block) => parseNdjson(block, options.openidColumn));
  const ahead: RecipientRecord[] = [];
  while (ahead.length < 200) {
    const next = await parsed.next();
    if (next.done === true) break;
    for (const record of next.value) ahead.push(record);
  }
  if (ahead.length === 0) {
    throw new HongyanError('RECIPIENT_FILE_EMPTY', `The recipient file ${name} has no rows.`);
  }
  const rows = (async function* () {
    yield ahead;
    yield* parsed;
  })();
  return {
    hasHeader: false,
    columns: ndjsonColumns(ahead),
    openidColumn: options.openidColumn ?? 'openid',
    rows,
  };
}

async function openSheet(opened: OpenSource, options: ReadOptions): Promise<Reader> {
  const path = await opened.randomAccessPath();
  const workbook = await openWorkbook(path, opened.name, options.sheet, options.signal);
  try {
    const table = await readTable(workbook.records(), {
      name: opened.name,
      openidColumn: options.openidColumn,
      shape: 'table',
      strictWidth: false,
    });
    return {
      format: 'xlsx',
      encoding: () => 'utf-8',
      sheet: workbook.sheet,
      ...table,
      close: workbook.close,
    };
  } catch (error) {
    workbook.close();
    throw error;
  }
}
