import type { Pool, PoolClient, Queryable } from '../database/pool.ts';
import { factKind } from '../facts.ts';

/** What became of an accepted message, in WeChat's word. */
export type ReceiptStatus = 'delivered' | 'blocked' | 'failed-system' | 'failed-frequency' | 'failed-other';

/** Position + 1 is the number in the database. */
export const receiptStatuses: readonly ReceiptStatus[] = [
  'delivered',
  'blocked',
  'failed-system',
  'failed-frequency',
  'failed-other',
];

/** One receipt as an event brought it. */
export interface Receipt {
  appid: string;
  /** CreateTime, Unix seconds. */
  createdAt: number;
  msgid: string;
  openid: string;
  templateId: string | null;
  status: ReceiptStatus;
  /** WeChat's words where they say more than the status. */
  detail: string | null;
}

/**
 * Where a receipt's message is: the accepted fact of that msgid, of that account, sent to that person. msgids of
 * different accounts may be equal. Campaigns first: what is found there is not looked for among single messages.
 */
export const messageOf = (receipt: string): string => `select campaign_id, no, message_id from (
    select f.campaign_id, f.no, null::bigint as message_id
    from facts f join campaigns c on c.id = f.campaign_id
      join recipients p on p.campaign_id = f.campaign_id and p.no = f.no
    where f.msgid = ${receipt}.msgid and f.kind = ${factKind.accepted} and c.appid = ${receipt}.appid and p.openid = ${receipt}.openid
    union all
    select null, null, m.id from message_facts f join messages m on m.id = f.message_id
    where f.msgid = ${receipt}.msgid and f.kind = ${factKind.accepted} and m.appid = ${receipt}.appid and m.openid = ${receipt}.openid) found
  limit 1`;

const columns = ['delivered', 'blocked', 'failed_system', 'failed_frequency', 'failed_other'] as const;
const seen = `(r.${columns.join(' | r.')})`;

/**
 * Sets the bits of matched receipts: common table expressions after `source` (campaign_id, no, status, created_at,
 * inferred), of which `counted` must be read by nobody. Rows are locked in order, so that two nodes never wait for each other.
 */
export const countFrom = (source: string): string => `first_ones as (
    select distinct on (campaign_id, no) campaign_id, no, status, inferred from ${source}
    where campaign_id is not null order by campaign_id, no, created_at),
  placed as materialized (
    select o.campaign_id, ch.first_no, ch.last_no - ch.first_no + 1 as size, o.status, o.inferred, o.no - ch.first_no as n
    from first_ones o cross join lateral (
      select first_no, last_no from chunks where campaign_id = o.campaign_id and first_no <= o.no
      order by first_no desc limit 1) ch),
  -- Once for each size: reading a thousand digits costs more than all the rest.
  zeros as materialized (
    select size, repeat('0', size)::bit varying as zero from (select distinct size from placed) s),
  bits as (select * from placed join zeros using (size)),
  counted as (
    insert into chunk_receipts as r (campaign_id, first_no, ${columns.join(', ')}, inferred)
    select campaign_id, first_no,
      ${columns.map((_, i) => `coalesce(bit_or(set_bit(zero, n, 1)) filter (where status = ${i + 1}), zero)`).join(', ')},
      coalesce(bit_or(set_bit(zero, n, 1)) filter (where inferred), zero)
    from bits group by campaign_id, first_no, zero order by campaign_id, first_no
    on conflict (campaign_id, first_no) do update set
      ${columns.map((column) => `${column} = r.${column} | (excluded.${column} & ~ ${seen})`).join(', ')},
      inferred = r.inferred | (excluded.inferred & ~ ${seen}))`;

/**
 * Stores receipts, in the caller's transaction: repeats are nothing, those whose message is known already are matched
 * and counted, the others wait for {@link matchReceipts}. It locks chunk_receipts until the transaction ends.
 *
 * @returns places in `receipts` of those that were not there yet, ascending
 */
export async function storeReceipts(client: PoolClient, receipts: Receipt[]): Promise<number[]> {
  if (receipts.length === 0) return [];
  // Planned once for each connection: planning took 5 ms, as much as storing 250 receipts. A plan that was made while facts
  // was a page long would read all of it, also when it has grown by a million before anybody counts its rows again. It stays so to the end of the transaction: one more
  // statement would hold the locks for longer, and nothing that follows from events reads a whole table.
  await client.query('set local enable_seqscan = off');
  const result = await client.query<{ place: number }>({
    name: 'store-receipts',
    text: `with given as (
       select distinct on (appid, created_at, msgid) appid, to_timestamp(at) as created_at, msgid, openid, template_id, status, detail, place
       from unnest($1::text[], $2::double precision[], $3::bigint[], $4::text[], $5::text[], $6::smallint[], $7::text[])
         with ordinality as t (appid, at, msgid, openid, template_id, status, detail, place)
       order by appid, created_at, msgid, place),
     stored as (
       insert into receipts (appid, created_at, msgid, openid, template_id, status, detail, campaign_id, no, message_id)
       select g.appid, g.created_at, g.msgid, g.openid, g.template_id, g.status, g.detail, m.campaign_id, m.no, m.message_id
       from given g left join lateral (${messageOf('g')}) m on true
       -- In the order of the key, so that two nodes that store the same repeats wait for each other in one direction.
       order by g.appid, g.created_at, g.msgid
       on conflict do nothing returning appid, created_at, msgid, campaign_id, no, status, inferred),
     ${countFrom('stored')}
     select place::integer - 1 as place from given join stored using (appid, created_at, msgid) order by place`,
    values: [
      receipts.map((one) => one.appid),
      receipts.map((one) => one.createdAt),
      receipts.map((one) => one.msgid),
      receipts.map((one) => one.openid),
      receipts.map((one) => one.templateId),
      receipts.map((one) => receiptStatuses.indexOf(one.status) + 1),
      receipts.map((one) => one.detail),
    ],
  });
  return result.rows.map((row) => row.place);
}

/** A receipt and the span in which its message, or its campaign, was made. */
export interface TracedReceipt {
  appid: string;
  msgid: string;
  status: ReceiptStatus;
  campaignId: number | null;
  messageId: number | null;
  trace: string;
}

/** The columns of `TracedReceipt` for rows `r` of receipts; those of which nobody records a span are left out. */
const tracedReceipts = (from: string, statuses: string): string =>
  `select r.appid, r.msgid::text as msgid, (${statuses})[r.status] as status, r.campaign_id as "campaignId",
     r.message_id as "messageId", coalesce(m.trace, c.trace) as trace
   from ${from} r left join messages m on m.id = r.message_id left join campaigns c on c.id = r.campaign_id
   where coalesce(m.trace, c.trace) is not null`;

/** Of these receipts those whose message is known and traced. Asked only where there is an SDK. */
export async function findReceiptTraces(
  pool: Pool,
  receipts: readonly Pick<Receipt, 'appid' | 'createdAt' | 'msgid'>[],
): Promise<TracedReceipt[]> {
  if (receipts.length === 0) return [];
  const result = await pool.query<TracedReceipt>({
    name: 'receipt-traces',
    text: `with stored as (
        select r.* from unnest($1::text[], $2::double precision[], $3::bigint[]) as g (appid, at, msgid)
          join receipts r on r.appid = g.appid and r.created_at = to_timestamp(g.at) and r.msgid = g.msgid)
      ${tracedReceipts('stored', '$4::text[]')}`,
    values: [
      receipts.map((one) => one.appid),
      receipts.map((one) => one.createdAt),
      receipts.map((one) => one.msgid),
      receiptStatuses,
    ],
  });
  return result.rows;
}

/** Where a run over the waiting receipts stands. */
export interface ReceiptCursor {
  receivedAt: string;
  msgid: string;
}

/** One process at a time; any constant will do. */
const matcherLock = 0x7265_6370;

/**
 * Matches receipts that came before their message's answer was stored: one batch of those received in the last `withinMs`.
 *
 * @param withTraces says of which of the matched somebody records a span
 * @returns how many were matched, and where the next batch begins; null after the last one, or while another process is
 *   at it
 */
export async function matchReceipts(
  pool: Pool,
  withinMs: number,
  after: ReceiptCursor | null,
  limit: number,
  withTraces = false,
): Promise<{ matched: number; next: ReceiptCursor | null; traced: TracedReceipt[] }> {
  const result = await pool.query<{ matched: number; seen: number; traced: TracedReceipt[] } & ReceiptCursor>(
    `with leader as materialized (select pg_try_advisory_xact_lock($5) as mine),
     waiting as materialized (
       select r.appid, r.created_at, r.msgid, r.openid, r.received_at from receipts r
       where (select mine from leader) and r.campaign_id is null and r.message_id is null
         and r.received_at > now() - make_interval(secs => $1::double precision / 1000)
         and (r.received_at, r.msgid) > ($2::timestamptz, $3::bigint)
       order by r.received_at, r.msgid limit $4),
     matched as (
       update receipts r set campaign_id = m.campaign_id, no = m.no, message_id = m.message_id
       from waiting w cross join lateral (${messageOf('w')}) m
       where r.appid = w.appid and r.created_at = w.created_at and r.msgid = w.msgid
         and r.campaign_id is null and r.message_id is null
       returning r.appid, r.msgid, r.campaign_id, r.no, r.message_id, r.status, r.created_at, r.inferred),
     ${countFrom('matched')}
     select (select count(*) from matched) as matched,
       case when $6 then (select coalesce(json_agg(t), '[]') from (${tracedReceipts('matched', '$7::text[]')}) t) else '[]' end as traced, (select count(*) from waiting) as seen,
       l.received_at::text as "receivedAt", l.msgid::text as msgid
     from (select received_at, msgid from waiting order by received_at desc, msgid desc limit 1) l`,
    [
      withinMs,
      after?.receivedAt ?? '-infinity',
      after?.msgid ?? 0,
      limit,
      matcherLock,
      withTraces,
      receiptStatuses,
    ],
  );
  const row = result.rows[0];
  if (row === undefined) return { matched: 0, next: null, traced: [] };
  return {
    matched: row.matched,
    traced: row.traced,
    next: row.seen < limit ? null : { receivedAt: row.receivedAt, msgid: row.msgid },
  };
}

/** What the receipts of a campaign add up to. */
export interface ReceiptCounts {
  delivered: number;
  blocked: number;
  failedSystem: number;
  failedFrequency: number;
  failedOther: number;
  /** Of those above: receipts that settled an unknown outcome. */
  inferred: number;
  /** Accepted in chunks whose last answer came over 24 h ago, and no receipt; null when its chunks were removed. */
  late: number | null;
}

/**
 * Read before the outcomes, never after: outcomes only grow, so there are never more receipts than accepted messages.
 * @param firstNo null: of the whole campaign; else of one chunk
 */
export async function receiptCounts(
  pool: Queryable,
  campaignId: number,
  firstNo: number | null = null,
): Promise<ReceiptCounts> {
  const result = await pool.query<ReceiptCounts>(
    `with r as (
       select first_no, bit_count(delivered) as delivered, bit_count(blocked) as blocked, bit_count(failed_system) as failed_system,
         bit_count(failed_frequency) as failed_frequency, bit_count(failed_other) as failed_other, bit_count(inferred) as inferred
       from chunk_receipts where campaign_id = $1 and ($2::integer is null or first_no = $2))
     select coalesce(sum(delivered), 0)::integer as delivered, coalesce(sum(blocked), 0)::integer as blocked,
       coalesce(sum(failed_system), 0)::integer as "failedSystem", coalesce(sum(failed_frequency), 0)::integer as "failedFrequency",
       coalesce(sum(failed_other), 0)::integer as "failedOther", coalesce(sum(inferred), 0)::integer as inferred,
       (select sum(ch.accepted - coalesce(s.delivered + s.blocked + s.failed_system + s.failed_frequency + s.failed_other, 0))
          filter (where ch.last_at < now() - interval '24 hours')
          from chunks ch left join r s using (first_no)
          where ch.campaign_id = $1 and ($2::integer is null or ch.first_no = $2))::integer as late,
       exists (select 1 from chunks where campaign_id = $1) as "hasChunks"
     from r`,
    [campaignId, firstNo],
  );
  const { hasChunks, ...counts } = result.rows[0] as ReceiptCounts & { hasChunks: boolean };
  return { ...counts, late: hasChunks ? (counts.late ?? 0) : null };
}

/** What WeChat said of one recipient. */
export interface RecipientReceipt {
  no: number;
  /** Null: none (yet). */
  status: ReceiptStatus | null;
  /** CreateTime of the receipt; null also when it was removed since. */
  at: Date | null;
  /** It settled an unknown outcome. */
  inferred: boolean;
  /** The chunk's last answer came over 24 h ago. */
  late: boolean;
}

/** Of the recipients `afterNo` < no ≤ `lastNo`, in order. */
export async function recipientReceipts(
  pool: Queryable,
  campaignId: number,
  afterNo: number,
  lastNo: number,
): Promise<RecipientReceipt[]> {
  const result = await pool.query<RecipientReceipt>(
    `with bits as (
       select n.no, ch.last_at, n.no - ch.first_no as bit, r.*
       from campaigns c cross join generate_series($2::integer + 1, $3::integer) as n (no)
         cross join lateral (select first_no, last_at from chunks where campaign_id = c.id and first_no <= n.no
           order by first_no desc limit 1) ch
         left join chunk_receipts r on r.campaign_id = c.id and r.first_no = ch.first_no
       where c.id = $1),
     known as (
       select no, coalesce(last_at < now() - interval '24 hours', false) as late, coalesce(get_bit(inferred, bit) = 1, false) as inferred,
         case ${columns.map((column, i) => `when get_bit(${column}, bit) = 1 then ${i + 1}`).join(' ')} end as status
       from bits)
     select k.no, ($4::text[])[k.status] as status, k.inferred, k.late, t.at
     from known k left join lateral (
       select min(created_at) as at from receipts
       where campaign_id = $1 and no = k.no and status = k.status
         -- Bounds, so that few partitions are looked into.
         and created_at > (select coalesce(started_at, created_at) - interval '1 day' from campaigns where id = $1)
         and created_at < (select coalesce(finished_at, now()) + interval '7 days' from campaigns where id = $1)) t on k.status is not null
     order by k.no`,
    [campaignId, afterNo, lastNo, receiptStatuses],
  );
  return result.rows;
}
