import { type CampaignReport, type CampaignView, isDryRun } from '../../app/campaigns/campaign.ts';
import { count, type Lang } from '../../texts/catalogue.ts';
import { channelWords } from '../../texts/channels.ts';
import { reasonText, standstillText } from '../../texts/reasons.ts';
import { type TextKey, text } from '../../texts/ui.ts';
import { channels } from '../../wechat/channels.ts';
import { errcodeInfo } from '../../wechat/errcodes/errcodes.ts';
import { pad } from './table.ts';
import { formatTime } from './when.ts';

/** So long after WeChat's time a running node has asked what became of its holds. */
const heldGraceMs = 10 * 60_000;

/** The report that a person reads. */
export function reportLines(report: CampaignView, lang: Lang): string[] {
  const { campaign } = report;
  const { path } = channels[campaign.channel];
  const lines = [
    text(lang, 'report.title', { id: String(campaign.id), state: stateText(campaign, lang) }),
    text(lang, 'push.counts', countsOf(report)),
    ...creditLines(report, lang),
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
  lines.push(...receiptLines(report, lang));
  part('report.rejected', report.rejected);
  reasons(report.rejectedBy);
  part('report.unknown', report.unknown);
  reasons(report.unknownBy);
  lines.push(...heldLines(report, lang));
  part('report.unsent', report.unsent);
  reasons(report.unsentBy);
  if (report.maybeTwice > 0) part('report.maybeTwice', report.maybeTwice);
  if (report.messagesPerSecond !== null) {
    lines.push(`  ${text(lang, 'report.rate', { rate: count(Math.round(report.messagesPerSecond)) })}`);
  }
  if (campaign.ratePerS !== null)
    lines.push(`  ${text(lang, 'report.ownRate', { rate: campaign.ratePerS })}`);
  const waits = waitLine(report, lang);
  if (waits !== null) lines.push(`  ${waits}`);
  if (campaign.state === 'running' && report.receipts.share < 1)
    lines.push(
      `  ${text(lang, 'report.share', { percent: Math.max(1, Math.floor(report.receipts.share * 100)) })}`,
    );
  if (campaign.prunedAt !== null)
    lines.push(`  ${text(lang, 'report.pruned', { at: formatTime(campaign.prunedAt, report.timeZone) })}`);
  if (campaign.state === 'done') lines.push(`  ${noteLine(report, lang)}`);
  return lines;
}

/** The state of a campaign; one that was never to be sent is not called cancelled. */
export function stateText(campaign: CampaignReport['campaign'], lang: Lang): string {
  return text(lang, isDryRun(campaign) ? 'state.dryRun' : `state.${campaign.state}`);
}

/** What became of the accepted ones; nothing where WeChat will never say. */
function receiptLines({ receipts, accepted }: CampaignReport, lang: Lang): string[] {
  if (accepted === 0 || (receipts.expected !== 'yes' && receipts.waiting + receipts.late === accepted))
    return [];
  const { failed } = receipts;
  const parts: [TextKey, number][] = [
    ['receipt.delivered', receipts.delivered],
    ['receipt.blocked', receipts.blocked],
    ['receipt.failed-system', failed.system],
    ['receipt.failed-frequency', failed.frequency],
    ['receipt.failed-other', failed.other],
    ['receipt.waiting', receipts.waiting],
    ['receipt.late', receipts.late],
  ];
  const shown = parts.filter(([key, n]) => n > 0 || key === 'receipt.delivered');
  const lines = shown.map(([key, n]) => `      ${count(n).padStart(12)}  ${text(lang, key)}`);
  if (receipts.inferred > 0) lines.push(`      ${text(lang, 'receipt.inferred', { n: receipts.inferred })}`);
  return lines;
}

/** What WeChat holds for review, and by when it decides; nothing where there is none, as nearly always. */
function heldLines({ held, heldUntil, timeZone }: CampaignReport, lang: Lang): string[] {
  if (held === 0) return [];
  const lines = [`  ${pad(text(lang, 'report.held'), 24)}${count(held).padStart(12)}`];
  if (heldUntil === null) return lines;
  const key = heldUntil.getTime() + heldGraceMs > Date.now() ? 'report.heldUntil' : 'report.heldLate';
  return [...lines, `      ${text(lang, key, { until: formatTime(heldUntil, timeZone) })}`];
}

/** What "accepted" does not say, and who says it. */
function noteLine({ receipts, campaign }: CampaignReport, lang: Lang): string {
  if (receipts.expected === 'channel')
    return text(lang, 'report.noteChannel', { channel: channelWords[campaign.channel] });
  if (receipts.expected === 'callback') return text(lang, 'report.noteCallback', { appid: campaign.appid });
  return text(lang, 'report.note');
}

/** How many of its people have a credit, where the channel needs one. */
export function creditLines({ credits }: Pick<CampaignView, 'credits'>, lang: Lang): string[] {
  return credits === null ? [] : [text(lang, 'push.credits', { ...credits })];
}

/** What a running campaign waits for, and until when; null when nothing holds it up. */
export function waitLine(report: CampaignReport, lang: Lang): string | null {
  const { waitsFor, timeZone, campaign } = report;
  if (waitsFor === null) return null;
  const until = waitsFor.until === null ? '' : formatTime(waitsFor.until, timeZone);
  if (waitsFor.errcode !== undefined) {
    const why = explain(String(waitsFor.errcode), channels[campaign.channel].path, lang);
    return text(lang, 'wait.parked', { until, why });
  }
  const { held = 0, of = 0 } = waitsFor;
  return text(lang, `wait.${waitsFor.what}`, { appid: campaign.appid, until, held, of });
}

/** One errcode with WeChat's words and ours, or the words for a reason without errcode. */
export function explain(reason: string, path: string, lang: Lang): string {
  if (/^-?\d+$/.test(reason)) {
    const info = errcodeInfo(Number(reason), path);
    return `${reason} ${info.wechat === '' ? '' : `${info.wechat} – `}${info[lang]}`;
  }
  return reasonText(reason, lang) ?? reason;
}

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
  return standstillText({ reason: stateReason, detail: stateDetail, invalid: invalidCount }, lang);
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
export function reportJson(report: CampaignView): Record<string, unknown> {
  const { credits } = report;
  return {
    campaign: report.campaign.id,
    state: report.campaign.state,
    dryRun: isDryRun(report.campaign),
    ...(report.campaign.stateReason === null
      ? {}
      : { reason: report.campaign.stateReason, detail: report.campaign.stateDetail }),
    ...countsOf(report),
    ...(credits === null ? {} : { credits }),
    accepted: report.accepted,
    rejected: report.rejected,
    unknown: report.unknown,
    held: report.held,
    ...(report.heldUntil === null ? {} : { heldUntil: report.heldUntil }),
    unsent: report.unsent,
    receipts: report.receipts,
    byErrcode: { ...report.rejectedBy },
    byUnknown: report.unknownBy,
    byUnsent: report.unsentBy,
    maybeTwice: report.maybeTwice,
    ...(report.campaign.prunedAt === null ? {} : { prunedAt: report.campaign.prunedAt }),
    messagesPerSecond: report.messagesPerSecond,
    ratePerS: report.campaign.ratePerS,
    ...(report.waitsFor === null ? {} : { waitsFor: report.waitsFor }),
  };
}
