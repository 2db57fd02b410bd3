import { Command } from 'commander';
import {
  addSchedule as add,
  listSchedules,
  removeSchedule,
  type ScheduleInput,
} from '../../app/campaigns/schedules.ts';
import { failure } from '../../base/errors.ts';
import { text } from '../../texts/ui.ts';
import type { CliContext } from '../context.ts';
import { scheduleId } from '../input/numbers.ts';
import { parseRecipients } from '../input/recipients.ts';
import { type Session, withSession } from '../open.ts';
import { table } from '../output/table.ts';
import { formatTime } from '../output/when.ts';

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
          one.nextRunAt === null ? '-' : formatTime(one.nextRunAt, one.timeZone),
          one.lastState === null ? '-' : `${one.lastCampaign} ${text(lang, `state.${one.lastState}`)}`,
          one.lastMissed?.replace('T', ' ') ?? '-',
          one.createdBy,
        ]);
        for (const line of table(head, rows)) context.out(line);
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

/** `push --cron`: stores the push instead of sending it. Throws `AUDIENCE_INVALID` for what cannot be fetched again. */
export async function addSchedule(
  context: CliContext,
  session: Session,
  { to, json, ...push }: Omit<ScheduleInput, 'audience'> & { to: string; json: boolean },
): Promise<void> {
  const audience = parseRecipients(to);
  if (audience.kind !== 'all' && audience.kind !== 'tag')
    throw failure('AUDIENCE_INVALID/unrepeatable', { value: to.slice(0, 20) });
  const schedule = await add(session, context.actor, { ...push, audience });
  const { id, cron, timeZone: zone } = schedule;
  context.out(
    json ? JSON.stringify(schedule) : text(context.lang, 'schedules.added', { id: String(id), cron, zone }),
  );
}
