import type { Pool, PoolClient, Queryable } from './pool.ts';
import { inTransaction } from './pool.ts';

/** Lease of a claim, ms. Renewed by every flush, and every 3 s without one. */
export const leaseMs = 10_000;

export interface Claim {
  campaignId: number;
  firstNo: number;
  lastNo: number;
  epoch: number;
  /** First attempts up to this number were started, or may have been, by an earlier owner. */
  watermark: number;
  /** How often an answer that may mean "sent" is followed by another attempt where WeChat drops no repeats. */
  maybeRetries: number;
}

/** Absolute counts of a chunk, as its owner knows them. */
export interface ChunkCounts {
  accepted: number;
  rejected: number;
  unknown: number;
  outcomes: {
    rejected: Record<string, number>;
    unknown: Record<string, number>;
    unsent: Record<string, number>;
  };
}

/** One appended row about one attempt; see the comment on table facts for the kinds. */
export interface Fact {
  /** When it happened: ms of the monotonic clock that `Flush.now` was read from. */
  at: number;
  no: number;
  attempt: number;
  kind: number;
  errcode: number | null;
  msgid: string | null;
  reason: string | null;
  /** With `retry`: when it is tried again, ms from now; null when it is not. */
  waitMs: number | null;
}

export const factKind = { started: 0, retry: 1, inDoubt: 2, unknown: 3, rejected: 4, accepted: 5 } as const;

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
 */
export async function claimChunk(
  pool: Pool,
  campaignId: number,
  owner: string,
  lease: number,
  resolveAfterMs: number,
  paths: string[],
): Promise<Claim | null> {
  const result = await pool.query<Claim>({
    name: 'claim-chunk',
    text: `with picked as (
      select ch.campaign_id, ch.first_no, ch.last_no, ch.watermark, ch.epoch, ch.owner, a.retry_system_busy,
        coalesce(ch.doubt_from, ch.first_at, clock_timestamp()) as doubt_from
      from chunks ch join campaigns c on c.id = ch.campaign_id join accounts a using (appid)
      where ch.campaign_id = $1 and ch.state = 'open' and c.state = 'running' and a.state = 'active'
        and may_send(c.start_at, c.valid_until, a.quiet_from, a.quiet_to, a.time_zone)
        and (ch.lease_until is null or ch.lease_until < clock_timestamp())
        and (ch.not_before is null or ch.not_before <= clock_timestamp())
        -- A parked API, but for the node that probes it.
        and not exists (select 1 from api_quotas q where q.appid = c.appid and q.path = any ($5::text[])
          and (q.reserved_until > clock_timestamp() or q.parked_until > clock_timestamp()
            or q.parked_until is not null and q.probe_owner is distinct from $2::uuid))
        and (c.probed or ch.first_no = case when needs_canary(c.channel, c.planned_count) then 1
          else (select min(o.first_no) from chunks o where o.campaign_id = $1 and o.state = 'open') end)
      order by ch.first_no limit 1 for update of ch skip locked),
    doubted as (
      insert into facts (campaign_id, at, next_at, no, epoch, flush_group, attempt, kind, reason)
      select campaign_id, started_at, clock_timestamp() + make_interval(secs => $4::double precision / 1000), no, epoch, 0, attempt, 2, 'crash'
      from (
        select p.campaign_id, p.epoch, n as no, 1 as attempt, p.doubt_from as started_at
        from picked p, generate_series(p.first_no, p.watermark) n
        -- A chunk that was handed back has no owner: its facts were stored with it, maybe after our snapshot.
        where p.owner is not null
        union all
        select p.campaign_id, p.epoch, s.no, s.attempt, s.at
        from picked p join facts s on s.campaign_id = p.campaign_id and s.no between p.first_no and p.last_no and s.kind = 0
        where p.owner is not null) d
      where not exists (
        select 1 from facts f where f.campaign_id = d.campaign_id and f.no = d.no and f.attempt = d.attempt and f.kind > 0))
    update chunks ch set epoch = ch.epoch + 1, owner = $2, flush_group = 0, doubt_from = clock_timestamp(),
      lease_until = clock_timestamp() + make_interval(secs => $3::double precision / 1000),
      first_at = coalesce(ch.first_at, clock_timestamp())
    from picked p where ch.campaign_id = p.campaign_id and ch.first_no = p.first_no
    returning ch.campaign_id as "campaignId", ch.first_no as "firstNo", ch.last_no as "lastNo", ch.epoch, ch.watermark,
      p.retry_system_busy as "maybeRetries"`,
    values: [campaignId, owner, lease, resolveAfterMs, paths],
  });
  return result.rows[0] ?? null;
}

export interface Flush {
  claim: { campaignId: number; firstNo: number; epoch: number };
  /** Counts up from 1 under one epoch; a group whose acknowledgement was lost is not appended twice. */
  group: number;
  facts: Fact[];
  watermark: number;
  counts: ChunkCounts;
  /** The counts are not the whole truth (other owners' facts): they are taken from the facts instead. */
  recount: boolean;
  leaseMs: number;
  /** Monotonic ms at which this try is made. */
  now: number;
  /** Monotonic ms before which nothing was started that is not in the facts so far. */
  doubtFrom: number;
  /** `keep` the chunk, `release` it (watermark goes down to what was really started), or it is `done`. */
  end: 'keep' | 'release' | 'done';
  /** With `release`: nobody need claim it for this long, ms. */
  notBeforeMs: number | null;
}

export interface FlushAnswer {
  /** False: another owner has the chunk. The facts were appended all the same. */
  owned: boolean;
  /** State of the campaign and of its account, which is how a pause arrives. */
  campaignState: string;
  accountState: string;
}

const factRows = `unnest($5::bigint[], $6::integer[], $7::integer[], $8::smallint[], $9::smallint[], $10::text[],
      $11::double precision[], $12::double precision[]) as t (msgid, no, errcode, attempt, kind, reason, wait_ms, ago_ms)`;
const factColumns = 'campaign_id, at, msgid, no, errcode, epoch, flush_group, attempt, kind, reason, next_at';
const factValues = `$1, clock_timestamp() - make_interval(secs => t.ago_ms / 1000), t.msgid, t.no, t.errcode, $3, $4, t.attempt, t.kind,
      t.reason, clock_timestamp() + make_interval(secs => t.wait_ms / 1000)`;

/** $1 to $12 of both statements that append facts. */
function factParameters({ claim, group, facts, now }: Flush): unknown[] {
  return [
    claim.campaignId,
    claim.firstNo,
    claim.epoch,
    group,
    facts.map((fact) => fact.msgid),
    facts.map((fact) => fact.no),
    facts.map((fact) => fact.errcode),
    facts.map((fact) => fact.attempt),
    facts.map((fact) => fact.kind),
    facts.map((fact) => fact.reason),
    facts.map((fact) => fact.waitMs),
    facts.map((fact) => now - fact.at),
  ];
}

// The facts follow from the moved row: a group that was stored already finds its number there and appends nothing,
// even when the statement of the first try was still running when the second came and had to wait for its lock.
const flushText = `with
  moved as (
    update chunks set flush_group = $4, accepted = $14, rejected = $15, unknown = $16, outcomes = $17, last_at = clock_timestamp(),
      doubt_from = clock_timestamp() - make_interval(secs => $21::double precision / 1000),
      watermark = case when $18 = 'release' then $13 else greatest(watermark, $13) end,
      state = case when $18 = 'done' then 'done' else state end,
      owner = case when $18 = 'keep' then owner end,
      not_before = case when $18 = 'release' then clock_timestamp() + make_interval(secs => $20::double precision / 1000) end,
      lease_until = case when $18 = 'keep' then clock_timestamp() + make_interval(secs => $19::double precision / 1000) end
    where campaign_id = $1 and first_no = $2 and epoch = $3 and flush_group < $4 and state = 'open' returning 1),
  appended as (
    insert into facts (${factColumns}) select ${factValues} from ${factRows} where exists (select 1 from moved))
  select exists (select 1 from moved) as owned, case when may_send(c.start_at, c.valid_until, a.quiet_from, a.quiet_to, a.time_zone) then c.state else 'waiting' end as "campaignState", a.state as "accountState"
  from campaigns c join accounts a using (appid) where c.id = $1`;

/**
 * Appends a group of facts and moves the chunk, in one statement. Repeating it is harmless.
 *
 * The facts are never fenced: under an old epoch they are appended too, and the chunk is counted again with them;
 * only its mark and lease then stay as the new owner has them.
 */
export async function flushChunk(pool: Pool, flush: Flush): Promise<FlushAnswer> {
  const gone: FlushAnswer = { owned: false, campaignState: 'cancelled', accountState: 'active' };
  if (!flush.recount) {
    const answer = await moveChunk(pool, flush);
    if (answer?.owned !== false) return answer ?? gone;
    return { ...answer, owned: await appendLate(pool, flush) };
  }
  const answer = await inTransaction(pool, async (client) => {
    const moved = await moveChunk(client, flush);
    // The move holds the chunk's lock, so the count sees every fact committed before it.
    if (moved?.owned) await recountLocked(client, flush.claim.campaignId, flush.claim.firstNo);
    return moved;
  });
  if (answer?.owned !== false) return answer ?? gone;
  return { ...answer, owned: await appendLate(pool, flush) };
}

async function moveChunk(db: Queryable, flush: Flush): Promise<FlushAnswer | undefined> {
  const { counts } = flush;
  const result = await db.query<FlushAnswer>({
    name: 'flush-chunk',
    text: flushText,
    values: [
      ...factParameters(flush),
      flush.watermark,
      counts.accepted,
      counts.rejected,
      counts.unknown,
      JSON.stringify(counts.outcomes),
      flush.end,
      flush.leaseMs,
      flush.notBeforeMs,
      flush.now - flush.doubtFrom,
    ],
  });
  return result.rows[0];
}

/**
 * A flush that moved nothing: it was stored before and only its acknowledgement was lost (true), or another owner has
 * the chunk (false), and then its facts are appended late and the chunk counted again, in one transaction.
 */
async function appendLate(pool: Pool, flush: Flush): Promise<boolean> {
  const { campaignId, firstNo, epoch } = flush.claim;
  return await inTransaction(pool, async (client) => {
    // Waits for a first try that is still running.
    const chunk = await client.query<{ epoch: number; group: number }>(
      'select epoch, flush_group as "group" from chunks where campaign_id = $1 and first_no = $2 for update',
      [campaignId, firstNo],
    );
    const row = chunk.rows[0];
    if (row === undefined) return false;
    if (row.epoch === epoch && row.group >= flush.group) return true;
    await client.query(
      `insert into facts (${factColumns}) select ${factValues} from ${factRows}
       where not exists (select 1 from facts f where f.campaign_id = $1 and f.no = t.no and f.epoch = $3 and f.flush_group = $4)
         and $2::integer is not null -- a parameter that only the other statement needs
         and t.kind > 0 -- what this owner was about to start it starts no more`,
      factParameters(flush),
    );
    await recountLocked(client, campaignId, firstNo);
    return false;
  });
}

/** Counts a chunk from its facts. The caller holds the chunk's lock, so that the count sees every fact committed before. */
export async function recountLocked(client: PoolClient, campaignId: number, firstNo: number): Promise<void> {
  await client.query(
    `with strongest as (
       select distinct on (f.no) f.no, f.kind, coalesce(f.errcode::text, f.reason, 'unknown') as reason
       from chunks ch join facts f on f.campaign_id = ch.campaign_id and f.no between ch.first_no and ch.last_no
       where ch.campaign_id = $1 and ch.first_no = $2 and f.kind > 0
       order by f.no, f.kind desc, f.at desc),
     parts as (
       select case kind when 4 then 'rejected' when 1 then 'unsent' else 'unknown' end as part, reason, count(*) as n
       from strongest where kind < 5 group by 1, 2)
     update chunks set
       accepted = (select count(*) from strongest where kind = 5),
       rejected = (select count(*) from strongest where kind = 4),
       unknown = (select count(*) from strongest where kind in (2, 3)),
       outcomes = (select coalesce(jsonb_object_agg(part, reasons), '{}')
         from (select part, jsonb_object_agg(reason, n) as reasons from parts group by part) p)
     where campaign_id = $1 and first_no = $2`,
    [campaignId, firstNo],
  );
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
  kind: number;
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
    `select no, (array_agg(kind order by kind desc, at desc))[1] as kind, max(attempt) as attempts,
       (array_agg(errcode order by kind desc, at desc))[1] as errcode,
       (array_agg(reason order by kind desc, at desc))[1] as reason,
       (count(*) filter (where kind = 1 and (reason is null or reason = 'maybe-sent')))::integer as counted,
       (count(*) filter (where kind = 1 and reason = 'maybe-sent'))::integer as "maybeSent",
       (extract(epoch from clock_timestamp() - min(at) filter (where kind = 2 or kind = 1 and reason = 'maybe-sent')) * 1000)::bigint as "openMs",
       (extract(epoch from max(next_at) - clock_timestamp()) * 1000)::bigint as "waitMs"
     from facts where campaign_id = $1 and no between $2 and $3 group by no`,
    [campaignId, firstNo, lastNo],
  );
  return result.rows;
}
