import { Command, Option } from 'commander';
import { HongyanError } from '../../base/errors.ts';
import { text } from '../../texts/ui.ts';
import type { CliContext } from '../context.ts';
import { type FileFlags, fileFlags, withFileOptions } from '../input/file-options.ts';
import { type MessageFlags, messageOf, withMessageOptions } from '../input/message-options.ts';
import { withLastingSession } from '../open.ts';
import { runPush } from '../push/push-flow.ts';
import { addSchedule } from './schedules.ts';

interface PushFlags extends MessageFlags, FileFlags {
  to: string;
  keepColumns: boolean;
  dedupe?: string;
  onInvalid: 'reject' | 'truncate' | 'skip';
  sync?: boolean;
  acceptLoss?: boolean;
  testTo?: string;
  key?: string;
  again?: boolean;
  at?: string;
  cron?: string;
  validUntil?: string;
  validFor?: number;
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
  const command = withMessageOptions(
    new Command('push').description(
      'send one message to many: shows whom it would reach, asks, sends, reports',
    ),
  )
    .requiredOption(
      '--to <recipients>',
      'all, tag:ID, @file (CSV, TSV, XLSX, NDJSON, TXT), - for standard input, or openids with commas',
    )
    .option('--sync', 'with --to all: fetch the follower list first')
    .option('--accept-loss', 'with --sync: although over 5 % of the followers would be marked as gone');
  return withFileOptions(command)
    .option(
      '--no-keep-columns',
      'do not keep the columns of the file with the campaign; exports cannot show them then',
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
      'makes reruns safe: the same under the same key shows the campaign instead of sending, anything else is refused; a dry run does not use the key up',
    )
    .option('--again', 'although the same template went to the same audience within 24 hours')
    .option('--at <time>', 'send at this time, e.g. "2026-12-01 09:00" in the account\'s zone')
    .option(
      '--cron <expression>',
      'send again and again, e.g. "0 9 * * 1" for Mondays at 9 in the account\'s zone (needs a running hongyan serve)',
    )
    .option(
      '--valid-until <time>',
      'what is not sent by then is not sent at all (default with --at: 6 hours after it)',
    )
    .option(
      '--valid-for <minutes>',
      'with --cron: a run that could not begin in so many minutes is missed (default: 60)',
      validMinutes,
    )
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
      withLastingSession(context, async (session) => {
        if (flags.acceptLoss && (flags.cron !== undefined || !flags.sync))
          throw new HongyanError('USAGE', text(context.lang, 'push.acceptLossUse'));
        if (flags.validFor !== undefined && flags.cron === undefined)
          throw new HongyanError('USAGE', text(context.lang, 'push.validForUse'));
        if (flags.cron !== undefined && (flags.at ?? flags.validUntil) !== undefined)
          throw new HongyanError('USAGE', text(context.lang, 'push.cronTimes'));
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
            validMinutes: flags.validFor ?? 60,
          });
          return;
        }
        await runPush(context, session, version, {
          appid: flags.account,
          channel: flags.channel,
          message: await messageOf(flags),
          to: flags.to,
          readOptions: fileFlags(flags),
          keepColumns: flags.keepColumns,
          dedupe: flags.dedupe,
          onInvalid: flags.onInvalid,
          sync: flags.sync ?? false,
          acceptLoss: flags.acceptLoss ?? false,
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

function collect(value: string, before: string[] = []): string[] {
  return [...before, value];
}

function validMinutes(value: string): number {
  if (/^[1-9]\d{0,4}$/.test(value)) return Number(value);
  throw new HongyanError('USAGE', `--valid-for takes minutes from 1 to 99,999, not "${value}"`);
}
