import type { Pool, PoolClient } from './pool.ts';
import { inTransaction } from './pool.ts';

/** Lease of a claim, seconds. Renewed by every flush, and every 3 s without one. */
export const leaseSeconds = 10;

export interface Claim {
  campaignId: number;
  firstNo: number;
  lastNo: number;
  epoch: number;
  /** First attempts up to this number were started, or may have been, by an earlier owner. */
  startedTo: number;
  /** First attempts up to this number are reserved for this owner. */
  watermark: number;
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
 * Claims one chunk of a running campaign: epoch + 1, a lease, and the first `lead` numbers reserved.
 *
 * When the chunk had an owner before, the same statement appends an in_doubt fact for every recipient that was
 * started (by the mark or by a started row) and has no outcome of that attempt. Until the campaign is probed only
 * its first open chunk can be claimed, so that two nodes cannot open two.
 */
export async function claimChunk(
  pool: Pool,
  campaignId: number,
  owner: string,
  lead: number,
): Promise<Claim | null> {
  const result = await pool.query<Claim>({
    name: 'claim-chunk',
    text: `with picked as (
      select ch.campaign_id, ch.first_no, ch.watermark, ch.epoch
      from chunks ch join campaigns c on c.id = ch.campaign_id join accounts a using (appid)
      where ch.campaign_id = $1 and ch.state = 'open' and c.state = 'running' and a.state = 'active'
        and (ch.lease_until is null or ch.lease_until < clock_timestamp())
        and (ch.not_before is null or ch.not_before <= clock_timestamp())
        and (c.probed or ch.first_no = (select min(o.first_no) from chunks o where o.campaign_id = $1 and o.state = 'open'))
      order by ch.first_no limit 1 for update of ch skip locked),
    doubted as (
      insert into facts (campaign_id, at, no, epoch, flush_group, attempt, kind, reason)
      select p.campaign_id, clock_timestamp(), n, p.epoch, 0, 1, 2, 'crash'
      from picked p, generate_series(p.first_no, p.watermark) n
      where p.epoch > 0
        and not exists (select 1 from facts f where f.campaign_id = p.campaign_id and f.no = n and f.attempt = 1 and f.kind > 0)
      union all
      select p.campaign_id, clock_timestamp(), s.no, p.epoch, 0, s.attempt, 2, 'crash'
      from picked p join chunks ch using (campaign_id, first_no)
        join facts s on s.campaign_id = p.campaign_id and s.no between p.first_no and ch.last_no and s.kind = 0
      where p.epoch > 0 and not exists (
        select 1 from facts f where f.campaign_id = s.campaign_id and f.no = s.no and f.attempt = s.attempt and f.kind > 0))
    update chunks ch set epoch = ch.epoch + 1, owner = $2, flush_group = 0,
      lease_until = clock_timestamp() + make_interval(secs => $4),
      watermark = least(ch.last_no, ch.watermark + $3), first_at = coalesce(ch.first_at, clock_timestamp())
    from picked p where ch.campaign_id = p.campaign_id and ch.first_no = p.first_no
    returning ch.campaign_id as "campaignId", ch.first_no as "firstNo", ch.last_no as "lastNo", ch.epoch,
      p.watermark as "startedTo", ch.watermark`,
    values: [campaignId, owner, lead, leaseSeconds],
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
  /** `keep` the chunk, `release` it (watermark goes down to what was really started), or it is `done`. */
  then: 'keep' | 'release' | 'done';
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

const flushText = (guarded: boolean): string => `with
  appended as (
    insert into facts (campaign_id, at, msgid, no, errcode, epoch, flush_group, attempt, kind, reason, next_at)
    select $1, clock_timestamp(), t.msgid, t.no, t.errcode, $3, $4, t.attempt, t.kind, t.reason,
      clock_timestamp() + make_interval(secs => t.wait_ms / 1000)
    from unnest($5::bigint[], $6::integer[], $7::integer[], $8::smallint[], $9::smallint[], $10::text[], $18::double precision[])
      as t (msgid, no, errcode, attempt, kind, reason, wait_ms)
    ${guarded ? 'where not exists (select 1 from facts f where f.campaign_id = $1 and f.no = t.no and f.epoch = $3 and f.flush_group = $4)' : ''}),
  moved as (
    update chunks set flush_group = $4, accepted = $12, rejected = $13, unknown = $14, outcomes = $15, last_at = clock_timestamp(),
      watermark = case when $16 = 'release' then $11 else greatest(watermark, $11) end,
      state = case when $16 = 'done' then 'done' else state end,
      owner = case when $16 = 'keep' then owner end,
      not_before = case when $16 = 'release' then clock_timestamp() + make_interval(secs => $19::double precision / 1000) end,
      lease_until = case when $16 = 'keep' then clock_timestamp() + make_interval(secs => $17) end
    where campaign_id = $1 and first_no = $2 and epoch = $3 and state = 'open' returning 1)
  select exists (select 1 from moved) as owned, c.state as "campaignState", a.state as "accountState"
  from campaigns c join accounts a using (appid) where c.id = $1`;

/**
 * Appends a group of facts and moves the chunk, in one statement. The facts are never fenced: they are appended
 * under an old epoch too, only the chunk then stays as its new owner has it.
 *
 * @param repeat true after a flush whose acknowledgement was lost: looks first whether the group is there.
 */
export async function flushChunk(pool: Pool, flush: Flush, repeat: boolean): Promise<FlushAnswer> {
  const { claim, facts, counts } = flush;
  const result = await pool.query<FlushAnswer>({
    name: repeat ? 'flush-chunk-again' : 'flush-chunk',
    text: flushText(repeat),
    values: [
      claim.campaignId,
      claim.firstNo,
      claim.epoch,
      flush.group,
      facts.map((fact) => fact.msgid),
      facts.map((fact) => fact.no),
      facts.map((fact) => fact.errcode),
      facts.map((fact) => fact.attempt),
      facts.map((fact) => fact.kind),
      facts.map((fact) => fact.reason),
      flush.watermark,
      counts.accepted,
      counts.rejected,
      counts.unknown,
      JSON.stringify(counts.outcomes),
      flush.then,
      leaseSeconds,
      facts.map((fact) => fact.waitMs),
      flush.notBeforeMs,
    ],
  });
  return result.rows[0] ?? { owned: false, campaignState: 'cancelled', accountState: 'active' };
}

/**
 * Counts a chunk again from its facts: after a takeover, and when a late fact of an old owner arrived.
 * The lock comes first, in a statement of its own, so that the count sees every fact committed before it.
 */
export async function recountChunk(pool: Pool, campaignId: number, firstNo: number): Promise<void> {
  await inTransaction(pool, async (client) => {
    await client.query('select 1 from chunks where campaign_id = $1 and first_no = $2 for update', [
      campaignId,
      firstNo,
    ]);
    await recountLocked(client, campaignId, firstNo);
  });
}

async function recountLocked(client: PoolClient, campaignId: number, firstNo: number): Promise<void> {
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

/** What earlier owners of a chunk left: the strongest fact of each recipient, and when it was first in doubt. */
export interface Inherited {
  no: number;
  kind: number;
  attempts: number;
  errcode: number | null;
  reason: string | null;
  /** Milliseconds since its first in_doubt fact, by the database's clock. */
  inDoubtMs: number | null;
  /** Milliseconds until its next attempt, by the database's clock; of a `retry` only. */
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
       (extract(epoch from clock_timestamp() - min(at) filter (where kind = 2)) * 1000)::bigint as "inDoubtMs",
       (extract(epoch from max(next_at) - clock_timestamp()) * 1000)::bigint as "waitMs"
     from facts where campaign_id = $1 and no between $2 and $3 group by no`,
    [campaignId, firstNo, lastNo],
  );
  return result.rows;
}
