import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import type { Writable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { Command, Option } from 'commander';
import { HongyanError } from '../../base/errors.ts';
import { discardCampaign } from '../../engine/campaigns/campaigns.ts';
import { exportCampaign } from '../../engine/campaigns/export.ts';
import { type CampaignReport, campaignHold, campaignReport } from '../../engine/campaigns/report.ts';
import { requireRecipients } from '../../engine/campaigns/retention.ts';
import {
  type Audience,
  type Campaign,
  cancelStarted,
  listCampaigns,
  pauseCampaign,
  resumeCampaign,
} from '../../store/campaigns/campaigns.ts';
import { count, type Lang } from '../../texts/catalogue.ts';
import { text } from '../../texts/ui.ts';
import type { CliContext } from '../context.ts';
import { withLastingSession, withSession } from '../open.ts';
import { type ExportFormat, writeExport } from '../output/export-formats.ts';
import { followCampaign, Workforce } from '../output/follow.ts';
import { reportJson, reportLines } from '../output/report-lines.ts';
import { showEnd, showNext, showStandstill } from '../output/show-campaign.ts';
import { table } from '../output/table.ts';
import { watchCampaign } from '../output/watch.ts';
import { formatTime } from '../output/when.ts';
import { isAnybodyWorking, nextCommand } from '../push/next-command.ts';
import { addCampaignControls } from './campaign-controls.ts';
import { addCampaignPrune } from './campaign-prune.ts';

interface ExportFlags {
  format: ExportFormat;
  dropped?: boolean;
  withColumns?: boolean;
  plain?: boolean;
  out?: string;
}

export function campaignsCommand(context: CliContext, version: string): Command {
  const command = new Command('campaigns').description('what was pushed, and what became of it');

  command
    .command('list')
    .description('the newest campaigns')
    .option('--account <appid>', 'only of this account')
    .option('--limit <n>', 'how many', '20')
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExample:\n  $ hongyan campaigns list --limit 5')
    .action((options: { account?: string; limit: string; json?: boolean }) =>
      withSession(context, async ({ store }) => {
        if (!/^[1-9]\d{0,4}$/.test(options.limit))
          throw new HongyanError('USAGE', `--limit takes a number from 1 to 99999, not "${options.limit}"`);
        const campaigns = await listCampaigns(store.pool, options.account ?? null, Number(options.limit));
        if (campaigns.length === 0 && !options.json) return context.out(text(context.lang, 'campaigns.none'));
        const isWorkedOn = await isAnybodyWorking(store.pool);
        const rows = [];
        for (const campaign of campaigns)
          rows.push({
            ...campaign,
            ...(await campaignHold(store.pool, campaign)),
            next: nextCommand(campaign, isWorkedOn),
          });
        if (options.json) return context.out(JSON.stringify(rows));
        const isWaiting = rows.some(({ next }) => next !== null);
        for (const line of table(
          [
            'id',
            'account',
            'channel',
            'audience',
            'planned',
            'state',
            'created',
            ...(isWaiting ? ['next'] : []),
          ],
          rows.map((one) => [
            String(one.id),
            one.appid,
            one.channel,
            audienceText(one.audience),
            count(one.plannedCount),
            stateText(context.lang, one),
            formatTime(one.createdAt, one.timeZone),
            ...(isWaiting ? [one.next ?? ''] : []),
          ]),
        )) {
          context.out(line);
        }
      }),
    );

  command
    .command('show')
    .description('the report of one campaign')
    .argument('<id>')
    .option('--watch', 'a live view until it ends: rate, latency, in flight, ETA, what it waits for')
    .option('--json', 'print JSON; with --watch a line each second')
    .addHelpText('after', '\nExample:\n  $ hongyan campaigns show 12 --watch')
    .action((id: string, options: { json?: boolean; watch?: boolean }) =>
      withSession(context, async ({ store }) => {
        if (options.watch) return await watchCampaign(context, store, campaignId(id), options.json ?? false);
        const report = await campaignReport(store.pool, campaignId(id));
        const next = nextCommand(report.campaign, await isAnybodyWorking(store.pool));
        if (options.json) return context.out(JSON.stringify({ ...reportJson(report), next }));
        for (const line of reportLines(report, context.lang)) context.out(line);
        showStandstill(context, report);
        showNext(context, report, next);
      }),
    );

  command
    .command('export')
    .description('every recipient with its outcome, or every row that was left out')
    .argument('<id>')
    .addOption(
      new Option('--format <format>', 'CSV for spreadsheet programs, NDJSON or a workbook')
        .choices(['csv', 'ndjson', 'xlsx'])
        .default('csv'),
    )
    .option('--dropped', 'the rows that the plan left out, with their reasons')
    .option('--with-columns', 'beside the columns of the file, in its order')
    .option('--out <file>', 'write there, for this user only, instead of to standard output')
    .option('--plain', 'CSV for programs: long numbers and formulas as they are')
    .addHelpText(
      'after',
      '\nExamples:\n  $ hongyan campaigns export 12 > outcomes.csv\n  $ hongyan campaigns export 12 --with-columns --format xlsx --out outcomes.xlsx',
    )
    .action((id: string, options: ExportFlags) =>
      withSession(context, async ({ store }) => {
        if (options.format === 'xlsx' && options.out === undefined && process.stdout.isTTY)
          throw new HongyanError('USAGE', 'a workbook is no text for a terminal: add --out outcomes.xlsx');
        const report = await campaignReport(store.pool, campaignId(id));
        requireRecipients(report.campaign);
        const { dropped = false, withColumns = false, format, plain = false } = options;
        const found = await exportCampaign(store.pool, report, { dropped, withColumns });
        await writeTo(options.out, (out) =>
          writeExport(found, { format, plain, out, signal: context.signal }),
        );
      }),
    );

  command
    .command('pause')
    .description('stop sending; what is in flight is finished, and nobody is forgotten')
    .argument('<id>')
    .addHelpText('after', '\nExample:\n  $ hongyan campaigns pause 12')
    .action((id: string) =>
      withSession(context, async ({ store }) => {
        const { campaign } = await campaignReport(store.pool, campaignId(id));
        if (!(await pauseCampaign(store.pool, campaign.id, 'operator', null)))
          throw new HongyanError(
            'CAMPAIGN_STATE',
            `the campaign ${id} is ${campaign.state}; only a running one can be paused`,
          );
        context.out(text(context.lang, 'push.parked', { id }));
      }),
    );

  command
    .command('cancel')
    .description('end a campaign for good; what is in flight is finished, the rest stays unsent')
    .argument('<id>')
    .addHelpText('after', '\nExample:\n  $ hongyan campaigns cancel 12')
    .action((id: string) =>
      withSession(context, async ({ store }) => {
        const { campaign } = await campaignReport(store.pool, campaignId(id));
        const cancelled =
          (await discardCampaign(store, campaign.id, 'operator')) ||
          (await cancelStarted(store.pool, campaign.id, 'operator'));
        if (!cancelled)
          throw new HongyanError(
            'CAMPAIGN_STATE',
            `the campaign ${id} is ${campaign.state}; there is nothing to cancel`,
          );
        context.out(text(context.lang, 'campaigns.cancelled', { id }));
      }),
    );

  command
    .command('resume')
    .description('go on with a paused campaign; delivers here when no worker runs')
    .argument('<id>')
    .option('--wait', 'wait for the end although workers deliver')
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExample:\n  $ hongyan campaigns resume 12')
    .action((id: string, options: { wait?: boolean; json?: boolean }) =>
      withLastingSession(context, async (session) => {
        const { pool } = session.store;
        const { campaign } = await campaignReport(pool, campaignId(id));
        // A running campaign whose workers are gone (kill -9) is taken up in the same way.
        if (campaign.state !== 'running' && !(await resumeCampaign(pool, campaign.id))) {
          const next = nextCommand(campaign, true);
          throw new HongyanError(
            'CAMPAIGN_STATE',
            `the campaign ${id} is ${campaign.state}; only a paused one can be resumed${next === null ? '' : `, and this one waits for: ${next}`}`,
          );
        }
        const workforce = new Workforce(context, session, 'push', version);
        await workforce.ensure();
        if (!workforce.foreground && options.wait !== true) {
          if (options.json) context.out(JSON.stringify({ campaign: campaign.id, state: 'running' }));
          else context.out(text(context.lang, 'campaigns.resumed', { id }));
          return;
        }
        const json = options.json ?? false;
        if (workforce.foreground && !json) context.out(text(context.lang, 'push.foreground'));
        await followCampaign(context, session, workforce, campaign.id, json);
        showEnd(context, await campaignReport(pool, campaign.id), json);
      }),
    );
  addCampaignControls(command, context, version);
  addCampaignPrune(command, context);
  return command;
}

function stateText(lang: Lang, campaign: Campaign & Pick<CampaignReport, 'waitsFor'>): string {
  if (campaign.waitsFor !== null) return text(lang, 'state.waiting');
  if (campaign.readerGone) return text(lang, 'state.left');
  if (campaign.state === 'planned' && campaign.confirmedBy !== null)
    return text(lang, 'state.awaitsApproval');
  return text(lang, `state.${campaign.state}`);
}

/** As it was written after `--to`. */
function audienceText(audience: Audience): string {
  switch (audience.kind) {
    case 'all':
      return 'all';
    case 'tag':
      return `tag:${audience.tagId}`;
    case 'list':
      return `${count(audience.count)} openids`;
    case 'file':
      return audience.name;
  }
}

function campaignId(value: string): number {
  if (!/^[1-9]\d{0,14}$/.test(value))
    throw new HongyanError('USAGE', `"${value}" is not a campaign's number; see: hongyan campaigns list`);
  return Number(value);
}

/** Standard output, or a file that is there when it is complete, and readable by this user only: it names people. */
async function writeTo(path: string | undefined, write: (out: Writable) => Promise<void>): Promise<void> {
  if (path === undefined) return await write(process.stdout);
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
    await rm(part, { force: true });
    throw error;
  }
}
