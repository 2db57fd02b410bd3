import type { CampaignReport } from '../engine/report.ts';
import { channels } from '../wechat/channels.ts';
import { errcodeInfo } from '../wechat/errcodes.ts';
import { pad } from './table.ts';
import { count, type Lang, type TextKey, text } from './text.ts';
import { formatTime } from './when.ts';

/** The report that a person reads. */
export function reportLines(report: CampaignReport, lang: Lang): string[] {
  const { campaign } = report;
  const { path } = channels[campaign.channel];
  const lines = [
    text(lang, 'report.title', { id: String(campaign.id), state: text(lang, `state.${campaign.state}`) }),
    text(lang, 'push.counts', countsOf(report)),
  ];
  const part = (key: TextKey, n: number): void => {
    lines.push(`  ${pad(text(lang, key), 24)}${count(n).padStart(12)}`);
  };
  const reasons = (by: Record<string, number>): void => {
    const sorted = Object.entries(by).sort(([, a], [, b]) => b - a);
    for (const [reason, n] of sorted)
      lines.push(`      ${count(n).padStart(12)}  ${explain(reason, path, lang)}`);
  };
  part('report.accepted', report.accepted);
  part('report.rejected', report.rejected);
  reasons(report.rejectedBy);
  part('report.unknown', report.unknown);
  reasons(report.unknownBy);
  part('report.unsent', report.unsent);
  reasons(report.unsentBy);
  if (report.messagesPerSecond !== null) {
    lines.push(`  ${text(lang, 'report.rate', { rate: count(Math.round(report.messagesPerSecond)) })}`);
  }
  const waits = waitLine(report, lang);
  if (waits !== null) lines.push(`  ${waits}`);
  if (campaign.state === 'done') lines.push(`  ${text(lang, 'report.note')}`);
  return lines;
}

/** What a running campaign waits for, and until when; null when nothing holds it up. */
export function waitLine(report: CampaignReport, lang: Lang): string | null {
  const { waitsFor, timeZone, campaign } = report;
  if (waitsFor === null) return null;
  const until = waitsFor.until === null ? '' : formatTime(waitsFor.until, timeZone);
  return text(lang, `wait.${waitsFor.what}`, { appid: campaign.appid, until });
}

/** One errcode with WeChat's words and ours, or the words for a reason without errcode. */
export function explain(reason: string, path: string, lang: Lang): string {
  if (/^-?\d+$/.test(reason)) {
    const info = errcodeInfo(Number(reason), path);
    return `${reason} ${info.wechat === '' ? '' : `${info.wechat} – `}${info[lang]}`;
  }
  const key = `reason.${reason}`;
  return isTextKey(key) ? text(lang, key) : reason;
}

function isTextKey(key: string): key is TextKey {
  return reasonKeys.has(key);
}

const reasonKeys = new Set<string>([
  'reason.expired',
  'reason.pause-account',
  'reason.node-ip',
  'reason.park',
  'reason.minute',
  'reason.handed-back',
  'reason.maybe-sent',
  'reason.restored',
  'reason.intercepted',
  'reason.cancelled',
  'reason.timeout',
  'reason.reset',
  'reason.gateway',
  'reason.unparsable',
  'reason.crash',
  'reason.connect',
  'reason.busy',
  'reason.token',
  'reason.deadline',
  'reason.not-started',
  'reason.interrupted',
  'reason.operator',
  'reason.dry_run',
  'reason.nobody',
  'reason.not_confirmed',
  'reason.audience_incomplete',
]);

/** Why a campaign stands still: the stored reason with its explanation. */
export function pauseReason(report: Pick<CampaignReport, 'campaign'>, lang: Lang): string {
  const { state, stateReason, stateDetail, channel, invalidCount } = report.campaign;
  if (stateReason === null) return '';
  // Only a plan fails, and the only thing that a plan asks WeChat for are the members of a tag.
  const path = state === 'failed' ? '/cgi-bin/user/tag/get' : channels[channel].path;
  const errcode = /^errcode:(-?\d+)$/.exec(stateReason)?.[1];
  if (errcode !== undefined) {
    const info = errcodeInfo(Number(errcode), path);
    return `${errcode} ${stateDetail ?? info.wechat}\n  ${info[lang]}`;
  }
  if (stateReason === 'invalid_rows') return text(lang, 'reason.invalid_rows', { rows: invalidCount });
  const words = explain(stateReason, path, lang);
  return stateDetail === null || stateDetail === '' ? words : `${words}: ${stateDetail}`;
}

export function countsOf(report: Pick<CampaignReport, 'campaign'>): Record<string, number> {
  const { campaign } = report;
  return {
    audience: campaign.audienceCount,
    planned: campaign.plannedCount,
    duplicate: campaign.duplicateCount,
    invalid: campaign.invalidCount,
    noCredit: campaign.noCreditCount,
    unfollowed: campaign.unfollowedCount,
    excluded: campaign.excludedCount,
  };
}

/** The object that `--json` ends with. */
export function reportJson(report: CampaignReport): Record<string, unknown> {
  return {
    campaign: report.campaign.id,
    state: report.campaign.state,
    ...(report.campaign.stateReason === null
      ? {}
      : { reason: report.campaign.stateReason, detail: report.campaign.stateDetail }),
    ...countsOf(report),
    accepted: report.accepted,
    rejected: report.rejected,
    unknown: report.unknown,
    unsent: report.unsent,
    byErrcode: { ...report.rejectedBy },
    byUnknown: report.unknownBy,
    byUnsent: report.unsentBy,
    messagesPerSecond: report.messagesPerSecond,
    ...(report.waitsFor === null ? {} : { waitsFor: report.waitsFor }),
  };
}
