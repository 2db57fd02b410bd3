import type { Command } from 'commander';
import { HongyanError } from '../../base/errors.ts';
import { pruneCampaigns } from '../../engine/campaigns/retention.ts';
import { prunableCampaigns } from '../../store/campaigns/retention.ts';
import { count } from '../../texts/catalogue.ts';
import { text } from '../../texts/ui.ts';
import type { CliContext } from '../context.ts';
import { askYesNo } from '../input/ask.ts';
import { withSession } from '../open.ts';

interface PruneFlags {
  account?: string;
  olderThan?: string;
  dryRun?: boolean;
  yes?: boolean;
  json?: boolean;
}

/** `campaigns prune`: removes recipients and outcomes of old campaigns; their counts stay. */
export function addCampaignPrune(command: Command, context: CliContext): void {
  command
    .command('prune')
    .description('remove recipients and outcomes of campaigns that ended long ago; their counts stay')
    .option('--older-than <days>', "ended before so many days; default: each account's rule --keep-campaigns")
    .option('--account <appid>', 'only of this account')
    .option('--dry-run', 'say what would be removed')
    .option('--yes', 'do not ask')
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExample:\n  $ hongyan campaigns prune --older-than 180 --dry-run')
    .action((flags: PruneFlags) =>
      withSession(context, async ({ store }) => {
        const scope = { appid: flags.account ?? null, olderThanDays: olderThanDays(flags.olderThan) };
        const found = await prunableCampaigns(store.pool, scope);
        const planned = found.reduce((sum, one) => sum + one.planned, 0);
        if (flags.dryRun === true) {
          const ids = found.map((one) => one.id);
          if (flags.json) context.out(JSON.stringify({ campaigns: ids, recipients: planned, dryRun: true }));
          else
            context.out(text(context.lang, 'prune.would', { campaigns: found.length, recipients: planned }));
          return;
        }
        if (found.length > 0 && flags.yes !== true) {
          const question = text(context.lang, 'prune.ask', {
            campaigns: found.length,
            recipients: planned,
          });
          if (!(await askYesNo(context, question)))
            throw new HongyanError('USAGE', text(context.lang, 'ask.cancelled'));
        }
        // Also without any of its own: what a killed one left half removed is finished.
        const pruned = await pruneCampaigns(
          { pool: store.pool, logger: context.logger },
          scope,
          context.signal,
        );
        if (flags.json) context.out(JSON.stringify(pruned));
        else
          context.out(
            text(context.lang, 'prune.done', {
              campaigns: count(pruned.campaigns),
              recipients: count(pruned.recipients),
            }),
          );
      }),
    );
}

/** Of --older-than. */
export function olderThanDays(value: string | undefined): number | null {
  if (value === undefined) return null;
  if (!/^[1-9]\d{0,4}$/.test(value))
    throw new HongyanError('USAGE', `--older-than takes days from 1 to 99999, not "${value}"`);
  return Number(value);
}
