import { Command } from 'commander';
import { failure } from '../../base/errors.ts';
import { messageBody } from '../../engine/campaigns/campaigns.ts';
import { nextOccurrence, requireCron } from '../../engine/campaigns/schedule-times.ts';
import type { ScheduledPush } from '../../engine/campaigns/schedules.ts';
import type { MessageParts } from '../../engine/content/build-message.ts';
import { compileMessage, type MessageBody } from '../../engine/content/compiled-message.ts';
import { getAccount } from '../../store/accounts/accounts.ts';
import type { OnInvalid } from '../../store/campaigns/campaigns.ts';
import {
  createSchedule,
  findSchedule,
  listSchedules,
  removeSchedule,
  type Schedule,
} from '../../store/campaigns/schedules.ts';
import { text } from '../../texts/ui.ts';
import { resolveChannel } from '../../wechat/channels.ts';
import type { CliContext } from '../context.ts';
import { personName } from '../input/approval.ts';
import { parseExclusions } from '../input/exclusions.ts';
import { type Session, withSession } from '../open.ts';
import { table } from '../output/table.ts';
import { formatTime } from '../output/when.ts';

/** `hongyan schedules`: pushes that are repeated by cron. They are added by `push --cron`. */
export function schedulesCommand(context: CliContext): Command {
  const command = new Command('schedules').description('pushes that are repeated; add one with push --cron');

  command
    .command('list')
    .description(
      'the schedules, when each runs next, the campaign that it made last and the time that it missed last',
    )
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExample:\n  $ hongyan schedules list')
    .action((options: { json?: boolean }) =>
      withSession(context, async ({ store }) => {
        const schedules = await listSchedules(store.pool);
        if (options.json) {
          const rows = schedules.map((one) => ({ ...one, nextRunAt: nextTime(one) }));
          return context.out(JSON.stringify(rows));
        }
        if (schedules.length === 0) return context.out(text(context.lang, 'schedules.none'));
        for (const line of table(
          ['id', 'account', 'cron', 'next run', 'last campaign', 'last missed', 'created by'],
          schedules.map((one) => [
            String(one.id),
            one.appid,
            one.cron,
            nextRun(one),
            one.lastState === null
              ? '-'
              : `${one.lastCampaign} ${text(context.lang, `state.${one.lastState}`)}`,
            one.lastMissed?.replace('T', ' ') ?? '-',
            one.createdBy,
          ]),
        )) {
          context.out(line);
        }
      }),
    );

  command
    .command('remove')
    .description('end a schedule; campaigns that it started go on')
    .argument('<id>')
    .addHelpText('after', '\nExample:\n  $ hongyan schedules remove 3')
    .action((id: string) =>
      withSession(context, async ({ store }) => {
        const schedule = /^[1-9]\d{0,14}$/.test(id) ? await findSchedule(store.pool, Number(id)) : null;
        if (schedule === null) throw failure('SCHEDULE_NOT_FOUND', { id });
        await removeSchedule(store.pool, schedule.id);
        context.out(text(context.lang, 'schedules.removed', { id }));
      }),
    );
  return command;
}

/** `push --cron`: stores the push instead of sending it. Throws `USAGE` for what cannot be fetched again. */
export async function addSchedule(
  context: CliContext,
  session: Session,
  push: {
    appid: string;
    cron: string;
    channel: string;
    message: { parts: MessageParts } | { body: MessageBody };
    to: string;
    sync: boolean;
    onInvalid: OnInvalid;
    exclude: string[];
    includeNoCredit: boolean;
    /** A run may begin so long after its time, minutes. */
    validMinutes: number;
  },
): Promise<void> {
  checkCron(push.cron);
  const { store } = session;
  const account = await getAccount(store.pool, push.appid);
  const tag = /^tag:(\d{1,9})$/.exec(push.to)?.[1];
  if (push.to !== 'all' && tag === undefined)
    throw failure('AUDIENCE_INVALID/unrepeatable', { value: push.to.slice(0, 20) });
  const exclusions = parseExclusions(push.exclude);
  if (exclusions.some((one) => one.kind === 'file')) throw failure('AUDIENCE_INVALID/excluded-file', {});
  const channel = resolveChannel(push.channel, account.kind);
  const body = messageBody(channel, push.message);
  if (compileMessage(channel, body).variables.some((name) => name !== 'openid')) {
    throw failure('VARIABLE_UNKNOWN/scheduled', { openid: '{{openid}}' });
  }
  const request: ScheduledPush = {
    channel,
    message: push.message,
    audience: tag === undefined ? { kind: 'all' } : { kind: 'tag', tagId: Number(tag) },
    audienceName: push.to,
    sync: push.sync,
    onInvalid: push.onInvalid,
    exclusions,
    includeNoCredit: push.includeNoCredit,
  };
  const id = await createSchedule(store.pool, {
    appid: account.appid,
    cron: push.cron,
    request,
    createdBy: personName(),
    validMinutes: push.validMinutes,
  });
  context.out(
    text(context.lang, 'schedules.added', { id: String(id), cron: push.cron, zone: account.timeZone }),
  );
}

function checkCron(cron: string): void {
  try {
    requireCron(cron);
  } catch (error) {
    throw failure('CRON_INVALID', { cron }, { cause: error });
  }
}

function nextTime({ cron, timeZone }: Schedule): Date | null {
  const next = nextOccurrence(cron, timeZone, Date.now());
  return next === null ? null : new Date(next.at);
}

function nextRun(schedule: Schedule): string {
  const at = nextTime(schedule);
  return at === null ? '-' : formatTime(at, schedule.timeZone);
}
