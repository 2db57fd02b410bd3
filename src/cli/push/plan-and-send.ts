import { personOf } from '../../app/actor.ts';
import type { Campaign, CampaignView } from '../../app/campaigns/campaign.ts';
import { confirmCampaign, discardCampaign } from '../../app/campaigns/control.ts';
import { planCampaign } from '../../app/campaigns/fill.ts';
import { type CampaignPlan, showPlan } from '../../app/campaigns/plan.ts';
import { findCampaignState, showCampaign } from '../../app/campaigns/report.ts';
import { failure } from '../../base/errors.ts';
import { within } from '../../base/within.ts';
import { campaignStates } from '../../texts/parts.ts';
import { text } from '../../texts/ui.ts';
import type { CliContext } from '../context.ts';
import { askYesNo } from '../input/ask.ts';
import type { Session } from '../open.ts';
import { outlast } from '../output/outage.ts';
import { droppedLines, planJson, planLines } from '../output/plan-lines.ts';
import { pauseReason, reportJson } from '../output/report-lines.ts';
import { showEnd } from '../output/show-campaign.ts';
import { type Role, Workforce } from '../workforce.ts';
import { followCampaign, waitPlanned } from './follow.ts';

/** A campaign that does not come to its start is cancelled within so long, ms, unless the database is what stops it. */
const discardWithinMs = 2_000;

/** What happens with a campaign once its recipients are known. */
export interface SendOptions {
  dryRun: boolean;
  yes: boolean;
  wait: boolean;
  json: boolean;
  /** The caller prints the report, and says how it goes on. Default false. */
  reportsItself?: boolean;
  /**
   * It is about a campaign that somebody else planned: it is confirmed with this count, or by a person who sees it, and left
   * as it is otherwise. Default: it is the caller's own, and cancelled when it does not come to its start.
   */
  confirms?: { expected: number | null };
  role: Role;
}

/** Plans a staged campaign, shows it, asks, and sends it. Null when nothing was sent, or nobody waits for it. */
export async function planAndSend(
  context: CliContext,
  session: Session,
  version: string,
  request: SendOptions,
  staged: Pick<Campaign, 'id' | 'state'>,
): Promise<CampaignView | null> {
  const workforce = new Workforce(context, session, request.role, version, staged.id);
  try {
    const confirmed = await toItsStart(context, session, workforce, request, staged);
    if (confirmed === null) return null;
    const { id, planned, awaitsApproval } = confirmed;
    if (awaitsApproval) {
      context.out(
        request.json
          ? JSON.stringify({ campaign: id, state: 'planned', awaitingApproval: true, planned })
          : text(context.lang, 'push.awaitsApproval', { id: String(id), planned }),
      );
      return null;
    }
    await outlast(context, session, () => workforce.ensure());
    if (!workforce.foreground && !request.wait) {
      const values = { id: String(id), nodes: workforce.nodes };
      context.out(
        request.json
          ? JSON.stringify({ campaign: id, state: 'running', planned })
          : text(context.lang, 'push.worker', values),
      );
      return null;
    }
    if (workforce.foreground && !request.json && !request.reportsItself)
      context.out(text(context.lang, 'push.foreground'));
    await followCampaign(context, session, workforce, id, request.json);
    const report = await outlast(context, session, () => showCampaign(session, context.actor, { id }));
    if (report.campaign.state !== 'done') context.setExit(1);
    if (request.reportsItself !== true) showEnd(context, report, request.json);
    return report;
  } finally {
    await workforce.stop();
  }
}

/** Plans, shows, asks and confirms; null when it is not to be sent. One of our own that does not come so far is cancelled. */
async function toItsStart(
  context: CliContext,
  session: Session,
  workforce: Workforce,
  request: SendOptions,
  staged: Pick<Campaign, 'id' | 'state'>,
): Promise<{ id: number; planned: number; awaitsApproval: boolean } | null> {
  const { id } = staged;
  try {
    // Its rows are stored: a database that goes away now is no reason to read them again.
    if (staged.state === 'staging') await outlast(context, session, () => handOver(context, session, id));
    const campaign = await waitPlanned(context, session, workforce, id, request.json);
    if (context.signal.aborted) return await giveUp(context, session, id, request);
    if (campaign.state !== 'planned' && campaign.state !== 'failed')
      throw failure('CAMPAIGN_STATE/changed-by-other', {
        ...{ id: String(id), state: campaignStates[campaign.state] },
      });
    const plan = await outlast(context, session, () => showPlan(session, context.actor, { id }));
    if (campaign.state === 'failed') throw planFailed(context, request, plan);
    if (!request.json) for (const line of planLines(plan, context.lang)) context.out(line);
    if (request.dryRun || campaign.plannedCount === 0)
      return await endWithoutSending(context, session, request, plan);
    const planned = campaign.plannedCount;
    if (!(await isConfirmed(context, request, plan))) return await giveUp(context, session, id, request);
    const { planHash } = plan;
    const awaitsApproval = await confirm(context, session, { id, planned, planHash });
    return { id, planned, awaitsApproval };
  } catch (error) {
    // What failed before its start is begun anew by whoever wants it; somebody else's is not ours to end.
    if (request.confirms === undefined) {
      const discarded = discardCampaign(session, context.actor, { id, reason: 'start_failed' });
      await within(discardWithinMs, discarded).catch(() => {});
    }
    throw error;
  }
}

/** Again if need be: the answer to the first time may have been lost. */
async function handOver(context: CliContext, session: Session, id: number): Promise<void> {
  const campaign = await findCampaignState(session, context.actor, { id });
  if (campaign?.state === 'staging') await planCampaign(session, context.actor, { id });
}

/**
 * Says so, again if need be, and whether somebody else has to say so too: where the answer to the first time was lost, the
 * campaign may be on its way, or at its end.
 */
async function confirm(
  context: CliContext,
  session: Session,
  plan: Parameters<typeof confirmCampaign>[2],
): Promise<boolean> {
  const { actor } = context;
  let isRepeat = false;
  return await outlast(context, session, async () => {
    const campaign = isRepeat ? await findCampaignState(session, actor, { id: plan.id }) : null;
    isRepeat = true;
    if (campaign?.confirmedBy === personOf(actor) && campaign.state !== 'planned') return false;
    return (await confirmCampaign(session, actor, plan)).awaitsApproval;
  });
}

/** Ends it without a message. A repeat changes nothing. */
async function discard(
  context: CliContext,
  session: Session,
  input: Parameters<typeof discardCampaign>[2],
): Promise<void> {
  await outlast(context, session, () => discardCampaign(session, context.actor, input));
}

function planFailed(context: CliContext, { json }: SendOptions, plan: CampaignPlan) {
  const { campaign } = plan;
  if (!json) for (const line of droppedLines(plan, context.lang)) context.out(line);
  const reason = { en: pauseReason({ campaign }, 'en'), zh: pauseReason({ campaign }, 'zh') };
  return failure(
    'PLAN_FAILED',
    { id: String(campaign.id), reason },
    { details: { reason: campaign.stateReason } },
  );
}

/** By a flag, by the count that was named, or by a person who is asked. Throws `CAMPAIGN_STATE` for another count. */
async function isConfirmed(
  context: CliContext,
  request: SendOptions,
  { campaign }: CampaignPlan,
): Promise<boolean> {
  const planned = campaign.plannedCount;
  const expected = request.confirms?.expected ?? null;
  if (expected !== null && expected !== planned)
    throw failure('CAMPAIGN_STATE/other-count', { id: String(campaign.id), planned, expected });
  if (request.yes || expected !== null) return true;
  return await askYesNo(context, text(context.lang, 'push.ask', { planned }));
}

async function endWithoutSending(
  context: CliContext,
  session: Session,
  request: SendOptions,
  plan: CampaignPlan,
): Promise<null> {
  const { id } = plan.campaign;
  await discard(context, session, { id, reason: request.dryRun ? 'dry_run' : 'nobody' });
  if (request.json) {
    const report = await outlast(context, session, () => showCampaign(session, context.actor, { id }));
    context.out(JSON.stringify({ ...reportJson(report), ...planJson(plan), dryRun: request.dryRun }));
  } else context.out(text(context.lang, request.dryRun ? 'push.dryRun' : 'push.nobody'));
  if (!request.dryRun) context.setExit(1);
  return null;
}

/** It is not to be sent: one of our own is cancelled, another one stays as it is. */
async function giveUp(
  context: CliContext,
  session: Session,
  id: number,
  { json, confirms, reportsItself = false }: SendOptions,
): Promise<null> {
  context.setExit(1);
  if (confirms !== undefined) {
    context.err(text(context.lang, 'ask.cancelled'));
    return null;
  }
  await discard(context, session, { id, reason: 'not_confirmed' });
  if (reportsItself) return null;
  if (json) context.out(JSON.stringify(reportJson(await showCampaign(session, context.actor, { id }))));
  else context.out(text(context.lang, 'push.cancelled', { id: String(id) }));
  return null;
}
