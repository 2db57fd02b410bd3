import { failure } from '../../base/errors.ts';
import { requireKey } from '../../base/idempotency-key.ts';
import { discardCampaign as discard } from '../../engine/campaigns/campaigns.ts';
import { type ResendWhat, resendCampaign as resend } from '../../engine/campaigns/resend.ts';
import { setCampaignRate } from '../../store/accounts/pace.ts';
import {
  approveCampaign as approve,
  type Campaign,
  cancelStarted,
  confirmCampaign as confirm,
  findCampaign,
  pauseCampaign as pause,
  resumeCampaign as resume,
} from '../../store/campaigns/campaigns.ts';
import { campaignStates } from '../../texts/parts.ts';
import { checkRate } from '../accounts/settings.ts';
import { type ActionSpec, action } from '../action.ts';
import { personOf } from '../actor.ts';
import { notWaiting, requireCampaign } from './campaign.ts';
import { planHash } from './plan.ts';

export type { ResendWhat } from '../../engine/campaigns/resend.ts';

interface OfCampaign {
  id: number;
}

function changes(
  name: string,
  permission: 'campaign.send' | 'campaign.create' | 'campaign.approve',
): ActionSpec<OfCampaign> {
  return { name, permission, audit: 'change', target: ({ id }) => id };
}

/**
 * The word that starts a planned campaign: it names how many it is planned for and, where the plan was looked at,
 * its `planHash`. Above the account's approval limit it waits for a second person then.
 *
 * Throws `CAMPAIGN_STATE` when it is planned for others, or not waiting for this.
 */
export const confirmCampaign = action<
  OfCampaign & { planned: number; planHash?: string },
  { state: Campaign['state']; awaitsApproval: boolean; planned: number }
>(changes('campaigns.confirm', 'campaign.send'), async ({ store }, input, { actor, trail, require }) => {
  const { pool } = store;
  const id = String(input.id);
  const campaign = await requireCampaign(pool, input.id, require);
  const { plannedCount: planned, confirmedBy } = campaign;
  const isRepeat = confirmedBy === personOf(actor);
  if (campaign.state !== 'planned' || (confirmedBy !== null && !isRepeat))
    throw await notWaiting(pool, campaign);
  if (planned !== input.planned)
    throw failure('CAMPAIGN_STATE/other-count', { id, planned, expected: input.planned });
  if (input.planHash !== undefined && input.planHash !== (await planHash(pool, campaign)))
    throw failure('CAMPAIGN_STATE/other-plan', { id });
  trail.before = { state: campaign.state, planned };
  // Whoever says it again does not take the second person's word away.
  if (isRepeat) return { state: 'planned', awaitsApproval: true, planned };
  if (!(await confirm(pool, input.id, planned, personOf(actor))))
    throw failure('CAMPAIGN_STATE/changed', { id });
  const state = (await findCampaign(pool, input.id))?.state ?? campaign.state;
  trail.after = { state };
  return { state, awaitsApproval: state === 'planned', planned };
});

/** A campaign that waits for `confirmCampaign`, or will once it is planned. Throws `CAMPAIGN_STATE` for others. */
export const requireConfirmable = action<OfCampaign, Campaign>(
  { name: 'campaigns.confirmable', permission: 'campaign.send', audit: 'none', target: ({ id }) => id },
  async ({ store: { pool } }, { id }, { require }) => {
    const campaign = await requireCampaign(pool, id, require);
    const isOpen = ['planning', 'planned'].includes(campaign.state) && campaign.confirmedBy === null;
    if (!isOpen) throw await notWaiting(pool, campaign);
    return campaign;
  },
);

/** The second person's word. Throws `APPROVAL_OWN`, and `CAMPAIGN_STATE` for a campaign that does not wait for it. */
export const approveCampaign = action<OfCampaign, { state: 'running' }>(
  changes('campaigns.approve', 'campaign.approve'),
  async ({ store }, { id }, { actor, trail, require }) => {
    const campaign = await requireCampaign(store.pool, id, require);
    const person = personOf(actor);
    const answer = await approve(store.pool, id, person);
    if (answer === 'own') throw failure('APPROVAL_OWN', { person, id: String(id) });
    if (answer === 'not-waiting') throw await notWaiting(store.pool, campaign);
    trail.after = { state: answer };
    return { state: answer };
  },
);

/** Stops sending; what is in flight is finished. Throws `CAMPAIGN_STATE` for one that is not running. */
export const pauseCampaign = action<
  OfCampaign & { reason?: 'operator' | 'interrupted' },
  { state: 'paused' }
>(
  changes('campaigns.pause', 'campaign.send'),
  async ({ store }, { id, reason = 'operator' }, { trail, require }) => {
    const { state } = await requireCampaign(store.pool, id, require);
    if (!(await pause(store.pool, id, reason, null)))
      throw failure('CAMPAIGN_STATE/not-running', { id: String(id), state: campaignStates[state] });
    trail.after = { state: 'paused', reason };
    return { state: 'paused' };
  },
);

/** Goes on with a paused campaign, or with a running one that nobody is at work on. Throws `CAMPAIGN_STATE` for others. */
export const resumeCampaign = action<OfCampaign, { state: 'running' }>(
  changes('campaigns.resume', 'campaign.send'),
  async ({ store }, { id }, { trail, require }) => {
    const campaign = await requireCampaign(store.pool, id, require);
    trail.before = { state: campaign.state, reason: campaign.stateReason };
    // A running campaign whose workers are gone (kill -9) is taken up in the same way.
    if (campaign.state !== 'running' && !(await resume(store.pool, id)))
      throw await notWaiting(store.pool, campaign);
    trail.after = { state: 'running' };
    return { state: 'running' };
  },
);

/** Ends a campaign for good; what is in flight is finished, the rest stays unsent. Throws `CAMPAIGN_STATE` for one that is over. */
export const cancelCampaign = action<OfCampaign, { state: 'cancelled' }>(
  changes('campaigns.cancel', 'campaign.send'),
  async ({ store }, { id }, { trail, require }) => {
    const { state } = await requireCampaign(store.pool, id, require);
    trail.before = { state };
    const isCancelled =
      (await discard(store, id, 'operator')) || (await cancelStarted(store.pool, id, 'operator'));
    if (!isCancelled) throw failure('CAMPAIGN_STATE/over', { id: String(id), state: campaignStates[state] });
    trail.after = { state: 'cancelled' };
    return { state: 'cancelled' };
  },
);

/**
 * Most messages per second of a campaign, over all nodes, also while it runs; null: only its account's rate, which holds in
 * any case. Throws `CAMPAIGN_STATE` for one that is over, `ACCOUNT_INVALID` for a rate that is none.
 */
export const changeCampaignRate = action<
  OfCampaign & { ratePerS: number | null },
  { state: Campaign['state']; ratePerS: number | null }
>(
  { ...changes('campaigns.rate', 'campaign.send'), kept: ({ ratePerS }) => ({ ratePerS }) },
  async ({ store }, { id, ratePerS }, { trail, require }) => {
    const { state, ratePerS: before } = await requireCampaign(store.pool, id, require);
    if (ratePerS !== null) checkRate(ratePerS);
    trail.before = { ratePerS: before };
    if (!(await setCampaignRate(store.pool, id, ratePerS)))
      throw failure('CAMPAIGN_STATE/over', { id: String(id), state: campaignStates[state] });
    return { state, ratePerS };
  },
);

/** Drops a campaign that is not to be sent after all; false when it was started, or is over. */
export const discardCampaign = action<
  OfCampaign & { reason: 'dry_run' | 'nobody' | 'not_confirmed' | 'start_failed' },
  boolean
>(changes('campaigns.discard', 'campaign.create'), async ({ store }, { id, reason }, { trail, require }) => {
  await requireCampaign(store.pool, id, require);
  trail.after = { reason };
  return await discard(store, id, reason);
});

/**
 * A new campaign to some of an ended one's recipients, complete and ready for `planCampaign`; its messages have keys
 * of their own, so `unknown` may reach people twice. `existed`: the key has it already. `held`: those whom WeChat holds
 * for review, never sent to again.
 *
 * Throws `CAMPAIGN_STATE` while the campaign may still send, `KEY_INVALID`, `KEY_REUSED`, `CAMPAIGN_PRUNED`.
 */
export const resendCampaign = action<
  OfCampaign & {
    what: ResendWhat[];
    key?: string | undefined;
    includeNoCredit?: boolean;
    signal?: AbortSignal;
  },
  {
    campaign: Campaign;
    recipients: number;
    /** Of those. */
    by: Record<ResendWhat, number>;
    existed: boolean;
    held: number;
  }
>(
  { ...changes('campaigns.resend', 'campaign.create') },
  async ({ store }, { id, what, ...options }, { trail, require }) => {
    await requireCampaign(store.pool, id, require);
    if (options.key !== undefined) requireKey(options.key);
    const made = await resend(store, id, what, options);
    trail.after = { campaign: made.campaign.id, what, recipients: made.recipients };
    return made;
  },
);
