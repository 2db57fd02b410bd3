import { type Command, Option } from 'commander';
import type { AccountRulesView } from '../../../app/accounts/account-view.ts';
import { invalidSetting } from '../../../app/accounts/invalid.ts';
import { changeAccountRules, showAccountRules } from '../../../app/accounts/settings.ts';
import { text } from '../../../texts/ui.ts';
import type { CliContext } from '../../context.ts';
import { settingNumber, settingNumberOrOff } from '../../input/setting-number.ts';
import { withSession } from '../../open.ts';
import { pad } from '../../output/table.ts';

interface RuleFlags {
  quiet?: string;
  fatigue?: string;
  approvalAbove?: string;
  canaryBlocked?: string;
  canaryHeld?: string;
  retrySystemBusy?: string;
  keepCampaigns?: string;
  keepEvents?: string;
  keepAudit?: string;
  timeZone?: string;
  testOpenids?: string;
  popupReject?: 'wipes' | 'ignored';
  wxRelay?: 'on' | 'off';
  json?: boolean;
}

/** `accounts rules`: when and how often campaigns of an account may send. */
export function addAccountRules(command: Command, context: CliContext): void {
  command
    .command('rules')
    .argument('<appid>')
    .option('--quiet <from-to>')
    .option('--fatigue <n/days>')
    .option('--approval-above <n>')
    .option('--canary-blocked <percent>')
    .option('--canary-held <percent>')
    .option('--retry-system-busy <n>')
    .option('--keep-campaigns <days>')
    .option('--keep-events <days>')
    .option('--keep-audit <days>')
    .option('--time-zone <zone>')
    .option('--test-openids <openids>')
    .addOption(new Option('--popup-reject <effect>').choices(['wipes', 'ignored']))
    .addOption(new Option('--wx-relay <state>').choices(['on', 'off']))
    .option('--json')
    .action((appid: string, { json, ...flags }: RuleFlags) =>
      withSession(context, async (app) => {
        const changes = rulesOf(flags);
        const rules =
          Object.keys(changes).length === 0
            ? await showAccountRules(app, context.actor, { appid })
            : await changeAccountRules(app, context.actor, { appid, rules: changes });
        if (json) return context.out(JSON.stringify({ appid, ...rules }));
        for (const line of ruleLines(context, rules)) context.out(line);
      }),
    );
}

/** The rules as people read them, a line each. */
export function ruleLines({ lang }: CliContext, rules: AccountRulesView): string[] {
  const { quietHours, fatigue, approvalAbove, canaryBlockedPercent, canaryHeldPercent, keepDays } = rules;
  const term = (days: number | null): string =>
    days === null ? text(lang, 'rules.keepDefault') : text(lang, 'rules.keepIs', { days: String(days) });
  const off = text(lang, 'rules.off');
  const lines: [string, string][] = [
    [text(lang, 'rules.quiet'), quietHours === null ? off : text(lang, 'rules.quietIs', quietHours)],
    [text(lang, 'rules.fatigue'), fatigue === null ? off : text(lang, 'rules.fatigueIs', fatigue)],
    [text(lang, 'rules.approval'), approvalAbove === null ? off : String(approvalAbove)],
    [
      text(lang, 'rules.blocked'),
      canaryBlockedPercent === null ? off : text(lang, 'rules.blockedIs', { percent: canaryBlockedPercent }),
    ],
    [
      text(lang, 'rules.held'),
      canaryHeldPercent === null ? off : text(lang, 'rules.heldIs', { percent: canaryHeldPercent }),
    ],
    [text(lang, 'rules.busy'), text(lang, 'rules.busyIs', { times: rules.retrySystemBusy })],
    [
      text(lang, 'rules.keep'),
      keepDays === null
        ? text(lang, 'rules.keepAll')
        : text(lang, 'rules.keepIs', { days: String(keepDays) }),
    ],
    [text(lang, 'rules.keepEvents'), term(rules.keepEventDays)],
    [text(lang, 'rules.keepAudit'), term(rules.keepAuditDays)],
    [text(lang, 'rules.zone'), rules.timeZone],
    [text(lang, 'rules.test'), rules.testOpenids.length === 0 ? off : rules.testOpenids.join(', ')],
    [text(lang, 'rules.popup'), text(lang, `popup.${rules.popupReject}`)],
    [text(lang, 'rules.wxRelay'), rules.wxRelay ? text(lang, 'rules.on') : off],
  ];
  return lines.map(([name, value]) => `${pad(name, 16)}${value}`);
}

function rulesOf(flags: RuleFlags): Partial<AccountRulesView> {
  const { quiet, fatigue, approvalAbove, canaryBlocked, canaryHeld, retrySystemBusy, timeZone, testOpenids } =
    flags;
  return {
    ...(quiet === undefined ? {} : { quietHours: quietHours(quiet) }),
    ...(fatigue === undefined ? {} : { fatigue: fatigueCap(fatigue) }),
    ...(approvalAbove === undefined
      ? {}
      : { approvalAbove: settingNumberOrOff('approvalAbove', approvalAbove) }),
    ...(canaryBlocked === undefined
      ? {}
      : { canaryBlockedPercent: settingNumberOrOff('canaryBlockedPercent', canaryBlocked) }),
    ...(canaryHeld === undefined
      ? {}
      : { canaryHeldPercent: settingNumberOrOff('canaryHeldPercent', canaryHeld) }),
    ...(retrySystemBusy === undefined
      ? {}
      : { retrySystemBusy: settingNumber('retrySystemBusy', retrySystemBusy) }),
    ...(flags.keepCampaigns === undefined
      ? {}
      : { keepDays: settingNumberOrOff('keepDays', flags.keepCampaigns) }),
    ...(flags.keepEvents === undefined
      ? {}
      : { keepEventDays: settingNumberOrOff('keepEventDays', flags.keepEvents) }),
    ...(flags.keepAudit === undefined
      ? {}
      : { keepAuditDays: settingNumberOrOff('keepAuditDays', flags.keepAudit) }),
    ...(timeZone === undefined ? {} : { timeZone }),
    ...(testOpenids === undefined
      ? {}
      : { testOpenids: testOpenids === 'off' ? [] : testOpenids.split(/[,，\s]+/).filter(Boolean) }),
    ...(flags.popupReject === undefined ? {} : { popupReject: flags.popupReject }),
    ...(flags.wxRelay === undefined ? {} : { wxRelay: flags.wxRelay === 'on' }),
  };
}

function quietHours(value: string): AccountRulesView['quietHours'] {
  if (value === 'off') return null;
  const [, from = '', to = ''] = /^(\d\d:\d\d)-(\d\d:\d\d)$/.exec(value) ?? [];
  if (from === to) throw invalidSetting('quietHours', value);
  return { from, to };
}

function fatigueCap(value: string): AccountRulesView['fatigue'] {
  if (value === 'off') return null;
  const [, limit, days] = /^(\d+)\/(\d+)$/.exec(value) ?? [];
  if (limit === undefined || days === undefined) throw invalidSetting('fatigue', value);
  return { limit: Number(limit), days: Number(days) };
}
