import { clearScreenDown, cursorTo, moveCursor } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { answeredOf, type CampaignView } from '../../app/campaigns/campaign.ts';
import { type AccountActivity, watchCampaign as look } from '../../app/campaigns/report.ts';
import { count } from '../../texts/catalogue.ts';
import { text } from '../../texts/ui.ts';
import type { CliContext } from '../context.ts';
import type { Session } from '../open.ts';
import { printable } from './printable.ts';
import { reportJson, reportLines } from './report-lines.ts';

const everyMs = 1_000;
/** The rate is that of the last seconds, not of the whole campaign. */
const rateOverMs = 5_000;

interface Sample {
  at: number;
  answered: number;
}

/**
 * A live view of a campaign until it comes to an end or ctrl-C: the report, and what the nodes do at this moment.
 * On a terminal it is redrawn in place; elsewhere each second is a line; with `json` each second is a JSON line.
 */
export async function watchCampaign(
  context: CliContext,
  session: Session,
  id: number,
  json: boolean,
): Promise<void> {
  const samples: Sample[] = [];
  let drawn = 0;
  for (;;) {
    const { view: report, activity } = await look(session, context.actor, { id });
    const rate = rateNow(samples, answeredOf(report));
    if (json) context.out(JSON.stringify({ ...reportJson(report), ...liveJson(report, activity, rate) }));
    else if (context.isTty)
      drawn = redraw(
        [...reportLines(report, context.lang), '', liveLine(context, report, activity, rate)],
        drawn,
      );
    else
      context.out(
        `${count(answeredOf(report))} / ${count(report.campaign.plannedCount)} · ${liveLine(context, report, activity, rate)}`,
      );
    if (!['staging', 'planning', 'planned', 'running'].includes(report.campaign.state)) return;
    await sleep(everyMs, undefined, { signal: context.signal }).catch(() => {});
    if (context.signal.aborted) return;
  }
}

/** Answers per second over the last seconds; null before there are two samples. */
function rateNow(samples: Sample[], answered: number): number | null {
  const at = performance.now();
  samples.push({ at, answered });
  while (samples.length > 2 && at - (samples[1]?.at ?? at) >= rateOverMs) samples.shift();
  const first = samples[0];
  if (first === undefined || at - first.at < 500) return null;
  return ((answered - first.answered) * 1000) / (at - first.at);
}

function secondsLeft(report: CampaignView, rate: number | null): number | null {
  if (rate === null || rate <= 0 || report.campaign.state !== 'running') return null;
  return Math.ceil(report.unsent / rate);
}

function liveLine(
  context: CliContext,
  report: CampaignView,
  activity: AccountActivity,
  rate: number | null,
): string {
  const { lang } = context;
  const left = secondsLeft(report, rate);
  const parts = [
    text(lang, 'watch.rate', { rate: rate === null ? '–' : count(Math.round(rate)) }),
    text(lang, 'watch.latency', { ms: Math.round(activity.latencyMs) }),
    text(lang, 'watch.inFlight', {
      inFlight: activity.inFlight,
      window: activity.window,
      nodes: activity.nodes,
    }),
  ];
  if (report.receipts.expected === 'yes')
    parts.push(text(lang, 'watch.delivered', { n: count(report.receipts.delivered) }));
  if (left !== null) parts.push(text(lang, 'watch.eta', { eta: duration(left) }));
  return parts.join(' · ');
}

function liveJson(
  report: CampaignView,
  activity: AccountActivity,
  rate: number | null,
): Record<string, unknown> {
  return {
    ratePerS: rate === null ? null : Math.round(rate * 10) / 10,
    latencyMs: Math.round(activity.latencyMs),
    inFlight: activity.inFlight,
    window: activity.window,
    nodes: activity.nodes,
    secondsLeft: secondsLeft(report, rate),
    waitsFor: report.waitsFor,
  };
}

/** 3725 → 1:02:05 */
function duration(seconds: number): string {
  const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  if (parts[0] === 0) parts.shift();
  return parts.map((part, i) => (i === 0 ? String(part) : String(part).padStart(2, '0'))).join(':');
}

/** Writes the lines over those of the last time; returns how many there are now. */
function redraw(lines: string[], before: number): number {
  if (before > 0) {
    moveCursor(process.stdout, 0, -before);
    cursorTo(process.stdout, 0);
    clearScreenDown(process.stdout);
  }
  // A line wider than the terminal would take two, and the next redraw would start too low.
  const width = process.stdout.columns || 80; // 0 where the terminal does not say
  for (const line of lines) process.stdout.write(`${cut(printable(line), width)}\n`);
  return lines.length;
}

function cut(line: string, width: number): string {
  let cells = 0;
  let end = 0;
  for (const char of line) {
    cells += (char.codePointAt(0) ?? 0) > 0x2e7f ? 2 : 1;
    if (cells >= width) return `${line.slice(0, end)}…`;
    end += char.length;
  }
  return line;
}
