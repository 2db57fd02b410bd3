import { type Command, Option } from 'commander';
import {
  approveCampaign,
  changeCampaignRate,
  type ResendWhat,
  resendCampaign,
} from '../../../app/campaigns/control.ts';
import { showCampaign } from '../../../app/campaigns/report.ts';
import { failure } from '../../../base/errors.ts';
import { text } from '../../../texts/ui.ts';
import type { CliContext } from '../../context.ts';
import { canAsk } from '../../input/ask.ts';
import { campaignId } from '../../input/numbers.ts';
import { settingNumberOrOff } from '../../input/setting-number.ts';
import { withLastingSession, withSession } from '../../open.ts';
import { planAndSend, type SendOptions } from '../../push/plan-and-send.ts';
import { goOnOrShow } from '../../push/push-flow.ts';
import { addCampaignConfirm } from './campaign-confirm.ts';

interface ResendFlags {
  what: ResendWhat[];
  key?: string;
  includeNoCredit?: boolean;
  dryRun?: boolean;
  yes?: boolean;
  wait?: boolean;
  json?: boolean;
}

/** `campaigns resend`, `campaigns confirm`, `campaigns rate` and `campaigns approve`. */
export function addCampaignControls(command: Command, context: CliContext, version: string): void {
  addCampaignConfirm(command, context, version);
  command
    .command('resend')
    .argument('<id>')
    .addOption(
      new Option('--what <outcomes...>').choices(['failed', 'unknown', 'unsent']).makeOptionMandatory(),
    )
    .option('--key <key>')
    .option('--include-no-credit')
    .option('--dry-run')
    .option('--yes')
    .option('--wait')
    .option('--json')
    .action((value: string, flags: ResendFlags) =>
      withLastingSession(context, async (session) => {
        const { dryRun = false, yes = false, wait = false, json = false } = flags;
        const id = campaignId(value);
        await showCampaign(session, context.actor, { id });
        if (!yes && !dryRun && !canAsk()) throw failure('USAGE/nobody-to-confirm', {});
        const { what, key, includeNoCredit = false } = flags;
        const { campaign, recipients, by, existed, held } = await resendCampaign(session, context.actor, {
          ...{ id, what, key, includeNoCredit, signal: context.signal },
        });
        const options: SendOptions = { dryRun, yes, wait, json, role: 'push' };
        if (existed && (await goOnOrShow(context, session, options, campaign)) === null) return;
        if (!existed && !json) {
          const about = { id: String(campaign.id), from: value, recipients };
          context.out(text(context.lang, 'campaigns.resend', about));
          for (const one of what)
            if (by[one] > 0) context.out(text(context.lang, `resend.${one}`, { n: by[one] }));
        }
        if (!json && held > 0) context.out(text(context.lang, 'campaigns.resendHeld', { held }));
        await planAndSend(context, session, version, options, campaign);
      }),
    );

  command
    .command('rate')
    .argument('<id>')
    .argument('[n]')
    .option('--json')
    .action((value: string, n: string | undefined, { json = false }: { json?: boolean }) =>
      withSession(context, async (session) => {
        const id = campaignId(value);
        const { actor, lang } = context;
        const { ratePerS } =
          n === undefined
            ? (await showCampaign(session, actor, { id })).campaign
            : await changeCampaignRate(session, actor, { id, ratePerS: settingNumberOrOff('ratePerS', n) });
        if (json) return context.out(JSON.stringify({ campaign: id, ratePerS }));
        context.out(
          ratePerS === null
            ? text(lang, 'campaigns.rateOff', { id: value })
            : text(lang, 'campaigns.rate', { id: value, rate: ratePerS }),
        );
      }),
    );

  command
    .command('approve')
    .argument('<id>')
    .option('--json')
    .action((value: string, { json = false }: { json?: boolean }) =>
      withSession(context, async (session) => {
        const id = campaignId(value);
        const { state } = await approveCampaign(session, context.actor, { id });
        context.out(
          json
            ? JSON.stringify({ campaign: id, state })
            : text(context.lang, 'campaigns.resumed', { id: value }),
        );
      }),
    );
}
