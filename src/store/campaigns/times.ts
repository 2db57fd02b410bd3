import type { Pool } from '../database/pool.ts';

/** When a campaign may send, by its own times and its account's quiet hours. */
export interface CampaignTimes {
  /** The account's zone, in which people read its times. */
  timeZone: string;
  /** What a running campaign must let pass before it may send; null when it may. */
  what: 'start' | 'quiet' | null;
  /** When that is over. */
  until: Date | null;
}

/** Null when there is no such campaign. The rules are those of the database's function may_send. */
export async function campaignTimes(pool: Pool, id: number): Promise<CampaignTimes | null> {
  const result = await pool.query<CampaignTimes>(
    `with held as (
       select a.time_zone, a.quiet_to, c.start_at, clock_timestamp() at time zone a.time_zone as local,
         case when c.state <> 'running' then null
           when c.start_at > clock_timestamp() then 'start'
           when is_quiet(a.quiet_from, a.quiet_to, a.time_zone) then 'quiet' end as what
       from campaigns c join accounts a using (appid) where c.id = $1)
     select time_zone as "timeZone", what, case what
       when 'start' then start_at
       when 'quiet' then (local::date + quiet_to + case when local::time < quiet_to then interval '0' else interval '1 day' end)
         at time zone time_zone end as until
     from held`,
    [id],
  );
  return result.rows[0] ?? null;
}
