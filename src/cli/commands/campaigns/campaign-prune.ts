import type { Command } from 'commander';
import { findPrunable, pruneCampaigns } from '../../../app/campaigns/prune.ts';
import { failure } from '../../../base/errors.ts';
import { count } from '../../../texts/catalogue.ts';
import { text } from '../../../texts/ui.ts';
import type { CliContext } from '../../context.ts';
import { askYesNo } from '../../input/ask.ts';
import { numberUpTo } from '../../input/numbers.ts';
import { withSession } from '../../open.ts';

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
    .option('--older-than <days>')
    .option('--account <appid>')
    .option('--dry-run')
    .option('--yes')
    .option('--json')
    .action((flags: PruneFlags) =>
      withSession(context, async (session) => {
        const scope = { appid: flags.account ?? null, olderThanDays: olderThanDays(flags.olderThan) };
        const { ids, recipients } = await findPrunable(session, context.actor, scope);
        const found = { campaigns: ids.length, recipients };
        if (flags.dryRun === true) {
          if (flags.json) context.out(JSON.stringify({ campaigns: ids, recipients, dryRun: true }));
          else context.out(text(context.lang, 'prune.would', found));
          return;
        }
        if (ids.length > 0 && flags.yes !== true) {
          if (!(await askYesNo(context, text(context.lang, 'prune.ask', found))))
            throw failure('CANCELLED', {});
        }
        // Also without any of its own: what a killed one left half removed is finished.
        const pruned = await pruneCampaigns(session, context.actor, { ...scope, signal: context.signal });
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
  return value === undefined ? null : numberUpTo('--older-than', 99_999, value);
}
