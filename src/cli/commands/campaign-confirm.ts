import type { Command } from 'commander';
import { HongyanError } from '../../base/errors.ts';
import { campaignReport } from '../../engine/campaigns/report.ts';
import type { Campaign } from '../../store/campaigns/campaigns.ts';
import { text } from '../../texts/ui.ts';
import type { CliContext } from '../context.ts';
import { canAsk } from '../input/ask.ts';
import { withLastingSession } from '../open.ts';
import { isAnybodyWorking, nextCommand } from '../push/next-command.ts';
import { planAndSend } from '../push/plan-and-send.ts';

interface ConfirmFlags {
  count?: string;
  wait?: boolean;
  json?: boolean;
}

/** `campaigns confirm`: the answer to a question that was never answered. */
export function addCampaignConfirm(command: Command, context: CliContext, version: string): void {
  command
    .command('confirm')
    .description('start a planned campaign whose question nobody answered, a closed terminal’s for instance')
    .argument('<id>')
    .option('--count <n>', 'do not ask: to so many recipients, as planned, and not if they are others')
    .option('--wait', 'wait for the end although workers deliver')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      '\nExamples:\n  $ hongyan campaigns confirm 12\n  $ hongyan campaigns confirm 12 --count 1500',
    )
    .action((id: string, flags: ConfirmFlags) =>
      withLastingSession(context, async (session) => {
        if (!/^[1-9]\d{0,14}$/.test(id))
          throw new HongyanError('USAGE', `"${id}" is not a campaign's number; see: hongyan campaigns list`);
        if (flags.count !== undefined && !/^[1-9]\d{0,8}$/.test(flags.count))
          throw new HongyanError('USAGE', `--count takes the number of recipients, not "${flags.count}"`);
        if (flags.count === undefined && !canAsk())
          throw new HongyanError('USAGE', text(context.lang, 'ask.needCount'));
        const { pool } = session.store;
        const { campaign } = await campaignReport(pool, Number(id));
        const isOpen = ['planning', 'planned'].includes(campaign.state) && campaign.confirmedBy === null;
        if (!isOpen) throw notWaiting(campaign, nextCommand(campaign, await isAnybodyWorking(pool)));
        const expected = flags.count === undefined ? null : Number(flags.count);
        await planAndSend(
          context,
          session,
          version,
          {
            dryRun: false,
            yes: false,
            wait: flags.wait ?? false,
            json: flags.json ?? false,
            role: 'push',
            confirms: { expected },
          },
          campaign,
        );
      }),
    );
}

/** Says what the campaign does instead, and what would move it. */
export function notWaiting(campaign: Pick<Campaign, 'id' | 'state'>, next: string | null): HongyanError {
  return new HongyanError(
    'CAMPAIGN_STATE',
    `the campaign ${campaign.id} is ${campaign.state}, and does not wait for that` +
      (next === null ? `; see: hongyan campaigns show ${campaign.id}` : `; what it waits for is: ${next}`),
  );
}
