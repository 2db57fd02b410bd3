import { Command } from 'commander';
import { HongyanError } from '../../base/errors.ts';
import { shortFormId } from '../../engine/credits/form-ids.ts';
import { creditColumns, importCredits } from '../../engine/credits/import-credits.ts';
import { formIdColumns, importFormIds, isFormIdFile } from '../../engine/credits/import-form-ids.ts';
import { getAccount } from '../../store/accounts/accounts.ts';
import { type FormCredit, formCreditsOf } from '../../store/credits/form-credits.ts';
import {
  type CreditBalance,
  type CreditSource,
  creditBalances,
  creditSources,
  type HeldCredit,
  heldCredits,
  setCreditRule,
} from '../../store/credits/views.ts';
import type { Lang } from '../../texts/catalogue.ts';
import { text } from '../../texts/ui.ts';
import type { CliContext } from '../context.ts';
import { type FileFlags, fileFlags, withFileOptions } from '../input/file-options.ts';
import { openRecipients } from '../input/recipients.ts';
import { type Session, withSession } from '../open.ts';
import { startProgress } from '../output/progress.ts';
import { formatTime, readTime } from '../output/when.ts';

/** Rows that cannot be used and are shown one by one. */
const badShown = 100;
const sourcesShown = 50;

interface ImportFlags extends FileFlags {
  template?: string;
  at?: string;
  json?: boolean;
}

/** `hongyan credits`: how many subscribe messages people may still be sent, and why we think so. */
export function creditsCommand(context: CliContext): Command {
  const command = new Command('credits').description(
    'how many subscribe messages people may still be sent, and why we think so',
  );

  withFileOptions(command.command('import'))
    .description(
      'set balances from a file with the columns openid, template_id, count and at; or enter form_ids: openid, form_id, kind, at',
    )
    .argument('<appid>')
    .argument('<file>', 'CSV, TSV, XLSX or NDJSON, or - for standard input')
    .option('--template <template_id>', 'for a file without the column template_id')
    .option(
      '--at <time>',
      'for a file without the column at: when the counts were true, e.g. "2026-11-20 00:00" in the account\'s zone',
    )
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      `
Each row says: at that time this person had so many credits, whatever came before. The same file again changes nothing.
With a column form_id each row is a right to send one message, or three where kind is prepay, for 7 days from at.

Example:
  $ hongyan credits import wx0123456789abcdef credits.csv`,
    )
    .action((appid: string, file: string, flags: ImportFlags) =>
      withSession(context, (session) => runImport(context, session, appid, file, flags)),
    );

  command
    .command('show')
    .description("one person's balances, and what they come from")
    .argument('<appid>')
    .argument('<openid>')
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExample:\n  $ hongyan credits show wx0123456789abcdef oABC…')
    .action((appid: string, openid: string, flags: { json?: boolean }) =>
      withSession(context, async ({ store }) => {
        const { timeZone } = await getAccount(store.pool, appid);
        const balances = await creditBalances(store.pool, appid, openid, null);
        const sources = await creditSources(store.pool, appid, openid, sourcesShown);
        const formIds = (await formCreditsOf(store.pool, appid, openid)).map((one) => ({
          ...one,
          // The whole is a right to send.
          formId: shortFormId(one.formId),
        }));
        const held = await heldCredits(store.pool, appid, openid);
        if (flags.json)
          return context.out(JSON.stringify({ appid, openid, balances, held, sources, formIds }));
        if (balances.length === 0 && formIds.length === 0)
          return context.out(text(context.lang, 'credits.none', { openid }));
        for (const one of formIds) context.out(formIdLine(context, one, timeZone));
        for (const balance of balances) {
          const { templateId, title } = balance;
          const left = leftText(context, balance, timeZone);
          context.out(text(context.lang, 'credits.line', { templateId, title: title ?? '–', left }));
          for (const one of held)
            if (one.templateId === templateId) context.out(`  ${heldLine(context, one, timeZone)}`);
          for (const source of sources)
            if (source.templateId === templateId) context.out(`  ${sourceLine(context, source, timeZone)}`);
        }
      }),
    );

  command
    .command('rule')
    .description('limit a long-term template to so many messages per person')
    .argument('<appid>')
    .argument('<template_id>')
    .argument('<n/days>', 'at most N messages per person in D days, e.g. 1/7; off ends it')
    .addHelpText('after', '\nExample:\n  $ hongyan credits rule wx0123456789abcdef TEMPLATE_ID 1/7')
    .action((appid: string, templateId: string, value: string) =>
      withSession(context, async ({ store }) => {
        await getAccount(store.pool, appid);
        const rule = ruleOf(value);
        await setCreditRule(store.pool, appid, templateId, rule);
        context.out(
          rule === null
            ? text(context.lang, 'credits.ruleOff', { templateId })
            : text(context.lang, 'credits.ruleSet', {
                templateId,
                perPeriod: rule.perPeriod,
                days: rule.periodDays,
              }),
        );
      }),
    );
  return command;
}

async function runImport(
  context: CliContext,
  session: Session,
  appid: string,
  file: string,
  flags: ImportFlags,
): Promise<void> {
  const { pool } = session.store;
  const { timeZone } = await getAccount(pool, appid);
  const at = flags.at === undefined ? undefined : readTime(flags.at, timeZone);
  if (at === null)
    throw new HongyanError(
      'USAGE',
      `--at takes a time such as "2026-11-20 00:00" (in ${timeZone}) or 2026-11-20T00:00:00+08:00, not "${flags.at}"`,
    );
  const source = file === '-' || file.startsWith('@') ? file : `@${file}`;
  const { template, json } = flags;
  const recipients = await openRecipients(source, {
    ...fileFlags(flags),
    signal: context.signal,
  });
  const progress = startProgress(context, text(context.lang, 'credits.progress'), { quiet: json ?? false });
  const bad: { line: number; code: string; detail: string }[] = [];
  try {
    const columns = recipients.columns ?? [];
    const ofFormIds = isFormIdFile(columns);
    const importRows = ofFormIds ? importFormIds : importCredits;
    recipients.select(ofFormIds ? formIdColumns(columns) : creditColumns(columns));
    const result = await importRows(pool, recipients.batches ?? none(), {
      appid,
      columns,
      templateId: template,
      at,
      readTime: (value) => readCell(value, timeZone),
      onBad: (row) => {
        if (bad.length < badShown) bad.push(row);
      },
      onProgress: (rows) => progress.update(rows, null),
      signal: context.signal,
    });
    progress.stop();
    if (result.bad > 0) context.setExit(1);
    if (json) return context.out(JSON.stringify({ appid, ...result, badRows: bad }));
    context.out(
      text(context.lang, ofFormIds ? 'credits.importedFormIds' : 'credits.imported', { ...result }),
    );
    for (const { line, code, detail } of bad)
      context.out(text(context.lang, 'credits.badRow', { line: String(line), code, detail }));
    if (result.bad > bad.length)
      context.out(text(context.lang, 'credits.badMore', { more: result.bad - bad.length }));
  } finally {
    progress.stop();
    await recipients.close();
  }
}

async function* none(): AsyncGenerator<never> {}

/** A cell's time: as people write it, as spreadsheets show it, or Unix seconds or milliseconds. */
function readCell(value: string, timeZone: string): Date | null {
  if (/^\d{10}$/.test(value)) return new Date(Number(value) * 1000);
  if (/^\d{13}$/.test(value)) return new Date(Number(value));
  const found = /^(\d{4})[-/](\d{1,2})[-/](\d{1,2})(?:[ T](\d{1,2}:\d{2}(?::\d{2})?))?$/.exec(value);
  if (found === null) return readTime(value, timeZone);
  const [, year = '', month = '', day = '', time = '00:00'] = found;
  const date = `${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`;
  return readTime(`${date} ${time.padStart(time.length > 5 ? 8 : 5, '0')}`, timeZone);
}

function ruleOf(value: string): { perPeriod: number; periodDays: number } | null {
  if (value === 'off') return null;
  const found = /^([1-9]\d{0,3})\/([1-9]\d{0,2})$/.exec(value);
  if (found === null)
    throw new HongyanError('USAGE', `a rule is messages/days such as 1/7, or off; not "${value}"`);
  return { perPeriod: Number(found[1]), periodDays: Number(found[2]) };
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
