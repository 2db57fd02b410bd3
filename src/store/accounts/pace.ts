import { nodeTimeoutSeconds } from '../database/nodes.ts';
import type { Pool } from '../database/pool.ts';

/** A run of slots, leased by one node. */
export interface Slice {
  count: number;
  ratePerS: number;
  /** From the database's now to the end of the last slot, ms; the first one starts `count / ratePerS` earlier. */
  endMs: number;
}

/**
 * Leases the next `count` slots of the account's schedule; null when there is no such account. Fewer and wider ones while
 * the account's callback falls behind.
 *
 * steady_now(), asked anew each time, and not now(): a transaction's start may be older than the stored time.
 */
export async function leaseSlots(pool: Pool, appid: string, count: number): Promise<Slice | null> {
  const result = await pool.query<Slice>({
    name: 'lease-slots',
    text: `insert into account_pace as p (appid, next_slot)
      select appid, steady_now() + make_interval(secs => $2::double precision / rate_per_s) from accounts where appid = $1
      on conflict (appid) do update set next_slot = greatest(p.next_slot, steady_now())
        + make_interval(secs => greatest(1, floor($2 * callback_share(p.callback_share, p.callback_at)))
          / ((select rate_per_s from accounts where appid = $1) * callback_share(p.callback_share, p.callback_at)))
      returning greatest(1, floor($2 * callback_share(callback_share, callback_at)))::integer as count,
        (select rate_per_s from accounts where appid = $1) * callback_share(callback_share, callback_at) as "ratePerS",
        (extract(epoch from next_slot - steady_now()) * 1000)::double precision as "endMs"`,
    values: [appid, count],
  });
  return result.rows[0] ?? null;
}

/** The same of a campaign that has a rate of its own; null when it has none (any more). */
export async function leaseCampaignSlots(pool: Pool, id: number, count: number): Promise<Slice | null> {
  const result = await pool.query<Slice>({
    name: 'lease-campaign-slots',
    text: `insert into campaign_pace as p (campaign_id, next_slot)
      select id, steady_now() + make_interval(secs => $2::double precision / rate_per_s) from campaigns
      where id = $1 and rate_per_s is not null
      on conflict (campaign_id) do update set next_slot = greatest(steady_now(), p.next_slot)
        + make_interval(secs => $2::double precision / (select rate_per_s from campaigns where id = $1))
      returning $2::integer as count, (select rate_per_s from campaigns where id = $1) as "ratePerS",
        (extract(epoch from next_slot - steady_now()) * 1000)::double precision as "endMs"`,
    values: [id, count],
  });
  return result.rows[0] ?? null;
}

/** A path of an account that is parked, or whose rest is reserved. */
export interface Park {
  path: string;
  /** 45009 and its like: until it is over and a probe succeeded. `reserve`: what is left is kept from campaigns. */
  why: 'quota' | 'reserve';
  /** ms from now by the database's clock; ≤ 0: it may be probed. */
  ms: number;
  probeOwner: string | null;
  /** ms that the probe of `probeOwner` still has. */
  probeMs: number;
}

/** What a node must know of an account before it sends for it. */
export interface PaceState {
  appid: string;
  isActive: boolean;
  ratePerS: number;
  /** Of the rate, kept for single messages. */
  messageSharePercent: number;
  windowLimit: number | null;
  /** ms until WeChat's next minute; null without a 45011. */
  minuteMs: number | null;
  /** ms for which this node's address is refused; ≤ 0: it may ask again; null: it is not. */
  blockedMs: number | null;
  /** Nodes that are alive. */
  nodes: number;
  parks: Park[];
}

/** The state of several accounts in one statement; read about once a second by each node. */
export async function readPace(pool: Pool, appids: string[], nodeId: string): Promise<PaceState[]> {
  const result = await pool.query<PaceState>({
    name: 'read-pace',
    text: `select a.appid, a.state = 'active' as "isActive", a.rate_per_s as "ratePerS",
        a.message_share_percent as "messageSharePercent", p.window_limit as "windowLimit",
        (select count(*) from nodes n where n.seen_at > (select steady_now()) - make_interval(secs => $3)) as nodes,
        (extract(epoch from p.minute_until - (select steady_now())) * 1000)::double precision as "minuteMs",
        (select (extract(epoch from b.until - (select steady_now())) * 1000)::double precision from node_blocks b
          where b.appid = a.appid and b.node_id = $2 and b.reason = 'ip') as "blockedMs",
        coalesce((select jsonb_agg(jsonb_build_object('path', q.path,
            'why', case when q.parked_until is null then 'reserve' else 'quota' end,
            'ms', extract(epoch from coalesce(q.parked_until, q.reserved_until) - (select steady_now())) * 1000,
            'probeOwner', q.probe_owner,
            'probeMs', coalesce(extract(epoch from q.probe_until - (select steady_now())) * 1000, 0)))
          from api_quotas q where q.appid = a.appid
            and (q.parked_until is not null or q.reserved_until > (select steady_now()))), '[]') as parks
      from accounts a left join account_pace p using (appid) where a.appid = any ($1::text[])`,
    values: [appids, nodeId, nodeTimeoutSeconds],
  });
  return result.rows;
}

/** Changes the ceiling on every node; false when there is no such account. */
export async function setRate(pool: Pool, appid: string, ratePerS: number): Promise<boolean> {
  const result = await pool.query(
    `with changed as (
       update accounts set rate_per_s = $2, updated_at = clock_timestamp() where appid = $1 returning appid),
     -- Slots of a slow rate reach far ahead, and the new one must not wait for them.
     nearer as (
       update account_pace set next_slot = least(next_slot, steady_now() + interval '300 ms') where appid = $1)
     select pg_notify('hongyan_work', appid) from changed`,
    [appid, ratePerS],
  );
  return result.rowCount === 1;
}

/** Changes the ceiling of a campaign that is not over on every node; null: only its account's. False for one that is over. */
export async function setCampaignRate(pool: Pool, id: number, ratePerS: number | null): Promise<boolean> {
  const result = await pool.query(
    `with changed as (
       update campaigns set rate_per_s = $2
       where id = $1 and state in ('staging', 'planning', 'planned', 'running', 'paused') returning id),
     nearer as (
       update campaign_pace p set next_slot = least(p.next_slot, steady_now() + interval '300 ms') where campaign_id = $1)
     select pg_notify('hongyan_work', id::text) from changed`,
    [id, ratePerS],
  );
  return result.rowCount === 1;
}

/**
 * Stores the account's window. A smaller one always wins; a larger one only over the value that the node saw,
 * so that it cannot wipe out what another node has just halved.
 */
export async function storeWindow(
  pool: Pool,
  appid: string,
  seen: number | null,
  limit: number | null,
): Promise<boolean> {
  const result = await pool.query(
    `insert into account_pace as p (appid, next_slot, window_limit) values ($1, steady_now(), $3)
     on conflict (appid) do update set window_limit = $3
     where p.window_limit is not distinct from $2::integer or coalesce($3 < p.window_limit, $3 is not null)`,
    [appid, seen, limit],
  );
  return result.rowCount === 1;
}

/** 45011: no node sends for the account before the next minute (WeChat's, and a little more). */
export async function holdMinute(pool: Pool, appid: string): Promise<void> {
  await pool.query(
    `with held as (
       insert into account_pace (appid, next_slot, minute_until)
       values ($1, steady_now(), steady_of(date_trunc('minute', clock_timestamp()) + interval '60.25 s'))
       on conflict (appid) do update set minute_until = excluded.minute_until returning appid)
     select pg_notify('hongyan_work', appid) from held`,
    [appid],
  );
}

/** This node stops working for the account for a while. */
export async function blockNode(
  pool: Pool,
  block: { nodeId: string; appid: string; reason: 'ip' | 'circuit'; ms: number; ip: string | null },
): Promise<void> {
  await pool.query(
    `with stale as (delete from node_blocks where until < (select steady_now()) - interval '1 day')
     insert into node_blocks (node_id, appid, reason, until, ip)
     values ($1, $2, $3, steady_now() + make_interval(secs => $4::double precision / 1000), $5)
     on conflict (appid, node_id, reason) do update set until = excluded.until, ip = excluded.ip`,
    [block.nodeId, block.appid, block.reason, block.ms, block.ip],
  );
}

export async function unblockNode(
  pool: Pool,
  nodeId: string,
  appid: string,
  reason: 'ip' | 'circuit',
): Promise<void> {
  await pool.query('delete from node_blocks where node_id = $1 and appid = $2 and reason = $3', [
    nodeId,
    appid,
    reason,
  ]);
}

/** Pauses the account's campaigns if every live node's address is refused; says how many it paused. */
export async function pauseIfAllBlocked(
  pool: Pool,
  appid: string,
  reason: string,
  detail: string,
): Promise<number> {
  const result = await pool.query(
    `update campaigns set state = 'paused', state_reason = $2, state_detail = $3
     where appid = $1 and state = 'running' and not exists (
       select 1 from nodes n where n.seen_at > (select steady_now()) - make_interval(secs => $4) and not exists (
         select 1 from node_blocks b where b.appid = $1 and b.node_id = n.id and b.reason = 'ip'))`,
    [appid, reason, detail, nodeTimeoutSeconds],
  );
  return result.rowCount ?? 0;
}

/** What a running campaign waits for. */
export interface CampaignWait {
  what: 'account' | 'quota' | 'reserve' | 'minute' | 'ip' | 'circuit';
  /** When it is tried again; null: when a person acts. */
  until: Date | null;
  /** With `quota`, where WeChat's answer was another than 45009: a person should see why. */
  errcode?: number;
}

/** Null when it is not running or nothing holds it up. */
export async function campaignWait(
  pool: Pool,
  campaignId: number,
  paths: string[],
): Promise<CampaignWait | null> {
  const result = await pool.query<Omit<CampaignWait, 'errcode'> & { errcode: number | null }>(
    `with c as (select c.appid, a.state from campaigns c join accounts a using (appid) where c.id = $1 and c.state = 'running'),
       live as (select id from nodes where seen_at > (select steady_now()) - make_interval(secs => $3)),
       stuck as (select b.node_id, max(b.reason) as reason, min(b.until) as until from node_blocks b join c using (appid)
         where b.until > (select steady_now()) - interval '15 s' group by b.node_id)
     select rank, what, wall_of(until) as until, errcode from (
       select 1 as rank, 'account' as what, null::timestamptz as until, null::integer as errcode from c where state <> 'active'
       union all
       select 2, 'quota', q.parked_until, nullif(q.parked_errcode, 45009) from c join api_quotas q using (appid)
         where q.path = any ($2::text[]) and q.parked_until is not null
       union all
       select 3, 'reserve', q.reserved_until, null from c join api_quotas q using (appid)
         where q.path = any ($2::text[]) and q.reserved_until > (select steady_now())
       union all
       select 4, 'minute', p.minute_until, null from c join account_pace p using (appid) where p.minute_until > (select steady_now())
       union all
       select 5, max(reason), min(until), null from stuck join live on live.id = stuck.node_id
         having count(*) > 0 and count(*) = (select count(*) from live)) w
     order by rank, until desc limit 1`,
    [campaignId, paths, nodeTimeoutSeconds],
  );
  const row = result.rows[0];
  if (row === undefined) return null;
  const { what, until, errcode } = row;
  return errcode === null ? { what, until } : { what, until, errcode };
}
