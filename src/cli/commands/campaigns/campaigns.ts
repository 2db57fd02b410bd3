import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import type { Writable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { Command, Option } from 'commander';
import type { Audience } from '../../../app/campaigns/campaign.ts';
import { cancelCampaign, pauseCampaign, resumeCampaign } from '../../../app/campaigns/control.ts';
import { type ExportFormat, writeExport } from '../../../app/campaigns/export-formats.ts';
import {
  type CampaignListed,
  exportCampaign,
  listCampaigns,
  showCampaign,
} from '../../../app/campaigns/report.ts';
import { errorCode, failure } from '../../../base/errors.ts';
import { count, type Lang } from '../../../texts/catalogue.ts';
import { channelWords } from '../../../texts/channels.ts';
import { fileProblem, isFileProblem } from '../../../texts/parts.ts';
import { text } from '../../../texts/ui.ts';
import type { CliContext } from '../../context.ts';
import { campaignId, numberUpTo } from '../../input/numbers.ts';
import { withLastingSession, withSession } from '../../open.ts';
import { outlast } from '../../output/outage.ts';
import { reportJson, reportLines, stateText } from '../../output/report-lines.ts';
import { commandOf, showEnd, showNext, showStandstill } from '../../output/show-campaign.ts';
import { table } from '../../output/table.ts';
import { watchCampaign } from '../../output/watch.ts';
import { formatTime } from '../../output/when.ts';
import { followCampaign } from '../../push/follow.ts';
import { Workforce } from '../../workforce.ts';
import { addCampaignControls } from './campaign-controls.ts';
import { addCampaignDrafts } from './campaign-drafts.ts';
import { addCampaignPrune } from './campaign-prune.ts';

interface ExportFlags {
  format: ExportFormat;
  dropped?: boolean;
  withColumns?: boolean;
  plain?: boolean;
  out?: string;
}

interface JsonFlag {
  json?: boolean;
}

export function campaignsCommand(context: CliContext, version: string): Command {
  const command = new Command('campaigns');

  command
    .command('list')
    .option('--account <appid>')
    .option('--limit <n>', '', '20')
    .option('--json')
    .action((options: JsonFlag & { account?: string; limit: string }) =>
      withSession(context, async (session) => {
        const limit = numberUpTo('--limit', 99_999, options.limit);
        const appid = options.account ?? null;
        const { data } = await listCampaigns(session, context.actor, { appid, limit });
        const rows = data.map((one) => ({ ...one, next: commandOf(one.id, one.next) }));
        if (options.json) return context.out(JSON.stringify(rows));
        if (rows.length === 0) return context.out(text(context.lang, 'campaigns.none'));
        for (const line of listLines(rows, context.lang)) context.out(line);
      }),
    );

  command
    .command('show')
    .argument('<id>')
    .option('--watch')
    .option('--json')
    .action((value: string, options: JsonFlag & { watch?: boolean }) =>
      withSession(context, async (session) => {
        const id = campaignId(value);
        if (options.watch) return await watchCampaign(context, session, id, options.json ?? false);
        const report = await showCampaign(session, context.actor, { id });
        const next = commandOf(id, report.next);
        if (options.json) return context.out(JSON.stringify({ ...reportJson(report), next }));
        for (const line of reportLines(report, context.lang)) context.out(line);
        showStandstill(context, report);
        showNext(context, report);
      }),
    );

  command
    .command('export')
    .argument('<id>')
    .addOption(new Option('--format <format>').choices(['csv', 'ndjson', 'xlsx']).default('csv'))
    .option('--dropped')
    .option('--with-columns')
    .option('--out <file>')
    .option('--plain')
    .action((value: string, options: ExportFlags) =>
      withSession(context, async (session) => {
        const { dropped = false, withColumns = false, format, plain = false } = options;
        if (format === 'xlsx' && options.out === undefined && context.stdout.isTTY)
          throw failure('USAGE/workbook-terminal', {});
        const id = campaignId(value);
        const found = await exportCampaign(session, context.actor, { id, dropped, withColumns });
        await writeTo(options.out ?? context.stdout, (out) =>
          writeExport(found, { format, plain, out, signal: context.signal }),
        );
      }),
    );

  command
    .command('pause')
    .argument('<id>')
    .option('--json')
    .action((value: string, { json }: JsonFlag) =>
      withSession(context, async (session) => {
        const id = campaignId(value);
        const { state } = await pauseCampaign(session, context.actor, { id });
        if (json) context.out(JSON.stringify({ campaign: id, state }));
        else context.out(text(context.lang, 'push.parked', { id: value }));
      }),
    );

  command
    .command('cancel')
    .argument('<id>')
    .option('--json')
    .action((value: string, { json }: JsonFlag) =>
      withSession(context, async (session) => {
        const id = campaignId(value);
        const { state } = await cancelCampaign(session, context.actor, { id });
        if (json) context.out(JSON.stringify({ campaign: id, state }));
        else context.out(text(context.lang, 'campaigns.cancelled', { id: value }));
      }),
    );

  command
    .command('resume')
    .argument('<id>')
    .option('--wait')
    .option('--json')
    .action((value: string, { wait = false, json = false }: JsonFlag & { wait?: boolean }) =>
      withLastingSession(context, async (session) => {
        const id = campaignId(value);
        const { state } = await resumeCampaign(session, context.actor, { id });
        const workforce = new Workforce(context, session, 'push', version, id);
        // It runs already, and would have nobody to send it.
        await outlast(context, session, () => workforce.ensure());
        if (!workforce.foreground && !wait) {
          if (json) context.out(JSON.stringify({ campaign: id, state }));
          else context.out(text(context.lang, 'campaigns.resumed', { id: value }));
          return;
        }
        if (workforce.foreground && !json) context.out(text(context.lang, 'push.foreground'));
        await followCampaign(context, session, workforce, id, json);
        const report = await outlast(context, session, () => showCampaign(session, context.actor, { id }));
        showEnd(context, report, json);
      }),
    );
  addCampaignControls(command, context, version);
  addCampaignDrafts(command, context);
  addCampaignPrune(command, context);
  return command;
}

type Row = Omit<CampaignListed, 'next'> & { next: string | null };

function listLines(rows: readonly Row[], lang: Lang): string[] {
  const isWaiting = rows.some(({ next }) => next !== null);
  const head = [
    text(lang, 'column.id'),
    text(lang, 'column.account'),
    text(lang, 'column.channel'),
    text(lang, 'column.audience'),
    text(lang, 'column.planned'),
    text(lang, 'column.state'),
    text(lang, 'column.created'),
  ];
  const cells = rows.map((one) => [
    ...[
      String(one.id),
      one.appid,
      channelWords[one.channel][lang],
      audienceText(one.audience),
      count(one.plannedCount),
    ],
    ...[listState(lang, one), formatTime(one.createdAt, one.timeZone)],
    ...(isWaiting ? [one.next ?? ''] : []),
  ]);
  return table([...head, ...(isWaiting ? [text(lang, 'column.next')] : [])], cells);
}

function listState(lang: Lang, campaign: Row): string {
  if (campaign.waitsFor !== null) return text(lang, 'state.waiting');
  if (campaign.readerGone) return text(lang, 'state.left');
  if (campaign.state === 'planned' && campaign.confirmedBy !== null)
    return text(lang, 'state.awaitsApproval');
  return stateText(campaign, lang);
}

/** As it was written after `--to`. */
function audienceText(audience: Audience): string {
  switch (audience.kind) {
    case 'all':
      return 'all';
    case 'tag':
      return `tag:${audience.tagId}`;
    case 'filter':
      return `filter:${audience.id} ${audience.name}`;
    case 'list':
      return `${count(audience.count)} openids`;
    case 'file':
      return audience.name;
  }
}

/** Standard output, or a file that is there when it is complete, and readable by this user only: it names people. */
async function writeTo(path: string | Writable, write: (out: Writable) => Promise<void>): Promise<void> {
  if (typeof path !== 'string') return await write(path);
  const part = `${path}.part`;
  const out = createWriteStream(part, { mode: 0o600 });
  try {
    await once(out, 'open');
    await write(out);
    out.end();
    await finished(out);
    await rename(part, path);
  } catch (error) {
    out.destroy();
    await rm(part, { force: true }).catch(() => {});
    const code = errorCode(error);
    if (!isFileProblem(code)) throw error;
    throw failure('FILE_UNUSABLE', { path, problem: fileProblem(code) }, { cause: error });
  }
}
