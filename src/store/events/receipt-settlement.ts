import type { Channel } from '../../wechat/channels.ts';
import { recountLocked } from '../campaigns/flush.ts';
import { inTransaction, type Pool, type PoolClient } from '../database/pool.ts';
import { explained, factKind, unsettled } from '../facts.ts';
import { countFrom } from './receipts.ts';

/** What a receipt settles: a recipient of a campaign, or a single message. */
export type SettledHolder =
  | { campaignId: number; no: number; firstNo: number; messageId: null }
  | { messageId: number; campaignId: null; no: null; firstNo: null };

/** A receipt that nobody's answer explains, and the one recipient or message that it can be about. */
export type Settlement = SettledHolder & {
  appid: string;
  /** CreateTime as the database writes it. */
  createdAt: string;
  msgid: string;
  channel: Channel;
  openid: string;
  templateId: string;
  /** How long ago the fact was, ms, from which the outcome was unknown: about when the message left. */
  startedAgoMs: number;
};

/** Runs in the transaction that settles, when it is certain: the message was accepted. */
export type SettledCredit = (client: PoolClient, settlement: Settlement) => Promise<void>;

/**
 * How a receipt and a recipient or a single message fit: same account and openid; the channel has that kind of event, and
 * the template where the event names one; and the message can have left before the receipt was made. It left at the
 * earliest `before` the fact that says so (a doubt has the time of the last flush or claim before the crash, an answer
 * that never came was waited for), and WeChat's clock may be 5 s off. A receipt may be as late as 24 h.
 *
 * Two that fit one receipt, or two receipts that fit one of them, settle nothing: one of the two would be a guess. So single
 * messages that a node has claimed count too (it may have died, and nobody has taken them over yet), and those that wait
 * after an attempt that may have arrived.
 */
const pairs = `lonely as materialized (
    select r.appid, r.created_at, r.msgid, r.openid, r.template_id from receipts r join account_callbacks b using (appid)
    where b.exclusive and r.campaign_id is null and r.message_id is null
      and r.received_at between now() - interval '26 hours' and now() - make_interval(secs => $1::double precision / 1000)),
  doubtful as (
    select c.id as campaign_id, c.appid, c.channel, c.template_id, f.no, min(f.at) as at, max(f.kind) as kind,
      bool_or(is_held(f.kind, f.reason)) as held
    from campaigns c join facts f on f.campaign_id = c.id
    where c.appid in (select appid from lonely) and has_receipts(c.channel)
      and coalesce(c.finished_at, now()) > now() - interval '3 days'
      and ${unsettled('f')}
    group by c.id, f.no),
  doubtful_messages as (
    select m.id as message_id, m.appid, m.channel, m.template_id, m.openid, f.at, greatest(f.kind, case when o.message_id is not null then ${factKind.inDoubt} end) as kind,
      coalesce(f.held, false) as held, o.message_id is not null as is_open
    from (
      select u.message_id from message_facts u
        where ${unsettled('u')} and u.at > now() - interval '3 days'
      union select message_id from open_messages
        where exists (select 1 from lonely) and (owner is not null or doubt_from is not null)) u
      join messages m on m.id = u.message_id left join open_messages o on o.message_id = m.id
      cross join lateral (
        select least(min(k.at), o.claimed_at, o.doubt_from) as at, max(k.kind) as kind, bool_or(is_held(k.kind, k.reason)) as held
        from message_facts k
        where k.message_id = m.id and ${unsettled('k')}) f
    where m.appid in (select appid from lonely) and has_receipts(m.channel)),
  candidates as (
    select l.*, d.campaign_id, d.no, null::bigint as message_id, d.channel, d.template_id as wanted, d.at, d.kind, d.held, false as is_open
    from lonely l join doubtful d using (appid) join recipients p on p.campaign_id = d.campaign_id and p.no = d.no and p.openid = l.openid
    -- Refused, known under another msgid, or with a receipt: it explains none.
    where not exists (select 1 from facts k where k.campaign_id = d.campaign_id and k.no = d.no
        and ${explained('k')})
      and not exists (select 1 from receipts k where k.campaign_id = d.campaign_id and k.no = d.no)
    union all
    select l.*, null, null, d.message_id, d.channel, d.template_id, d.at, d.kind, d.held, d.is_open
    from lonely l join doubtful_messages d using (appid, openid)
    where not exists (select 1 from message_facts k where k.message_id = d.message_id
        and ${explained('k')})
      and not exists (select 1 from receipts k where k.message_id = d.message_id)),
  fitting as (
    select *, count(*) over (partition by appid, created_at, msgid) as messages,
      count(*) over (partition by campaign_id, no, message_id) as receipts
    from candidates
    where (template_id is null) = is_keyed(channel) and (template_id is null or template_id = wanted)
      and created_at between at - make_interval(secs => $2::double precision / 1000 + 5) and at + interval '24 hours')`;

/**
 * Pairs of which each fits nobody else.
 * @param afterMs a receipt must have waited so long: its answer may only be late
 * @param beforeMs how long before its fact a message may have left: the time for which an answer is waited for
 */
export async function findSettlements(
  pool: Pool,
  afterMs: number,
  beforeMs: number,
  limit: number,
): Promise<Settlement[]> {
  const result = await pool.query<Settlement>(
    `with ${pairs}
     select f.appid, f.created_at::text as "createdAt", f.msgid::text as msgid, f.campaign_id as "campaignId", f.no, ch.first_no as "firstNo",
       f.message_id as "messageId", f.channel, f.openid, f.wanted as "templateId",
       (extract(epoch from now() - f.at) * 1000)::double precision as "startedAgoMs"
     from fitting f left join lateral (
       select first_no, state, owner from chunks where campaign_id = f.campaign_id and first_no <= f.no order by first_no desc limit 1) ch on true
     -- A doubt is still being resolved, unless by WeChat, and the owner of an open chunk would count over it.
     where f.messages = 1 and f.receipts = 1 and (f.kind <> ${factKind.inDoubt} or f.held) and not f.is_open
       and (f.message_id is not null or ch.state = 'done' or ch.owner is null)
     order by f.campaign_id, f.no, f.message_id limit $3`,
    [afterMs, beforeMs, limit],
  );
  return result.rows;
}

/**
 * The recipient or message is accepted, because there is a receipt: a fact with the reason `receipt`, a recipient's chunk
 * counted again, the receipt matched and marked as inferred, and the credit that was kept consumed. False when any of it
 * is no longer as it was found.
 */
export async function settle(pool: Pool, settlement: Settlement, credits: SettledCredit): Promise<boolean> {
  return await inTransaction(pool, async (client) => {
    const settled =
      settlement.messageId === null
        ? await settleRecipient(client, settlement)
        : await settleMessage(client, settlement);
    if (settled) await credits(client, settlement);
    return settled;
  });
}

async function settleRecipient(
  client: PoolClient,
  settlement: Settlement & { messageId: null },
): Promise<boolean> {
  const { appid, createdAt, msgid, campaignId, no, firstNo } = settlement;
  const chunk = await client.query(
    `select 1 from chunks where campaign_id = $1 and first_no = $2 and (state = 'done' or owner is null) for update`,
    [campaignId, firstNo],
  );
  if (chunk.rows.length === 0) return false;
  const appended = await client.query(
    `with receipt as (
       select created_at, msgid from receipts
       where appid = $1 and created_at = $2::timestamptz and msgid = $3 and campaign_id is null and message_id is null for update)
     insert into facts (campaign_id, at, msgid, no, epoch, flush_group, attempt, kind, reason)
     select $4, r.created_at, r.msgid, $5, 0, 0, k.attempt, ${factKind.accepted}, 'receipt'
     from receipt r, (
       select max(kind) as kind, max(attempt) as attempt, bool_or(kind = ${factKind.accepted} and msgid is not null) as explained,
         bool_or(is_held(kind, reason)) as held
       from facts where campaign_id = $4 and no = $5) k
     where (k.kind in (${factKind.unknown}, ${factKind.accepted}) or k.kind = ${factKind.inDoubt} and k.held) and not k.explained returning 1`,
    [appid, createdAt, msgid, campaignId, no],
  );
  if (appended.rowCount !== 1) return false;
  await recountLocked(client, campaignId, firstNo);
  await client.query(
    `with matched as (
       update receipts set campaign_id = $4, no = $5, inferred = true
       where appid = $1 and created_at = $2::timestamptz and msgid = $3 returning campaign_id, no, status, created_at, inferred),
     ${countFrom('matched')}
     select 1`,
    [appid, createdAt, msgid, campaignId, no],
  );
  return true;
}

/**
 * The fact has the attempt 0, because nobody knows which one arrived: the key of the facts then lets it be settled once.
 * A message that is open is somebody's: its row is looked for again here.
 */
async function settleMessage(
  client: PoolClient,
  settlement: Settlement & { messageId: number },
): Promise<boolean> {
  const { appid, createdAt, msgid, messageId } = settlement;
  const settled = await client.query(
    `with receipt as (
       select created_at, msgid from receipts
       where appid = $1 and created_at = $2::timestamptz and msgid = $3 and campaign_id is null and message_id is null for update),
     appended as (
       insert into message_facts (message_id, at, msgid, epoch, attempt, kind, reason)
       select $4, r.created_at, r.msgid, 0, 0, ${factKind.accepted}, 'receipt'
       from receipt r, (
         select max(kind) as kind, coalesce(bool_or(kind = ${factKind.accepted} and msgid is not null), true) as explained,
           bool_or(is_held(kind, reason)) as held
         from message_facts where message_id = $4) k
       where (k.kind in (${factKind.unknown}, ${factKind.accepted}) or k.kind = ${factKind.inDoubt} and k.held) and not k.explained and not exists (select 1 from open_messages where message_id = $4)
       on conflict do nothing returning message_id),
     ended as (delete from held_messages where message_id in (select message_id from appended))
     update receipts set message_id = appended.message_id, inferred = true from appended
     where appid = $1 and created_at = $2::timestamptz and receipts.msgid = $3`,
    [appid, createdAt, msgid, messageId],
  );
  return settled.rowCount === 1;
}
