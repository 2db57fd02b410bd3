import { Command } from 'commander';
import {
  addSchedule as add,
  editSchedule,
  listSchedules,
  pauseSchedule,
  removeSchedule,
  resumeSchedule,
  type ScheduleInput,
  type ScheduleView,
  showSchedule,
} from '../../../app/campaigns/schedules.ts';
import { failure } from '../../../base/errors.ts';
import type { Lang } from '../../../texts/catalogue.ts';
import { type TextKey, text } from '../../../texts/ui.ts';
import type { CliContext } from '../../context.ts';
import { numberUpTo, scheduleId } from '../../input/numbers.ts';
import { parseRecipients } from '../../input/recipients.ts';
import { type Session, withSession } from '../../open.ts';
import { pad, table } from '../../output/table.ts';
import { formatTime } from '../../output/when.ts';

/** `hongyan schedules`: pushes that are repeated by cron. They are added by `push --cron`. */
export function schedulesCommand(context: CliContext): Command {
  const { lang } = context;
  const command = new Command('schedules');

  command
    .command('list')
    .option('--json')
    .action((options: { json?: boolean }) =>
      withSession(context, async (session) => {
        const { data } = await listSchedules(session, context.actor, undefined);
        if (options.json) return context.out(JSON.stringify(data));
        if (data.length === 0) return context.out(text(lang, 'schedules.none'));
        const head = [
          text(lang, 'column.id'),
          text(lang, 'column.account'),
          text(lang, 'column.cron'),
          text(lang, 'column.template'),
          text(lang, 'column.nextRun'),
          text(lang, 'column.lastCampaign'),
          text(lang, 'column.lastMissed'),
          text(lang, 'column.createdBy'),
        ];
        const rows = data.map((one) => [
          ...[String(one.id), one.appid, one.cron, one.templateTitle ?? one.templateId ?? '-'],
          one.pausedAt === null ? nextRun(one) : text(lang, 'schedules.isPaused'),
          one.lastState === null ? '-' : `${one.lastCampaign} ${text(lang, `state.${one.lastState}`)}`,
          one.lastMissed?.replace('T', ' ') ?? '-',
          one.createdBy,
        ]);
        for (const line of table(head, rows)) context.out(line);
      }),
    );

  command
    .command('show')
    .argument('<id>')
    .option('--json')
    .action((value: string, { json }: { json?: boolean }) =>
      withSession(context, async (session) => {
        const schedule = await showSchedule(session, context.actor, { id: scheduleId(value) });
        if (json) return context.out(JSON.stringify(schedule));
        for (const line of scheduleLines(schedule, lang)) context.out(line);
      }),
    );

  const changes = [
    ['pause', pauseSchedule, 'schedules.paused'],
    ['resume', resumeSchedule, 'schedules.resumed'],
  ] as const;
  for (const [name, change, done] of changes)
    command
      .command(name)
      .argument('<id>')
      .option('--json')
      .action((value: string, { json }: { json?: boolean }) =>
        withSession(context, async (session) => {
          const schedule = await change(session, context.actor, { id: scheduleId(value) });
          if (json) return context.out(JSON.stringify(schedule));
          context.out(text(lang, done, { id: value, next: nextRun(schedule) }));
        }),
      );

  command
    .command('edit')
    .argument('<id>')
    .option('--cron <expression>')
    .option('--valid-for <minutes>')
    .option('--json')
    .action((value: string, { json, cron, validFor }: { json?: boolean; cron?: string; validFor?: string }) =>
      withSession(context, async (session) => {
        const schedule = await editSchedule(session, context.actor, {
          id: scheduleId(value),
          ...(cron === undefined ? {} : { cron }),
          ...(validFor === undefined ? {} : { validMinutes: numberUpTo('--valid-for', 99_999, validFor) }),
        });
        if (json) return context.out(JSON.stringify(schedule));
        for (const line of scheduleLines(schedule, lang)) context.out(line);
      }),
    );

  command
    .command('remove')
    .argument('<id>')
    .option('--json')
    .action((value: string, { json }: { json?: boolean }) =>
      withSession(context, async (session) => {
        const id = scheduleId(value);
        await removeSchedule(session, context.actor, { id });
        if (json) context.out(JSON.stringify({ schedule: id, removed: true }));
        else context.out(text(lang, 'schedules.removed', { id: value }));
      }),
    );
  return command;
}

function nextRun({ nextRunAt, timeZone }: ScheduleView): string {
  return nextRunAt === null ? '-' : formatTime(nextRunAt, timeZone);
}

function scheduleLines(schedule: ScheduleView, lang: Lang): string[] {
  const { id, appid, cron, request, validMinutes, createdBy, lastMissed, pausedAt } = schedule;
  const line = (key: TextKey, value: string): string => `  ${pad(text(lang, key), 16)}${value}`;
  return [
    text(lang, 'schedules.title', { id: String(id), cron, zone: schedule.timeZone }),
    line('column.account', appid),
    line('column.channel', request.channel),
    line('column.template', schedule.templateTitle ?? schedule.templateId ?? '-'),
    line('column.audience', request.audienceName),
    line('column.nextRun', pausedAt === null ? nextRun(schedule) : text(lang, 'schedules.isPaused')),
    line('column.validFor', text(lang, 'schedules.minutes', { n: validMinutes })),
    line('column.lastCampaign', schedule.lastCampaign === null ? '-' : String(schedule.lastCampaign)),
    line('column.lastMissed', lastMissed?.replace('T', ' ') ?? '-'),
    line('column.createdBy', createdBy),
  ];
}

/** `push --cron`: stores the push instead of sending it. Throws `AUDIENCE_INVALID` for what cannot be fetched again. */
export async function addSchedule(
  context: CliContext,
  session: Session,
  { to, json, ...push }: Omit<ScheduleInput, 'audience'> & { to: string; json: boolean },
): Promise<void> {
  const audience = parseRecipients(to);
  if (audience.kind !== 'all' && audience.kind !== 'tag' && audience.kind !== 'filter')
    throw failure('AUDIENCE_INVALID/unrepeatable', { value: to.slice(0, 20) });
  const schedule = await add(session, context.actor, { ...push, audience });
  const { id, cron, timeZone: zone } = schedule;
  context.out(
    json ? JSON.stringify(schedule) : text(context.lang, 'schedules.added', { id: String(id), cron, zone }),
  );
}
