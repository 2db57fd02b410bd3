import type { Campaign, CampaignView, NextStep } from '../../app/campaigns/campaign.ts';
import { keepHours, showCampaign } from '../../app/campaigns/report.ts';
import type { Lang } from '../../texts/catalogue.ts';
import { campaignCommand } from '../../texts/commands.ts';
import { text } from '../../texts/ui.ts';
import type { CliContext } from '../context.ts';
import type { Session } from '../open.ts';
import { pauseReason, reportJson, reportLines, stateText } from './report-lines.ts';
import { formatTime } from './when.ts';

/** The command by which a campaign that waits for a person goes on, or ends; null for one that does not. */
export function commandOf(id: number, next: NextStep): string | null {
  return next === null ? null : campaignCommand(next, id);
}

/** The report, and what to do when the campaign did not come to its end. */
export function showEnd(context: CliContext, report: CampaignView, json: boolean): void {
  const { campaign } = report;
  if (json) context.out(JSON.stringify(reportJson(report)));
  else for (const line of reportLines(report, context.lang)) context.out(line);
  // Nobody has it, or may have it.
  if (report.accepted + report.unknown + report.held === 0) context.setExit(1);
  if (campaign.state === 'done') return;
  context.setExit(1);
  if (!json) showStandstill(context, report);
}

/** Why a campaign stands still, and how it goes on. */
export function showStandstill(context: CliContext, report: CampaignView): void {
  const { campaign } = report;
  const id = String(campaign.id);
  if (campaign.state === 'failed' || campaign.state === 'cancelled') {
    const reason = pauseReason(report, context.lang);
    if (reason !== '') context.out(text(context.lang, 'campaigns.why', { reason }));
    return;
  }
  if (campaign.state !== 'paused') return;
  if (campaign.stateReason === 'interrupted' || campaign.stateReason === 'operator') {
    context.out(text(context.lang, 'push.parked', { id }));
    return;
  }
  context.out(text(context.lang, 'push.paused', { reason: pauseReason(report, context.lang) }));
  context.out(text(context.lang, 'push.resumeHint', { id }));
}

/** What goes on only when somebody says so, and what there is to say; nothing of one that is paused, which says it already. */
export function showNext(context: CliContext, { campaign, timeZone, next }: CampaignView): void {
  const command = commandOf(campaign.id, next);
  if (command !== null && campaign.state !== 'paused')
    context.out(nextText(context.lang, campaign, timeZone, command));
}

function nextText(lang: Lang, campaign: Campaign, timeZone: string, command: string): string {
  const { confirmedBy, createdAt, plannedAt, plannedCount: n, readUntil } = campaign;
  const id = String(campaign.id);
  const until = (from: Date): string =>
    formatTime(new Date(from.getTime() + keepHours * 3_600_000), timeZone);
  switch (campaign.state) {
    case 'staging':
      return text(lang, 'next.staging', { command, until: until(readUntil ?? createdAt) });
    case 'planning':
      return text(lang, 'next.planning', { command, until: until(createdAt) });
    case 'planned':
      if (confirmedBy !== null) return text(lang, 'push.awaitsApproval', { id, planned: n });
      return text(lang, 'next.planned', { command, id, n, until: until(plannedAt ?? createdAt) });
    default:
      return text(lang, 'campaigns.idle', { id });
  }
}

/** A campaign that was started under the same key before: its report, and what to do if it does not move. */
export async function showExisting(
  context: CliContext,
  session: Session,
  id: number,
  json: boolean,
): Promise<void> {
  const report = await showCampaign(session, context.actor, { id });
  const { campaign } = report;
  const idle = campaign.state === 'running' && !report.isWorkedOn;
  if (campaign.state === 'paused' || campaign.state === 'cancelled' || idle) context.setExit(1);
  if (json) {
    context.out(JSON.stringify({ existing: true, ...reportJson(report) }));
    return;
  }
  const state = stateText(campaign, context.lang);
  context.out(text(context.lang, 'push.exists', { key: campaign.key ?? '', id: String(id), state }));
  for (const line of reportLines(report, context.lang)) context.out(line);
  showStandstill(context, report);
  if (idle) context.out(text(context.lang, 'campaigns.idle', { id: String(id) }));
}
