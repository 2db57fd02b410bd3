import { Command } from 'commander';
import { type Delivery, searchDeliveries } from '../../../app/deliveries/deliveries.ts';
import { timeZoneOf } from '../../../app/time-zone.ts';
import { channelWords } from '../../../texts/channels.ts';
import { reasonText } from '../../../texts/reasons.ts';
import { text } from '../../../texts/ui.ts';
import type { CliContext } from '../../context.ts';
import { numberBetween } from '../../input/number-between.ts';
import { timeOf } from '../../input/time-option.ts';
import { withSession } from '../../open.ts';
import { table } from '../../output/table.ts';
import { formatTime } from '../../output/when.ts';

interface DeliveryFlags {
  account?: string;
  touser?: string;
  ref?: string;
  msgid?: string;
  campaign?: string;
  errcode?: string;
  from?: string;
  to?: string;
  limit: string;
  cursor?: string;
  json?: boolean;
}

/** `hongyan deliveries`: who got what, when, and what became of it. */
export function deliveriesCommand(context: CliContext): Command {
  return new Command('deliveries')
    .option('--touser <openid>')
    .option('--ref <ref>')
    .option('--msgid <msgid>')
    .option('--campaign <id>')
    .option('--errcode <errcode>')
    .option('--account <appid>')
    .option('--from <time>')
    .option('--to <time>')
    .option('--limit <n>', '', '20')
    .option('--cursor <cursor>')
    .option('--json')
    .action((flags: DeliveryFlags) =>
      withSession(context, async (app) => {
        const { actor, lang, out } = context;
        const { account: appid, touser, ref, msgid, campaign, errcode, cursor } = flags;
        const zone = await timeZoneOf(app, actor, { appid });
        const page = await searchDeliveries(app, actor, {
          ...{ appid, touser, ref, msgid, cursor },
          campaignId:
            campaign === undefined ? undefined : numberBetween('--campaign', campaign, 1, 999_999_999),
          errcode: errcode === undefined ? undefined : numberBetween('--errcode', errcode, -1, 999_999_999),
          from: timeOf('--from', flags.from, zone),
          to: timeOf('--to', flags.to, zone),
          limit: numberBetween('--limit', flags.limit, 1, 1_000),
        });
        if (flags.json) return out(JSON.stringify(page));
        if (page.data.length === 0 && page.next === null) return out(text(lang, 'deliveries.none'));
        for (const line of table(
          [
            text(lang, 'deliveries.what'),
            text(lang, 'messages.channel'),
            'openid',
            text(lang, 'messages.state'),
            text(lang, 'messages.why'),
            text(lang, 'messages.receipt'),
            text(lang, 'deliveries.refHead'),
            text(lang, 'deliveries.when'),
          ],
          page.data.map((one) => [
            whatOf(one, lang),
            channelWords[one.channel][lang],
            one.touser,
            stateOf(one, lang),
            whyOf(one, lang),
            one.receipt === null ? '' : text(lang, `receipt.${one.receipt.status}`),
            one.ref ?? '',
            formatTime(one.at ?? one.createdAt, zone),
          ]),
        ))
          out(line);
        if (page.next !== null) out(text(lang, 'messages.more', { cursor: page.next }));
      }),
    );
}

/** Somebody of a dry run was never to be sent to. */
function stateOf({ state, reason }: Delivery, lang: CliContext['lang']): string {
  if (reason === 'dry_run') return text(lang, 'state.dryRun');
  return state === 'waiting' ? text(lang, 'messages.waiting') : text(lang, `report.${state}`);
}

function whyOf({ errcode, reason }: Delivery, lang: CliContext['lang']): string {
  if (errcode !== null) return String(errcode);
  return reason === null || reason === 'dry_run' ? '' : (reasonText(reason, lang) ?? reason);
}

function whatOf({ messageId, campaignId, no }: Delivery, lang: CliContext['lang']): string {
  if (campaignId === null) return text(lang, 'credits.ofMessage', { id: String(messageId) });
  return text(lang, 'credits.ofRecipient', { campaign: String(campaignId), no: String(no) });
}
