import type { JobWithMetadata } from 'pg-boss';
import { errorCode } from '../../base/errors.ts';
import { type Logger, silentLogger } from '../../base/logger.ts';
import { within } from '../../base/within.ts';
import { listen } from './listen.ts';
import { type Connection, type ConnectionGuard, createPool, type Queryable } from './pool.ts';

/** Queues of background work; chunks, single messages and webhooks' deliveries are rows of their own, not jobs. */
export interface JobData {
  plan: { campaignId: number };
  /** `localTime` names the run. */
  schedule: { scheduleId: number; localTime: string };
  /** Removes what campaigns need not keep any longer. */
  prune: Record<string, never>;
}

export type JobName = keyof JobData;

export interface Jobs {
  /**
   * Adds a job, inside the caller's transaction when `db` is a client. The id makes a repeat a no-op:
   * one job per id for as long as pg-boss keeps it.
   */
  send<N extends JobName>(db: Queryable, name: N, data: JobData[N], id: string): Promise<void>;
  /** Works on a queue until `stop`. A handler that throws is tried again with backoff; only the error's code is stored. */
  work<N extends JobName>(
    name: N,
    handler: (
      data: JobData[N],
      signal: AbortSignal,
      job: {
        id: string;
        /** By the database's clock. */
        createdOn: Date;
      },
    ) => Promise<void>,
  ): Promise<void>;
  /** Adds a `prune` job once an hour, on whichever node. Repeating it is harmless. */
  pruneHourly(): Promise<void>;
  /** Takes no more work, and waits for running handlers up to `timeoutMs`; `send` goes on. */
  stopWork(timeoutMs: number): Promise<void>;
  /** Waits for running handlers up to `timeoutMs`, then stops. */
  stop(timeoutMs: number): Promise<void>;
}

/** Connections of the background jobs, the one that listens included. */
export const jobConnections = 5;

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

const queues: Record<JobName, Partial<typeof everyQueue>> = {
  plan: {},
  schedule: {},
  prune: {},
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
  // A pool of ours and not pg-boss's own: it waits when the server has no connection left.
  const pool = createPool(
    { ...connection, application_name: 'hongyan-jobs' },
    { max: jobConnections, logger, ...(guard === undefined ? {} : { guard }) },
  );
  const boss = new PgBoss({
    db: {
      executeSql: (text, values) => pool.query(text, values),
      async listen(channel, onNotification, onReconnect) {
        const listener = await listen(
          pool,
          [channel],
          (_channel, payload) => (payload === '' ? onReconnect() : onNotification(payload)),
          logger,
        );
        onReconnect();
        return listener;
      },
    },
    schema: 'pgboss',
    useListenNotify: true,
    superviseIntervalSeconds: 5,
    monitorIntervalSeconds: 5,
  });
  boss.on('error', (error) => logger.warn({ code: errorCode(error) }, 'a background job query failed'));
  async function close(timeoutMs: number): Promise<void> {
    const stopped = boss.stop({ graceful: true, timeout: timeoutMs });
    // Its database may be what stops us.
    const isClean = await within(timeoutMs, stopped).catch(() => false);
    await pool.close(isClean ? 1_000 : 0);
  }
  try {
    // One that listens, and one for statements.
    await pool.keep(2);
    await boss.start();
    await pool.query('select set_job_clock()');
    for (const [queue, options] of Object.entries(queues)) {
      await boss.createQueue(queue, { ...everyQueue, ...options });
    }
  } catch (error) {
    // Its timers, and what it started before it failed.
    await close(1_000);
    throw error;
  }

  return {
    async send(db, name, data, id) {
      await boss.send(name, data, {
        id,
        db: {
          executeSql: async (text: string, values?: unknown[]) => {
            const result = await db.query(text, values);
            return { rows: result.rows };
          },
        },
      });
    },
    async work(name, handler) {
      await boss.work(
        name,
        {
          batchSize: 1,
          includeMetadata: true,
          pollingIntervalSeconds: 1,
          notifyPollingIntervalSeconds: 2,
          heartbeatRefreshSeconds: 5,
        },
        async (jobs: JobWithMetadata<JobData[typeof name]>[]) => {
          for (const job of jobs) {
            try {
              await handler(job.data, job.signal, job);
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
    async pruneHourly() {
      await boss.schedule('prune', '17 * * * *', {}, { tz: 'UTC' });
    },
    async stopWork(timeoutMs) {
      const names = Object.keys(queues);
      await within(timeoutMs, Promise.all(names.map((name) => boss.offWork(name))));
    },
    async stop(timeoutMs) {
      await close(timeoutMs);
    },
  };
}
