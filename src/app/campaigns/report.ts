import { type Export, exportCampaign as exportRows } from '../../engine/campaigns/export.ts';
import { type CampaignReport, campaignHold, campaignReport } from '../../engine/campaigns/report.ts';
import { requireRecipients } from '../../engine/campaigns/retention.ts';
import { type Campaign, findCampaign, listCampaigns as newest } from '../../store/campaigns/campaigns.ts';
import { keepHours } from '../../store/campaigns/left.ts';
import { type AccountActivity, accountActivity } from '../../store/database/node-stats.ts';
import { action } from '../action.ts';
import {
  type CampaignView,
  isAnybodyWorking,
  type NextStep,
  nextStep,
  requireCampaign,
  viewCampaign,
} from './campaign.ts';

export type { Export, ExportRow } from '../../engine/campaigns/export.ts';
export type { AccountActivity } from '../../store/database/node-stats.ts';
export { keepHours };

export type CampaignListed = Campaign & Pick<CampaignReport, 'waitsFor' | 'timeZone'> & { next: NextStep };

/** The newest campaigns that the actor may see, of one account or of all; `next` is the cursor of the page after. */
export const listCampaigns = action<
  { appid: string | null; limit: number; cursor?: number },
  { data: CampaignListed[]; next: number | null }
>(
  { name: 'campaigns.list', permission: 'campaign.read', audit: 'none', appid: ({ appid }) => appid },
  async ({ store: { pool } }, { appid, limit, cursor }, { actor }) => {
    const appids = appid !== null ? [appid] : actor.accounts === 'all' ? null : [...actor.accounts];
    const campaigns = await newest(pool, appids, limit, cursor ?? null);
    const isWorkedOn = await isAnybodyWorking(pool);
    const data: CampaignListed[] = [];
    for (const campaign of campaigns) {
      const hold = await campaignHold(pool, campaign);
      data.push({ ...campaign, ...hold, next: nextStep(campaign, isWorkedOn) });
    }
    return { data, next: campaigns.length === limit ? (campaigns.at(-1)?.id ?? null) : null };
  },
);

/** What became of a campaign, every recipient counted once, and what may be done about it. Throws `CAMPAIGN_NOT_FOUND`. */
export const showCampaign = action<{ id: number }, CampaignView>(
  { name: 'campaigns.show', permission: 'campaign.read', audit: 'none', target: ({ id }) => id },
  async ({ store: { pool } }, { id }, { require }) => {
    await requireCampaign(pool, id, require);
    return await viewCampaign(pool, id);
  },
);

/** How far a campaign's plan is; null when it was removed. */
export const findCampaignState = action<{ id: number }, Campaign | null>(
  { name: 'campaigns.state', permission: 'campaign.read', audit: 'none', target: ({ id }) => id },
  async ({ store: { pool } }, { id }, { require }) => {
    const campaign = await findCampaign(pool, id);
    if (campaign !== null) await require(campaign.appid);
    return campaign;
  },
);

/** What a live view shows: the report, and what the nodes do at this moment. */
export const watchCampaign = action<{ id: number }, { view: CampaignView; activity: AccountActivity }>(
  { name: 'campaigns.watch', permission: 'campaign.read', audit: 'none', target: ({ id }) => id },
  async ({ store: { pool } }, { id }, { require }) => {
    const { appid } = await requireCampaign(pool, id, require);
    return { view: await viewCampaign(pool, id), activity: await accountActivity(pool, appid) };
  },
);

/**
 * Every recipient with its outcome, or every row that was left out, as a stream of pages.
 *
 * Throws `CAMPAIGN_PRUNED`, `COLUMNS_NOT_KEPT`.
 */
export const exportCampaign = action<{ id: number; dropped: boolean; withColumns: boolean }, Export>(
  {
    name: 'campaigns.export',
    permission: 'campaign.read',
    audit: 'export',
    target: ({ id }) => id,
    kept: ({ dropped, withColumns }) => ({ dropped, withColumns }),
  },
  async ({ store: { pool } }, { id, dropped, withColumns }, { require }) => {
    await requireCampaign(pool, id, require);
    const report = await campaignReport(pool, id);
    requireRecipients(report.campaign);
    return await exportRows(pool, report, { dropped, withColumns });
  },
);
