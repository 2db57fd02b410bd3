import { HongyanError } from '../base/errors.ts';
import { type Campaign, campaignOutcomes, findCampaign } from '../store/campaigns.ts';
import { type CampaignWait, campaignWait } from '../store/pace.ts';
import type { Pool } from '../store/pool.ts';
import { channels } from '../wechat/channels.ts';
import { pathsThatStop } from './pace/account-pace.ts';

/** What became of a campaign, every recipient counted exactly once. */
export interface CampaignReport {
  campaign: Campaign;
  accepted: number;
  rejected: number;
  unknown: number;
  /** planned − accepted − rejected − unknown. */
  unsent: number;
  /** Known refusals: errcode → count. */
  rejectedBy: Record<string, number>;
  unknownBy: Record<string, number>;
  /** Reason → count; `not-started` are those that were never tried. */
  unsentBy: Record<string, number>;
  /** Accepted per second between the first claim and the last answer; null before there is anything to divide. */
  messagesPerSecond: number | null;
  /** What a running campaign waits for, and until when; null when nothing holds it up. */
  waitsFor: CampaignWait | null;
}

function notStartedReason(campaign: Campaign): string {
  if (campaign.state === 'cancelled') return 'cancelled';
  return campaign.stateReason === 'expired' ? 'expired' : 'not-started';
}

/** Throws `CAMPAIGN_NOT_FOUND`. */
export async function campaignReport(pool: Pool, id: number): Promise<CampaignReport> {
  const campaign = await findCampaign(pool, id);
  if (campaign === null) {
    throw new HongyanError('CAMPAIGN_NOT_FOUND', `there is no campaign ${id}; see: hongyan campaigns list`);
  }
  const outcomes = await campaignOutcomes(pool, id);
  const answered = outcomes.accepted + outcomes.rejected + outcomes.unknown;
  const unsent = campaign.plannedCount - answered;
  const tried = Object.values(outcomes.unsentBy).reduce((sum, n) => sum + n, 0);
  const notStarted = Math.max(0, unsent - tried);
  const seconds =
    outcomes.firstAt === null || outcomes.lastAt === null
      ? 0
      : (outcomes.lastAt.getTime() - outcomes.firstAt.getTime()) / 1000;
  return {
    campaign,
    accepted: outcomes.accepted,
    rejected: outcomes.rejected,
    unknown: outcomes.unknown,
    unsent,
    rejectedBy: outcomes.rejectedBy,
    unknownBy: outcomes.unknownBy,
    unsentBy: {
      ...outcomes.unsentBy,
      ...(notStarted > 0 ? { [notStartedReason(campaign)]: notStarted } : {}),
    },
    messagesPerSecond: seconds > 0 ? Math.round((answered / seconds) * 10) / 10 : null,
    waitsFor: await campaignWait(pool, id, pathsThatStop(channels[campaign.channel].path)),
  };
}
