import { expectedReceipts, type RecipientRow, withReceipts } from '../../engine/campaigns/receipt-report.ts';
import { requireRecipients } from '../../engine/campaigns/retention.ts';
import { settleLeftDoubts } from '../../store/campaigns/left-doubts.ts';
import { findRecipients, type RecipientOutcome, recipientOutcomes } from '../../store/campaigns/outcomes.ts';
import type { Pool } from '../../store/database/pool.ts';
import { action } from '../action.ts';
import { idOf, type Page, pageOf } from '../page.ts';
import { requireCampaign } from './campaign.ts';

/** Recipients that are read at a time, and at most for one page: of a rare outcome it stays short. */
const readRows = 1_000;
const mostRead = 50_000;

type ReceiptWish = 'delivered' | 'blocked' | 'failed' | 'waiting' | 'late' | 'none';

interface RecipientsWish {
  id: number;
  limit: number;
  cursor?: string | undefined;
  outcome?: RecipientOutcome['outcome'] | undefined;
  errcode?: number | undefined;
  /** What WeChat said of it afterwards. */
  receipt?: ReceiptWish | undefined;
  openid?: string | undefined;
  ref?: string | undefined;
}

/**
 * Recipients with what became of them, in their order; of one outcome, errcode, receipt or person only those.
 *
 * Throws `CAMPAIGN_NOT_FOUND`, `CAMPAIGN_PRUNED`.
 */
export const listRecipients = action<RecipientsWish, Page<RecipientRow>>(
  { name: 'campaigns.recipients', permission: 'campaign.read', audit: 'none', target: ({ id }) => id },
  async ({ store: { pool } }, wish, { require }) => {
    const { id, limit, cursor } = wish;
    const campaign = await requireCampaign(pool, id, require);
    requireRecipients(campaign);
    if (campaign.state !== 'running') await settleLeftDoubts(pool, id);
    // Not the whole report, which counts all chunks: of ten million people that alone is more than a page may take.
    const { expected } = await expectedReceipts(pool, campaign);
    const isOfPerson = wish.openid !== undefined || wish.ref !== undefined;
    const receipts = (rows: RecipientOutcome[]) => withReceipts(pool, id, expected, rows);
    const read = isOfPerson ? personReader(pool, wish, receipts) : rowReader(pool, id, receipts);
    const isFiltered =
      isOfPerson || wish.outcome !== undefined || wish.errcode !== undefined || wish.receipt !== undefined;
    const data: RecipientRow[] = [];
    let after = idOf(cursor) ?? 0;
    for (let count = 0; count < mostRead; ) {
      const size = isFiltered ? readRows : limit;
      const rows = await read(after, size);
      count += rows.length;
      const found = rows.filter((row) => fits(row, wish));
      const fitting = found.slice(0, limit - data.length);
      data.push(...fitting);
      const last = rows.at(-1);
      if (last === undefined || (rows.length < size && fitting.length === found.length))
        return pageOf(data, null);
      after = data.length === limit ? (data.at(-1)?.no ?? last.no) : last.no;
      if (data.length === limit) break;
    }
    return pageOf(data, after);
  },
);

type Reader = (after: number, size: number) => Promise<RecipientRow[]>;
type Receipts = (rows: RecipientOutcome[]) => Promise<RecipientRow[]>;

function rowReader(pool: Pool, id: number, receipts: Receipts): Reader {
  return async (after, size) => receipts(await recipientOutcomes(pool, id, after, size));
}

function personReader(pool: Pool, { id, openid, ref }: RecipientsWish, receipts: Receipts): Reader {
  return async (after, size) => {
    const nos = await findRecipients(pool, id, { openid: openid ?? null, ref: ref ?? null }, after, size);
    const rows: RecipientRow[] = [];
    // One by one: receipts are read for all numbers of a page, and these may lie millions apart.
    for (const no of nos) rows.push(...(await receipts(await recipientOutcomes(pool, id, no - 1, 1, no))));
    return rows;
  };
}

function fits(row: RecipientRow, { outcome, errcode, receipt }: RecipientsWish): boolean {
  return (
    (outcome === undefined || row.outcome === outcome) &&
    (errcode === undefined || row.errcode === errcode) &&
    (receipt === undefined || isOf(receipt, row.receipt))
  );
}

function isOf(wish: ReceiptWish, receipt: RecipientRow['receipt']): boolean {
  if (wish === 'none') return receipt === 'waiting' || receipt === 'late';
  // `failed-system` and its like are one.
  return (receipt ?? '').split('-')[0] === wish;
}
