import { hash } from 'node:crypto';
import { canonical } from '../../base/canonical.ts';
import { type Card, cardOf } from '../../engine/content/card.ts';
import { compileCampaignMessage } from '../../engine/content/compiled-message.ts';
import { creditCounts } from '../../engine/credits/credit-counts.ts';
import { canaryAbove } from '../../engine/delivery/campaign-run.ts';
import { viewQuota } from '../../engine/sending/projection.ts';
import { getAccount } from '../../store/accounts/accounts.ts';
import { approvalLimit } from '../../store/accounts/approval.ts';
import { getAccountRules } from '../../store/accounts/rules.ts';
import { findTemplate } from '../../store/accounts/templates.ts';
import type { Campaign } from '../../store/campaigns/campaigns.ts';
import { canaryHolds, lastSent } from '../../store/campaigns/canary.ts';
import { firstRecipients } from '../../store/campaigns/outcomes.ts';
import { countDropped, type DroppedRow, listDropped } from '../../store/campaigns/staging.ts';
import type { Pool } from '../../store/database/pool.ts';
import { channels } from '../../wechat/channels.ts';
import { action } from '../action.ts';
import { personOf } from '../actor.ts';
import { requireCampaign } from './campaign.ts';

export type { Card, Opens } from '../../engine/content/card.ts';

/** Examples, and left-out rows, that are shown before somebody confirms. */
const exampleCount = 3;
const droppedShown = 10;
/** Of fewer messages no share says anything. */
const fewestOfCanary = 50;

/** What a person decides by. */
export interface CampaignPlan {
  campaign: Campaign;
  accountName: string;
  timeZone: string;
  credits: ReturnType<typeof creditCounts>;
  /** The account's rate, or the campaign's own where that is lower, and how long it takes at that. */
  ratePerS: number;
  seconds: number;
  /** What it needs of today's quota; null when nobody is sent to, or the quota has no end. */
  quota: {
    left: number;
    /** So many are sent after the reset only. */
    short: number;
    source: 'operator' | 'wechat' | 'default';
    reset: Date;
  } | null;
  /** The first 1,000 go alone. */
  hasCanary: boolean;
  /** Who was left out for what: each reason that there was, with its code. */
  leftOut: { reason: DroppedRow['reason']; code: string; count: number }[];
  /** What WeChat's review did to the first 1,000 of the last campaign of this template, else of the account; null: unknown. */
  lastCanary: LastCanary | null;
  /** The first rows that were left out, those who do not follow excepted: they are a number, not a mistake. */
  dropped: { rows: DroppedRow[]; total: number };
  /** The first messages: whole wire bodies as they will be sent, and as whoever gets them reads them. */
  examples: { openid: string; body: string; card: Card }[];
  /** Hours in which it waits, in the account's zone. */
  quietHours: { from: string; to: string } | null;
  /** It needs a second person's word, since it goes to more than so many; null: it does not. */
  approvalAbove: number | null;
  /** Names the plan when it is confirmed; another one after anything of it changed. */
  planHash: string;
}

interface LastCanary {
  campaign: number;
  at: Date;
  isSameTemplate: boolean;
  /** Messages that were answered, and those of them that were held, whatever became of them. */
  of: number;
  held: number;
  /** From this share on the account's rule makes the rest wait; null: never. */
  mostHeldPercent: number | null;
}

/** What would be sent and to how many, of a campaign that was planned, or whose plan failed. */
export const showPlan = action<{ id: number }, CampaignPlan>(
  { name: 'campaigns.preview', permission: 'campaign.read', audit: 'none', target: ({ id }) => id },
  async (app, { id }, { actor, require }) => {
    const { pool } = app.store;
    const campaign = await requireCampaign(pool, id, require);
    const { appid, channel, plannedCount } = campaign;
    const { name, ratePerS: most, timeZone } = await getAccount(pool, appid);
    const ratePerS = Math.min(most, campaign.ratePerS ?? most);
    const { quietFrom, quietTo } = await getAccountRules(pool, appid);
    const limit = await approvalLimit(pool, appid, personOf(actor));
    const template =
      campaign.templateId === null ? null : await findTemplate(pool, appid, campaign.templateId);
    const message = compileCampaignMessage(campaign);
    const first = await firstRecipients(pool, id, exampleCount);
    const quota = plannedCount === 0 ? null : await viewQuota(app, appid, channels[channel].path);
    return {
      campaign,
      ...{ accountName: name, timeZone, ratePerS },
      credits: creditCounts(campaign),
      seconds: Math.ceil(plannedCount / ratePerS),
      quota:
        quota === null || quota.left === null
          ? null
          : {
              left: quota.left,
              short: Math.max(0, plannedCount - quota.left),
              source: quota.source,
              reset: quota.reset,
            },
      hasCanary: channel === 'oa-template' && plannedCount > canaryAbove,
      leftOut: await leftOutOf(pool, campaign),
      lastCanary: await lastCanaryOf(pool, campaign),
      dropped: await firstDropped(pool, campaign),
      examples: first.map(({ openid, vars }) => {
        const body = message.render(openid, vars, null);
        return { openid, body, card: cardOf(body, template) };
      }),
      quietHours: quietFrom === null || quietTo === null ? null : { from: quietFrom, to: quietTo },
      approvalAbove: limit !== null && plannedCount > limit ? limit : null,
      planHash: await planHash(pool, campaign),
    };
  },
);

/** The reasons behind what `campaigns` counts as one: whom it excluded, and what was wrong with invalid rows. */
async function leftOutOf(pool: Pool, campaign: Campaign): Promise<CampaignPlan['leftOut']> {
  const { duplicateCount, noCreditCount, unfollowedCount, excludedCount, invalidCount } = campaign;
  const counted = [
    { reason: 'duplicate', code: 'duplicate', count: duplicateCount },
    { reason: 'no_credit', code: 'no-credit', count: noCreditCount },
    { reason: 'unfollowed', code: 'unfollowed', count: unfollowedCount },
  ] as const;
  const others = excludedCount + invalidCount === 0 ? [] : await countDropped(pool, campaign.id);
  return [...counted.filter(({ count }) => count > 0), ...others];
}

async function lastCanaryOf(pool: Pool, campaign: Campaign): Promise<LastCanary | null> {
  // Elsewhere WeChat holds nothing for review.
  if (campaign.channel !== 'oa-template') return null;
  const { appid, channel, templateId, id: before } = campaign;
  const last = await lastSent(pool, { appid, channel, templateId, before, fewest: fewestOfCanary });
  const holds = last === null ? null : await canaryHolds(pool, last.id);
  if (last === null || holds === null) return null;
  const { answered: of, held, mostHeldPercent } = holds;
  return {
    ...{ campaign: last.id, at: last.startedAt, isSameTemplate: last.isSameTemplate },
    ...{ of, held, mostHeldPercent },
  };
}

async function firstDropped(pool: Pool, campaign: Campaign): Promise<CampaignPlan['dropped']> {
  const { duplicateCount, invalidCount, noCreditCount, excludedCount } = campaign;
  const total = duplicateCount + invalidCount + noCreditCount + excludedCount;
  const rows = total === 0 ? [] : await listDropped(pool, campaign.id, 0, droppedShown, 'unfollowed');
  return { rows, total };
}

/**
 * Names what a person looked at. A planned campaign's own row never changes; its template may, when it is synced, and
 * then what was seen is no longer what people get.
 */
export async function planHash(pool: Pool, campaign: Campaign): Promise<string> {
  const template =
    campaign.templateId === null ? null : await findTemplate(pool, campaign.appid, campaign.templateId);
  const seen = [
    ...[campaign.uuid, campaign.channel, campaign.message, campaign.audience, campaign.exclusions],
    ...[campaign.audienceCount, campaign.plannedCount, campaign.plannedAt?.toISOString() ?? null],
    ...[campaign.startAt?.toISOString() ?? null, campaign.validUntil?.toISOString() ?? null],
    ...[template?.title ?? null, template?.content ?? null, template?.goneAt?.toISOString() ?? null],
  ];
  return hash('sha256', canonical(seen), 'base64url');
}
