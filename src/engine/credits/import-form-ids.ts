import { failure } from '../../base/errors.ts';
import { getAccount } from '../../store/accounts/accounts.ts';
import { rememberContacts } from '../../store/accounts/contacts.ts';
import {
  type FormIdKind,
  findFormCredits,
  insertFormCredits,
  type NewFormCredit,
} from '../../store/credits/form-credits.ts';
import { inTransaction, type Pool } from '../../store/database/pool.ts';
import type { Words } from '../../texts/catalogue.ts';
import { type RowFault, rowFault } from '../../texts/credit-rows.ts';
import { faultWords, type RecipientRecord, shortened } from '../formats/record.ts';
import { readFormId } from './form-ids.ts';
import type { CreditImportOptions, CreditImportResult } from './import-credits.ts';

const names = {
  formId: ['form_id', 'formid', 'prepay_id'],
  kind: ['kind', '类型'],
  at: ['at', 'time', '时间'],
} as const;

const kindOf: Record<string, FormIdKind> = { form: 'form', prepay: 'prepay', 表单: 'form', 支付: 'prepay' };

/** The columns that an import of form_ids uses. */
export function formIdColumns(columns: readonly string[]): string[] {
  const used: readonly string[] = Object.values(names).flat();
  return columns.filter((name) => used.includes(name.toLowerCase().trim()));
}

/** Whether a file is one of form_ids rather than of balances. */
export function isFormIdFile(columns: string[]): boolean {
  return find(columns, names.formId) !== null;
}

/**
 * Enters the form_ids of a list of (openid, form_id, kind, at); each counts once, so the same file again changes nothing.
 * Rows that cannot be used, also those that have expired, go to `onBad`, and the others are imported.
 *
 * Throws `ACCOUNT_NOT_FOUND`, `CREDIT_COLUMN_MISSING`, `CREDIT_REPORT_INVALID` and the reader's errors.
 */
export async function importFormIds(
  pool: Pool,
  batches: AsyncIterable<RecipientRecord[]>,
  options: CreditImportOptions,
): Promise<CreditImportResult> {
  const { appid } = options;
  const account = await getAccount(pool, appid);
  if (account.kind !== 'miniprogram') throw failure('CREDIT_REPORT_INVALID/no-mini-program', { appid });
  const readRow = rowReader(options);
  const result: CreditImportResult = { rows: 0, added: 0, repeated: 0, bad: 0 };
  const bad = (line: number, code: string, detail: Words): void => {
    result.bad++;
    options.onBad({ line, code, detail });
  };
  for await (const batch of batches) {
    options.signal.throwIfAborted();
    const rows: (NewFormCredit & { line: number })[] = [];
    for (const record of batch) {
      result.rows++;
      if (record.kind === 'bad') {
        bad(record.line, record.reason, faultWords(record));
        continue;
      }
      const read = readRow(record);
      if ('code' in read) bad(record.line, read.code, read.detail);
      else rows.push({ ...read, line: record.line });
    }
    const { added, known } = await inTransaction(pool, async (client) => {
      await rememberContacts(
        client,
        appid,
        rows.map((one) => one.openid),
      );
      return {
        added: await insertFormCredits(client, appid, rows),
        known: await findFormCredits(
          client,
          appid,
          rows.map((one) => one.formId),
        ),
      };
    });
    for (const { line, openid, formId } of rows) {
      const fault = known.get(formId)?.openid === openid ? null : rowFault('form-id-other-person');
      if (fault !== null) bad(line, fault.code, fault.detail);
      else if (added.delete(formId)) result.added++;
      else result.repeated++;
    }
    options.onProgress?.(result.rows);
  }
  return result;
}

function rowReader({
  columns,
  ...options
}: CreditImportOptions): (record: RecipientRecord & { kind: 'row' }) => NewFormCredit | RowFault {
  const idColumn = find(columns, names.formId);
  const kindColumn = find(columns, names.kind);
  const atColumn = find(columns, names.at);
  if (idColumn === null || (atColumn === null && options.at === undefined))
    throw failure('CREDIT_COLUMN_MISSING/form-ids', {
      missing: idColumn === null ? 'form_id' : 'at',
      columns: ['openid', ...columns],
    });
  const usual = idColumn.toLowerCase().trim() === 'prepay_id' ? 'prepay' : 'form';
  return ({ openid, vars }) => {
    const cell = (name: string | null): string => (name === null ? '' : (vars[name] ?? '').trim());
    const word = cell(kindColumn).toLowerCase();
    const kind = word === '' ? usual : kindOf[word];
    if (kind === undefined) return rowFault('kind-invalid', shortened(word));
    const written = cell(atColumn);
    const at = atColumn === null ? (options.at ?? null) : options.readTime(written);
    if (at === null) return rowFault('time-invalid', shortened(written));
    const now = Date.now();
    if (at.getTime() > now) return rowFault('time-future', shortened(written));
    const formId = cell(idColumn);
    const read = readFormId({ openid, formId, kind, at }, now);
    return typeof read === 'object' ? read : rowFault(`form-id-${read}`);
  };
}

function find(columns: string[], wanted: readonly string[]): string | null {
  return columns.find((name) => wanted.includes(name.toLowerCase().trim())) ?? null;
}
