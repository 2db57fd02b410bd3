import { type CampaignReport, campaignReport } from '../../engine/campaigns/report.ts';
import { compileCampaignMessage } from '../../engine/content/compiled-message.ts';
import { viewQuota } from '../../engine/sending/projection.ts';
import { type Account, getAccount } from '../../store/accounts/accounts.ts';
import type { Campaign } from '../../store/campaigns/campaigns.ts';
import { keepHours } from '../../store/campaigns/left.ts';
import { firstRecipients } from '../../store/campaigns/outcomes.ts';
import { listDropped } from '../../store/campaigns/staging.ts';
import { liveNodes } from '../../store/database/nodes.ts';
import type { Lang } from '../../texts/catalogue.ts';
import { text } from '../../texts/ui.ts';
import { channels } from '../../wechat/channels.ts';
import type { CliContext } from '../context.ts';
import type { Session } from '../open.ts';
import { countsOf, creditLines, pauseReason, reportJson, reportLines } from './report-lines.ts';
import { formatTime } from './when.ts';

/** Examples shown before the question, and left-out rows shown with them. */
const exampleCount = 3;
const droppedShown = 10;

/** What a person decides by: the counts, the rows that were left out, and the first messages as they will be sent. */
export async function showPlan(context: CliContext, session: Session, campaign: Campaign): Promise<void> {
  const account = await getAccount(session.store.pool, campaign.appid);
  const name = account.name === '' ? '' : ` (${account.name})`;
  context.out(
    text(context.lang, 'push.planned', {
      id: String(campaign.id),
      channel: campaign.channel,
      appid: campaign.appid,
      name,
    }),
  );
  context.out(text(context.lang, 'push.counts', countsOf({ campaign })));
  for (const line of creditLines(campaign, context.lang)) context.out(line);
  const { startAt, validUntil } = campaign;
  if (startAt !== null)
    context.out(text(context.lang, 'push.startsAt', { at: formatTime(startAt, account.timeZone) }));
  if (validUntil !== null)
    context.out(text(context.lang, 'push.validUntil', { until: formatTime(validUntil, account.timeZone) }));
  await showPace(context, session, campaign, account);
  await showDropped(context, session, campaign);
  const message = compileCampaignMessage(campaign);
  const first = await firstRecipients(session.store.pool, campaign.id, exampleCount);
  if (first.length === 0) return;
  context.out(text(context.lang, 'push.examples', { n: first.length }));
  for (const one of first) context.out(`  ${message.render(one.openid, one.vars, null)}`);
}

/** How long it takes at the account's rate, and whether today's quota is enough. */
async function showPace(
  context: CliContext,
  session: Session,
  campaign: Campaign,
  account: Pick<Account, 'ratePerS' | 'timeZone'>,
): Promise<void> {
  const { ratePerS, timeZone } = account;
  const needs = campaign.plannedCount;
  if (needs === 0) return;
  const minutes = needs / ratePerS / 60;
  context.out(
    minutes < 1
      ? text(context.lang, 'push.seconds', { rate: ratePerS, seconds: Math.ceil(minutes * 60) })
      : text(context.lang, 'push.minutes', { rate: ratePerS, minutes: Math.ceil(minutes) }),
  );
  const { path } = channels[campaign.channel];
  const { left, source, reset } = await viewQuota(
    { ...session, logger: context.logger },
    campaign.appid,
    path,
  );
  if (left === null) return;
  context.out(text(context.lang, 'push.quota', { needs, left, source }));
  if (left < needs)
    context.out(
      text(context.lang, 'push.quotaShort', { rest: needs - left, until: formatTime(reset, timeZone) }),
    );
}

/** The first rows that the plan left out, those who do not follow excepted: they are a number, not a mistake. */
export async function showDropped(context: CliContext, session: Session, campaign: Campaign): Promise<void> {
  const total =
    campaign.duplicateCount + campaign.invalidCount + campaign.noCreditCount + campaign.excludedCount;
  if (total === 0) return;
  const dropped = await listDropped(session.store.pool, campaign.id, 0, droppedShown, 'unfollowed');
  context.out(text(context.lang, 'push.badRows', { shown: dropped.length, total }));
  for (const { line, seq, code, detail, column } of dropped) {
    const values = { line: String(line || seq), code, detail };
    context.out(
      column === null || column === undefined
        ? text(context.lang, 'push.badRow', values)
        : text(context.lang, 'push.badCell', { ...values, column }),
    );
  }
  if (total > dropped.length)
    context.out(text(context.lang, 'push.badRowsMore', { id: String(campaign.id) }));
}

/** The report, and what to do when the campaign did not come to its end. */
export function showEnd(context: CliContext, report: CampaignReport, json: boolean): void {
  const { campaign } = report;
  if (json) context.out(JSON.stringify(reportJson(report)));
  else for (const line of reportLines(report, context.lang)) context.out(line);
  if (campaign.state === 'done') return;
  context.setExit(1);
  if (!json) showStandstill(context, report);
}

/** Why a campaign stands still, and how it goes on. */
export function showStandstill(context: CliContext, report: CampaignReport): void {
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
export function showNext(
  context: CliContext,
  { campaign, timeZone }: CampaignReport,
  next: string | null,
): void {
  if (next !== null && campaign.state !== 'paused')
    context.out(nextText(context.lang, campaign, timeZone, next));
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
  campaign: Campaign,
  json: boolean,
): Promise<void> {
  const { pool } = session.store;
  const report = await campaignReport(pool, campaign.id);
  const idle = campaign.state === 'running' && (await liveNodes(pool)).length === 0;
  if (campaign.state === 'paused' || campaign.state === 'cancelled' || idle) context.setExit(1);
  if (json) {
    context.out(JSON.stringify({ existing: true, ...reportJson(report) }));
    return;
  }
  const id = String(campaign.id);
  const state = text(context.lang, `state.${campaign.state}`);
  context.out(text(context.lang, 'push.exists', { key: campaign.key ?? '', id, state }));
  for (const line of reportLines(report, context.lang)) context.out(line);
  showStandstill(context, report);
  if (idle) context.out(text(context.lang, 'campaigns.idle', { id }));
}
