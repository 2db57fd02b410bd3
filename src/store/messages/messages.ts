import type { Channel } from '../../wechat/channels.ts';
import { reviewMinutes } from '../campaigns/holds.ts';
import { inTransaction, type Pool, type Queryable } from '../database/pool.ts';
import { type ReceiptStatus, receiptStatuses } from '../events/receipts.ts';
import { factKind, type Outcome } from '../facts.ts';
import { type CreditClaim, claimCredits } from './credits.ts';

/** A single message before it is stored. */
export interface NewMessage {
  /** From the key where there is one, else random: with it a repeated insert finds its own rows. */
  uuid: string;
  appid: string;
  channel: Channel;
  openid: string;
  templateId: string | null;
  key: string | null;
  /** Hex; equal for equal channel, openid and body. */
  fingerprint: string;
  /** JSON of the wire body, without `touser` and `client_msg_id`. */
  body: string;
  validUntil: Date | null;
  /** Sent also to somebody who is known to have no credit. */
  includeNoCredit: boolean;
}

/** Who claims rows, and by which of its statements. */
export interface MessageClaim {
  owner: string;
  epoch: number;
  /** Counts the node's claiming statements: rows of one whose answer is lost are found by it. */
  batch: number;
}

/** A claim of what is stored by the same statement. */
export interface InsertClaim extends MessageClaim {
  /** In any other history nothing is stored: an earlier try may have been, and sent by others, in the one that was lost. */
  history: string;
}

/** PostgreSQL's code for an insert that began in a history that is over; it has stored nothing. */
export const otherHistory = '57H04';

export interface InsertedMessage {
  id: number;
  uuid: string;
  /** False: it was there before. */
  isNew: boolean;
  /** Claimed by this statement, or by an earlier try of it, and to be sent. */
  claimed: boolean;
  fingerprint: string;
}

/**
 * Stores messages in one statement: those marked as claimed belong to the node from the commit on, the others wait for
 * any node. Repeating it with the same claim is harmless, even while the first try still runs in the server.
 *
 * Throws `otherHistory` when the claim's is over.
 *
 * @param credits reserves what the claimed ones use up, in the same transaction; null: none of them uses up any
 */
export async function insertMessages(
  pool: Pool,
  claim: InsertClaim,
  rows: (NewMessage & { claim: boolean })[],
  credits: CreditClaim | null = null,
): Promise<InsertedMessage[]> {
  if (credits === null) return await insertRows(pool, claim, rows);
  return await inTransaction(pool, async (client) => {
    const stored = await insertRows(client, claim, rows);
    const given = new Map(rows.map((row) => [row.uuid, row]));
    // Those that an earlier try has claimed have their credits from it, or were closed by it.
    const mine = stored.flatMap(({ id, uuid, isNew, claimed }) => {
      const row = given.get(uuid);
      return isNew && claimed && row !== undefined ? [{ ...row, id }] : [];
    });
    const denied = await claimCredits(client, claim, mine, credits);
    return stored.map((one) => (denied.has(one.id) ? { ...one, claimed: false } : one));
  });
}

async function insertRows(
  db: Queryable,
  claim: InsertClaim,
  rows: (NewMessage & { claim: boolean })[],
  again = true,
): Promise<InsertedMessage[]> {
  const made = await db.query<{ id: number; uuid: string; claimed: boolean }>({
    name: 'insert-messages',
    text: `with given as (
        select * from unnest($4::uuid[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[], $11::json[],
          $12::timestamptz[], $13::boolean[], $14::boolean[])
          as t (uuid, appid, channel, openid, template_id, key, fingerprint, body, valid_until, claim, include_no_credit)),
      -- In the order of the keys, so that two nodes that store the same ones wait for each other and do not deadlock.
      made as (
        insert into messages (uuid, appid, channel, openid, template_id, key, fingerprint, body, valid_until)
        select uuid, appid, channel, openid, template_id, key, decode(fingerprint, 'hex'), body, valid_until
        from given where on_checked_session($15::uuid) order by appid, key, uuid
        on conflict do nothing returning id, uuid),
      opened as (
        insert into open_messages (message_id, appid, channel, valid_until, include_no_credit, ready_at, owner, epoch, batch, claimed_at)
        select m.id, g.appid, g.channel, g.valid_until, g.include_no_credit, (select steady_now()), case when g.claim then $1::uuid end,
          case when g.claim then $2::integer else 0 end, case when g.claim then $3::integer else 0 end,
          case when g.claim then clock_timestamp() end
        from made m join (select distinct on (uuid) * from given order by uuid, claim desc) g using (uuid)
        returning message_id, owner is not null as claimed)
      select id, uuid, claimed, (select pg_notify('hongyan_message', '')::text where exists (select 1 from given where not claim)) as told
      from made join opened on message_id = id`,
    values: [
      claim.owner,
      claim.epoch,
      claim.batch,
      rows.map((row) => row.uuid),
      rows.map((row) => row.appid),
      rows.map((row) => row.channel),
      rows.map((row) => row.openid),
      rows.map((row) => row.templateId),
      rows.map((row) => row.key),
      rows.map((row) => row.fingerprint),
      rows.map((row) => row.body),
      rows.map((row) => row.validUntil),
      rows.map((row) => row.claim),
      rows.map((row) => row.includeNoCredit),
      claim.history,
    ],
  });
  const given = new Map(rows.map((row) => [row.uuid, row]));
  const stored = made.rows.map(({ id, uuid, claimed }): InsertedMessage => {
    return { id, uuid, isNew: true, claimed, fingerprint: given.get(uuid)?.fingerprint ?? '' };
  });
  if (stored.length === given.size) return stored;
  // A statement of its own: the rows that another transaction was storing at the same time are visible only now.
  for (const { uuid } of stored) given.delete(uuid);
  const existing = await db.query<InsertedMessage>(
    `select m.id, m.uuid, false as "isNew", encode(m.fingerprint, 'hex') as fingerprint,
       o.owner is not distinct from $1::uuid and o.epoch = $2 and o.batch = $3 and o.attempt = 1 as claimed
     from messages m left join open_messages o on o.message_id = m.id where m.uuid = any ($4::uuid[])`,
    [claim.owner, claim.epoch, claim.batch, [...given.keys()]],
  );
  for (const row of existing.rows) {
    stored.push({ ...row, claimed: row.claimed === true });
    given.delete(row.uuid);
  }
  // Those that were in the way, and were removed before they could be read.
  if (given.size > 0 && again) stored.push(...(await insertRows(db, claim, [...given.values()], false)));
  return stored;
}

/** Of these messages, by uuid, those that are stored. */
export async function findInserted(pool: Pool, uuids: string[]): Promise<InsertedMessage[]> {
  const result = await pool.query<InsertedMessage>(
    `select id, uuid, key is null as "isNew", false as claimed, encode(fingerprint, 'hex') as fingerprint
     from messages where uuid = any ($1::uuid[])`,
    [uuids],
  );
  return result.rows;
}

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
const report = `m.id, m.appid, m.channel, m.openid, m.template_id as "templateId", m.key,
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

/** The newest messages, of one account or (null) all. */
export async function listMessages(
  pool: Pool,
  appid: string | null,
  limit: number,
): Promise<MessageReport[]> {
  const result = await pool.query<ReportRow>(
    `select ${report} where $1::text is null or m.appid = $1 order by m.id desc limit $2`,
    [appid, limit],
  );
  return result.rows.map(reportOf);
}
