import { getAccount } from '../../store/accounts/accounts.ts';
import {
  campaignPace,
  campaignSpan,
  type OpenAttempts,
  openAttempts,
  type PacePoint,
} from '../../store/campaigns/activity.ts';
import { type AccountActivity, accountActivity } from '../../store/database/node-stats.ts';
import { action } from '../action.ts';
import { requireCampaign } from './campaign.ts';

/** What goes on with a campaign at this moment, and how fast it went before. */
export interface CampaignActivity extends OpenAttempts, Omit<AccountActivity, 'window' | 'latencyMs'> {
  /** Of the account, which its campaigns share. */
  ratePerS: number;
  /** Smoothed time of an answer; null while nothing is under way. */
  latencyMs: number | null;
  stepSeconds: number;
  pace: PacePoint[];
}

const recentMs = 600_000;
const recentStepSeconds = 5;
/** A line of more points than this shows no more. */
const mostPoints = 240;
/** Steps that divide an hour, and whole hours beyond. */
const steps = [5, 10, 15, 30, 60, 120, 300, 600, 1_800];

/** Throws `CAMPAIGN_NOT_FOUND`. */
export const showActivity = action<{ id: number; span: 'recent' | 'all' }, CampaignActivity>(
  { name: 'campaigns.activity', permission: 'campaign.read', audit: 'none', target: ({ id }) => id },
  async ({ store: { pool } }, { id, span }, { require }) => {
    const { appid } = await requireCampaign(pool, id, require);
    const { ratePerS } = await getAccount(pool, appid);
    const { nodes, inFlight, latencyMs } = await accountActivity(pool, appid);
    const whole = span === 'all' ? await campaignSpan(pool, id) : null;
    const stepSeconds = whole === null ? recentStepSeconds : stepOf(whole);
    const since = span === 'all' ? null : new Date(Date.now() - recentMs);
    return {
      ...(await openAttempts(pool, id)),
      ...{ nodes, inFlight, ratePerS, latencyMs: inFlight > 0 && latencyMs > 0 ? latencyMs : null },
      stepSeconds,
      pace: await campaignPace(pool, id, { since, stepSeconds }),
    };
  },
);

function stepOf({ firstAt, lastAt }: { firstAt: Date; lastAt: Date }): number {
  const seconds = (lastAt.getTime() - firstAt.getTime()) / 1000;
  const hours = Math.ceil(seconds / mostPoints / 3_600);
  return steps.find((step) => seconds / step <= mostPoints) ?? hours * 3_600;
}
