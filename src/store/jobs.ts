import type { ClientBase } from 'pg';
import { errorCode } from '../base/errors.ts';
import { type Logger, silentLogger } from '../base/logger.ts';
import type { Connection, ConnectionGuard, Queryable } from './pool.ts';

/** Queues of background work; chunks and single messages are rows of their own, not jobs. */
export interface JobData {
  plan: { campaignId: number };
  schedule: { scheduleId: number };
  webhook: { deliveryId: string };
  /** Deliveries whose last attempt failed. */
  'webhook-dead': { deliveryId: string };
  /** Removes what campaigns need not keep any longer. */
  prune: Record<string, never>;
}

export type JobName = keyof JobData;

export interface Jobs {
  /**
   * Adds a job, inside the caller's transaction when `db` is a client. The id makes a repeat a no-op:
   * one job per id for as long as pg-boss keeps it.
   */
  send<N extends JobName>(
    db: Queryable,
    name: N,
    data: JobData[N],
    id: string,
    /** Jobs of one group share `perGroup` of `work`. */
    options?: { group?: string },
  ): Promise<void>;
  /** Works on a queue until `stop`. A handler that throws is tried again with backoff; only the error's code is stored. */
  work<N extends JobName>(
    name: N,
    handler: (data: JobData[N], signal: AbortSignal, jobId: string) => Promise<void>,
    /** At once in this process; default 1. */
    limits?: { concurrency: number; perGroup: number },
  ): Promise<void>;
  /** Adds a `schedule` job whenever the cron expression says so, in the zone. Throws for an expression that is none. */
  schedule(scheduleId: number, cron: string, timeZone: string): Promise<void>;
  unschedule(scheduleId: number): Promise<void>;
  /** Adds a `prune` job once an hour, on whichever node. Repeating it is harmless. */
  pruneHourly(): Promise<void>;
  /** Waits for running handlers up to `timeoutMs`, then stops. */
  stop(timeoutMs: number): Promise<void>;
}

const everyQueue = {
  policy: 'standard',
  retryLimit: 20,
  retryDelay: 2,
  retryBackoff: true,
  retryDelayMax: 60,
  expireInSeconds: 6 * 3600,
  heartbeatSeconds: 30,
  retentionSeconds: 30 * 86_400,
  deleteAfterSeconds: 7 * 86_400,
  notify: true,
};

/** In the order in which they are made: a dead-letter queue before the one that names it. */
const queues: Record<JobName, Partial<typeof everyQueue> & { deadLetter?: string }> = {
  plan: {},
  schedule: {},
  prune: {},
  'webhook-dead': {},
  // 5, 10, 20 … s, then every 6 hours: 16 attempts within a day and a bit.
  webhook: {
    retryLimit: 15,
    retryDelay: 5,
    retryDelayMax: 6 * 3600,
    expireInSeconds: 120,
    deadLetter: 'webhook-dead',
  },
};

/**
 * Starts pg-boss on the same database (schema `pgboss`).
 *
 * All limits are written out because the defaults lose work: 2 retries, 900 s of running time, and jobs that
 * wait for more than 14 days are deleted. The polling intervals are short because a lost NOTIFY waits for them.
 */
export async function openJobs(
  connection: Connection,
  logger: Logger = silentLogger,
  guard?: ConnectionGuard,
): Promise<Jobs> {
  // Loaded here: a command that only reads needs neither its time (75 ms) nor its memory (23 MB).
  const { PgBoss } = await import('pg-boss');
  const boss = new PgBoss({
    // pg-boss reads the same connection fields as pg; what it does not know it ignores.
    ...(connection as object),
    // Its own connections must not touch, or bring to work, a database that went back before somebody has looked at it.
    ...(guard === undefined ? {} : { onConnect: (client: ClientBase) => guard.look(client) }),
    application_name: 'hongyan-jobs',
    schema: 'pgboss',
    max: 4,
    useListenNotify: true,
    superviseIntervalSeconds: 5,
    monitorIntervalSeconds: 5,
  });
  boss.on('error', (error) => logger.warn({ code: errorCode(error) }, 'a background job query failed'));
  await boss.start();
  for (const [queue, options] of Object.entries(queues)) {
    await boss.createQueue(queue, { ...everyQueue, ...options });
  }

  return {
    async send(db, name, data, id, options) {
      await boss.send(name, data, {
        id,
        ...(options?.group === undefined ? {} : { group: { id: options.group } }),
        db: {
          executeSql: async (text: string, values?: unknown[]) => {
            const result = await db.query(text, values);
            return { rows: result.rows };
          },
        },
      });
    },
    async work(name, handler, limits) {
      await boss.work<JobData[typeof name]>(
        name,
        {
          batchSize: 1,
          pollingIntervalSeconds: 1,
          notifyPollingIntervalSeconds: 2,
          heartbeatRefreshSeconds: 5,
          ...(limits === undefined
            ? {}
            : { localConcurrency: limits.concurrency, localGroupConcurrency: limits.perGroup }),
        },
        async (jobs) => {
          for (const job of jobs) {
            try {
              await handler(job.data, job.signal, job.id);
            } catch (error) {
              // pg-boss stores what is thrown, and an error of ours may name a URL.
              logger.warn(
                { code: errorCode(error) ?? 'UNKNOWN', queue: name },
                'a background job failed and is tried again',
              );
              throw new Error(errorCode(error) ?? 'UNKNOWN');
            }
          }
        },
      );
    },
    async schedule(scheduleId, cron, timeZone) {
      await boss.schedule('schedule', cron, { scheduleId }, { tz: timeZone, key: String(scheduleId) });
    },
    async unschedule(scheduleId) {
      await boss.unschedule('schedule', String(scheduleId));
    },
    async pruneHourly() {
      await boss.schedule('prune', '17 * * * *', {}, { tz: 'UTC' });
    },
    async stop(timeoutMs) {
      await boss.stop({ graceful: true, timeout: timeoutMs, close: true });
    },
  };
}
