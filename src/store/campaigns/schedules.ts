import type { Pool, PoolClient, Queryable } from '../database/pool.ts';
import type { CampaignState } from './campaigns.ts';

/** A stored push; its shape is the engine's (`ScheduledPush`). */
export interface Schedule<T = unknown> {
  id: number;
  appid: string;
  /** Five fields, in the account's zone. */
  cron: string;
  request: T;
  createdBy: string;
  createdAt: Date;
  /** Nothing of it runs since then; null: it does. */
  pausedAt: Date | null;
  /** Changes with each edit. */
  version: number;
  /** A run may begin so long after its time, minutes; afterwards it is missed. */
  validMinutes: number;
  /** Of the account; its cron is read on the clocks there. */
  timeZone: string;
  /** The newest time that was missed, `YYYY-MM-DDTHH:MM` in the account's zone. */
  lastMissed: string | null;
  /** The newest campaign that it made. */
  lastCampaign: number | null;
  /** Its state. */
  lastState: CampaignState | null;
}

const columns = `id, appid, cron, request, created_by as "createdBy", created_at as "createdAt",
  paused_at as "pausedAt", version,  valid_minutes as "validMinutes", (select a.time_zone from accounts a where a.appid = schedules.appid) as "timeZone",
  (select max(r.local_time) from schedule_runs r where r.schedule_id = schedules.id and r.state = 'missed') as "lastMissed",
  (select max(c.id) from campaigns c where c.schedule_id = schedules.id) as "lastCampaign",
  (select c.state from campaigns c where c.schedule_id = schedules.id order by c.id desc limit 1) as "lastState"`;

export async function createSchedule(
  pool: Queryable,
  schedule: { appid: string; cron: string; request: unknown; createdBy: string; validMinutes: number },
): Promise<number> {
  const result = await pool.query<{ id: number }>(
    `insert into schedules (appid, cron, request, created_by, valid_minutes) values ($1, $2, $3, $4, $5) returning id`,
    [
      schedule.appid,
      schedule.cron,
      JSON.stringify(schedule.request),
      schedule.createdBy,
      schedule.validMinutes,
    ],
  );
  return result.rows[0]!.id; // an insert … returning gives its row
}

export async function findSchedule<T>(pool: Pool, id: number): Promise<Schedule<T> | null> {
  return (
    (await pool.query<Schedule<T>>(`select ${columns} from schedules where id = $1`, [id])).rows[0] ?? null
  );
}

export async function listSchedules<T>(pool: Pool): Promise<Schedule<T>[]> {
  return (await pool.query<Schedule<T>>(`select ${columns} from schedules order by id`)).rows;
}

/** False when it was paused already, or is gone. */
export async function pauseSchedule(pool: Queryable, id: number): Promise<boolean> {
  const result = await pool.query(
    'update schedules set paused_at = clock_timestamp() where id = $1 and paused_at is null',
    [id],
  );
  return result.rowCount === 1;
}

/** Times that came while it was paused are neither carried out nor missed. False when it was not paused, or is gone. */
export async function resumeSchedule(pool: Queryable, id: number): Promise<boolean> {
  const result = await pool.query(
    `update schedules set paused_at = null, looked_until = clock_timestamp() where id = $1 and paused_at is not null`,
    [id],
  );
  return result.rowCount === 1;
}

/** Changes a schedule, if it is still of this version; runs that are decided stay as they are. */
export async function editSchedule(
  pool: Queryable,
  id: number,
  version: number,
  changed: { cron: string; request: unknown; validMinutes: number },
): Promise<boolean> {
  const result = await pool.query(
    `update schedules set cron = $3, request = $4, valid_minutes = $5, version = version + 1,
       -- Times of the new expression that are over by now were never meant.
       looked_until = greatest(looked_until, case when cron = $3 then looked_until else clock_timestamp() end)
     where id = $1 and version = $2`,
    [id, version, changed.cron, JSON.stringify(changed.request), changed.validMinutes],
  );
  return result.rowCount === 1;
}

export async function removeSchedule(pool: Queryable, id: number): Promise<boolean> {
  return (await pool.query('delete from schedules where id = $1', [id])).rowCount === 1;
}

/** Ties a campaign to the schedule that made it; it runs without being asked about. */
export async function adoptCampaign(pool: Pool, campaignId: number, scheduleId: number): Promise<void> {
  await pool.query(
    `update campaigns set schedule_id = $2::bigint, auto_confirm = true, confirmed_by = 'schedule ' || $2::bigint where id = $1`,
    [campaignId, scheduleId],
  );
}

/**
 * Whether a run whose job was made then may have been carried out already, and forgotten with a restore or failover of the
 * database. Jobs are made up to a minute after their time, also a second time in that minute.
 */
export async function mayHaveRunBefore(pool: Pool, createdOn: Date): Promise<boolean> {
  const result = await pool.query(
    "select 1 from installation where history_at > $1::timestamptz - interval '1 minute'",
    [createdOn],
  );
  return result.rows.length > 0;
}

/** A schedule whose times of the last moments are to be decided. */
export interface DueLook {
  id: number;
  cron: string;
  timeZone: string;
  validMinutes: number;
  /** Runs up to then are decided, Unix ms. */
  lookedUntil: number;
  /** The database's now, Unix ms. */
  now: number;
  /** When the database's history began to be another one, by a restore or failover, Unix ms; 0 when it never did. */
  historyAt: number;
}

/**
 * Locks a schedule that nobody has looked at for `everyMs`, and gives it; null when there is none. Its times are decided
 * in the same transaction, so that no two nodes decide one.
 */
export async function lockDueSchedule(client: PoolClient, everyMs: number): Promise<DueLook | null> {
  const result = await client.query<DueLook>(
    `select s.id, s.cron, a.time_zone as "timeZone", s.valid_minutes as "validMinutes",
       (extract(epoch from s.looked_until) * 1000)::double precision as "lookedUntil",
       (extract(epoch from clock_timestamp()) * 1000)::double precision as now,
       coalesce((select (extract(epoch from history_at) * 1000)::double precision from installation), 0) as "historyAt"
     from schedules s join accounts a using (appid)
     where s.paused_at is null and s.looked_until <= clock_timestamp() - $1 * interval '1 ms'
     order by s.looked_until limit 1 for update of s skip locked`,
    [everyMs],
  );
  return result.rows[0] ?? null;
}

/** Decides a time of a schedule; false when it was decided before. */
export async function storeRun(
  client: PoolClient,
  scheduleId: number,
  run: { local: string; at: number; state: 'started' | 'missed' },
): Promise<boolean> {
  const result = await client.query(
    `insert into schedule_runs (schedule_id, local_time, due_at, state)
     values ($1, $2, to_timestamp($3::double precision / 1000), $4) on conflict do nothing`,
    [scheduleId, run.local, run.at, run.state],
  );
  return result.rowCount === 1;
}

/** Of a run whose job came too late after all. */
export async function markMissed(pool: Pool, scheduleId: number, local: string): Promise<void> {
  await pool.query(`update schedule_runs set state = 'missed' where schedule_id = $1 and local_time = $2`, [
    scheduleId,
    local,
  ]);
}

/** Whether a run may still begin, by the database's clock. */
export async function mayRunStillBegin(pool: Pool, scheduleId: number, local: string): Promise<boolean> {
  const result = await pool.query(
    `select 1 from schedule_runs r join schedules s on s.id = r.schedule_id
     where r.schedule_id = $1 and r.local_time = $2 and r.state = 'started'
       and clock_timestamp() < r.due_at + (s.valid_minutes + 1) * interval '1 minute'`,
    [scheduleId, local],
  );
  return result.rowCount === 1;
}

/** The times up to `until` (Unix ms) are decided. */
export async function moveLook(client: PoolClient, scheduleId: number, until: number): Promise<void> {
  await client.query(
    'update schedules set looked_until = to_timestamp($2::double precision / 1000) where id = $1',
    [scheduleId, until],
  );
}

/** Removes decisions that nobody asks for any longer. */
export async function removeOldRuns(pool: Pool, days: number): Promise<void> {
  await pool.query(`delete from schedule_runs where due_at < clock_timestamp() - $1 * interval '1 day'`, [
    days,
  ]);
}
