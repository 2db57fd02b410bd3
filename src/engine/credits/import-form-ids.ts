import { HongyanError } from '../../base/errors.ts';
import { getAccount } from '../../store/accounts/accounts.ts';
import { rememberContacts } from '../../store/accounts/contacts.ts';
import {
  type FormIdKind,
  findFormCredits,
  insertFormCredits,
  type NewFormCredit,
} from '../../store/credits/form-credits.ts';
import { inTransaction, type Pool } from '../../store/database/pool.ts';
import { faultText, type RecipientRecord, shorten } from '../audience/record.ts';
import { type FormIdFault, readFormId, shortFormId } from './form-ids.ts';
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
  if (account.kind !== 'miniprogram')
    throw new HongyanError(
      'CREDIT_REPORT_INVALID',
      `form_ids are of Mini Programs, and ${appid} is none (${account.kind})`,
    );
  const readRow = rowReader(options);
  const result: CreditImportResult = { rows: 0, added: 0, repeated: 0, bad: 0 };
  const bad = (line: number, code: string, detail: string): void => {
    result.bad++;
    options.onBad({ line, code, detail });
  };
  for await (const batch of batches) {
    options.signal.throwIfAborted();
    const rows: (NewFormCredit & { line: number })[] = [];
    for (const record of batch) {
      result.rows++;
      if (record.kind === 'bad') {
        bad(record.line, record.reason, faultText(record));
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
      if (known.get(formId)?.openid !== openid)
        bad(line, 'form-id-other-person', `${shortFormId(formId)} is known as somebody else's`);
      else if (added.delete(formId)) result.added++;
      else result.repeated++;
    }
    options.onProgress?.(result.rows);
  }
  return result;
}

type Bad = { code: string; detail: string };

function rowReader({
  columns,
  ...options
}: CreditImportOptions): (record: RecipientRecord & { kind: 'row' }) => NewFormCredit | Bad {
  const idColumn = find(columns, names.formId);
  const kindColumn = find(columns, names.kind);
  const atColumn = find(columns, names.at);
  if (idColumn === null || (atColumn === null && options.at === undefined))
    throw new HongyanError(
      'CREDIT_COLUMN_MISSING',
      `the file of form_ids lacks ${idColumn === null ? 'form_id' : 'at (or --at), the time at which each was made'}; it has: ${columns.join(', ')}`,
    );
  const usual = idColumn.toLowerCase().trim() === 'prepay_id' ? 'prepay' : 'form';
  return ({ openid, vars }) => {
    const cell = (name: string | null): string => (name === null ? '' : (vars[name] ?? '').trim());
    const word = cell(kindColumn).toLowerCase();
    const kind = word === '' ? usual : kindOf[word];
    if (kind === undefined)
      return { code: 'kind-invalid', detail: `${shorten(word)} is neither form nor prepay` };
    const written = cell(atColumn);
    const at = atColumn === null ? (options.at ?? null) : options.readTime(written);
    if (at === null) return { code: 'time-invalid', detail: `${shorten(written)} is not a time` };
    const now = Date.now();
    if (at.getTime() > now) return { code: 'time-future', detail: `${shorten(written)} lies in the future` };
    const formId = cell(idColumn);
    const read = readFormId({ openid, formId, kind, at }, now);
    return typeof read === 'object' ? read : { code: `form-id-${read}`, detail: faultDetails[read] };
  };
}

const faultDetails: Record<FormIdFault, string> = {
  mock: 'the developer tools made it; it cannot be sent with',
  malformed: 'it is no form_id',
  expired: 'it is older than 7 days',
  'other-person': "it is known as somebody else's",
};

function find(columns: string[], wanted: readonly string[]): string | null {
  return columns.find((name) => wanted.includes(name.toLowerCase().trim())) ?? null;
}
