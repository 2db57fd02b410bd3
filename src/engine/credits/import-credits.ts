import { failure } from '../../base/errors.ts';
import { getAccount } from '../../store/accounts/accounts.ts';
import { rememberContacts } from '../../store/accounts/contacts.ts';
import type { CreditEntry } from '../../store/credits/entries.ts';
import { inTransaction, type Pool } from '../../store/database/pool.ts';
import type { Words } from '../../texts/catalogue.ts';
import { type RowFault, rowFault } from '../../texts/credit-rows.ts';
import { faultWords, type RecipientRecord, shortened } from '../formats/record.ts';
import { enterCredits, entryName } from './ledger.ts';

export interface CreditImportOptions {
  appid: string;
  /** Columns of the file beside the openids. */
  columns: string[];
  /** For rows without a column of that name. */
  templateId?: string | undefined;
  at?: Date | undefined;
  /** Reads a cell's time; null when it is none. */
  readTime(value: string): Date | null;
  onBad(row: BadCreditRow): void;
  onProgress?(rows: number): void;
  signal: AbortSignal;
}

/** A row that cannot be used. */
export interface BadCreditRow {
  line: number;
  /** Stable; its words are in src/texts/credit-rows.ts, but for those of the file itself. */
  code: string;
  detail: Words;
}

export interface CreditImportResult {
  rows: number;
  /** Balances that were set. */
  added: number;
  /** Rows that were imported before. */
  repeated: number;
  bad: number;
}

const names = {
  template: ['template_id', 'templateid', '模板id', '模板'],
  count: ['count', 'credits', '次数', '订阅次数'],
  at: ['at', 'time', '时间'],
} as const;

/** The columns that an import of balances uses. */
export function creditColumns(columns: readonly string[]): string[] {
  const used: readonly string[] = Object.values(names).flat();
  return columns.filter((name) => used.includes(name.toLowerCase().trim()));
}

/** Most credits that a row may claim; a larger number is another column. */
const mostCredits = 10_000;

/**
 * Sets balances from a list of (openid, template_id, count, at): at that time the person had so many credits, whatever
 * came before. What is heard of later times is counted on top, also when it was heard of earlier.
 *
 * A row's key is its person, template and time, so the same file again changes nothing. Rows that cannot be used go to
 * `onBad`, and the others are imported. Throws `ACCOUNT_NOT_FOUND`, `CREDIT_COLUMN_MISSING` and the reader's errors.
 */
export async function importCredits(
  pool: Pool,
  batches: AsyncIterable<RecipientRecord[]>,
  options: CreditImportOptions,
): Promise<CreditImportResult> {
  const account = await getAccount(pool, options.appid);
  const columnOf = columnsOf(options);
  const result: CreditImportResult = { rows: 0, added: 0, repeated: 0, bad: 0 };
  const bad = (line: number, code: string, detail: Words): void => {
    result.bad++;
    options.onBad({ line, code, detail });
  };
  for await (const batch of batches) {
    options.signal.throwIfAborted();
    const entries: CreditEntry[] = [];
    for (const record of batch) {
      result.rows++;
      if (record.kind === 'bad') {
        bad(record.line, record.reason, faultWords(record));
        continue;
      }
      const read = readRow(record, columnOf, options);
      if ('code' in read) bad(record.line, read.code, read.detail);
      else
        entries.push({
          openid: record.openid,
          key: `import:${read.at.toISOString()}`,
          kind: 'import',
          delta: 0,
          ...read,
        });
    }
    const added = await inTransaction(pool, async (client) => {
      if (account.kind === 'miniprogram')
        await rememberContacts(
          client,
          options.appid,
          entries.map((one) => one.openid),
        );
      return await enterCredits(client, options.appid, entries);
    });
    result.added += added.size;
    result.repeated += entries.filter((one) => !added.has(entryName(one))).length + twice(entries, added);
    options.onProgress?.(result.rows);
  }
  return result;
}

/** Rows of one page that stand for the same entry: all but one of them add nothing. */
function twice(entries: CreditEntry[], added: Set<string>): number {
  const mine = entries.filter((one) => added.has(entryName(one)));
  return mine.length - new Set(mine.map(entryName)).size;
}

type Columns = { template: string | null; count: string; at: string | null };

function columnsOf(options: CreditImportOptions): Columns {
  const find = (wanted: readonly string[]): string | null =>
    options.columns.find((name) => wanted.includes(name.toLowerCase().trim())) ?? null;
  const template = find(names.template);
  const count = find(names.count);
  const at = find(names.at);
  const missing = [
    ...(template === null && options.templateId === undefined ? ['template_id'] : []),
    ...(count === null ? ['count'] : []),
    // Without a time a second import of the file would set the balances back to what they were.
    ...(at === null && options.at === undefined ? ['at'] : []),
  ];
  if (missing.length > 0 || count === null)
    throw failure('CREDIT_COLUMN_MISSING', { missing, columns: ['openid', ...options.columns] });
  return { template, count, at };
}

function readRow(
  record: RecipientRecord & { kind: 'row' },
  columns: Columns,
  options: CreditImportOptions,
): { templateId: string; sets: number; at: Date } | RowFault {
  const cell = (name: string | null): string => (name === null ? '' : (record.vars[name] ?? '').trim());
  const templateId = columns.template === null ? (options.templateId ?? '') : cell(columns.template);
  if (!/^[\w-]{16,64}$/.test(templateId)) return rowFault('template-malformed', shortened(templateId));
  const count = cell(columns.count);
  if (!/^\d{1,5}(\.0+)?$/.test(count) || Number(count) > mostCredits)
    return rowFault('count-invalid', shortened(count), mostCredits);
  const written = cell(columns.at);
  const at = columns.at === null ? (options.at ?? null) : options.readTime(written);
  if (at === null) return rowFault('time-invalid', shortened(written));
  if (at.getTime() > Date.now()) return rowFault('time-future', shortened(written));
  return { templateId, sets: Number(count), at };
}
