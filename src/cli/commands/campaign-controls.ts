import { type Command, Option } from 'commander';
import { HongyanError } from '../../base/errors.ts';
import { campaignReport } from '../../engine/campaigns/report.ts';
import { type ResendWhat, resendCampaign } from '../../engine/campaigns/resend.ts';
import { approveCampaign } from '../../store/campaigns/campaigns.ts';
import { text } from '../../texts/ui.ts';
import type { CliContext } from '../context.ts';
import { personName } from '../input/approval.ts';
import { canAsk } from '../input/ask.ts';
import { withLastingSession, withSession } from '../open.ts';
import { isAnybodyWorking, nextCommand } from '../push/next-command.ts';
import { planAndSend, type SendOptions } from '../push/plan-and-send.ts';
import { goOnOrShow } from '../push/repeated-push.ts';
import { addCampaignConfirm, notWaiting } from './campaign-confirm.ts';

interface ResendFlags {
  what: ResendWhat[];
  key?: string;
  includeNoCredit?: boolean;
  dryRun?: boolean;
  yes?: boolean;
  wait?: boolean;
  json?: boolean;
}

/** `campaigns resend`, `campaigns confirm` and `campaigns approve`. */
export function addCampaignControls(command: Command, context: CliContext, version: string): void {
  addCampaignConfirm(command, context, version);
  command
    .command('resend')
    .description('send the message of an ended campaign again, to some of its recipients, as a new campaign')
    .argument('<id>')
    .addOption(
      new Option('--what <outcomes...>', 'failed (refused), unknown (may have arrived already), unsent')
        .choices(['failed', 'unknown', 'unsent'])
        .makeOptionMandatory(),
    )
    .option('--key <key>', 'makes it idempotent, as with push: one key is one resend')
    .option('--include-no-credit', 'also to people who are known to have no subscription left')
    .option('--dry-run', 'plan and show, send nothing')
    .option('--yes', 'do not ask')
    .option('--wait', 'wait for the end although workers deliver')
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExample:\n  $ hongyan campaigns resend 12 --what failed unsent')
    .action((id: string, flags: ResendFlags) =>
      withLastingSession(context, async (session) => {
        if (!/^[1-9]\d{0,14}$/.test(id))
          throw new HongyanError('USAGE', `"${id}" is not a campaign's number; see: hongyan campaigns list`);
        if (!flags.yes && !flags.dryRun && !canAsk())
          throw new HongyanError('USAGE', text(context.lang, 'ask.needYes'));
        const { campaign, recipients, existed, held } = await resendCampaign(
          session.store,
          Number(id),
          flags.what,
          { key: flags.key, includeNoCredit: flags.includeNoCredit ?? false, signal: context.signal },
        );
        const options: SendOptions = {
          dryRun: flags.dryRun ?? false,
          yes: flags.yes ?? false,
          wait: flags.wait ?? false,
          json: flags.json ?? false,
          role: 'push',
        };
        if (existed && (await goOnOrShow(context, session, options, campaign)) === null) return;
        if (!existed && !options.json)
          context.out(
            text(context.lang, 'campaigns.resend', { id: String(campaign.id), from: id, recipients }),
          );
        if (!options.json && held > 0) context.out(text(context.lang, 'campaigns.resendHeld', { held }));
        await planAndSend(context, session, version, options, campaign);
      }),
    );

  command
    .command('approve')
    .description("the second person's word for a campaign above the account's approval limit")
    .argument('<id>')
    .addHelpText('after', '\nExample:\n  $ hongyan campaigns approve 12')
    .action((id: string) =>
      withSession(context, async ({ store }) => {
        if (!/^[1-9]\d{0,14}$/.test(id))
          throw new HongyanError('USAGE', `"${id}" is not a campaign's number; see: hongyan campaigns list`);
        const answer = await approveCampaign(store.pool, Number(id), personName());
        if (answer === 'own') {
          throw new HongyanError(
            'APPROVAL_OWN',
            `${personName()} confirmed the campaign ${id}; somebody else must approve it`,
          );
        }
        if (answer === 'not-waiting') {
          const { campaign } = await campaignReport(store.pool, Number(id));
          throw notWaiting(campaign, nextCommand(campaign, await isAnybodyWorking(store.pool)));
        }
        context.out(text(context.lang, 'campaigns.resumed', { id }));
      }),
    );
}
