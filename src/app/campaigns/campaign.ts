import { failure } from '../../base/errors.ts';
import { answeredOf, type CampaignReport, campaignReport } from '../../engine/campaigns/report.ts';
import { creditCounts } from '../../engine/credits/credit-counts.ts';
import { type Campaign, findCampaign, isDryRun } from '../../store/campaigns/campaigns.ts';
import { columnsOf } from '../../store/campaigns/source-pages.ts';
import { liveNodes } from '../../store/database/nodes.ts';
import type { Pool } from '../../store/database/pool.ts';
import { campaignStates } from '../../texts/parts.ts';

export type { CampaignReport } from '../../engine/campaigns/report.ts';
export type { Audience, Campaign, Exclusion, OnInvalid } from '../../store/campaigns/campaigns.ts';
export { answeredOf, isDryRun };

/** What brings a campaign that stands still to its start or its end; null while it moves by itself, or is over. */
export type NextStep = 'cancel' | 'confirm' | 'approve' | 'resume' | null;

/** A campaign's report, with what a person may do about it. */
export interface CampaignView extends CampaignReport {
  next: NextStep;
  /** Whether any process plans and delivers at this moment. */
  isWorkedOn: boolean;
  /** Whether exports can have the columns of the file. */
  hasColumns: boolean;
  /** How many of its people have a credit; null where its channel needs none. */
  credits: ReturnType<typeof creditCounts>;
}

/** Whether anybody plans and delivers at this moment. */
export async function isAnybodyWorking(pool: Pool): Promise<boolean> {
  return (await liveNodes(pool)).length > 0;
}

/** Throws `CAMPAIGN_NOT_FOUND`. */
export async function viewCampaign(pool: Pool, id: number): Promise<CampaignView> {
  const report = await campaignReport(pool, id);
  const isWorkedOn = await isAnybodyWorking(pool);
  return {
    ...report,
    isWorkedOn,
    hasColumns: (await columnsOf(pool, id)) !== null,
    next: nextStep(report.campaign, isWorkedOn),
    credits: creditCounts(report.campaign),
  };
}

/** A campaign that the actor may use. Throws `CAMPAIGN_NOT_FOUND`. */
export async function requireCampaign(
  pool: Pool,
  id: number,
  require: (appid: string) => Promise<void>,
): Promise<Campaign> {
  const campaign = await findCampaign(pool, id);
  if (campaign === null) throw failure('CAMPAIGN_NOT_FOUND', { id: String(id) });
  await require(campaign.appid);
  return campaign;
}

type Standing = Pick<Campaign, 'state' | 'readerGone' | 'confirmedBy'>;

export function nextStep(campaign: Standing, isWorkedOn: boolean): NextStep {
  switch (campaign.state) {
    case 'staging':
      return campaign.readerGone ? 'cancel' : null;
    case 'planning':
      return isWorkedOn ? null : 'confirm';
    case 'planned':
      return campaign.confirmedBy === null ? 'confirm' : 'approve';
    case 'running':
      return isWorkedOn ? null : 'resume';
    case 'paused':
      return 'resume';
    case 'done':
    case 'cancelled':
    case 'failed':
      return null;
  }
}

/** What is said of a campaign that another step would move, or none. */
export async function notWaiting(pool: Pool, campaign: Campaign) {
  const next = nextStep(campaign, await isAnybodyWorking(pool));
  const values = { id: String(campaign.id), state: campaignStates[campaign.state] };
  return next === null
    ? failure('CAMPAIGN_STATE/not-waiting', values)
    : failure('CAMPAIGN_STATE/waits-for', { ...values, next });
}
