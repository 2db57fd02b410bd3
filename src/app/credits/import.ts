import {
  type BadCreditRow,
  type CreditImportResult,
  creditColumns,
  importCredits as importBalances,
} from '../../engine/credits/import-credits.ts';
import { formIdColumns, importFormIds, isFormIdFile } from '../../engine/credits/import-form-ids.ts';
import type { RecipientRecord } from '../../engine/formats/record.ts';
import { getAccount } from '../../store/accounts/accounts.ts';
import { action } from '../action.ts';
import { readCellTime } from '../time-zone.ts';

/** Rows that cannot be used and are told one by one. */
const badTold = 100;

export interface CreditImportInput {
  appid: string;
  /** A file of which nothing was read yet. */
  file: {
    columns: readonly string[] | null;
    batches: AsyncIterable<RecipientRecord[]> | null;
    /** Only these columns are read. */
    select(columns: readonly string[]): void;
  };
  /** For rows without a column of that name. */
  templateId?: string | undefined;
  at?: Date | undefined;
  onProgress?(rows: number): void;
  signal: AbortSignal;
}

export interface CreditImport extends CreditImportResult {
  /** What the file holds. */
  kind: 'balances' | 'form-ids';
  /** The first hundred of those that cannot be used. */
  badRows: BadCreditRow[];
}

/**
 * Sets balances from a file, or enters form_ids: each row counts once, so the same file again changes nothing. Rows that
 * cannot be used are told, and the others are imported.
 *
 * Throws `ACCOUNT_NOT_FOUND`, `CREDIT_COLUMN_MISSING`, `CREDIT_REPORT_INVALID` and the reader's errors.
 */
export const importCredits = action<CreditImportInput, CreditImport>(
  { name: 'credits.import', permission: 'contact.manage', audit: 'change', appid: ({ appid }) => appid },
  async ({ store: { pool } }, { appid, file, ...input }, { trail }) => {
    const { timeZone } = await getAccount(pool, appid);
    const columns = [...(file.columns ?? [])];
    const kind = isFormIdFile(columns) ? 'form-ids' : 'balances';
    file.select(kind === 'form-ids' ? formIdColumns(columns) : creditColumns(columns));
    const badRows: BadCreditRow[] = [];
    const result = await (kind === 'form-ids' ? importFormIds : importBalances)(
      pool,
      file.batches ?? none(),
      {
        ...{ ...input, appid, columns },
        readTime: (value) => readCellTime(value, timeZone),
        onBad: (row) => {
          if (badRows.length < badTold) badRows.push(row);
        },
      },
    );
    trail.after = { kind, ...result };
    return { ...result, kind, badRows };
  },
);

async function* none(): AsyncGenerator<never> {}
