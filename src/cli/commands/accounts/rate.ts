import { Command } from 'commander';
import { changeAccountRate, showAccountRate } from '../../../app/accounts/settings.ts';
import { text } from '../../../texts/ui.ts';
import type { CliContext } from '../../context.ts';
import { settingNumber } from '../../input/setting-number.ts';
import { withSession } from '../../open.ts';

export function rateCommand(context: CliContext): Command {
  return new Command('rate')
    .argument('<appid>')
    .argument('[n]')
    .option('--message-share <percent>')
    .option('--json')
    .action((appid: string, n: string | undefined, flags: { messageShare?: string; json?: boolean }) =>
      withSession(context, async (app) => {
        const share = flags.messageShare;
        const changes = {
          ...(n === undefined ? {} : { ratePerS: settingNumber('ratePerS', n) }),
          ...(share === undefined
            ? {}
            : { messageSharePercent: settingNumber('messageSharePercent', share) }),
        };
        if (Object.keys(changes).length === 0) {
          const rate = await showAccountRate(app, context.actor, { appid });
          if (flags.json) return context.out(JSON.stringify({ appid, ...rate, before: rate.ratePerS }));
          return context.out(text(context.lang, 'rate.is', { appid, ...shown(rate) }));
        }
        const { before, after } = await changeAccountRate(app, context.actor, { appid, ...changes });
        if (flags.json) return context.out(JSON.stringify({ appid, ...after, before: before.ratePerS }));
        const values = { appid, ...shown(after), before: before.ratePerS };
        context.out(text(context.lang, n === undefined ? 'rate.is' : 'rate.changed', values));
      }),
    );
}

function shown(rate: { ratePerS: number; messageSharePercent: number }): { rate: number; share: number } {
  return { rate: rate.ratePerS, share: rate.messageSharePercent };
}
