import { recountLocked } from './flush.ts';
import { inTransaction, type Pool } from './pool.ts';
import { countFrom } from './receipts.ts';

/** A receipt that nobody's answer explains, and the one recipient whom it can be about. */
export interface Settlement {
  appid: string;
  /** CreateTime as the database writes it. */
  createdAt: string;
  msgid: string;
  campaignId: number;
  no: number;
  firstNo: number;
}

/**
 * How a receipt and a recipient fit: same account and openid; the channel has that kind of event, and the template where the
 * event names one; and the message can have left before the receipt was made. It left at the earliest `before` the
 * fact that says so (a doubt has the time of the last flush before the crash, an answer that never came was waited
 * for), and WeChat's clock may be 5 s off. A receipt may be as late as 24 h.
 *
 * Two that fit one receipt, or two receipts that fit one recipient, settle nothing: one of them would be a guess.
 */
const pairs = `lonely as materialized (
    select r.appid, r.created_at, r.msgid, r.openid, r.template_id from receipts r join account_callbacks b using (appid)
    where b.exclusive and r.campaign_id is null and r.message_id is null
      and r.received_at between now() - interval '26 hours' and now() - make_interval(secs => $1::double precision / 1000)),
  doubtful as (
    select c.id as campaign_id, c.appid, c.channel, c.template_id, f.no, min(f.at) as at, max(f.kind) as kind
    from campaigns c join facts f on f.campaign_id = c.id
    where c.appid in (select appid from lonely) and c.channel in ('oa-template', 'oa-subscribe', 'mp-subscribe')
      and coalesce(c.finished_at, now()) > now() - interval '3 days'
      and (f.kind in (2, 3) or f.kind = 5 and f.msgid is null)
    group by c.id, f.no),
  fitting as (
    select l.appid, l.created_at, l.msgid, d.campaign_id, d.no, d.kind,
      count(*) over (partition by l.appid, l.created_at, l.msgid) as recipients,
      count(*) over (partition by d.campaign_id, d.no) as receipts
    from lonely l join doubtful d using (appid) join recipients p on p.campaign_id = d.campaign_id and p.no = d.no and p.openid = l.openid
    where (l.template_id is null) = (d.channel = 'oa-template') and (l.template_id is null or l.template_id = d.template_id)
      and l.created_at between d.at - make_interval(secs => $2::double precision / 1000 + 5) and d.at + interval '24 hours'
      -- Refused, known under another msgid, or with a receipt: it explains none.
      and not exists (select 1 from facts k where k.campaign_id = d.campaign_id and k.no = d.no
        and (k.kind = 4 or k.kind = 5 and k.msgid is not null))
      and not exists (select 1 from receipts k where k.campaign_id = d.campaign_id and k.no = d.no))`;

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
     select f.appid, f.created_at::text as "createdAt", f.msgid::text as msgid, f.campaign_id as "campaignId", f.no, ch.first_no as "firstNo"
     from fitting f cross join lateral (
       select first_no, state, owner from chunks where campaign_id = f.campaign_id and first_no <= f.no order by first_no desc limit 1) ch
     -- A doubt (2) is still being resolved, and the owner of an open chunk would count over it.
     where f.recipients = 1 and f.receipts = 1 and f.kind <> 2 and (ch.state = 'done' or ch.owner is null)
     order by f.campaign_id, f.no limit $3`,
    [afterMs, beforeMs, limit],
  );
  return result.rows;
}

/**
 * The recipient is accepted, because there is a receipt: a fact with the reason `receipt`, the chunk counted again, and the
 * receipt matched and marked as inferred. False when any of it is no longer as it was found.
 */
export async function settle(pool: Pool, settlement: Settlement): Promise<boolean> {
  const { appid, createdAt, msgid, campaignId, no, firstNo } = settlement;
  return await inTransaction(pool, async (client) => {
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
       select $4, r.created_at, r.msgid, $5, 0, 0, k.attempt, 5, 'receipt'
       from receipt r, (
         select max(kind) as kind, max(attempt) as attempt, bool_or(kind = 5 and msgid is not null) as explained
         from facts where campaign_id = $4 and no = $5) k
       where k.kind in (3, 5) and not k.explained returning 1`,
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
  });
}
