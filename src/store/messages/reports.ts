import type { Channel } from '../../wechat/channels.ts';
import { reviewMinutes } from '../campaigns/holds.ts';
import type { Pool } from '../database/pool.ts';
import { type ReceiptStatus, receiptStatuses } from '../events/receipts.ts';
import { factKind, type Outcome } from '../facts.ts';

/** `waiting`: not settled yet, perhaps being sent at this moment. `held`: WeChat holds it for review and decides by itself. */
export type MessageState = 'waiting' | Outcome;

/** What WeChat said of an accepted message afterwards. */
export interface MessageReceipt {
  /** `late`: it was accepted over 24 h ago, and no receipt came. */
  status: ReceiptStatus | 'late';
  /** CreateTime of the receipt; null when none came. */
  at: Date | null;
  /** Its outcome was unknown until this receipt came, which can be about no other message. */
  inferred: boolean;
}

/** A single message and what became of it. */
export interface MessageReport {
  id: number;
  appid: string;
  channel: Channel;
  openid: string;
  templateId: string | null;
  key: string | null;
  /** The caller's own number. */
  ref: string | null;
  /** The message whose refusal led to this one. */
  replaces: number | null;
  /** The message that is tried instead, since this one was refused. */
  next: number | null;
  state: MessageState;
  /** Of the answer that settled it, or while it waits of the last one. */
  errcode: number | null;
  /** Why there is no errcode. */
  reason: string | null;
  msgid: string | null;
  /** Attempts that came to an end. */
  attempts: number;
  createdAt: Date;
  validUntil: Date | null;
  /** When the last thing happened to it. */
  at: Date | null;
  /** While it waits: not tried before. */
  nextAt: Date | null;
  /** While WeChat holds it: by when it has decided, as far as it keeps its word. */
  heldUntil: Date | null;
  /** Null: none (yet), or none is to be expected, or it is older than receipts are kept. */
  receipt: MessageReceipt | null;
}

interface ReportRow extends Omit<MessageReport, 'receipt'> {
  receiptStatus: number | null;
  receiptAt: Date | null;
  inferred: boolean | null;
  late: boolean;
}

// Bounds on receipts, so that few partitions are looked into. The first one that came stands.
const report = `m.id, m.appid, m.channel, m.openid, m.template_id as "templateId", m.key, m.ref, m.replaces, (select id from messages n where n.replaces = m.id) as next,
    case when o.message_id is not null and coalesce(f.kind not in (${factKind.accepted}, ${factKind.rejected}), true) then 'waiting'
      else outcome_of(f.kind, f.reason) end as state,
    f.errcode, f.reason, f.msgid::text as msgid,
    coalesce((select max(attempt) from message_facts where message_id = m.id and reason is distinct from 'no-credit'), 0) as attempts,
    m.created_at as "createdAt", m.valid_until as "validUntil", f.at,
    case when o.owner is null then o.ready_at end as "nextAt",
    case when o.message_id is null and is_held(f.kind, f.reason) then f.at + interval '${reviewMinutes} minutes' end as "heldUntil",
    r.status as "receiptStatus", r.created_at as "receiptAt", r.inferred,
    coalesce(f.kind = ${factKind.accepted} and has_receipts(m.channel) and f.at < now() - interval '24 hours'
      and f.at > now() - make_interval(days => (select event_days from installation))
      and exists (select 1 from account_callbacks where appid = m.appid), false) as late
  from messages m left join open_messages o on o.message_id = m.id left join lateral (
    select kind, errcode, reason, msgid, at from message_facts where message_id = m.id
    order by fact_strength(kind, reason) desc, msgid is null, at desc limit 1) f on true
  left join lateral (
    select status, created_at, inferred from receipts where message_id = m.id
      and created_at > m.created_at - interval '1 day' and created_at < f.at + interval '7 days'
    order by received_at, created_at limit 1) r on true`;

function reportOf(row: ReportRow): MessageReport {
  const { receiptStatus, receiptAt, inferred, late, ...message } = row;
  const status = receiptStatus === null ? undefined : receiptStatuses[receiptStatus - 1];
  if (status !== undefined)
    return { ...message, receipt: { status, at: receiptAt, inferred: inferred ?? false } };
  return { ...message, receipt: late ? { status: 'late', at: null, inferred: false } : null };
}

/** Null when there is no such message. */
export async function findMessage(pool: Pool, id: number): Promise<MessageReport | null> {
  // Planned once for each connection: callers that wait for outcomes ask often, and receipts have partitions.
  const result = await pool.query<ReportRow>({
    name: 'find-message',
    text: `select ${report} where m.id = $1`,
    values: [id],
  });
  return result.rows[0] === undefined ? null : reportOf(result.rows[0]);
}

/** Those of these that are there, in no order. */
export async function messagesOf(pool: Pool, ids: number[]): Promise<MessageReport[]> {
  if (ids.length === 0) return [];
  const result = await pool.query<ReportRow>({
    name: 'find-messages',
    text: `select ${report} where m.id = any ($1::bigint[])`,
    values: [ids],
  });
  return result.rows.map(reportOf);
}

/** Null when the account has no message under this key. */
export async function findMessageByKey(
  pool: Pool,
  appid: string,
  key: string,
): Promise<MessageReport | null> {
  const result = await pool.query<ReportRow>(`select ${report} where m.appid = $1 and m.key = $2`, [
    appid,
    key,
  ]);
  return result.rows[0] === undefined ? null : reportOf(result.rows[0]);
}

/** Which messages are wanted; null: any. */
export interface MessageFilter {
  /** Of these accounts. */
  appids: readonly string[] | null;
  channel: string | null;
  openid: string | null;
  templateId: string | null;
  state: MessageState | null;
  errcode: number | null;
  key: string | null;
  ref: string | null;
  /** Created at or after. */
  from: Date | null;
  /** Created before. */
  to: Date | null;
}

/** So many are looked at for one page: of a state that hardly any has, a page may be short or empty and another one follow. */
const mostScanned = 5_000;

/**
 * The newest messages that fit, with smaller ids than `before` (null: from the newest).
 *
 * @returns `next`: the `before` of the next page; null when there is none
 */
export async function listMessages(
  pool: Pool,
  filter: MessageFilter,
  before: number | null,
  limit: number,
): Promise<{ messages: MessageReport[]; next: number | null }> {
  const { appids, channel, openid, templateId, state, errcode, key, ref, from, to } = filter;
  const result = await pool.query<ReportRow & { scanned: number; last: number | null }>(
    `with page as (
       select id from messages
       where ($1::text[] is null or appid = any ($1)) and ($2::text is null or channel = $2) and ($3::text is null or openid = $3)
         and ($4::text is null or template_id = $4) and ($5::timestamptz is null or created_at >= $5)
         and ($6::timestamptz is null or created_at < $6) and ($7::bigint is null or id < $7) and ($12::text is null or key = $12) and ($13::text is null or ref = $13)
       order by id desc limit $8),
     found as (
       select * from (select ${report} where m.id in (select id from page)) r
       where ($9::text is null or state = $9) and ($10::integer is null or errcode = $10)
       order by id desc limit $11)
     select f.*, p.scanned, p.last from (select count(*) as scanned, min(id) as last from page) p left join found f on true
     order by f.id desc`,
    [
      appids,
      channel,
      openid,
      templateId,
      from,
      to,
      before,
      state === null && errcode === null ? limit + 1 : mostScanned,
      state,
      errcode,
      limit + 1,
      key,
      ref,
    ],
  );
  const found = result.rows.flatMap(({ scanned: _scanned, last: _last, ...row }) =>
    row.id === null ? [] : [reportOf(row)],
  );
  const messages = found.slice(0, limit);
  if (found.length > limit) return { messages, next: messages.at(-1)?.id ?? null };
  const [{ scanned = 0, last = null } = {}] = result.rows;
  return { messages, next: scanned === mostScanned ? last : null };
}
