import { Command } from 'commander';
import { HongyanError } from '../../base/errors.ts';
import { getAccount, listAccounts } from '../../store/accounts/accounts.ts';
import { findMessage, listMessages } from '../../store/messages/messages.ts';
import { text } from '../../texts/ui.ts';
import type { CliContext } from '../context.ts';
import { withSession } from '../open.ts';
import { messageLines } from '../output/message-lines.ts';
import { table } from '../output/table.ts';
import { formatTime } from '../output/when.ts';
import { addMessagePrune } from './message-prune.ts';

/** `hongyan messages`: single messages and what became of them. */
export function messagesCommand(context: CliContext): Command {
  const command = new Command('messages').description('single messages, and what became of them');

  command
    .command('show')
    .description('one message')
    .argument('<id>')
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExample:\n  $ hongyan messages show 12')
    .action((id: string, options: { json?: boolean }) =>
      withSession(context, async ({ store }) => {
        if (!/^[1-9]\d{0,14}$/.test(id))
          throw new HongyanError(
            'USAGE',
            `"${id}" is not the number of a message; see: hongyan messages list`,
          );
        const found = await findMessage(store.pool, Number(id));
        if (found === null)
          throw new HongyanError(
            'MESSAGE_NOT_FOUND',
            `there is no message ${id}; see: hongyan messages list`,
          );
        if (options.json) return context.out(JSON.stringify(found));
        const { timeZone } = await getAccount(store.pool, found.appid);
        for (const line of messageLines(found, timeZone, context.lang)) context.out(line);
      }),
    );

  command
    .command('list')
    .description('the newest messages')
    .option('--account <appid>', 'only of this account')
    .option('--limit <n>', 'how many', '20')
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExample:\n  $ hongyan messages list --limit 5')
    .action((options: { account?: string; limit: string; json?: boolean }) =>
      withSession(context, async ({ store }) => {
        if (!/^[1-9]\d{0,4}$/.test(options.limit))
          throw new HongyanError('USAGE', `--limit takes a number from 1 to 99999, not "${options.limit}"`);
        const messages = await listMessages(store.pool, options.account ?? null, Number(options.limit));
        if (options.json) return context.out(JSON.stringify(messages));
        if (messages.length === 0) return context.out(text(context.lang, 'messages.none'));
        const accounts = await listAccounts(store.pool);
        const zones = new Map(accounts.map(({ appid, timeZone }) => [appid, timeZone]));
        for (const line of table(
          ['id', 'account', 'channel', 'openid', 'state', 'why', 'receipt', 'key', 'created'],
          messages.map((one) => [
            String(one.id),
            one.appid,
            one.channel,
            one.openid,
            one.state,
            one.errcode === null ? (one.reason ?? '') : String(one.errcode),
            one.receipt?.status ?? '',
            one.key ?? '',
            formatTime(one.createdAt, zones.get(one.appid) ?? 'UTC'),
          ]),
        ))
          context.out(line);
      }),
    );
  addMessagePrune(command, context);
  return command;
}
