import type { Command } from 'commander';
import { countPrunable, pruneMessages } from '../../../app/messages/prune.ts';
import { failure } from '../../../base/errors.ts';
import { text } from '../../../texts/ui.ts';
import type { CliContext } from '../../context.ts';
import { askYesNo } from '../../input/ask.ts';
import { withSession } from '../../open.ts';
import { olderThanDays } from '../campaigns/campaign-prune.ts';

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
    .option('--older-than <days>')
    .option('--account <appid>')
    .option('--dry-run')
    .option('--yes')
    .option('--json')
    .action((flags: PruneFlags) =>
      withSession(context, async (app) => {
        const { actor, lang, signal } = context;
        const scope = { appid: flags.account ?? null, olderThanDays: olderThanDays(flags.olderThan) };
        const isAsked = flags.dryRun === true || flags.yes !== true;
        const found = isAsked ? (await countPrunable(app, actor, scope)).messages : 0;
        if (flags.dryRun === true) {
          if (flags.json) context.out(JSON.stringify({ messages: found, dryRun: true }));
          else context.out(text(lang, 'messages.pruneWould', { messages: found }));
          return;
        }
        if (found > 0 && flags.yes !== true) {
          const question = text(lang, 'messages.pruneAsk', { messages: found });
          if (!(await askYesNo(context, question))) throw failure('CANCELLED', {});
        }
        const { messages } = await pruneMessages(app, actor, { ...scope, signal });
        if (flags.json) context.out(JSON.stringify({ messages }));
        else context.out(text(lang, 'messages.pruned', { messages }));
      }),
    );
}
