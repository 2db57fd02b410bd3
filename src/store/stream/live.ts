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

/** accepted, rejected, unknown, held */
export type ChunkCounts = [number, number, number, number];

export interface LiveChunk {
  firstNo: number;
  /** 0: nobody has claimed it yet. */
  epoch: number;
  counts: ChunkCounts;
}

export interface LiveChunks extends Omit<LiveCampaign, 'accepted' | 'rejected' | 'unknown' | 'held'> {
  /** The first open ones, at most `mostOpen`. */
  open: LiveChunk[];
  /** Of those that were asked for, the ones that are done. */
  ended: LiveChunk[];
  /** Of the done ones and of all; null where the campaign is known. */
  whole: { done: ChunkCounts; all: ChunkCounts } | null;
}

/**
 * Campaigns that something happens to just now, and those of these ids, with the chunks that may have changed; of a campaign
 * that is not among `known`, the sums over all of its chunks. One snapshot, so that a chunk that ends is in one of the lists.
 *
 * @param seen chunks that were open at the last look
 */
export async function liveChunks(
  pool: Pool,
  ids: readonly number[],
  {
    known,
    seen,
    mostOpen,
  }: { known: readonly number[]; seen: readonly (readonly [number, number])[]; mostOpen: number },
): Promise<LiveChunks[]> {
  const chunk = (row: string): string =>
    `jsonb_build_object('firstNo', ${row}.first_no, 'epoch', ${row}.epoch,
       'counts', jsonb_build_array(${row}.accepted, ${row}.rejected, ${row}.unknown, ${row}.held))`;
  const sums = (where: string): string =>
    `jsonb_build_array(${['accepted', 'rejected', 'unknown', 'held']
      .map((name) => `coalesce(sum(${name})${where}, 0)::integer`)
      .join(', ')})`;
  // Without a name: a plan that was made while the tables were empty would read all of them ever after.
  const result = await pool.query<LiveChunks>(
    `select c.id, c.appid, c.state, c.state_reason as reason, c.planned_count as planned,
       coalesce((select jsonb_agg(${chunk('o')} order by o.first_no) from (
         select * from chunks where campaign_id = c.id and state = 'open' order by first_no limit $5) o), '[]') as open,
       coalesce((select jsonb_agg(${chunk('d')}) from unnest($3::bigint[], $4::integer[]) s (campaign_id, first_no)
         join chunks d using (campaign_id, first_no) where s.campaign_id = c.id and d.state = 'done'), '[]') as ended,
       case when c.id <> all ($2::bigint[]) then (
         select jsonb_build_object('done', ${sums(" filter (where state = 'done')")}, 'all', ${sums('')})
         from chunks where campaign_id = c.id) end as whole
     from campaigns c
     where c.state in ('staging', 'planning', 'running') or c.id = any ($1::bigint[])
     order by c.id`,
    [ids, known, seen.map(([id]) => id), seen.map(([, no]) => no), mostOpen],
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
