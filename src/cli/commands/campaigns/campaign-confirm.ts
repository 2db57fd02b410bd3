import type { Command } from 'commander';
import { requireConfirmable } from '../../../app/campaigns/control.ts';
import { failure } from '../../../base/errors.ts';
import type { CliContext } from '../../context.ts';
import { canAsk } from '../../input/ask.ts';
import { campaignId, numberUpTo } from '../../input/numbers.ts';
import { withLastingSession } from '../../open.ts';
import { planAndSend } from '../../push/plan-and-send.ts';

interface ConfirmFlags {
  count?: string;
  wait?: boolean;
  json?: boolean;
}

/** `campaigns confirm`: the answer to a question that was never answered. */
export function addCampaignConfirm(command: Command, context: CliContext, version: string): void {
  command
    .command('confirm')
    .argument('<id>')
    .option('--count <n>')
    .option('--wait')
    .option('--json')
    .action((value: string, flags: ConfirmFlags) =>
      withLastingSession(context, async (session) => {
        const id = campaignId(value);
        const expected = flags.count === undefined ? null : numberUpTo('--count', 999_999_999, flags.count);
        if (expected === null && !canAsk()) throw failure('USAGE/nobody-to-count', {});
        const campaign = await requireConfirmable(session, context.actor, { id });
        const { wait = false, json = false } = flags;
        const options = { dryRun: false, yes: false, wait, json, role: 'push' } as const;
        await planAndSend(context, session, version, { ...options, confirms: { expected } }, campaign);
      }),
    );
}
