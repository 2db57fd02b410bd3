import { Command, Option } from 'commander';
import { invalidSetting } from '../../../app/accounts/invalid.ts';
import { changeQuota, clearQuota, countQuotaClears, showQuota } from '../../../app/accounts/quota.ts';
import { failure } from '../../../base/errors.ts';
import { count } from '../../../texts/catalogue.ts';
import { text } from '../../../texts/ui.ts';
import { channelNames, type channels } from '../../../wechat/channels.ts';
import type { CliContext } from '../../context.ts';
import { requireYes } from '../../input/ask.ts';
import { settingNumber } from '../../input/setting-number.ts';
import { type Session, withSession } from '../../open.ts';
import { table } from '../../output/table.ts';
import { formatTime } from '../../output/when.ts';

interface SetFlags {
  channel?: keyof typeof channels;
  daily?: string;
  reserve?: string;
  reset?: string;
  json?: boolean;
}

export function quotaCommand(context: CliContext): Command {
  const command = new Command('quota');

  command
    .command('show')
    .argument('<appid>')
    .option('--json')
    .action((appid: string, { json }: { json?: boolean }) =>
      withSession(context, (app) => show(context, app, appid, json ?? false)),
    );

  command
    .command('set')
    .argument('<appid>')
    .addOption(new Option('--channel <channel>').choices(channelNames))
    .option('--daily <n>')
    .option('--reserve <percent>')
    .option('--reset <hh:mm>')
    .option('--json')
    .action((appid: string, flags: SetFlags) => set(context, appid, flags));

  command
    .command('clear')
    .argument('<appid>')
    .option('--yes')
    .option('--json')
    .action((appid: string, flags: { yes?: boolean; json?: boolean }) => clear(context, appid, flags));
  return command;
}

async function show(context: CliContext, app: Session, appid: string, json: boolean): Promise<void> {
  const { apis, nextReset, reservePercent, clearsLeft, timeZone } = await showQuota(app, context.actor, {
    appid,
  });
  if (json) {
    context.out(JSON.stringify({ appid, apis, nextReset, reservePercent, clearsLeft }));
    return;
  }
  const { lang } = context;
  const number = (value: number | null): string => (value === null ? '?' : count(value));
  const time = (at: Date | null): string => (at === null ? '' : formatTime(at, timeZone));
  for (const line of table(
    [
      ...[text(lang, 'head.api'), text(lang, 'head.limit'), text(lang, 'head.limitFrom')],
      ...[text(lang, 'head.used'), text(lang, 'head.left'), text(lang, 'head.ours')],
      text(lang, 'head.waitsUntil'),
    ],
    apis.map((one) => [
      ...[one.path, number(one.limit), text(lang, `limit.${one.source}`)],
      ...[number(one.used), number(one.left), number(one.ours)],
      time(one.parkedUntil ?? one.reservedUntil),
    ]),
  ))
    context.out(line);
  context.out(
    text(lang, 'quota.rules', {
      reset: time(nextReset),
      reserve: String(reservePercent),
      clears: clearsLeft,
    }),
  );
}

async function set(context: CliContext, appid: string, flags: SetFlags): Promise<void> {
  const { channel, daily, reserve, reset } = flags;
  if ((channel === undefined) !== (daily === undefined))
    throw failure('USAGE/together', { options: ['--channel', '--daily'] });
  if (daily === undefined && reserve === undefined && reset === undefined)
    throw failure('ACCOUNT_INVALID/nothing', { settings: ['--channel … --daily', '--reserve', '--reset'] });
  if (daily !== undefined && daily !== 'auto' && !/^\d{1,9}$/.test(daily))
    throw invalidSetting('dailyLimit', daily);
  await withSession(context, async (app) => {
    await changeQuota(app, context.actor, {
      appid,
      ...(channel === undefined || daily === undefined
        ? {}
        : { limit: { channel, daily: daily === 'auto' ? null : Number(daily) } }),
      ...(reserve === undefined ? {} : { reservePercent: settingNumber('reservePercent', reserve) }),
      ...(reset === undefined ? {} : { reset }),
    });
    await show(context, app, appid, flags.json ?? false);
  });
}

async function clear(
  context: CliContext,
  appid: string,
  { yes, json }: { yes?: boolean; json?: boolean },
): Promise<void> {
  await withSession(context, async (app) => {
    const { left } = await countQuotaClears(app, context.actor, { appid });
    const question = text(context.lang, 'quota.clearAsk', { appid, left });
    if (yes !== true) await requireYes(context, question);
    const after = await clearQuota(app, context.actor, { appid });
    if (json) return context.out(JSON.stringify({ appid, clearsLeft: after.left }));
    context.out(text(context.lang, 'quota.cleared', { appid, left: after.left }));
  });
}
