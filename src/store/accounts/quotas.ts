import { nodeTimeoutSeconds } from '../database/nodes.ts';
import type { Pool } from '../database/pool.ts';

/** The quota day of an account: WeChat's daily counters are assumed to start again at midnight in Shanghai. */
const today = `((clock_timestamp() at time zone 'Asia/Shanghai') - a.quota_reset)::date`;
const nextReset = `((${today} + 1 + a.quota_reset) at time zone 'Asia/Shanghai')`;
/** The same as something to wait for. */
const steadyReset = `steady_of(${nextReset})`;
/** Attempts of today: our own count, or what WeChat counted when it was last asked plus ours since then. */
export const quotaUsed = `case when q.day = ${today} then greatest(q.leased, q.seen_used + q.leased - q.seen_leased) else 0 end`;

/** Of `leaseQuota`: what is left of the limit, less the reserve where it is not for single messages ($6); and how many share it. */
const left = `floor(q.daily_limit::numeric * (100 - case when $6::boolean then 0 else a.quota_reserve_percent end) / 100.0) - ${quotaUsed}`;
const liveNodes =
  'greatest(1, (select count(*) from nodes n where n.seen_at > (select steady_now()) - make_interval(secs => $4)))';

/** After a reset that turned out not to be one, the path waits this long, seconds. */
const parkAgainSeconds = 600;
/** How long one node may take to probe a path, seconds. */
const probeSeconds = 30;

/**
 * Takes up to `block` attempts of today for one node. With a known limit the block shrinks as the limit comes near,
 * and the account's reserve is withheld from campaigns: then 0 are granted. Single messages take at most a quarter of what
 * is left: a node may use them all day long, and campaigns would wait for the reset. Null: this was the first lease of the path
 * and has only made its row; ask once more.
 *
 * @param forMessages single messages may use the reserve too
 * @param out the node has used up what it had: if it gets nothing, no node claims for the path until the reset
 */
export async function leaseQuota(
  pool: Pool,
  appid: string,
  path: string,
  block: number,
  out: boolean,
  forMessages = false,
): Promise<number | null> {
  const result = await pool.query<{ granted: number }>({
    name: 'lease-quota',
    text: `with made as (
        insert into api_quotas (appid, path, day) select $1, $2, ${today} from accounts a where a.appid = $1
        on conflict (appid, path) do nothing),
      share as (
        select q.appid, q.path, ${today} as day, ${steadyReset} as reset, q.day = ${today} as same,
          -- No subquery of q's columns here: after waiting for the lock the row is read again, and a joined subquery is not.
          case when q.daily_limit is null then $3::bigint else greatest(0, least($3::bigint, ${left}, case when $6::boolean
            then greatest(10, ceil((${left}) / (4 * ${liveNodes}))) else ceil((${left}) / ${liveNodes}) end)) end as granted
        from api_quotas q join accounts a using (appid) where q.appid = $1 and q.path = $2 for update of q),
      taken as (
        update api_quotas q set day = s.day,
          leased = case when s.same then q.leased else 0 end + s.granted,
          seen_used = case when s.same then q.seen_used else 0 end,
          seen_leased = case when s.same then q.seen_leased else 0 end,
          -- That there is something of the reserve opens nothing to campaigns.
          reserved_until = case when s.granted > 0 and not $6 then null when s.granted = 0 and $5::boolean then s.reset else q.reserved_until end
        from share s where q.appid = s.appid and q.path = s.path returning s.granted)
      select granted::bigint as granted from taken`,
    values: [appid, path, block, nodeTimeoutSeconds, out, forMessages],
  });
  return result.rows[0]?.granted ?? null;
}

/** Gives back what a node took and did not use. */
export async function returnQuota(pool: Pool, appid: string, path: string, count: number): Promise<void> {
  await pool.query(
    `update api_quotas q set leased = greatest(0, q.leased - $3) from accounts a
     where a.appid = q.appid and q.appid = $1 and q.path = $2 and q.day = ${today}`,
    [appid, path, count],
  );
}

/**
 * 45009 and its like: no node sends to this path before the reset. When it had been parked and the time was over, the reset
 * was not where we assumed it: then only 10 minutes. A path that is parked into the future stays as it is.
 */
export async function parkApi(
  pool: Pool,
  appid: string,
  path: string,
  errcode: number | null,
): Promise<Date | null> {
  const result = await pool.query<{ until: Date }>(
    `with parked as (
       insert into api_quotas as q (appid, path, day, parked_until, parked_errcode)
       select $1, $2, ${today}, ${steadyReset}, $4::integer from accounts a where a.appid = $1
       on conflict (appid, path) do update set probe_owner = null, probe_until = null, parked_errcode = excluded.parked_errcode,
         parked_until = case
           when q.parked_until is null then excluded.parked_until
           when q.parked_until <= steady_now() then steady_now() + make_interval(secs => $3)
           else q.parked_until end
       returning parked_until)
     select wall_of(parked_until) as until, pg_notify('hongyan_work', $1) from parked`,
    [appid, path, parkAgainSeconds, errcode],
  );
  return result.rows[0]?.until ?? null;
}

/** After a park: lets one node send one message there; true for that node. */
export async function startProbe(pool: Pool, appid: string, path: string, nodeId: string): Promise<boolean> {
  const result = await pool.query(
    `update api_quotas set probe_owner = $3, probe_until = steady_now() + make_interval(secs => $4)
     where appid = $1 and path = $2 and parked_until <= (select steady_now())
       and (probe_owner is null or probe_owner = $3 or probe_until < (select steady_now()))`,
    [appid, path, nodeId, probeSeconds],
  );
  return result.rowCount === 1;
}

/** The probe was answered, so the path is open to all nodes. */
export async function endPark(pool: Pool, appid: string, path: string, nodeId: string): Promise<void> {
  await pool.query(
    `with opened as (
       update api_quotas set parked_until = null, parked_errcode = null, probe_owner = null, probe_until = null
       where appid = $1 and path = $2 and probe_owner = $3 returning appid)
     select pg_notify('hongyan_work', appid) from opened`,
    [appid, path, nodeId],
  );
}

/** One API's quota as we know it. */
export interface QuotaRow {
  path: string;
  /** Null: unknown. */
  dailyLimit: number | null;
  limitSource: 'operator' | 'wechat' | null;
  /** Attempts of today that our nodes took. */
  leased: number;
  /** Attempts of today by the best knowledge: ours, or WeChat's count and ours since. */
  used: number;
  seenAt: Date | null;
  parkedUntil: Date | null;
  reservedUntil: Date | null;
}

export async function listQuotas(pool: Pool, appid: string): Promise<QuotaRow[]> {
  const result = await pool.query<QuotaRow>(
    `select q.path, q.daily_limit as "dailyLimit", q.limit_source as "limitSource",
       case when q.day = ${today} then q.leased else 0 end as leased, ${quotaUsed} as used, q.seen_at as "seenAt",
       wall_of(q.parked_until) as "parkedUntil",
       case when q.reserved_until > (select steady_now()) then wall_of(q.reserved_until) end as "reservedUntil"
     from api_quotas q join accounts a using (appid) where q.appid = $1 order by q.path`,
    [appid],
  );
  return result.rows;
}

/** What the column holds. */
const mostDaily = 2_147_483_647;

/** Stores a limit: the operator's, or what WeChat said together with what it had counted. */
export async function storeLimit(
  pool: Pool,
  appid: string,
  path: string,
  limit: { daily: number | null; source: 'operator' | 'wechat'; used: number | null },
): Promise<void> {
  await pool.query(
    `insert into api_quotas as q (appid, path, day, daily_limit, limit_source, seen_used, seen_at)
     select $1, $2, ${today}, $3, case when $3::integer is not null then $4 end, coalesce($5, 0),
       case when $5::bigint is not null then clock_timestamp() end
     from accounts a where a.appid = $1
     on conflict (appid, path) do update set
       daily_limit = case when q.limit_source = 'operator' and $4 = 'wechat' then q.daily_limit else excluded.daily_limit end,
       limit_source = case when q.limit_source = 'operator' and $4 = 'wechat' then q.limit_source else excluded.limit_source end,
       day = excluded.day, leased = case when q.day = excluded.day then q.leased else 0 end,
       seen_used = case when $5::bigint is not null then $5 when q.day = excluded.day then q.seen_used else 0 end,
       seen_leased = case when $5::bigint is null and q.day = excluded.day then q.seen_leased
         when q.day = excluded.day then q.leased else 0 end,
       seen_at = coalesce(excluded.seen_at, q.seen_at), reserved_until = null`,
    // WeChat may say any number, and beyond this one it is no limit.
    [appid, path, limit.daily === null ? null : Math.min(limit.daily, mostDaily), limit.source, limit.used],
  );
}

/** The account's own settings: when the day starts (Asia/Shanghai, HH:MM[:SS]) and the reserve in percent. */
export async function setQuotaRules(
  pool: Pool,
  appid: string,
  rules: { reset: string | null; reservePercent: number | null },
): Promise<void> {
  await pool.query(
    `update accounts set quota_reset = coalesce($2::time, quota_reset),
       quota_reserve_percent = coalesce($3, quota_reserve_percent), updated_at = clock_timestamp() where appid = $1`,
    [appid, rules.reset, rules.reservePercent],
  );
}

export async function quotaRules(
  pool: Pool,
  appid: string,
): Promise<{ reset: string; reservePercent: number; nextReset: Date }> {
  const result = await pool.query<{ reset: string; reservePercent: number; nextReset: Date }>(
    `select quota_reset::text as reset, quota_reserve_percent as "reservePercent", ${nextReset} as "nextReset"
     from accounts a where appid = $1`,
    [appid],
  );
  return result.rows[0] ?? { reset: '00:00:00', reservePercent: 5, nextReset: new Date() };
}

/** Calls of clear_quota by Hongyan in this calendar month (Asia/Shanghai). */
export async function countClears(pool: Pool, appid: string): Promise<number> {
  const result = await pool.query<{ n: number }>(
    `select count(*) as n from quota_clears where appid = $1
       and at >= date_trunc('month', clock_timestamp() at time zone 'Asia/Shanghai') at time zone 'Asia/Shanghai'`,
    [appid],
  );
  return result.rows[0]?.n ?? 0;
}

/** WeChat has set all daily counters to zero: notes the call, forgets today's counts and opens what was parked. */
export async function noteClear(pool: Pool, appid: string): Promise<void> {
  await pool.query(
    `with noted as (insert into quota_clears (appid) values ($1)),
     opened as (
       update api_quotas set leased = 0, seen_used = 0, seen_leased = 0, parked_until = null, parked_errcode = null, reserved_until = null,
         probe_owner = null, probe_until = null where appid = $1)
     select pg_notify('hongyan_work', $1)`,
    [appid],
  );
}
