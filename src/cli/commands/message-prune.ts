import type { Command } from 'commander';
import { HongyanError } from '../../base/errors.ts';
import { pruneMessages } from '../../engine/campaigns/retention.ts';
import { countOldMessages, messageKeepDays } from '../../store/campaigns/retention.ts';
import { count } from '../../texts/catalogue.ts';
import { text } from '../../texts/ui.ts';
import type { CliContext } from '../context.ts';
import { askYesNo } from '../input/ask.ts';
import { withSession } from '../open.ts';
import { olderThanDays } from './campaign-prune.ts';

interface PruneFlags {
  account?: string;
  olderThan?: string;
  dryRun?: boolean;
  yes?: boolean;
  json?: boolean;
}

/** `messages prune`: removes single messages that ended long ago, and their keys with them. */
export function addMessagePrune(command: Command, context: CliContext): void {
  command
    .command('prune')
    .description('remove messages that ended long ago, with their outcomes, receipts and keys')
    .option('--older-than <days>', "ended before so many days; default: each account's rule --keep-campaigns")
    .option('--account <appid>', 'only of this account')
    .option('--dry-run', 'say how many would be removed')
    .option('--yes', 'do not ask')
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExample:\n  $ hongyan messages prune --older-than 180 --dry-run')
    .action((flags: PruneFlags) =>
      withSession(context, async ({ store }) => {
        const scope = { appid: flags.account ?? null, olderThanDays: olderThanDays(flags.olderThan) };
        let found = 0;
        if (flags.dryRun === true || flags.yes !== true)
          for (const { appid, days } of await messageKeepDays(store.pool, scope))
            found += await countOldMessages(store.pool, appid, days);
        if (flags.dryRun === true) {
          if (flags.json) context.out(JSON.stringify({ messages: found, dryRun: true }));
          else context.out(text(context.lang, 'messages.pruneWould', { messages: count(found) }));
          return;
        }
        if (found > 0 && flags.yes !== true) {
          const question = text(context.lang, 'messages.pruneAsk', { messages: count(found) });
          if (!(await askYesNo(context, question)))
            throw new HongyanError('USAGE', text(context.lang, 'ask.cancelled'));
        }
        const { pool } = store;
        const messages = await pruneMessages({ pool, logger: context.logger }, scope, context.signal);
        if (flags.json) context.out(JSON.stringify({ messages }));
        else context.out(text(context.lang, 'messages.pruned', { messages: count(messages) }));
      }),
    );
}
