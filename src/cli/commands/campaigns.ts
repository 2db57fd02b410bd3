import { once } from 'node:events';
import { Command, Option } from 'commander';
import { HongyanError } from '../../base/errors.ts';
import { discardCampaign } from '../../engine/campaigns.ts';
import { withReceipts } from '../../engine/receipt-report.ts';
import { campaignHold, campaignReport } from '../../engine/report.ts';
import { requireRecipients } from '../../engine/retention.ts';
import {
  type Audience,
  cancelStarted,
  listCampaigns,
  pauseCampaign,
  resumeCampaign,
} from '../../store/campaigns.ts';
import { liveNodes } from '../../store/nodes.ts';
import { recipientOutcomes } from '../../store/outcomes.ts';
import { listDropped } from '../../store/staging.ts';
import type { CliContext } from '../context.ts';
import { followCampaign, Workforce } from '../follow.ts';
import { withLastingSession, withSession } from '../open.ts';
import { reportJson, reportLines } from '../report-lines.ts';
import { showEnd, showStandstill } from '../show-campaign.ts';
import { table } from '../table.ts';
import { count, text } from '../text.ts';
import { watchCampaign } from '../watch.ts';
import { formatTime } from '../when.ts';
import { addCampaignControls } from './campaign-controls.ts';
import { addCampaignPrune } from './campaign-prune.ts';

const pageRows = 1000;

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
        const rows = [];
        for (const campaign of campaigns)
          rows.push({ ...campaign, ...(await campaignHold(store.pool, campaign)) });
        if (options.json) return context.out(JSON.stringify(rows));
        for (const line of table(
          ['id', 'account', 'channel', 'audience', 'planned', 'state', 'created'],
          rows.map((one) => [
            String(one.id),
            one.appid,
            one.channel,
            audienceText(one.audience),
            count(one.plannedCount),
            text(context.lang, one.waitsFor === null ? `state.${one.state}` : 'state.waiting'),
            formatTime(one.createdAt, one.timeZone),
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
        if (options.json) return context.out(JSON.stringify(reportJson(report)));
        for (const line of reportLines(report, context.lang)) context.out(line);
        showStandstill(context, report);
        if (report.campaign.state === 'running' && (await liveNodes(store.pool)).length === 0)
          context.out(text(context.lang, 'campaigns.idle', { id }));
      }),
    );

  command
    .command('export')
    .description('every recipient with its outcome, or every row that was left out, as CSV or NDJSON')
    .argument('<id>')
    .addOption(new Option('--format <format>', 'csv or ndjson').choices(['csv', 'ndjson']).default('csv'))
    .option('--dropped', 'the rows that the plan left out, with their reasons')
    .addHelpText('after', '\nExample:\n  $ hongyan campaigns export 12 > outcomes.csv')
    .action((id: string, options: { format: 'csv' | 'ndjson'; dropped?: boolean }) =>
      withSession(context, async ({ store }) => {
        const { campaign, receipts } = await campaignReport(store.pool, campaignId(id));
        requireRecipients(campaign);
        const columns = options.dropped
          ? ['line', 'openid', 'reason', 'code', 'detail']
          : [
              'no',
              'openid',
              'outcome',
              'errcode',
              'reason',
              'msgid',
              'attempts',
              'at',
              'receipt',
              'receiptAt',
              'maybeTwice',
            ];
        // Excel of Chinese Windows takes a CSV without this mark for GB18030.
        if (options.format === 'csv') await write(`\ufeff${columns.join(',')}\r\n`, context.signal);
        for (let after = 0; ; ) {
          context.signal.throwIfAborted();
          const rows = options.dropped
            ? await listDropped(store.pool, campaign.id, after, pageRows)
            : await withReceipts(
                store.pool,
                campaign.id,
                receipts.expected,
                await recipientOutcomes(store.pool, campaign.id, after, pageRows),
              );
          const last = rows.at(-1);
          if (last === undefined) return;
          after = 'no' in last ? last.no : last.seq;
          const records: Record<string, unknown>[] = rows.map((row) => ({ ...row }));
          await write(
            records.map((row) => recordLine(row, columns, options.format)).join(''),
            context.signal,
          );
        }
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
          throw new HongyanError(
            'CAMPAIGN_STATE',
            `the campaign ${id} is ${campaign.state}; only a paused one can be resumed`,
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

/** Waits while the reader of our output is slower than we are; not for one that went away. */
async function write(piece: string, signal: AbortSignal): Promise<void> {
  if (!process.stdout.write(piece)) await once(process.stdout, 'drain', { signal });
}

function recordLine(row: Record<string, unknown>, columns: string[], format: 'csv' | 'ndjson'): string {
  if (format === 'ndjson')
    return `${JSON.stringify(Object.fromEntries(columns.map((column) => [column, row[column] ?? null])))}\n`;
  return `${columns.map((column) => csvCell(row[column])).join(',')}\r\n`;
}

/**
 * No cell can be a formula to a spreadsheet, so none gets a `'` in front, which would spoil the openids: cells are numbers,
 * times, openids and our own words. Values of a recipient file stand in quotes inside those.
 */
function csvCell(value: unknown): string {
  if (value === null || value === undefined) return '';
  const cell = value instanceof Date ? value.toISOString() : String(value);
  return /[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}
