import { readFile } from 'node:fs/promises';
import { Command, Option } from 'commander';
import { errorCode, HongyanError } from '../../base/errors.ts';
import type { MessageParts } from '../../engine/message/build-message.ts';
import type { MessageBody } from '../../engine/message/compiled-message.ts';
import type { CliContext } from '../context.ts';
import { withSession } from '../open.ts';
import { runPush } from '../push-flow.ts';
import { addSchedule } from './schedules.ts';

interface PushFlags {
  account: string;
  channel: string;
  template?: string;
  data?: Record<string, string>;
  url?: string;
  page?: string;
  mpAppid?: string;
  mpPath?: string;
  formId?: string;
  lang?: string;
  state?: string;
  message?: string;
  to: string;
  openidColumn?: string;
  sheet?: string;
  encoding?: 'utf-8' | 'gb18030';
  format?: 'csv' | 'tsv' | 'xlsx' | 'ndjson' | 'txt';
  dedupe?: string;
  onInvalid: 'reject' | 'truncate' | 'skip';
  sync?: boolean;
  testTo?: string;
  key?: string;
  again?: boolean;
  at?: string;
  cron?: string;
  validUntil?: string;
  exclude?: string[];
  includeNoCredit?: boolean;
  dryRun?: boolean;
  yes?: boolean;
  wait?: boolean;
  json?: boolean;
}

const help = `
Examples:
  $ hongyan push --account wx0123456789abcdef --channel template --template TEMPLATE_ID \\
      --data keyword1=标题 --data keyword2=内容 --data keyword3=2026-11-22 --to all --dry-run
  $ hongyan push --account wx0123456789abcdef --channel template --template TEMPLATE_ID \\
      --data 'thing1=Hello {{name}}' --url 'https://example.com/?order={{order}}' --to @orders.csv
  $ mysql -B -e "select openid, name from users" | hongyan push … --to - --yes

Rows that break a field's rule (--on-invalid): skip leaves them out and lists them, truncate shortens over-long
thing fields and leaves out the rest, reject sends to nobody.`;

export function pushCommand(context: CliContext, version: string): Command {
  return new Command('push')
    .description('send one message to many: shows whom it would reach, asks, sends, reports')
    .requiredOption('--account <appid>', 'whose message it is')
    .requiredOption(
      '--channel <channel>',
      "oa-template, oa-subscribe, oa-once, mp-subscribe, kf, mp-form, or the wire's name: template, bizsend, subscribe, custom",
    )
    .option('--template <template_id>', 'template id, 43 characters; see: hongyan templates list APPID')
    .option(
      '--data <key=value>',
      "a field of the template; repeat it; {{column}} is the recipient's",
      collectData,
    )
    .option('--url <url>', 'link (oa-template)')
    .option('--page <page>', 'page of the Mini Program, or link (oa-subscribe)')
    .option('--mp-appid <appid>', 'Mini Program that the message opens (with --mp-path)')
    .option('--mp-path <path>', 'its page')
    .option('--form-id <form_id>', 'form_id, usually {{form_id}} (mp-form)')
    .option('--lang <lang>', 'zh_CN, en_US, zh_HK or zh_TW (subscribe messages)')
    .addOption(
      new Option('--state <state>', 'version of the Mini Program that opens').choices([
        'developer',
        'trial',
        'formal',
      ]),
    )
    .option(
      '--message <@file>',
      'the whole wire body as JSON, with {{variables}}, instead of the options above',
    )
    .requiredOption(
      '--to <recipients>',
      'all, tag:ID, @file (CSV, TSV, XLSX, NDJSON, TXT), - for standard input, or openids with commas',
    )
    .option('--sync', 'with --to all: fetch the follower list first')
    .option('--openid-column <name>', 'column with the openids')
    .option('--sheet <name>', 'sheet of an XLSX file')
    .addOption(new Option('--encoding <encoding>', 'of a text file').choices(['utf-8', 'gb18030']))
    .addOption(
      new Option('--format <format>', 'of the recipients').choices(['csv', 'tsv', 'xlsx', 'ndjson', 'txt']),
    )
    .option(
      '--dedupe <how>',
      'openid, row, none or a column, whose empty cells equal nothing (default: row for files whose columns are used, else openid)',
    )
    .addOption(
      new Option('--on-invalid <how>', "what to do about rows that break a field's rule")
        .choices(['reject', 'truncate', 'skip'])
        .default('skip'),
    )
    .option('--test-to <openid>', 'send one message to this openid and stop')
    .option(
      '--key <key>',
      'makes reruns safe: a repeat with the same key shows the campaign instead of sending; a dry run does not use the key up',
    )
    .option('--again', 'although the same template went to the same audience within 24 hours')
    .option('--at <time>', 'send at this time, e.g. "2026-12-01 09:00" in the account\'s zone')
    .option(
      '--cron <expression>',
      'send again and again, e.g. "0 9 * * 1" for Mondays at 9 in the account\'s zone (needs a running hongyan serve)',
    )
    .option('--valid-until <time>', 'what is not sent by then is not sent at all')
    .option('--exclude <whom>', 'leave out tag:ID, @file or campaign:ID; may be repeated', collect)
    .option(
      '--include-no-credit',
      'send also to people who are known to have no subscription left (mp-subscribe, oa-subscribe)',
    )
    .option('--dry-run', 'plan and show, send nothing')
    .option('--yes', 'do not ask')
    .option('--wait', 'wait for the end although workers deliver')
    .option('--json', 'print JSON; with --wait the last line is the report')
    .addHelpText('after', help)
    .action((flags: PushFlags) =>
      withSession(context.config, context.logger, async (session) => {
        if (flags.cron !== undefined) {
          await addSchedule(context, session, {
            appid: flags.account,
            cron: flags.cron,
            channel: flags.channel,
            message: await messageOf(flags),
            to: flags.to,
            sync: flags.sync ?? false,
            onInvalid: flags.onInvalid,
            exclude: flags.exclude ?? [],
            includeNoCredit: flags.includeNoCredit ?? false,
          });
          return;
        }
        await runPush(context, session, version, {
          appid: flags.account,
          channel: flags.channel,
          message: await messageOf(flags),
          to: flags.to,
          readOptions: recipientOptions(flags),
          dedupe: flags.dedupe,
          onInvalid: flags.onInvalid,
          sync: flags.sync ?? false,
          testTo: flags.testTo,
          key: flags.key,
          again: flags.again ?? false,
          dryRun: flags.dryRun ?? false,
          yes: flags.yes ?? false,
          wait: flags.wait ?? false,
          json: flags.json ?? false,
          at: flags.at,
          validUntil: flags.validUntil,
          exclude: flags.exclude ?? [],
          includeNoCredit: flags.includeNoCredit ?? false,
          role: 'push',
        });
      }),
    );
}

function recipientOptions(flags: PushFlags) {
  return {
    ...(flags.openidColumn === undefined ? {} : { openidColumn: flags.openidColumn }),
    ...(flags.sheet === undefined ? {} : { sheet: flags.sheet }),
    ...(flags.encoding === undefined ? {} : { encoding: flags.encoding }),
    ...(flags.format === undefined ? {} : { format: flags.format }),
  };
}

function collect(value: string, before: string[] = []): string[] {
  return [...before, value];
}

function collectData(pair: string, before: Record<string, string> = {}): Record<string, string> {
  const at = pair.indexOf('=');
  if (at < 1)
    throw new HongyanError('USAGE', `--data takes key=value, e.g. --data thing1=Hello; "${pair}" has no key`);
  const key = pair.slice(0, at).trim();
  if (Object.hasOwn(before, key)) throw new HongyanError('USAGE', `--data ${key} was given twice`);
  return { ...before, [key]: pair.slice(at + 1) };
}

async function messageOf(flags: PushFlags): Promise<{ parts: MessageParts } | { body: MessageBody }> {
  const parts: MessageParts = {
    templateId: flags.template,
    data: flags.data,
    url: flags.url,
    page: flags.page,
    mpAppid: flags.mpAppid,
    mpPath: flags.mpPath,
    lang: flags.lang,
    miniprogramState: flags.state,
    formId: flags.formId,
  };
  if (flags.message === undefined) return { parts };
  if (Object.values(parts).some((value) => value !== undefined)) {
    throw new HongyanError(
      'USAGE',
      '--message is the whole body: leave out --template, --data, --url, --page and the like',
    );
  }
  if (!flags.message.startsWith('@'))
    throw new HongyanError('USAGE', '--message takes a file: --message @body.json');
  const path = flags.message.slice(1);
  let source: string;
  try {
    source = await readFile(path, 'utf8');
  } catch (error) {
    throw new HongyanError(
      'MESSAGE_FILE_UNREADABLE',
      `cannot read the message file ${path} (${errorCode(error)})`,
      { cause: error },
    );
  }
  try {
    const body: unknown = JSON.parse(source);
    if (typeof body === 'object' && body !== null && !Array.isArray(body)) return { body: { ...body } };
  } catch (error) {
    throw new HongyanError(
      'MESSAGE_INVALID',
      `the message file ${path} is not JSON: ${(error as SyntaxError).message}`,
      { cause: error },
    );
  }
  throw new HongyanError(
    'MESSAGE_INVALID',
    `the message file ${path} must hold one JSON object, the body without touser`,
  );
}
