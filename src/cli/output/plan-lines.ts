import type { CampaignPlan, Card, Opens } from '../../app/campaigns/plan.ts';
import { count, type Lang } from '../../texts/catalogue.ts';
import { channelWords } from '../../texts/channels.ts';
import { rowText } from '../../texts/rows.ts';
import { text } from '../../texts/ui.ts';
import { countsOf, creditLines } from './report-lines.ts';
import { formatTime } from './when.ts';

/** What a person decides by: the counts, the rows that were left out, and the first messages as they will be read. */
export function planLines(plan: CampaignPlan, lang: Lang): string[] {
  const { campaign, timeZone } = plan;
  const { id, channel, appid, startAt, validUntil } = campaign;
  const name = plan.accountName === '' ? '' : text(lang, 'push.accountName', { name: plan.accountName });
  const lines = [
    text(lang, 'push.planned', { id: String(id), channel: channelWords[channel][lang], appid, name }),
    text(lang, 'push.counts', countsOf({ campaign })),
    ...creditLines(plan, lang),
  ];
  if (startAt !== null) lines.push(text(lang, 'push.startsAt', { at: formatTime(startAt, timeZone) }));
  if (validUntil !== null)
    lines.push(text(lang, 'push.validUntil', { until: formatTime(validUntil, timeZone) }));
  if (plan.quietHours !== null) lines.push(text(lang, 'push.quietHours', plan.quietHours));
  if (plan.approvalAbove !== null)
    lines.push(text(lang, 'push.needsApproval', { limit: plan.approvalAbove }));
  lines.push(...paceLines(plan, lang), ...droppedLines(plan, lang), ...exampleLines(plan, lang));
  if (plan.hasCanary) lines.push(text(lang, 'push.canary'));
  return lines;
}

/** How long it takes at the account's rate, and whether today's quota is enough. */
function paceLines(
  { campaign, ratePerS: rate, seconds, quota, timeZone }: CampaignPlan,
  lang: Lang,
): string[] {
  const needs = campaign.plannedCount;
  if (needs === 0) return [];
  const lines = [
    seconds < 60
      ? text(lang, 'push.seconds', { rate, seconds })
      : text(lang, 'push.minutes', { rate, minutes: Math.ceil(seconds / 60) }),
  ];
  if (quota === null) return lines;
  const { left, source, reset } = quota;
  lines.push(text(lang, 'push.quota', { needs, left, source: text(lang, `limit.${source}`) }));
  if (left < needs)
    lines.push(text(lang, 'push.quotaShort', { rest: needs - left, until: formatTime(reset, timeZone) }));
  return lines;
}

export function droppedLines({ campaign, dropped }: CampaignPlan, lang: Lang): string[] {
  const { rows, total } = dropped;
  if (total === 0) return [];
  const lines = [text(lang, 'push.badRows', { shown: rows.length, total })];
  for (const { line, seq, code, words, column, ...row } of rows) {
    const detail = (words === null ? null : rowText(words, lang)) ?? row.detail;
    const values = { line: String(line || seq), code, detail };
    lines.push(
      column === null || column === undefined
        ? text(lang, 'push.badRow', values)
        : text(lang, 'push.badCell', { ...values, column }),
    );
  }
  if (total > rows.length) lines.push(text(lang, 'push.badRowsMore', { id: String(campaign.id) }));
  return lines;
}

function exampleLines({ examples }: CampaignPlan, lang: Lang): string[] {
  if (examples.length === 0) return [];
  return [
    text(lang, 'push.examples', { n: count(examples.length) }),
    ...examples.flatMap(({ openid, card }) => cardLines(openid, card, lang)),
  ];
}

/** A message as whoever gets it reads it. */
function cardLines(openid: string, { title, lines, text: words, opens }: Card, lang: Lang): string[] {
  return [
    text(lang, 'card.to', { openid, title: title ?? '' }).trimEnd(),
    ...(words === null ? [] : [`    ${words}`]),
    ...lines.map(
      ({ label, value }) => `    ${label === '' ? value : text(lang, 'card.line', { label, value })}`,
    ),
    ...(opens === null ? [] : [`    ${opensText(opens, lang)}`]),
  ];
}

function opensText(opens: Opens, lang: Lang): string {
  switch (opens.kind) {
    case 'url':
      return text(lang, 'card.opens', { what: opens.url });
    case 'page':
      return text(lang, 'card.opensPage', { page: opens.page });
    case 'mini-program':
      return text(lang, 'card.opensProgram', { appid: opens.appid, page: opens.page ?? '' }).trimEnd();
  }
}

/** What a dry run says beyond the counts, for programs. */
export function planJson(plan: CampaignPlan): Record<string, unknown> {
  const { planHash, quietHours, approvalAbove, campaign } = plan;
  const examples = plan.examples.map(({ body, card }) => ({ body: JSON.parse(body) as unknown, card }));
  const { startAt, validUntil } = campaign;
  return { planHash, startAt, validUntil, quietHours, approvalAbove, examples };
}
