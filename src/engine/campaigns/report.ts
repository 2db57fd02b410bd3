import { failure } from '../../base/errors.ts';
import { type CampaignWait, campaignWait } from '../../store/accounts/pace.ts';
import { type Campaign, findCampaign, isDryRun } from '../../store/campaigns/campaigns.ts';
import { canaryHolds } from '../../store/campaigns/canary.ts';
import { canaryIsDone } from '../../store/campaigns/chunks.ts';
import { type CampaignOutcomes, campaignOutcomes } from '../../store/campaigns/counts.ts';
import { settleLeftDoubts } from '../../store/campaigns/left-doubts.ts';
import { campaignTimes } from '../../store/campaigns/times.ts';
import type { Pool } from '../../store/database/pool.ts';
import { channels } from '../../wechat/channels.ts';
import { judgeHolds } from '../delivery/canary.ts';
import { pathsThatStop } from '../sending/account-pace.ts';
import { type CampaignReceipts, campaignReceipts, readReceipts } from './receipt-report.ts';

/** What became of a campaign, every recipient counted exactly once. */
export interface CampaignReport {
  campaign: Campaign;
  accepted: number;
  rejected: number;
  unknown: number;
  /** WeChat has them and holds them for review; it delivers or blocks them by itself. */
  held: number;
  /** By when WeChat has decided of all held ones, as far as it keeps its word; null without any. */
  heldUntil: Date | null;
  /** planned − accepted − rejected − unknown − held. */
  unsent: number;
  /** Known refusals: errcode → count. */
  rejectedBy: Record<string, number>;
  unknownBy: Record<string, number>;
  /** Reason → count; `not-started` are those that were never tried. */
  unsentBy: Record<string, number>;
  /** What became of the accepted ones. */
  receipts: CampaignReceipts;
  /** Recipients, counted above as well, who may have the message twice: −1 was repeated where WeChat drops no repeats. */
  maybeTwice: number;
  /** Answers per second between the first claim and the last one; null while nothing was sent, or when it paused. */
  messagesPerSecond: number | null;
  /** What a running campaign waits for, and until when; null when nothing holds it up. */
  waitsFor: ReportWait | null;
  /** The account's zone, in which people read its times. */
  timeZone: string;
}

/**
 * `start`: its own time has not come; `quiet`: the account's quiet hours; `canary`: what becomes of the first 1,000;
 * `canary-held`: WeChat's verdict on those of them that it holds for review; the rest as in `CampaignWait`.
 */
export interface ReportWait {
  what: CampaignWait['what'] | 'start' | 'quiet' | 'canary' | 'canary-held';
  /** When it is tried again; null: when a person acts. */
  until: Date | null;
  /** As in `CampaignWait`. */
  errcode?: number;
  /** With `canary-held`: so many of so many. */
  held?: number;
  of?: number;
}

/**
 * With less of its time in chunks that were delivered in one go, a campaign was paused or waited, and a rate over the
 * whole of it would say nothing about sending.
 */
const steadyShare = 0.9;

function notStartedReason(campaign: Campaign): string {
  if (isDryRun(campaign)) return 'dry_run';
  if (campaign.state === 'cancelled') return 'cancelled';
  return campaign.stateReason === 'expired' ? 'expired' : 'not-started';
}

/** Messages that WeChat has answered, or that may have reached it: nobody else is left to send to. */
export function answeredOf({
  accepted,
  rejected,
  unknown,
  held,
}: Pick<CampaignReport, 'accepted' | 'rejected' | 'unknown' | 'held'>): number {
  return accepted + rejected + unknown + held;
}

/** Throws `CAMPAIGN_NOT_FOUND`. */
export async function campaignReport(pool: Pool, id: number): Promise<CampaignReport> {
  const campaign = await findCampaign(pool, id);
  if (campaign === null) throw failure('CAMPAIGN_NOT_FOUND', { id: String(id) });
  if (campaign.state !== 'running') await settleLeftDoubts(pool, id);
  const received = await readReceipts(pool, campaign);
  const outcomes = await campaignOutcomes(pool, id);
  const answered = answeredOf(outcomes);
  const unsent = campaign.plannedCount - answered;
  const tried = Object.values(outcomes.unsentBy).reduce((sum, n) => sum + n, 0);
  const notStarted = Math.max(0, unsent - tried);
  const { waitsFor, timeZone } = await campaignHold(pool, campaign);
  return {
    campaign,
    accepted: outcomes.accepted,
    rejected: outcomes.rejected,
    unknown: outcomes.unknown,
    held: outcomes.held,
    heldUntil: outcomes.heldUntil,
    unsent,
    rejectedBy: outcomes.rejectedBy,
    unknownBy: outcomes.unknownBy,
    unsentBy: {
      ...outcomes.unsentBy,
      ...(notStarted > 0 ? { [notStartedReason(campaign)]: notStarted } : {}),
    },
    receipts: campaignReceipts(received, outcomes.accepted),
    maybeTwice: outcomes.maybeTwice,
    messagesPerSecond: rate(outcomes, answered),
    waitsFor,
    timeZone,
  };
}

/** What a campaign waits for, and its account's zone. */
export async function campaignHold(
  pool: Pool,
  campaign: Pick<Campaign, 'id' | 'channel' | 'state' | 'probed'>,
): Promise<Pick<CampaignReport, 'waitsFor' | 'timeZone'>> {
  const times = await campaignTimes(pool, campaign.id);
  const timeZone = times?.timeZone ?? 'UTC';
  if (campaign.state !== 'running') return { waitsFor: null, timeZone };
  const wait = await campaignWait(pool, campaign.id, pathsThatStop(channels[campaign.channel].path));
  // A paused account does not send when the hour comes either.
  if (wait?.what !== 'account' && times !== null && times.what !== null)
    return { waitsFor: { what: times.what, until: times.until }, timeZone };
  if (wait === null && !campaign.probed && (await canaryIsDone(pool, campaign.id)))
    return { waitsFor: await canaryWait(pool, campaign.id), timeZone };
  return { waitsFor: wait, timeZone };
}

/** The receipts of the first thousand, or WeChat's verdict on what it holds of them. */
async function canaryWait(pool: Pool, id: number): Promise<ReportWait> {
  const holds = await canaryHolds(pool, id);
  if (holds === null || judgeHolds(holds, null) !== 'wait') return { what: 'canary', until: null };
  return { what: 'canary-held', until: holds.until, held: holds.held, of: holds.answered };
}

function rate(outcomes: CampaignOutcomes, answered: number): number | null {
  const { firstAt, lastAt, steadySeconds } = outcomes;
  if (firstAt === null || lastAt === null) return null;
  const seconds = (lastAt.getTime() - firstAt.getTime()) / 1000;
  if (seconds <= 0 || steadySeconds < seconds * steadyShare) return null;
  return Math.round((answered / seconds) * 10) / 10;
}
