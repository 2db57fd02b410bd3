import { type Command, Option } from 'commander';
import { HongyanError } from '../../base/errors.ts';
import { getAccount } from '../../store/accounts/accounts.ts';
import { getAccountRules, setAccountRules } from '../../store/accounts/rules.ts';
import {
  canaryBlockedPercent,
  canaryHeldPercent,
  setCanaryBlockedPercent,
  setCanaryHeldPercent,
} from '../../store/campaigns/canary.ts';
import type { CliContext } from '../context.ts';
import { withSession } from '../open.ts';

interface RuleFlags {
  quiet?: string;
  fatigue?: string;
  approvalAbove?: string;
  canaryBlocked?: string;
  canaryHeld?: string;
  retrySystemBusy?: string;
  keepCampaigns?: string;
  timeZone?: string;
  popupReject?: 'wipes' | 'ignored';
}

/** `accounts rules`: when and how often campaigns of an account may send. */
export function addAccountRules(command: Command, context: CliContext): void {
  command
    .command('rules')
    .description('show or change when and how often campaigns of an account may send')
    .argument('<appid>')
    .option('--quiet <from-to>', 'no campaign messages in these hours, e.g. 22:00-08:00; off ends it')
    .option('--fatigue <n/days>', 'at most N campaign messages per person in D days, e.g. 3/7; off ends it')
    .option('--approval-above <n>', 'larger campaigns need a second person; off ends it')
    .option(
      '--canary-blocked <percent>',
      'so many of the first 1,000 of a large template campaign block: it pauses; off ends it',
    )
    .option(
      '--canary-held <percent>',
      'so many of the first 1,000 of a large template campaign are held for review: it waits for the verdict; off ends it',
    )
    .option(
      '--retry-system-busy <n>',
      'attempts after a −1 where WeChat drops no repeats (all channels but oa-template), 0 to 10; each may arrive twice',
    )
    .option(
      '--keep-campaigns <days>',
      'remove recipients and outcomes of campaigns that ended so long ago, their counts stay, and single messages; off keeps them for ever',
    )
    .option('--time-zone <zone>', 'of quiet hours and schedules, e.g. Asia/Shanghai')
    .addOption(
      new Option(
        '--popup-reject <effect>',
        "what a user's reject in the consent dialog does to credits",
      ).choices(['wipes', 'ignored']),
    )
    .addHelpText(
      'after',
      '\nExample:\n  $ hongyan accounts rules wx0123456789abcdef --quiet 22:00-08:00 --fatigue 3/7',
    )
    .action((appid: string, flags: RuleFlags) =>
      withSession(context, async ({ store }) => {
        await getAccount(store.pool, appid);
        const rules = await getAccountRules(store.pool, appid);
        if (flags.quiet !== undefined) [rules.quietFrom, rules.quietTo] = quiet(flags.quiet);
        if (flags.fatigue !== undefined) [rules.fatigueLimit, rules.fatigueDays] = fatigue(flags.fatigue);
        if (flags.approvalAbove !== undefined)
          rules.approvalAbove =
            flags.approvalAbove === 'off' ? null : positive('--approval-above', flags.approvalAbove);
        if (flags.retrySystemBusy !== undefined) rules.retrySystemBusy = repeats(flags.retrySystemBusy);
        if (flags.keepCampaigns !== undefined) rules.keepDays = days(flags.keepCampaigns);
        if (flags.timeZone !== undefined) rules.timeZone = zone(flags.timeZone);
        if (flags.canaryBlocked !== undefined)
          await setCanaryBlockedPercent(store.pool, appid, percent('--canary-blocked', flags.canaryBlocked));
        if (flags.canaryHeld !== undefined)
          await setCanaryHeldPercent(store.pool, appid, percent('--canary-held', flags.canaryHeld));
        if (flags.popupReject !== undefined) rules.popupRejectWipes = flags.popupReject === 'wipes';
        if (Object.keys(flags).length > 0) await setAccountRules(store.pool, appid, rules);
        context.out(
          `quiet hours     ${rules.quietFrom === null ? 'off' : `${rules.quietFrom}-${rules.quietTo}`}`,
        );
        context.out(
          `fatigue cap     ${rules.fatigueLimit === null ? 'off' : `${rules.fatigueLimit} per ${rules.fatigueDays} days`}`,
        );
        context.out(`approval above  ${rules.approvalAbove ?? 'off'}`);
        const blocked = await canaryBlockedPercent(store.pool, appid);
        context.out(`canary blocked  ${blocked === null ? 'off' : `pause at ${blocked} % of the receipts`}`);
        const held = await canaryHeldPercent(store.pool, appid);
        context.out(`canary held     ${held === null ? 'off' : `wait for the verdict from ${held} % on`}`);
        context.out(`−1 repeated     ${rules.retrySystemBusy} times where WeChat drops no repeats`);
        context.out(`keep campaigns  ${rules.keepDays === null ? 'for ever' : `${rules.keepDays} days`}`);
        context.out(`time zone       ${rules.timeZone}`);
        context.out(`popup reject    ${rules.popupRejectWipes ? 'wipes' : 'ignored'}`);
      }),
    );
}

function quiet(value: string): [string | null, string | null] {
  if (value === 'off') return [null, null];
  const found = /^([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)$/.exec(value);
  if (found === null)
    throw new HongyanError('USAGE', `--quiet takes hours such as 22:00-08:00, or off; not "${value}"`);
  return [`${found[1]}:${found[2]}`, `${found[3]}:${found[4]}`];
}

function fatigue(value: string): [number | null, number | null] {
  if (value === 'off') return [null, null];
  const found = /^([1-9]\d{0,3})\/([1-9]\d{0,2})$/.exec(value);
  if (found === null)
    throw new HongyanError('USAGE', `--fatigue takes messages/days such as 3/7, or off; not "${value}"`);
  return [Number(found[1]), Number(found[2])];
}

function positive(option: string, value: string): number {
  if (!/^[1-9]\d{0,8}$/.test(value))
    throw new HongyanError('USAGE', `${option} takes a positive whole number, or off; not "${value}"`);
  return Number(value);
}

function percent(option: string, value: string): number | null {
  if (value === 'off') return null;
  if (!/^([1-9]\d?|100)$/.test(value))
    throw new HongyanError('USAGE', `${option} takes a number from 1 to 100, or off; not "${value}"`);
  return Number(value);
}

function repeats(value: string): number {
  if (!/^([0-9]|10)$/.test(value))
    throw new HongyanError('USAGE', `--retry-system-busy takes a number from 0 to 10, not "${value}"`);
  return Number(value);
}

function days(value: string): number | null {
  if (value === 'off') return null;
  if (!/^[1-9]\d{0,4}$/.test(value))
    throw new HongyanError('USAGE', `--keep-campaigns takes days from 1 to 99999, or off; not "${value}"`);
  return Number(value);
}

function zone(value: string): string {
  try {
    new Intl.DateTimeFormat('en', { timeZone: value });
    return value;
  } catch (error) {
    throw new HongyanError('USAGE', `"${value}" is not a time zone; write it as Asia/Shanghai`, {
      cause: error,
    });
  }
}
