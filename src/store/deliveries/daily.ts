import type { Pool } from '../database/pool.ts';
import { factKind, type Outcome } from '../facts.ts';

/** What became of the messages of one account over one channel on one day; the numbers by outcome. */
export interface DailyOutcomes extends Record<Outcome, number> {
  /** `2026-11-27`, in the account's zone. */
  day: string;
  appid: string;
  channel: string;
}

/**
 * The last `days` days with today, the newest first; days without an outcome have no row.
 *
 * Campaigns are counted by chunk, on the day of its first answer, and one that lost its recipients by the counts that were kept,
 * on the day of its own. Single messages are counted on the day of the answer that settled them.
 * @param appids null: all accounts
 */
export async function dailyOutcomes(
  pool: Pool,
  appids: readonly string[] | null,
  days: number,
): Promise<DailyOutcomes[]> {
  const result = await pool.query<DailyOutcomes>(
    `with scope as materialized (
       select appid, time_zone,
         (date_trunc('day', clock_timestamp() at time zone time_zone) - make_interval(days => $2::integer - 1)) at time zone time_zone as since
       from accounts where $1::text[] is null or appid = any ($1)),
     running as (
       select c.*, s.time_zone, s.since from scope s join campaigns c using (appid)
       where c.started_at is not null and (c.finished_at is null or c.finished_at >= s.since)),
     settled as (
       select distinct on (f.message_id) f.message_id, f.kind, f.reason, f.at from message_facts f
       where f.at >= (select min(since) from scope)
         and (f.kind >= ${factKind.unknown} or is_held(f.kind, f.reason) or f.kind = ${factKind.retry} and f.next_at is null)
       order by f.message_id, fact_strength(f.kind, f.reason) desc, f.msgid is null, f.at desc),
     counted as (
       select c.appid, c.channel, c.time_zone, c.since, coalesce(ch.first_at, c.finished_at) as at,
         ch.accepted, ch.rejected, ch.unknown, ch.held,
         case when c.finished_at is null then 0
           else ch.last_no - ch.first_no + 1 - ch.accepted - ch.rejected - ch.unknown - ch.held end as unsent
       from running c join chunks ch on ch.campaign_id = c.id where c.pruned_at is null
       union all
       select c.appid, c.channel, c.time_zone, c.since, coalesce((k.kept ->> 'firstAt')::timestamptz, c.finished_at),
         k.accepted, k.rejected, k.unknown, k.held, c.planned_count - k.accepted - k.rejected - k.unknown - k.held
       from running c cross join lateral (
         select c.kept_outcomes as kept, (c.kept_outcomes ->> 'accepted')::integer as accepted,
           (c.kept_outcomes ->> 'rejected')::integer as rejected, (c.kept_outcomes ->> 'unknown')::integer as unknown,
           coalesce((c.kept_outcomes ->> 'held')::integer, 0) as held) k
       where c.pruned_at is not null
       union all
       select m.appid, m.channel, s.time_zone, s.since, f.at, (o.outcome = 'accepted')::integer, (o.outcome = 'rejected')::integer,
         (o.outcome = 'unknown')::integer, (o.outcome = 'held')::integer, (o.outcome = 'unsent')::integer
       from settled f join messages m on m.id = f.message_id join scope s using (appid)
         cross join lateral (select outcome_of(f.kind, f.reason) as outcome) o
       where f.kind in (${factKind.rejected}, ${factKind.accepted})
         or not exists (select 1 from open_messages w where w.message_id = f.message_id))
     select to_char(at at time zone time_zone, 'YYYY-MM-DD') as day, appid, channel, sum(accepted) as accepted,
       sum(rejected) as rejected, sum(unknown) as unknown, sum(held) as held, sum(unsent) as unsent
     from counted where at >= since and accepted + rejected + unknown + held + unsent > 0
     group by 1, 2, 3 order by 1 desc, 2, 3`,
    [appids, days],
  );
  return result.rows;
}
