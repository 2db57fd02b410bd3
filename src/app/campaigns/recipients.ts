import { type RecipientRow, withReceipts } from '../../engine/campaigns/receipt-report.ts';
import { campaignReport } from '../../engine/campaigns/report.ts';
import { requireRecipients } from '../../engine/campaigns/retention.ts';
import { type RecipientOutcome, recipientOutcomes } from '../../store/campaigns/outcomes.ts';
import { action } from '../action.ts';
import { idOf, type Page, pageOf } from '../page.ts';
import { requireCampaign } from './campaign.ts';

/** Recipients that are read at a time, and at most for one page: of a rare outcome it stays short. */
const readRows = 1_000;
const mostRead = 50_000;

/**
 * Recipients with what became of them, in their order; of one outcome or errcode only those.
 *
 * Throws `CAMPAIGN_NOT_FOUND`, `CAMPAIGN_PRUNED`.
 */
export const listRecipients = action<
  {
    id: number;
    limit: number;
    cursor?: string | undefined;
    outcome?: RecipientOutcome['outcome'] | undefined;
    errcode?: number | undefined;
  },
  Page<RecipientRow>
>(
  { name: 'campaigns.recipients', permission: 'campaign.read', audit: 'none', target: ({ id }) => id },
  async ({ store: { pool } }, { id, limit, cursor, outcome, errcode }, { require }) => {
    requireRecipients(await requireCampaign(pool, id, require));
    const { receipts } = await campaignReport(pool, id);
    const isWanted = (row: RecipientOutcome): boolean =>
      (outcome === undefined || row.outcome === outcome) &&
      (errcode === undefined || row.errcode === errcode);
    const isFiltered = outcome !== undefined || errcode !== undefined;
    const data: RecipientRow[] = [];
    let after = idOf(cursor) ?? 0;
    for (let read = 0; read < mostRead; ) {
      const size = isFiltered ? readRows : limit;
      const rows = await recipientOutcomes(pool, id, after, size);
      read += rows.length;
      const found = (await withReceipts(pool, id, receipts.expected, rows)).filter(isWanted);
      const fits = found.slice(0, limit - data.length);
      data.push(...fits);
      const last = rows.at(-1);
      if (last === undefined || (rows.length < size && fits.length === found.length))
        return pageOf(data, null);
      after = data.length === limit ? (data.at(-1)?.no ?? last.no) : last.no;
      if (data.length === limit) break;
    }
    return pageOf(data, after);
  },
);
