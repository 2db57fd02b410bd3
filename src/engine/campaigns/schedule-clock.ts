import { createHash } from 'node:crypto';
import { errorCode } from '../../base/errors.ts';
import type { Logger } from '../../base/logger.ts';
import { type DueLook, lockDueSchedule, moveLook, storeRun } from '../../store/campaigns/schedules.ts';
import type { Jobs } from '../../store/database/jobs.ts';
import { inTransaction, type Pool } from '../../store/database/pool.ts';
import { type Occurrence, occurrences } from './schedule-times.ts';

const minuteMs = 60_000;
/** Each schedule is looked at so often, on whichever node. */
const lookEveryMs = 10_000;
/** Nobody reads a longer list of times that were missed. */
const missedKept = 50;
/** Times longer ago than this are not even listed: nothing ran for so long. */
const lookBackMs = 32 * 24 * 60 * minuteMs;

export interface ScheduleClockDeps {
  pool: Pool;
  jobs: Pick<Jobs, 'send'>;
  logger: Logger;
}

/** Decides when schedules are due, until it is closed. */
export function startScheduleClock(deps: ScheduleClockDeps): { close(): Promise<void> } {
  let looking: Promise<void> = Promise.resolve();
  let isClosed = false;
  const look = (): void => {
    looking = looking
      .then(async () => {
        while (!isClosed && (await decideDue(deps)));
      })
      .catch((error: unknown) => {
        deps.logger.warn(
          { code: errorCode(error) },
          'due schedules could not be looked for; it is tried again',
        );
      });
  };
  const timer = setInterval(look, lookEveryMs / 2);
  look();
  return {
    async close() {
      isClosed = true;
      clearInterval(timer);
      await looking;
    },
  };
}

/**
 * Decides the times of one schedule since the last look: each is stored once, with its job in the same transaction. False
 * when no schedule wants a look.
 *
 * The newest time that is not too long ago runs, late if nothing ran at its time. All others were missed: nobody wants the
 * offers of a whole night at once. Times before a restore or failover may have been carried out in what the database has
 * forgotten, so they are missed as well.
 */
export async function decideDue(deps: ScheduleClockDeps, everyMs: number = lookEveryMs): Promise<boolean> {
  const { pool, jobs, logger } = deps;
  return await inTransaction(pool, async (client) => {
    const look = await lockDueSchedule(client, everyMs);
    if (look === null) return false;
    const { missed, run } = decided(look);
    for (const one of missed) {
      if (!(await storeRun(client, look.id, { ...one, state: 'missed' }))) continue;
      logger.error({ scheduleId: look.id, localTime: one.local }, 'a run of a schedule was missed');
    }
    if (run !== null && (await storeRun(client, look.id, { ...run, state: 'started' })))
      await jobs.send(
        client,
        'schedule',
        { scheduleId: look.id, localTime: run.local },
        jobId(look.id, run.local),
      );
    await moveLook(client, look.id, look.now);
    return true;
  });
}

function decided(look: DueLook): { missed: Occurrence[]; run: Occurrence | null } {
  const { cron, timeZone, validMinutes, lookedUntil, now, historyAt } = look;
  const due = occurrences(cron, timeZone, Math.max(lookedUntil, now - lookBackMs), now);
  const last = due.at(-1) ?? null;
  const isRun = last !== null && last.at > historyAt && now - last.at < validMinutes * minuteMs;
  return { missed: due.slice(0, isRun ? -1 : undefined).slice(-missedKept), run: isRun ? last : null };
}

/** pg-boss wants a uuid; the same run has the same. */
function jobId(scheduleId: number, localTime: string): string {
  const hex = createHash('sha256').update(`schedule ${scheduleId} ${localTime}`).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
