import type { CampaignState } from './campaigns.ts';
import type { Pool, Queryable } from './pool.ts';

/** A stored push; its shape is the engine's (`ScheduledPush`). */
export interface Schedule<T = unknown> {
  id: number;
  appid: string;
  /** Five fields, in the account's zone. */
  cron: string;
  request: T;
  createdBy: string;
  createdAt: Date;
  /** The newest campaign that it made. */
  lastCampaign: number | null;
  /** Its state. */
  lastState: CampaignState | null;
}

const columns = `id, appid, cron, request, created_by as "createdBy", created_at as "createdAt",
  (select max(c.id) from campaigns c where c.schedule_id = schedules.id) as "lastCampaign",
  (select c.state from campaigns c where c.schedule_id = schedules.id order by c.id desc limit 1) as "lastState"`;

export async function createSchedule(
  pool: Queryable,
  schedule: { appid: string; cron: string; request: unknown; createdBy: string },
): Promise<number> {
  const result = await pool.query<{ id: number }>(
    'insert into schedules (appid, cron, request, created_by) values ($1, $2, $3, $4) returning id',
    [schedule.appid, schedule.cron, JSON.stringify(schedule.request), schedule.createdBy],
  );
  return result.rows[0]!.id; // an insert … returning gives its row
}

export async function findSchedule<T>(pool: Pool, id: number): Promise<Schedule<T> | null> {
  return (
    (await pool.query<Schedule<T>>(`select ${columns} from schedules where id = $1`, [id])).rows[0] ?? null
  );
}

export async function listSchedules(pool: Pool): Promise<Schedule[]> {
  return (await pool.query<Schedule>(`select ${columns} from schedules order by id`)).rows;
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
