import { HongyanError } from '../../base/errors.ts';
import { within } from '../../base/within.ts';
import { discardCampaign, submitCampaign } from '../../engine/campaigns/campaigns.ts';
import { type CampaignReport, campaignReport } from '../../engine/campaigns/report.ts';
import { canaryAbove } from '../../engine/delivery/campaign-run.ts';
import { type Campaign, confirmCampaign } from '../../store/campaigns/campaigns.ts';
import type { Node } from '../../store/database/nodes.ts';
import { text } from '../../texts/ui.ts';
import type { CliContext } from '../context.ts';
import { personName, waitsForApproval } from '../input/approval.ts';
import { askYesNo } from '../input/ask.ts';
import type { Session } from '../open.ts';
import { followCampaign, Workforce, waitPlanned } from '../output/follow.ts';
import { pauseReason, reportJson } from '../output/report-lines.ts';
import { showDropped, showEnd, showPlan } from '../output/show-campaign.ts';

/** A campaign that does not come to its start is cancelled within so long, ms, unless the database is what stops it. */
const discardWithinMs = 2_000;

/** What happens with a campaign once its recipients are known. */
export interface SendOptions {
  dryRun: boolean;
  yes: boolean;
  wait: boolean;
  json: boolean;
  /** The caller prints the report in a JSON line of its own. Default false. */
  reportsItself?: boolean;
  /**
   * It is about a campaign that somebody else planned: it is confirmed with this count, or by a person who sees it, and left
   * as it is otherwise. Default: it is the caller's own, and cancelled when it does not come to its start.
   */
  confirms?: { expected: number | null };
  role: Node['role'];
}

/** Plans a staged campaign, shows it, asks, and sends it. */
export async function planAndSend(
  context: CliContext,
  session: Session,
  version: string,
  request: SendOptions,
  staged: Campaign,
): Promise<CampaignReport | null> {
  const workforce = new Workforce(context, session, request.role, version);
  try {
    const campaign = await toItsStart(context, session, workforce, request, staged);
    if (campaign === null) return null;
    if (await waitsForApproval(context, session, campaign.id, request.json)) return null;
    await workforce.ensure();
    if (!workforce.foreground && !request.wait) {
      const values = { id: String(campaign.id), nodes: workforce.nodes };
      context.out(
        request.json
          ? JSON.stringify({ campaign: campaign.id, state: 'running', planned: campaign.plannedCount })
          : text(context.lang, 'push.worker', values),
      );
      return null;
    }
    if (workforce.foreground && !request.json) context.out(text(context.lang, 'push.foreground'));
    await followCampaign(context, session, workforce, campaign.id, request.json);
    const report = await campaignReport(session.store.pool, campaign.id);
    if (request.reportsItself === true && request.json) {
      if (report.campaign.state !== 'done') context.setExit(1);
    } else showEnd(context, report, request.json);
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
  staged: Campaign,
): Promise<Campaign | null> {
  try {
    if (staged.state === 'staging') await submitCampaign(session.store, staged);
    const campaign = await waitPlanned(context, session, workforce, staged.id, request.json);
    if (context.signal.aborted) return await giveUp(context, session, campaign.id, request);
    await requirePlanned(context, session, campaign, request.json);
    if (!request.json) {
      await showPlan(context, session, campaign);
      if (campaign.channel === 'oa-template' && campaign.plannedCount > canaryAbove)
        context.out(text(context.lang, 'push.canary'));
    }
    if (request.dryRun || campaign.plannedCount === 0)
      return await endWithoutSending(context, session, request, campaign);
    if (!(await isConfirmed(context, request, campaign)))
      return await giveUp(context, session, campaign.id, request);
    if (!(await confirmCampaign(session.store.pool, campaign.id, campaign.plannedCount, personName()))) {
      throw new HongyanError(
        'CAMPAIGN_STATE',
        `the campaign ${campaign.id} changed before it was confirmed; look at it with: hongyan campaigns show ${campaign.id}`,
      );
    }
    return campaign;
  } catch (error) {
    // What failed before its start is begun anew by whoever wants it; somebody else's is not ours to end.
    if (request.confirms === undefined)
      await within(discardWithinMs, discardCampaign(session.store, staged.id, 'start_failed')).catch(
        () => {},
      );
    throw error;
  }
}

/** Throws `PLAN_FAILED`, `CAMPAIGN_STATE`. */
async function requirePlanned(
  context: CliContext,
  session: Session,
  campaign: Campaign,
  json: boolean,
): Promise<void> {
  if (campaign.state === 'failed') {
    if (!json) await showDropped(context, session, campaign);
    const reason = pauseReason({ campaign }, context.lang);
    throw new HongyanError(
      'PLAN_FAILED',
      text(context.lang, 'push.planFailed', { id: String(campaign.id), reason }),
      { details: { reason: campaign.stateReason } },
    );
  }
  if (campaign.state !== 'planned')
    throw new HongyanError(
      'CAMPAIGN_STATE',
      `the campaign ${campaign.id} is ${campaign.state}; somebody else changed it`,
    );
}

/** By a flag, by the count that was named, or by a person who is asked. Throws `CAMPAIGN_STATE` for another count. */
async function isConfirmed(context: CliContext, request: SendOptions, campaign: Campaign): Promise<boolean> {
  const planned = campaign.plannedCount;
  const expected = request.confirms?.expected ?? null;
  if (expected !== null && expected !== planned)
    throw new HongyanError(
      'CAMPAIGN_STATE',
      `the campaign ${campaign.id} is planned for ${planned} recipients, not for ${expected}; look at it with: ` +
        `hongyan campaigns show ${campaign.id}`,
    );
  if (request.yes || expected !== null) return true;
  return await askYesNo(context, text(context.lang, 'push.ask', { planned }));
}

async function endWithoutSending(
  context: CliContext,
  session: Session,
  request: SendOptions,
  campaign: Campaign,
): Promise<null> {
  await discardCampaign(session.store, campaign.id, request.dryRun ? 'dry_run' : 'nobody');
  if (request.json)
    context.out(
      JSON.stringify({
        ...reportJson(await campaignReport(session.store.pool, campaign.id)),
        dryRun: request.dryRun,
      }),
    );
  else context.out(text(context.lang, request.dryRun ? 'push.dryRun' : 'push.nobody'));
  if (!request.dryRun) context.setExit(1);
  return null;
}

/** It is not to be sent: one of our own is cancelled, another one stays as it is. */
async function giveUp(
  context: CliContext,
  session: Session,
  id: number,
  { json, confirms }: SendOptions,
): Promise<null> {
  if (confirms !== undefined) {
    context.err(text(context.lang, 'ask.cancelled'));
    context.setExit(1);
    return null;
  }
  await discardCampaign(session.store, id, 'not_confirmed');
  if (json) context.out(JSON.stringify(reportJson(await campaignReport(session.store.pool, id))));
  else context.out(text(context.lang, 'push.cancelled', { id: String(id) }));
  context.setExit(1);
  return null;
}
