import { Command } from 'commander';
import { HongyanError } from '../../base/errors.ts';
import { getAccount } from '../../store/accounts/accounts.ts';
import { setMessageShare, setRate } from '../../store/accounts/pace.ts';
import { text } from '../../texts/ui.ts';
import type { CliContext } from '../context.ts';
import { withSession } from '../open.ts';

export function rateCommand(context: CliContext): Command {
  return new Command('rate')
    .description('the most messages per second of an account, over all nodes; counts within a second')
    .argument('<appid>')
    .argument('[n]', 'messages per second; without it, shows the present one')
    .option(
      '--message-share <percent>',
      'of the rate, kept for single messages while there are some (default 20)',
    )
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExample:\n  $ hongyan rate wx0123456789abcdef 500')
    .action((appid: string, n: string | undefined, options: { messageShare?: string; json?: boolean }) =>
      withSession(context, async ({ store }) => {
        if (n !== undefined && !/^[1-9]\d{0,6}$/.test(n))
          throw new HongyanError('USAGE', `"${n}" is not a rate; give a whole number from 1 to 9999999`);
        const share = options.messageShare;
        if (share !== undefined && !/^([0-9]|[1-8][0-9]|90)$/.test(share))
          throw new HongyanError('USAGE', `--message-share takes a percentage from 0 to 90, not "${share}"`);
        const { ratePerS: before } = await getAccount(store.pool, appid);
        const rate = n === undefined ? before : Number(n);
        if (n !== undefined) await setRate(store.pool, appid, rate);
        if (share !== undefined) await setMessageShare(store.pool, appid, Number(share));
        if (options.json) context.out(JSON.stringify({ appid, ratePerS: rate, before }));
        else
          context.out(
            text(context.lang, n === undefined ? 'rate.is' : 'rate.changed', { appid, rate, before }),
          );
      }),
    );
}
