import { Command } from 'commander';
import {
  type CreditBalance,
  type CreditRule,
  type CreditSource,
  type FormCredit,
  type HeldCredit,
  listCreditRules,
  type PersonCredits,
  readCredits,
  setCreditRule,
} from '../../app/credits/credits.ts';
import { type CreditImport, importCredits } from '../../app/credits/import.ts';
import { readTime, timeZoneOf } from '../../app/time-zone.ts';
import { failure } from '../../base/errors.ts';
import type { Lang } from '../../texts/catalogue.ts';
import { text } from '../../texts/ui.ts';
import type { CliContext } from '../context.ts';
import { type FileFlags, fileFlags, withFileOptions } from '../input/file-options.ts';
import { openRecipients } from '../input/recipients.ts';
import { type Session, withSession } from '../open.ts';
import { startProgress } from '../output/progress.ts';
import { formatTime } from '../output/when.ts';

interface ImportFlags extends FileFlags {
  template?: string;
  at?: string;
  json?: boolean;
}

/** `hongyan credits`: how many subscribe messages people may still be sent, and why we think so. */
export function creditsCommand(context: CliContext): Command {
  const command = new Command('credits');
  const { actor, lang } = context;

  withFileOptions(command.command('import'))
    .argument('<appid>')
    .argument('<file>')
    .option('--template <template_id>')
    .option('--at <time>')
    .option('--json')
    .action((appid: string, file: string, flags: ImportFlags) =>
      withSession(context, (app) => runImport(context, app, appid, file, flags)),
    );

  command
    .command('show')
    .argument('<appid>')
    .argument('<openid>')
    .option('--json')
    .action((appid: string, openid: string, flags: { json?: boolean }) =>
      withSession(context, async (app) => {
        const found = await readCredits(app, actor, { appid, openid });
        if (flags.json) return context.out(JSON.stringify(found));
        printCredits(context, found, await timeZoneOf(app, actor, { appid }));
      }),
    );

  command
    .command('rule')
    .argument('<appid>')
    .argument('<template_id>')
    .argument('<n/days>')
    .option('--json')
    .action((appid: string, templateId: string, value: string, flags: { json?: boolean }) =>
      withSession(context, async (app) => {
        const rule = ruleOf(value);
        await setCreditRule(app, actor, { appid, templateId, rule });
        if (flags.json) context.out(JSON.stringify({ appid, templateId, rule }));
        else context.out(ruleText(lang, templateId, rule));
      }),
    );

  command
    .command('rules')
    .argument('<appid>')
    .option('--json')
    .action((appid: string, flags: { json?: boolean }) =>
      withSession(context, async (app) => {
        const rules = await listCreditRules(app, actor, { appid });
        if (flags.json) return context.out(JSON.stringify(rules));
        if (rules.length === 0) context.out(text(lang, 'credits.noRules'));
        for (const { templateId, ...rule } of rules) context.out(ruleText(lang, templateId, rule));
      }),
    );
  return command;
}

async function runImport(
  context: CliContext,
  app: Session,
  appid: string,
  file: string,
  flags: ImportFlags,
): Promise<void> {
  const { actor, lang, signal } = context;
  const { template: templateId, json } = flags;
  const zone = await timeZoneOf(app, actor, { appid });
  const at = flags.at === undefined ? undefined : readTime(flags.at, zone);
  if (at === null) throw failure('USAGE/credit-time', { option: '--at', zone, value: flags.at ?? '' });
  const source = file === '-' || file.startsWith('@') ? file : `@${file}`;
  const recipients = await openRecipients(source, { ...fileFlags(flags), signal });
  const progress = startProgress(context, text(lang, 'credits.progress'), { quiet: json ?? false });
  try {
    const result = await importCredits(app, actor, {
      ...{ appid, file: recipients, templateId, at, signal },
      onProgress: (rows) => progress.update(rows, null),
    });
    progress.stop();
    if (result.bad > 0) context.setExit(1);
    if (json) {
      const badRows = result.badRows.map((row) => ({ ...row, detail: row.detail[lang] }));
      return context.out(JSON.stringify({ appid, ...result, badRows }));
    }
    printImport(context, result);
  } finally {
    progress.stop();
    await recipients.close();
  }
}

function printImport({ lang, out }: CliContext, { kind, badRows, ...counts }: CreditImport): void {
  out(text(lang, kind === 'form-ids' ? 'credits.importedFormIds' : 'credits.imported', { ...counts }));
  for (const { line, code, detail } of badRows)
    out(text(lang, 'credits.badRow', { line: String(line), code, detail }));
  if (counts.bad > badRows.length) out(text(lang, 'credits.badMore', { more: counts.bad - badRows.length }));
}

function ruleOf(value: string): CreditRule | null {
  if (value === 'off') return null;
  const found = /^([1-9]\d{0,3})\/([1-9]\d{0,2})$/.exec(value);
  if (found === null) throw failure('USAGE/credit-rule', { value });
  return { perPeriod: Number(found[1]), periodDays: Number(found[2]) };
}

function ruleText(lang: Lang, templateId: string, rule: CreditRule | null): string {
  if (rule === null) return text(lang, 'credits.ruleOff', { templateId });
  return text(lang, 'credits.ruleSet', { templateId, perPeriod: rule.perPeriod, days: rule.periodDays });
}

function printCredits(context: CliContext, found: PersonCredits, timeZone: string): void {
  const { lang, out } = context;
  const { openid, balances, held, sources, formIds } = found;
  if (balances.length === 0 && formIds.length === 0) out(text(lang, 'credits.none', { openid }));
  for (const one of formIds) out(formIdLine(context, one, timeZone));
  for (const balance of balances) {
    const { templateId, title } = balance;
    const left = leftText(context, balance, timeZone);
    out(text(lang, 'credits.line', { templateId, title: title ?? '–', left }));
    for (const one of held) if (one.templateId === templateId) out(`  ${heldLine(context, one, timeZone)}`);
    for (const source of sources)
      if (source.templateId === templateId) out(`  ${sourceLine(context, source, timeZone)}`);
  }
}

function leftText({ lang }: CliContext, balance: CreditBalance, timeZone: string): string {
  const { left, unlimited, known, reserved, knownSince, perPeriod, periodDays } = balance;
  if (unlimited) return text(lang, 'credits.leftLongTerm', { state: text(lang, 'credits.unlimited') });
  if (balance.type === 3 && known && balance.balance === 0)
    return text(lang, 'credits.leftLongTerm', { state: text(lang, 'credits.refused') });
  if (balance.type === 3 && left !== null && perPeriod !== null)
    return text(lang, 'credits.leftLongTerm', {
      state: text(lang, 'credits.capped', { left, perPeriod, days: periodDays ?? 0 }),
    });
  if (left === null) return text(lang, 'credits.unknown');
  const since = knownSince === null ? '–' : formatTime(knownSince, timeZone);
  return text(lang, 'credits.left', { left, balance: balance.balance, since, reserved });
}

function formIdLine({ lang }: CliContext, one: FormCredit, timeZone: string): string {
  const { formId, kind, left, reserved, expiresAt } = one;
  const until = formatTime(expiresAt, timeZone);
  const key = kind === 'form' ? 'credits.formId' : 'credits.prepayId';
  return text(lang, key, { formId, left, reserved, until });
}

function heldLine({ lang }: CliContext, { campaignId, no, since }: HeldCredit, timeZone: string): string {
  return `${formatTime(since, timeZone)}        ${text(lang, 'credits.held', { holder: holderText(lang, campaignId, no) })}`;
}

function sourceLine({ lang }: CliContext, source: CreditSource, timeZone: string): string {
  const { sets, delta, at, kind, key } = source;
  const change = sets === null ? (delta > 0 ? `+${delta}` : String(delta)) : `=${sets}`;
  const [, campaignId, no] = /^(?:sent|refused):(\d+):(\d+)$/.exec(key) ?? [];
  const from = campaignId === undefined ? key : holderText(lang, Number(campaignId), Number(no));
  return `${formatTime(at, timeZone)}  ${change.padStart(4)}  ${text(lang, `credit.${kind}`)}  ${from}`;
}

/** A recipient of a campaign, or (campaign 0) a single message. */
function holderText(lang: Lang, campaignId: number, no: number): string {
  if (campaignId === 0) return text(lang, 'credits.ofMessage', { id: String(no) });
  return text(lang, 'credits.ofRecipient', { campaign: String(campaignId), no: String(no) });
}
