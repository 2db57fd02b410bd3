import type { Pool } from './pool.ts';

/** What the database's clocks show. */
export interface ClockReading {
  /** The clock that is never set back, Unix ms; only differences mean anything. */
  steadyMs: number;
  /** Its wall clock, Unix ms. */
  wallMs: number;
  /** The wall clock was found set back by so much, ms, and nobody has said so yet; null: it was not. */
  setBackMs: number | null;
}

/**
 * Looks at the database's clock and writes down how far it is. When it was set back, everything that is waited for goes on
 * as if it had not been (sql/0001_installation.sql), and one caller of all is told.
 */
export async function noteClock(pool: Pool): Promise<ClockReading> {
  const result = await pool.query<ClockReading>({
    name: 'note-clock',
    text: `select (extract(epoch from steady) * 1000)::double precision as "steadyMs",
        (extract(epoch from wall) * 1000)::double precision as "wallMs",
        (extract(epoch from -stepped_by) * 1000)::double precision as "setBackMs" from note_clock()`,
  });
  return result.rows[0]!; // a function with out parameters gives one row
}

/** Writes down that the database's clock was set forward; false when another node has, a moment ago. */
export async function noteForwardStep(pool: Pool, ms: number): Promise<boolean> {
  const result = await pool.query(
    `with mine as (
       update steady_clock set forward_at = clock_timestamp()
       where forward_at is null or forward_at not between clock_timestamp() - interval '10 s' and clock_timestamp() returning forward_at)
     insert into clock_steps (stepped_by, seen_before, noticed_at)
     select by, forward_at - by, forward_at from mine, make_interval(secs => $1::double precision / 1000) as by`,
    [ms],
  );
  return result.rowCount === 1;
}

export interface ClockStep {
  /** Negative: set back. */
  ms: number;
  noticedAt: Date;
}

/** The steps of the last so many days, the newest first, at most 20. */
export async function clockSteps(pool: Pool, days: number): Promise<ClockStep[]> {
  const result = await pool.query<ClockStep>(
    `select (extract(epoch from stepped_by) * 1000)::double precision as ms, noticed_at as "noticedAt"
     from clock_steps where passed_since(noticed_at) < make_interval(days => $1) order by id desc limit 20`,
    [days],
  );
  return result.rows;
}
