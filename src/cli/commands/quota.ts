import { Command, Option } from 'commander';
import { HongyanError } from '../../base/errors.ts';
import { type QuotaView, viewQuota } from '../../engine/sending/projection.ts';
import { getAccount } from '../../store/accounts/accounts.ts';
import {
  countClears,
  noteClear,
  quotaRules,
  setQuotaRules,
  storeLimit,
} from '../../store/accounts/quotas.ts';
import { count } from '../../texts/catalogue.ts';
import { text } from '../../texts/ui.ts';
import { channelNames, channels } from '../../wechat/channels.ts';
import type { CliContext } from '../context.ts';
import { askYesNo } from '../input/ask.ts';
import { withSession } from '../open.ts';
import { table } from '../output/table.ts';
import { formatTime } from '../output/when.ts';

/** Calls of clear_quota that WeChat allows in a calendar month. */
const clearsPerMonth = 10;

interface SetOptions {
  channel?: keyof typeof channels;
  daily?: string;
  reserve?: string;
  reset?: string;
}

export function quotaCommand(context: CliContext): Command {
  const command = new Command('quota').description('how many messages WeChat lets an account send today');

  command
    .command('show')
    .description('limit and use of the send APIs, from WeChat and by our own count')
    .argument('<appid>')
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExample:\n  $ hongyan quota show wx0123456789abcdef')
    .action((appid: string, options: { json?: boolean }) => show(context, appid, options.json ?? false));

  command
    .command('set')
    .description('what WeChat does not tell: a limit, the reserve kept from campaigns, when the day starts')
    .argument('<appid>')
    .addOption(new Option('--channel <channel>', 'the channel whose limit is set').choices(channelNames))
    .option('--daily <n>', 'daily limit of that channel; "auto" takes WeChat’s again')
    .option('--reserve <percent>', 'share of a known limit that campaigns leave alone (default 5)')
    .option('--reset <hh:mm>', 'when WeChat’s day starts, Asia/Shanghai (default 00:00)')
    .addHelpText(
      'after',
      '\nExample:\n  $ hongyan quota set wx0123456789abcdef --channel oa-template --daily 1000000',
    )
    .action((appid: string, options: SetOptions) => set(context, appid, options));

  command
    .command('clear')
    .description('let WeChat set all daily counters of the account to zero (clear_quota, 10 times a month)')
    .argument('<appid>')
    .option('--yes', 'do not ask')
    .addHelpText('after', '\nExample:\n  $ hongyan quota clear wx0123456789abcdef')
    .action((appid: string, options: { yes?: boolean }) => clear(context, appid, options.yes ?? false));
  return command;
}

async function show(context: CliContext, appid: string, json: boolean): Promise<void> {
  await withSession(context, async (session) => {
    const { kind, timeZone } = await getAccount(session.store.pool, appid);
    const paths = channelNames
      .filter((name) => !channels[name].retired && channels[name].kinds.includes(kind))
      .map((name) => channels[name].path);
    const views: QuotaView[] = [];
    for (const path of paths)
      views.push(await viewQuota({ ...session, logger: context.logger }, appid, path));
    const { nextReset, reservePercent } = await quotaRules(session.store.pool, appid);
    const clearsLeft = clearsPerMonth - (await countClears(session.store.pool, appid));
    if (json) {
      context.out(JSON.stringify({ appid, apis: views, nextReset, reservePercent, clearsLeft }));
      return;
    }
    const number = (value: number | null): string => (value === null ? '?' : count(value));
    const time = (at: Date | null): string => (at === null ? '' : formatTime(at, timeZone));
    for (const line of table(
      ['api', 'limit', 'from', 'used', 'left', 'ours', 'waits until'],
      views.map((one) => [
        one.path,
        number(one.limit),
        one.source,
        number(one.used),
        number(one.left),
        number(one.ours),
        time(one.parkedUntil ?? one.reservedUntil),
      ]),
    ))
      context.out(line);
    context.out(
      text(context.lang, 'quota.rules', {
        reset: time(nextReset),
        reserve: String(reservePercent),
        clears: clearsLeft,
      }),
    );
  });
}

async function set(context: CliContext, appid: string, options: SetOptions): Promise<void> {
  const { channel, daily, reserve, reset } = options;
  if ((channel === undefined) !== (daily === undefined))
    throw new HongyanError('USAGE', '--channel and --daily belong together');
  if (daily === undefined && reserve === undefined && reset === undefined)
    throw new HongyanError('USAGE', 'nothing to set: give --channel with --daily, --reserve or --reset');
  if (daily !== undefined && daily !== 'auto' && !/^\d{1,9}$/.test(daily))
    throw new HongyanError('USAGE', `--daily takes a whole number or auto, not "${daily}"`);
  if (reserve !== undefined && !/^\d{1,2}$/.test(reserve))
    throw new HongyanError('USAGE', `--reserve takes a percentage from 0 to 99, not "${reserve}"`);
  if (reset !== undefined && !/^([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?$/.test(reset))
    throw new HongyanError('USAGE', `--reset takes a time such as 08:00, not "${reset}"`);
  await withSession(context, async ({ store }) => {
    await getAccount(store.pool, appid);
    if (channel !== undefined && daily !== undefined) {
      const limit = daily === 'auto' ? null : Number(daily);
      await storeLimit(store.pool, appid, channels[channel].path, {
        daily: limit,
        source: 'operator',
        used: null,
      });
    }
    await setQuotaRules(store.pool, appid, {
      reset: reset ?? null,
      reservePercent: reserve === undefined ? null : Number(reserve),
    });
  });
  await show(context, appid, false);
}

async function clear(context: CliContext, appid: string, yes: boolean): Promise<void> {
  await withSession(context, async ({ store, clients }) => {
    await getAccount(store.pool, appid);
    const left = clearsPerMonth - (await countClears(store.pool, appid));
    if (!yes && !(await askYesNo(context, text(context.lang, 'quota.clearAsk', { appid, left })))) {
      context.out(text(context.lang, 'ask.cancelled'));
      return;
    }
    await (await clients.get(appid)).quota.clear(appid);
    await noteClear(store.pool, appid);
    context.out(text(context.lang, 'quota.cleared', { appid, left: Math.max(0, left - 1) }));
  });
}
