import type { Pool } from '../database/pool.ts';

/** A process that reads a campaign's recipients says so at least as often; then it is taken for gone, s. */
export const readerLeaseSeconds = 60;

/** What nobody has brought to its start is kept for so long, and then cancelled. */
export const keepHours = 24;

/** Says that this process still reads the campaign's recipients; false when it is no longer to be read. */
export async function renewReading(pool: Pool, id: number): Promise<boolean> {
  const result = await pool.query(
    `update campaigns set read_until = clock_timestamp() + make_interval(secs => $2) where id = $1 and state = 'staging'`,
    [id, readerLeaseSeconds],
  );
  return result.rowCount === 1;
}

/**
 * staging → cancelled, if its reader is gone: its rows are incomplete, and whoever has the rest has to begin anew. Its key is
 * free again.
 */
export async function endLeftReading(pool: Pool, id: number): Promise<boolean> {
  const result = await pool.query(
    `update campaigns set state = 'cancelled', state_reason = 'reader_gone', state_detail = null, key = null,
       finished_at = clock_timestamp()
     where id = (select id from campaigns where id = $1 and state = 'staging' and read_until < clock_timestamp() for update skip locked)`,
    [id],
  );
  if (result.rowCount !== 1) return false;
  // A statement of its own: rows of a page that was being staged are seen only after its commit.
  await pool.query('delete from staging where campaign_id = $1', [id]);
  return true;
}

/**
 * Cancels what was left for a day before its start: read by a process that is gone, or planned and never confirmed. Not what
 * waits for a second person, nor what a schedule made. Safe beside a living reader, and to repeat.
 */
export async function endLeftCampaigns(pool: Pool): Promise<{ id: number; reason: string }[]> {
  const { rows } = await pool.query<{ id: number; reason: string }>(
    `update campaigns set state = 'cancelled', state_detail = null, key = null, finished_at = clock_timestamp(),
       state_reason = case state when 'staging' then 'reader_gone' else 'never_confirmed' end
     where id in (select id from campaigns
       where case state
           when 'staging' then coalesce(read_until, created_at)
           when 'planning' then created_at
           when 'planned' then planned_at end < clock_timestamp() - make_interval(hours => $1)
         and confirmed_by is null and not auto_confirm
       -- Whoever holds a row is at work on it, or was stopped: nobody waits for that.
       for update skip locked)
     returning id, state_reason as reason`,
    [keepHours],
  );
  if (rows.length > 0)
    await pool.query('delete from staging where campaign_id = any ($1::bigint[])', [
      rows.map(({ id }) => id),
    ]);
  return rows;
}
