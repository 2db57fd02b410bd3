import type { Pool } from '../database/pool.ts';

/** A campaign as its stream tells it. */
export interface LiveCampaign {
  id: number;
  appid: string;
  state: string;
  reason: string | null;
  planned: number;
  accepted: number;
  rejected: number;
  unknown: number;
  held: number;
}

/** Those that something happens to just now, and those of these ids. */
export async function liveCampaigns(pool: Pool, ids: readonly number[]): Promise<LiveCampaign[]> {
  // Without a name: a plan that was made while the tables were empty would read all of them ever after.
  const result = await pool.query<LiveCampaign>(
    `select c.id, c.appid, c.state, c.state_reason as reason, c.planned_count as planned,
       coalesce(sum(ch.accepted), 0)::integer as accepted, coalesce(sum(ch.rejected), 0)::integer as rejected,
       coalesce(sum(ch.unknown), 0)::integer as unknown, coalesce(sum(ch.held), 0)::integer as held
     from campaigns c left join chunks ch on ch.campaign_id = c.id
     where c.state in ('staging', 'planning', 'running') or c.id = any ($1::bigint[])
     group by c.id order by c.id`,
    [ids],
  );
  return result.rows;
}

export interface LiveAccount {
  appid: string;
  state: string;
  reason: string | null;
}

/** The state of every account. */
export async function liveAccounts(pool: Pool): Promise<LiveAccount[]> {
  const result = await pool.query<LiveAccount>(
    'select appid, state, state_reason as reason from accounts order by appid',
  );
  return result.rows;
}
