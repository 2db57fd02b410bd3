import { Command, Option } from 'commander';
import { failure } from '../../../base/errors.ts';
import type { CliContext } from '../../context.ts';
import { parseExclusions } from '../../input/exclusions.ts';
import { type FileFlags, fileFlags, withFileOptions } from '../../input/file-options.ts';
import { type MessageFlags, messageOf, withMessageOptions } from '../../input/message-options.ts';
import { numberUpTo } from '../../input/numbers.ts';
import { settingNumber } from '../../input/setting-number.ts';
import { withLastingSession } from '../../open.ts';
import { runPush } from '../../push/push-flow.ts';
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
  validFor?: string;
  exclude?: string[];
  includeNoCredit?: boolean;
  rate?: string;
  dryRun?: boolean;
  yes?: boolean;
  wait?: boolean;
  json?: boolean;
}

export function pushCommand(context: CliContext, version: string): Command {
  const command = withMessageOptions(new Command('push'))
    .requiredOption('--to <recipients>')
    .option('--sync')
    .option('--accept-loss');
  return withFileOptions(command)
    .option('--no-keep-columns')
    .option('--dedupe <how>')
    .addOption(new Option('--on-invalid <how>').choices(['reject', 'truncate', 'skip']).default('skip'))
    .option('--test-to <openid>')
    .option('--key <key>')
    .option('--again')
    .option('--at <time>')
    .option('--cron <expression>')
    .option('--valid-until <time>')
    .option('--valid-for <minutes>')
    .option('--exclude <whom>', '', collect)
    .option('--include-no-credit')
    .option('--rate <n>')
    .option('--dry-run')
    .option('--yes')
    .option('--wait')
    .option('--json')
    .action((flags: PushFlags) =>
      withLastingSession(context, async (session) => {
        const ratePerS = flags.rate === undefined ? undefined : settingNumber('ratePerS', flags.rate);
        if (flags.acceptLoss && (flags.cron !== undefined || !flags.sync))
          throw failure('USAGE/accept-loss', {});
        if (flags.validFor !== undefined && flags.cron === undefined) throw failure('USAGE/valid-for', {});
        if (flags.cron !== undefined && (flags.at ?? flags.validUntil) !== undefined)
          throw failure('USAGE/cron-times', {});
        if (flags.cron !== undefined) {
          await addSchedule(context, session, {
            appid: flags.account,
            cron: flags.cron,
            channel: flags.channel,
            message: await messageOf(flags),
            to: flags.to,
            sync: flags.sync ?? false,
            onInvalid: flags.onInvalid,
            exclusions: parseExclusions(flags.exclude ?? []),
            includeNoCredit: flags.includeNoCredit ?? false,
            ratePerS,
            validMinutes:
              flags.validFor === undefined ? 60 : numberUpTo('--valid-for', 99_999, flags.validFor),
            json: flags.json ?? false,
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
          ratePerS,
          role: 'push',
        });
      }),
    );
}

function collect(value: string, before: string[] = []): string[] {
  return [...before, value];
}
