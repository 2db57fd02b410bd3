import { type Moment, msSince } from '../../base/clock.ts';
import { DatabaseError } from '../database/explain.ts';
import type { Pool, PoolClient, Queryable } from '../database/pool.ts';
import { inTransaction } from '../database/pool.ts';
import { factKind } from '../facts.ts';
import type { ChunkRecipient } from './chunks.ts';
import { type Fact, factArrays, factColumns, factRows, factTimes, plainFact } from './fact-arrays.ts';

/** Absolute counts of a chunk, as its owner knows them. */
export interface ChunkCounts {
  accepted: number;
  rejected: number;
  unknown: number;
  held: number;
  outcomes: {
    rejected: Record<string, number>;
    unknown: Record<string, number>;
    unsent: Record<string, number>;
  };
}

/** What one chunk stores at once. */
export interface Flush {
  claim: { campaignId: number; firstNo: number; epoch: number; history: string };
  /**
   * Counts up by 1 from 1 under one epoch; a group whose acknowledgement was lost is not appended twice. The one before was
   * acknowledged, so a database that does not have it went back.
   */
  group: number;
  facts: Fact[];
  watermark: number;
  counts: ChunkCounts;
  /** The counts are not the whole truth (other owners' facts): they are taken from the facts instead. */
  recount: boolean;
  leaseMs: number;
  /** When this try is made. */
  now: Moment;
  /** Nothing was started before that is not in the facts so far. */
  doubtFrom: Moment;
  /** `keep` the chunk, `release` it (watermark goes down to what was really started), or it is `done`. */
  end: 'keep' | 'release' | 'done';
  /** With `release`: nobody need claim it for this long, ms. */
  notBeforeMs: number | null;
  /**
   * Only of chunks whose messages use up credits: who may be started once this is stored, and who was reserved and was
   * not started. Such a flush goes by itself (`flushChunk`).
   */
  credits?: { wishes: ChunkRecipient[]; handedBack: ChunkRecipient[] };
}

/**
 * Runs in the transaction of a flush, after its facts were stored. Gives the numbers among the wishes that must not be
 * sent to. `owned` false: the facts were late, and nothing is wished for.
 */
export type CreditFlush = (client: PoolClient, flush: Flush, owned: boolean) => Promise<number[]>;

export interface FlushAnswer {
  /** False: another owner has the chunk. The facts were appended all the same. */
  owned: boolean;
  /** State of the campaign and of its account, which is how a pause arrives. */
  campaignState: string;
  accountState: string;
  /** Numbers up to the new mark that have no credit and must not be sent to; their facts are stored. */
  denied?: number[];
}

/** Code of the error of a flush that does not find what was acknowledged before it. */
export const forgotten = '57H02';

const gone: FlushAnswer = { owned: false, campaignState: 'cancelled', accountState: 'active' };

const plain = plainFact(2);

// The facts follow from the moved rows: a group that was stored already finds its number there and appends nothing,
// even when the statement of the first try was still running when the second came and had to wait for its lock.
const flushText = `with
  entry as (
    select * from json_to_recordset($1::json) as e (i smallint, campaign_id bigint, first_no integer, epoch integer, history uuid, flush_group integer,
      watermark integer, accepted integer, rejected integer, unknown integer, held integer, outcomes jsonb, ending text,
      lease_ms double precision, not_before_ms double precision, doubt_ms double precision, plain_from integer, plain_to integer)),
  moved as (
    update chunks ch set flush_group = e.flush_group, accepted = e.accepted, rejected = e.rejected, unknown = e.unknown, held = e.held,
      outcomes = e.outcomes, last_at = clock_timestamp(),
      doubt_from = clock_timestamp() - make_interval(secs => e.doubt_ms / 1000),
      watermark = case when e.ending = 'release' then e.watermark else greatest(ch.watermark, e.watermark) end,
      state = case when e.ending = 'done' then 'done' else ch.state end,
      owner = case when e.ending = 'keep' then ch.owner end,
      not_before = case when e.ending = 'release' then (select steady_now()) + make_interval(secs => e.not_before_ms / 1000) end,
      lease_until = case when e.ending = 'keep' then (select steady_now()) + make_interval(secs => e.lease_ms / 1000) end
    from entry e
    where ch.campaign_id = e.campaign_id and ch.first_no = e.first_no and ch.epoch = e.epoch
      and ch.flush_group = e.flush_group - 1 and ch.state = 'open' and on_checked_session()
      and e.history = (select history_id from installation)
    returning e.i, e.campaign_id, e.epoch, e.flush_group, e.plain_from, e.plain_to),
  appended as (
    insert into facts (${factColumns})
    select m.campaign_id, ${plain.at}, ${plain.msgid}, ${plain.no}, null, m.epoch, m.flush_group, 1, ${factKind.accepted}, null, null
    from moved m cross join generate_series(m.plain_from, m.plain_to) element
    union all
    select m.campaign_id, ${factTimes.at}, t.msgid, t.no, t.errcode, m.epoch, m.flush_group, t.attempt, t.kind, t.reason, ${factTimes.nextAt}
    from ${factRows(5)} join moved m on m.i = t.entry)
  select e.i, exists (select 1 from moved m where m.i = e.i) as owned,
    case when may_send(c.start_at, c.valid_until, a.quiet_from, a.quiet_to, a.time_zone) then c.state else 'waiting' end as "campaignState",
    a.state as "accountState"
  from entry e join campaigns c on c.id = e.campaign_id join accounts a using (appid)`;

/**
 * Appends the facts of some chunks and moves these chunks, in one statement (webhooks learn of the outcomes from it by the
 * trigger `chunks_tell`; see store/webhooks/outbox.ts): half of a group's cost is that of its
 * statement and commit, whatever is in it. Answers in the order of `flushes`. Repeating it is harmless.
 *
 * The facts are never fenced: under an old epoch they are appended too, and the chunk is counted again with them;
 * only its mark and lease then stay as the new owner has them.
 */
export async function flushChunks(pool: Pool, flushes: readonly Flush[]): Promise<FlushAnswer[]> {
  const answers = await moveChunks(pool, flushes);
  for (let i = 0; i < flushes.length; i++) {
    const answer = answers[i];
    const flush = flushes[i];
    if (answer?.owned === false && answer !== gone && flush !== undefined)
      answers[i] = { ...answer, ...(await appendLate(pool, flush, null)) };
  }
  return answers;
}

/** As `flushChunks` for one chunk; with `recount` its counts are taken from all facts, and with `credits` they are used. */
export async function flushChunk(
  pool: Pool,
  flush: Flush,
  credits: CreditFlush | null = null,
): Promise<FlushAnswer> {
  if (!flush.recount && credits === null) return (await flushChunks(pool, [flush]))[0] ?? gone;
  const answer = await inTransaction(pool, async (client) => {
    const [moved] = await moveChunks(client, [flush]);
    // The move holds the chunk's lock, so the count sees every fact committed before it.
    if (moved === undefined || !moved.owned) return moved ?? gone;
    if (flush.recount) await recountLocked(client, flush.claim.campaignId, flush.claim.firstNo);
    if (credits === null) return moved;
    const denied = await credits(client, flush, true);
    if (denied.length > 0) await appendDenied(client, flush, denied);
    return { ...moved, denied };
  });
  if (answer.owned || answer === gone) return answer;
  return { ...answer, ...(await appendLate(pool, flush, credits)) };
}

/** Whoever has no credit when its turn comes is not sent to. */
async function appendDenied(
  client: PoolClient,
  { claim, group, facts }: Flush,
  nos: number[],
): Promise<void> {
  // A later attempt is denied by its own number, or its started row would leave it in doubt.
  const later = new Map(
    facts.flatMap((fact) => (fact.kind === factKind.started ? [[fact.no, fact.attempt]] : [])),
  );

  await client.query(
    `insert into facts (campaign_id, at, no, epoch, flush_group, attempt, kind, reason)
     select $1, clock_timestamp(), no, $2, $3, attempt, ${factKind.retry}, 'no-credit' from unnest($4::integer[], $5::smallint[]) as t (no, attempt)`,
    [claim.campaignId, claim.epoch, group, nos, nos.map((no) => later.get(no) ?? 1)],
  );
}

/** Those whom a flush that was stored before had denied. */
async function deniedBefore(client: PoolClient, { claim, group, watermark }: Flush): Promise<number[]> {
  const result = await client.query<{ no: number }>(
    `select no from facts where campaign_id = $1 and no between $2 and $3 and epoch = $4 and flush_group = $5
       and kind = ${factKind.retry} and reason = 'no-credit'`,
    [claim.campaignId, claim.firstNo, watermark, claim.epoch, group],
  );
  return result.rows.map(({ no }) => no);
}

async function moveChunks(db: Queryable, flushes: readonly Flush[]): Promise<FlushAnswer[]> {
  const arrays = factArrays(flushes);
  const entries = flushes.map(({ claim, counts, ...flush }, i) => ({
    i,
    campaign_id: claim.campaignId,
    first_no: claim.firstNo,
    epoch: claim.epoch,
    history: claim.history,
    flush_group: flush.group,
    watermark: flush.watermark,
    accepted: counts.accepted,
    rejected: counts.rejected,
    unknown: counts.unknown,
    held: counts.held,
    outcomes: counts.outcomes,
    ending: flush.end,
    lease_ms: flush.leaseMs,
    not_before_ms: flush.notBeforeMs,
    doubt_ms: msSince(flush.doubtFrom, flush.now),
    plain_from: (arrays.plainEnds[i - 1] ?? 0) + 1,
    plain_to: arrays.plainEnds[i],
  }));
  const result = await db.query<FlushAnswer & { i: number }>({
    name: 'flush-chunks',
    text: flushText,
    values: [JSON.stringify(entries), ...arrays.plain, ...arrays.others],
  });
  const answers = flushes.map(() => gone);
  for (const { i, ...answer } of result.rows) answers[i] = answer;
  return answers;
}

/**
 * A flush that moved nothing: it was stored before and only its acknowledgement was lost (true), or another owner has
 * the chunk (false), and then its facts are appended late and the chunk counted again, in one transaction.
 */
async function appendLate(
  pool: Pool,
  flush: Flush,
  credits: CreditFlush | null,
): Promise<Pick<FlushAnswer, 'owned' | 'denied'>> {
  const { campaignId, firstNo, epoch, history } = flush.claim;
  return await inTransaction(pool, async (client) => {
    // Waits for a first try that is still running.
    const chunk = await client.query<{ epoch: number; group: number; isOfToday: boolean }>(
      `select epoch, flush_group as "group", (select history_id from installation) = $3 as "isOfToday"
       from chunks where campaign_id = $1 and first_no = $2 for update`,
      [campaignId, firstNo, history],
    );
    const row = chunk.rows[0];
    if (row === undefined) return { owned: false };
    const isBehind = row.epoch < epoch || (row.epoch === epoch && row.group < flush.group - 1);
    if (row.isOfToday && isBehind)
      throw new DatabaseError(
        forgotten,
        `the database has forgotten what it acknowledged of campaign ${campaignId}, chunk ${firstNo}`,
      );
    if (row.isOfToday && row.epoch === epoch && row.group >= flush.group)
      return { owned: true, denied: credits === null ? [] : await deniedBefore(client, flush) };
    const { plain: plainArrays, others } = factArrays([flush]);
    const plain = plainFact(4);
    await client.query(
      `insert into facts (${factColumns})
       select $1, t.at, t.msgid, t.no, t.errcode, $2, $3, t.attempt, t.kind, t.reason, t.next_at
       from (
         select ${plain.at} as at, ${plain.msgid} as msgid, ${plain.no} as no, null as errcode, 1 as attempt, ${factKind.accepted} as kind,
           null as reason, null::timestamptz as next_at
         from generate_subscripts($4::bigint[], 1) element
         union all
         select ${factTimes.at}, t.msgid, t.no, t.errcode, t.attempt, t.kind, t.reason, ${factTimes.nextAt} from ${factRows(7)}) t
       where not exists (select 1 from facts f where f.campaign_id = $1 and f.no = t.no and f.epoch = $2 and f.flush_group = $3)
         and t.kind <> ${factKind.started} -- what this owner was about to start it starts no more`,
      [campaignId, epoch, flush.group, ...plainArrays, ...others],
    );
    await recountLocked(client, campaignId, firstNo);
    if (credits !== null) await credits(client, flush, false);
    return { owned: false };
  });
}

/** Counts a chunk from its facts. The caller holds the chunk's lock, so that the count sees every fact committed before. */
export async function recountLocked(client: PoolClient, campaignId: number, firstNo: number): Promise<void> {
  await client.query(
    `with strongest as (
       select distinct on (f.no) f.no, outcome_of(f.kind, f.reason) as outcome, coalesce(f.errcode::text, f.reason, 'unknown') as reason
       from chunks ch join facts f on f.campaign_id = ch.campaign_id and f.no between ch.first_no and ch.last_no
       where ch.campaign_id = $1 and ch.first_no = $2 and f.kind <> ${factKind.started}
       order by f.no, fact_strength(f.kind, f.reason) desc, f.at desc),
     parts as (
       select outcome as part, reason, count(*) as n
       from strongest where outcome in ('rejected', 'unknown', 'unsent') group by 1, 2)
     update chunks set
       accepted = (select count(*) from strongest where outcome = 'accepted'),
       rejected = (select count(*) from strongest where outcome = 'rejected'),
       unknown = (select count(*) from strongest where outcome = 'unknown'),
       held = (select count(*) from strongest where outcome = 'held'),
       outcomes = (select coalesce(jsonb_object_agg(part, reasons), '{}')
         from (select part, jsonb_object_agg(reason, n) as reasons from parts group by part) p)
     where campaign_id = $1 and first_no = $2`,
    [campaignId, firstNo],
  );
}
