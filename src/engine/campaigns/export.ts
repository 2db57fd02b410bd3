import { failure } from '../../base/errors.ts';
import { recipientOutcomes } from '../../store/campaigns/outcomes.ts';
import { columnsOf } from '../../store/campaigns/source-pages.ts';
import { bucketEnds, listDropped } from '../../store/campaigns/staging.ts';
import type { Pool } from '../../store/database/pool.ts';
import { SourceRows } from '../audience/source-pages.ts';
import { type RecipientRow, withReceipts } from './receipt-report.ts';
import type { CampaignReport } from './report.ts';

export interface ExportOptions {
  /** The rows that the plan left out instead of the recipients. */
  dropped?: boolean;
  /** Also the columns of the campaign's file, in the order of the file's rows. */
  withColumns?: boolean;
}

/** What a campaign's rows are exported as. Can be read once. */
export interface Export {
  /** Ours, in order: keys of each row. */
  columns: string[];
  /** Those of the file, as it names them; empty where they were not asked for. */
  fileColumns: string[];
  rows: AsyncGenerator<ExportRow[]>;
}

export interface ExportRow {
  values: Record<string, unknown>;
  /** In the order of `fileColumns`; null for a row that is in no file. */
  fileValues: string[] | null;
}

const outcomeColumns = [
  ...[
    'no',
    'openid',
    'ref',
    'outcome',
    'errcode',
    'reason',
    'msgid',
    'attempts',
    'at',
    'receipt',
    'receiptAt',
  ],
  ...['maybeTwice', 'line'],
];
const droppedColumns = ['line', 'openid', 'reason', 'code', 'detail', 'column'];

const pageRows = 1000;
/** Rows that are held of each bucket while they are put in order. */
const bucketRows = 250;

/**
 * Every recipient of a campaign with its outcome and receipt, or every row that was left out.
 *
 * Throws `COLUMNS_NOT_KEPT` when the columns of its file are asked for and are not there.
 */
export async function exportCampaign(
  pool: Pool,
  { campaign, receipts }: CampaignReport,
  { dropped = false, withColumns = false }: ExportOptions,
): Promise<Export> {
  const { id } = campaign;
  const kept = withColumns ? await columnsOf(pool, id) : null;
  if (withColumns && kept === null) throw failure('COLUMNS_NOT_KEPT', { id: String(id) });
  const page = async (after: number, last: number | null, limit: number): Promise<RecipientRow[]> =>
    await withReceipts(pool, id, receipts.expected, await recipientOutcomes(pool, id, after, limit, last));
  const found = dropped
    ? droppedRows(pool, id)
    : withColumns
      ? inFileOrder(await bucketEnds(pool, id), page)
      : byNumber(page);
  const source = kept === null ? null : new SourceRows(pool, kept.campaignId);
  const fileColumns = kept?.columns ?? [];
  async function* rows(): AsyncGenerator<ExportRow[]> {
    for await (const some of found) {
      const out: ExportRow[] = [];
      for (const row of some) {
        const fileValues = await source?.cells(row.line, fileColumns.length);
        out.push({ values: { ...row }, fileValues: fileValues ?? null });
      }
      yield out;
    }
  }
  return { columns: dropped ? droppedColumns : outcomeColumns, fileColumns, rows: rows() };
}

type ReadPage = (after: number, last: number | null, limit: number) => Promise<RecipientRow[]>;

async function* byNumber(page: ReadPage): AsyncGenerator<RecipientRow[]> {
  for (let after = 0; ; ) {
    const rows = await page(after, null, pageRows);
    const last = rows.at(-1);
    if (last === undefined) return;
    after = last.no;
    yield rows;
  }
}

async function* droppedRows(pool: Pool, id: number) {
  for (let after = 0; ; ) {
    const rows = await listDropped(pool, id, after, pageRows);
    const last = rows.at(-1);
    if (last === undefined) return;
    after = last.seq;
    yield rows;
  }
}

/** Recipients are numbered bucket by bucket, and inside a bucket in the order of the file: the buckets are merged. */
async function* inFileOrder(ends: readonly number[], page: ReadPage): AsyncGenerator<RecipientRow[]> {
  const starts = [0, ...ends.slice(0, -1)];
  const buckets = ends.map((end, index) => ({
    after: starts[index]!,
    end,
    rows: [] as RecipientRow[],
    at: 0,
  }));
  let out: RecipientRow[] = [];
  for (;;) {
    let first: (typeof buckets)[number] | undefined;
    for (const bucket of buckets) {
      if (bucket.at === bucket.rows.length) {
        if (bucket.after >= bucket.end) continue;
        bucket.rows = await page(bucket.after, bucket.end, bucketRows);
        bucket.at = 0;
        bucket.after = bucket.rows.at(-1)?.no ?? bucket.end;
        if (bucket.rows.length === 0) continue;
      }
      if (first === undefined || bucket.rows[bucket.at]!.line < first.rows[first.at]!.line) first = bucket;
    }
    if (first === undefined) break;
    out.push(first.rows[first.at]!);
    first.at += 1;
    if (out.length < pageRows) continue;
    yield out;
    out = [];
  }
  if (out.length > 0) yield out;
}
