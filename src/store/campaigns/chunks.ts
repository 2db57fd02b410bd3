import type { Pool } from '../database/pool.ts';
import { type FactKind, factKind } from '../facts.ts';

/** Lease of a claim, ms. Renewed by every flush, and every 3 s without one. */
export const leaseMs = 10_000;

export interface Claim {
  campaignId: number;
  firstNo: number;
  lastNo: number;
  epoch: number;
  /** The history in which it was made; in a later one it is no longer anybody's. */
  history: string;
  /** First attempts up to this number were started, or may have been, by an earlier owner. */
  watermark: number;
  /** How often an answer that may mean "sent" is followed by another attempt where WeChat drops no repeats. */
  maybeRetries: number;
}

/**
 * Appends a fact for everybody in the `picked` chunks, which nobody handed back, who was started and has no outcome of that
 * attempt. One that is older than WeChat drops repeats is not sent again, so there is nothing to wait for: after a restore
 * the last chunk would have its turn hours later.
 *
 * @param resolveAfter an interval: until then the old request may still be under way
 */
export function appendDoubts(kind: number | string, resolveAfter: string): string {
  return `insert into facts (campaign_id, at, next_at, no, epoch, flush_group, attempt, kind, reason)
      select campaign_id, started_at, clock_timestamp() + case when started_at > clock_timestamp() - interval '10 minutes' then ${resolveAfter} else '0' end,
        no, epoch, 0, attempt, ${kind}, 'crash'
      from (
        select p.campaign_id, p.epoch, n as no, 1 as attempt, p.doubt_from as started_at
        from picked p, generate_series(p.first_no, p.watermark) n
        -- A chunk that was handed back has no owner: its facts were stored with it, maybe after our snapshot.
        where p.owner is not null
        union all
        select p.campaign_id, p.epoch, s.no, s.attempt, s.at
        from picked p join facts s on s.campaign_id = p.campaign_id and s.no between p.first_no and p.last_no and s.kind = ${factKind.started}
        where p.owner is not null) d
      where not exists (
        select 1 from facts f where f.campaign_id = d.campaign_id and f.no = d.no and f.attempt = d.attempt and f.kind <> ${factKind.started})`;
}

/**
 * Claims one chunk of a running campaign: epoch + 1 and a lease. It reserves no numbers, so that a claim whose answer
 * is lost leaves nobody in doubt; the new owner's first flush does.
 *
 * When the owner before did not hand the chunk back, the same statement appends an in_doubt fact for every recipient
 * that was started (by the mark or by a started row) and has no outcome of that attempt. Its `at` is the earliest
 * time at which that attempt can have started, its `next_at` the earliest at which it may be resolved. Until the
 * campaign is probed only its first open chunk can be claimed, so that two nodes cannot open two.
 *
 * @param paths nothing is claimed while one of these is parked
 * @param resolveAfterMs how long an in-doubt recipient must be left alone: its request may still be under way
 * @param leasesEndBy steady time: leases that end later are not over, whatever the database's clock says; null: it is believed
 */
export async function claimChunk(
  pool: Pool,
  campaignId: number,
  owner: string,
  lease: number,
  resolveAfterMs: number,
  paths: string[],
  leasesEndBy: Date | null = null,
): Promise<Claim | null> {
  const result = await pool.query<Claim>({
    name: 'claim-chunk',
    text: `with picked as (
      select ch.campaign_id, ch.first_no, ch.last_no, ch.watermark, ch.epoch, ch.owner, a.retry_system_busy,
        coalesce(ch.doubt_from, ch.first_at, clock_timestamp()) as doubt_from
      from chunks ch join campaigns c on c.id = ch.campaign_id join accounts a using (appid)
      where ch.campaign_id = $1 and ch.state = 'open' and c.state = 'running' and a.state = 'active' and on_checked_session()
        and may_send(c.start_at, c.valid_until, a.quiet_from, a.quiet_to, a.time_zone)
        and (ch.lease_until is null or ch.lease_until < least((select steady_now()), $6::timestamptz))
        and (ch.not_before is null or ch.not_before <= (select steady_now()))
        -- A parked API, but for the node that probes it.
        and not exists (select 1 from api_quotas q where q.appid = c.appid and q.path = any ($5::text[])
          and (q.reserved_until > (select steady_now()) or q.parked_until > (select steady_now())
            or q.parked_until is not null and q.probe_owner is distinct from $2::uuid))
        and (c.probed or ch.first_no = case when needs_canary(c.channel, c.planned_count) then 1
          else (select min(o.first_no) from chunks o where o.campaign_id = $1 and o.state = 'open') end)
      order by ch.first_no limit 1 for update of ch skip locked),
    doubted as (${appendDoubts(factKind.inDoubt, 'make_interval(secs => $4::double precision / 1000)')})
    update chunks ch set epoch = ch.epoch + 1, owner = $2, flush_group = 0, doubt_from = clock_timestamp(),
      lease_until = (select steady_now()) + make_interval(secs => $3::double precision / 1000),
      first_at = coalesce(ch.first_at, clock_timestamp())
    from picked p where ch.campaign_id = p.campaign_id and ch.first_no = p.first_no
    returning ch.campaign_id as "campaignId", ch.first_no as "firstNo", ch.last_no as "lastNo", ch.epoch, ch.watermark,
      (select history_id from installation) as history, p.retry_system_busy as "maybeRetries"`,
    values: [campaignId, owner, lease, resolveAfterMs, paths, leasesEndBy ?? 'infinity'],
  });
  return result.rows[0] ?? null;
}

export interface ChunkRecipient {
  no: number;
  openid: string;
  vars: string | null;
}

/** Whether the campaign's first chunk was delivered and nobody has judged it yet: what a canary is for. */
export async function canaryIsDone(pool: Pool, campaignId: number): Promise<boolean> {
  const result = await pool.query(
    `select 1 from campaigns c join chunks ch on ch.campaign_id = c.id and ch.first_no = 1
     where c.id = $1 and c.state = 'running' and not c.probed and needs_canary(c.channel, c.planned_count) and ch.state = 'done'`,
    [campaignId],
  );
  return result.rows.length > 0;
}

/** The recipients of a chunk, in order. */
export async function chunkRecipients(
  pool: Pool,
  campaignId: number,
  firstNo: number,
  lastNo: number,
): Promise<ChunkRecipient[]> {
  const result = await pool.query<ChunkRecipient>({
    name: 'chunk-recipients',
    text: 'select no, openid, vars from recipients where campaign_id = $1 and no between $2 and $3 order by no',
    values: [campaignId, firstNo, lastNo],
  });
  return result.rows;
}

/** What earlier owners of a chunk left: the strongest fact of each recipient, and since when it may have arrived. */
export interface Inherited {
  no: number;
  kind: FactKind;
  attempts: number;
  /** Attempts that WeChat answered and that count against the recipient. */
  counted: number;
  /** Answers after which it may have arrived all the same. */
  maybeSent: number;
  errcode: number | null;
  reason: string | null;
  /** Milliseconds since the first attempt that may have arrived, by the database's clock; null when none may. */
  openMs: number | null;
  /** Milliseconds until its next attempt, or until its doubt may be resolved, by the database's clock. */
  waitMs: number | null;
}

export async function inheritedFacts(
  pool: Pool,
  campaignId: number,
  firstNo: number,
  lastNo: number,
): Promise<Inherited[]> {
  const result = await pool.query<Inherited>(
    `select no, (array_agg(kind order by fact_strength(kind, reason) desc, at desc))[1] as kind, max(attempt) as attempts,
       (array_agg(errcode order by fact_strength(kind, reason) desc, at desc))[1] as errcode,
       (array_agg(reason order by fact_strength(kind, reason) desc, at desc))[1] as reason,
       (count(*) filter (where kind = ${factKind.retry} and (reason is null or reason = 'maybe-sent')))::integer as counted,
       (count(*) filter (where kind = ${factKind.retry} and reason = 'maybe-sent'))::integer as "maybeSent",
       (extract(epoch from passed_since(min(at) filter (where kind = ${factKind.inDoubt} or kind = ${factKind.retry} and reason = 'maybe-sent'))) * 1000)::bigint as "openMs",
       (extract(epoch from max(case when next_at is not null then next_at - at - passed_since(at) end)) * 1000)::bigint as "waitMs"
     from facts where campaign_id = $1 and no between $2 and $3 group by no`,
    [campaignId, firstNo, lastNo],
  );
  return result.rows;
}
