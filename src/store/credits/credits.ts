import type { Pool, Queryable } from '../database/pool.ts';
import { factKind } from '../facts.ts';
import type { CreditPlace } from './entries.ts';

/** Who holds a reservation: a recipient of a campaign, or (campaign 0) a single message by its id. */
export interface CreditHolder {
  campaignId: number;
  no: number;
}

/** Credits left where there is no limit. */
export const unlimitedCredits = 2_147_483_647;

/**
 * SQL for the messages of a template that one person may still be sent: null where nobody knows, 2147483647 without
 * limit. A long-term template is not used up: its known balance says only whether the person accepts it (more than 0).
 *
 * Wants b (credit_balances), t (templates), k (credit_rules) joined for the same account and template; any may be missing.
 * @param openid SQL for the person, who may have no balance
 */
export function creditsLeftSql(openid: string): string {
  return `case
    when t.type = 3 and b.known and b.balance = 0 then 0
    when t.type = 3 and k.per_period is not null then greatest(0, k.per_period - coalesce(b.reserved, 0) - (
      select count(*) from credit_entries e
      where e.appid = k.appid and e.openid = ${openid} and e.template_id = k.template_id and e.kind = 'sent'
        and e.at > clock_timestamp() - make_interval(days => k.period_days))::integer)
    when b.known is not true then null
    when t.type = 3 then ${unlimitedCredits}
    else greatest(0, b.balance - b.reserved) end`;
}

/** Somebody who may be sent to next. */
export interface CreditWish extends CreditHolder, CreditPlace {
  /** Also if it is known that there is no credit, and then without a reservation. */
  includeNoCredit: boolean;
}

/**
 * Reserves one credit for each wish where a limit is known and not reached, and gives those for whom there is none left
 * and who must not be sent to. Where nothing is known nothing is reserved, and those who hold a reservation keep it.
 * The caller holds the locks of the balances (`lockCreditBalances`).
 */
export async function reserveCredits(
  db: Queryable,
  appid: string,
  wishes: CreditWish[],
): Promise<CreditHolder[]> {
  const result = await db.query<CreditHolder>(
    `with wished as (
       select w.*, row_number() over (partition by openid, template_id order by campaign_id, no) as turn
       from unnest($2::bigint[], $3::bigint[], $4::text[], $5::text[], $6::boolean[])
         as w (campaign_id, no, openid, template_id, include_no_credit)
       where not exists (select 1 from credit_reservations r where r.campaign_id = w.campaign_id and r.no = w.no)),
     judged as (
       select w.*, ${creditsLeftSql('w.openid')} as available from wished w
         left join credit_balances b on b.appid = $1 and b.template_id = w.template_id and b.openid = w.openid
         left join templates t on t.appid = $1 and t.template_id = w.template_id
         left join credit_rules k on k.appid = $1 and k.template_id = w.template_id),
     reserved as (
       insert into credit_reservations (campaign_id, no, appid, openid, template_id)
       select campaign_id, no, $1, openid, template_id from judged where turn <= available and available < ${unlimitedCredits}
       returning openid, template_id),
     counted as (
       update credit_balances b set reserved = b.reserved + n.n
       from (select openid, template_id, count(*)::integer as n from reserved group by 1, 2) n
       where b.appid = $1 and b.template_id = n.template_id and b.openid = n.openid)
     select campaign_id as "campaignId", no from judged where turn > available and not include_no_credit order by campaign_id, no`,
    [appid, ...wishColumns(wishes), wishes.map((one) => one.includeNoCredit)],
  );
  return result.rows;
}

/**
 * The credits that another campaign's recipients without known outcome still hold pass to the same people's numbers in
 * this one, which sends to them again: one message more, not one credit more.
 */
export async function takeOverCredits(db: Queryable, from: number, wishes: CreditWish[]): Promise<void> {
  await db.query(
    `with wished as (
       select w.*, row_number() over (partition by openid, template_id order by no) as turn
       from unnest($2::bigint[], $3::bigint[], $4::text[], $5::text[]) as w (campaign_id, no, openid, template_id)
       where not exists (select 1 from credit_reservations r where r.campaign_id = w.campaign_id and r.no = w.no)),
     held as (
       select campaign_id, no, openid, template_id, row_number() over (partition by openid, template_id order by no) as turn
       from credit_reservations where campaign_id = $1 and held = 'unknown'
         and (openid, template_id) in (select openid, template_id from wished))
     update credit_reservations r set campaign_id = w.campaign_id, no = w.no, held = 'open', at = clock_timestamp()
     from wished w join held h using (openid, template_id, turn)
     where r.campaign_id = h.campaign_id and r.no = h.no`,
    [from, ...wishColumns(wishes)],
  );
}

function wishColumns(wishes: CreditWish[]): [number[], number[], string[], string[]] {
  return [
    wishes.map((one) => one.campaignId),
    wishes.map((one) => one.no),
    wishes.map((one) => one.openid),
    wishes.map((one) => one.templateId),
  ];
}

/** What became of one message whose template needs credits. */
export interface CreditUse extends CreditHolder, CreditPlace {
  /**
   * `accepted` consumes a credit. `refused` (43101) says that there is none. `unsent`: known not to have been sent for
   * another reason, its reservation ends. `unknown` keeps its reservation.
   */
  outcome: 'accepted' | 'refused' | 'unsent' | 'unknown';
  /** Milliseconds from when it was sent to the start of the transaction; only of `accepted` and `refused` ones. */
  startedAgoMs: number;
}

/**
 * Ends or keeps the reservations of messages that have an outcome, appends what the outcome says of the credits, and
 * takes the accepted ones off the balances. Repeating it changes nothing. Gives the places whose entries must be added
 * up anew: refused ones, and sends that are older than what their balance counts in.
 * The caller holds the locks of the balances.
 */
export async function settleCredits(db: Queryable, appid: string, uses: CreditUse[]): Promise<CreditPlace[]> {
  const result = await db.query<CreditPlace & { stale: boolean }>(
    `with u as (
       select u.campaign_id, u.no, u.openid, u.template_id, u.outcome, b.set_at, t.type is not distinct from 3 as long_term,
         now() - make_interval(secs => u.ago_ms / 1000) as started
       from unnest($2::bigint[], $3::bigint[], $4::text[], $5::text[], $6::text[], $7::double precision[])
           as u (campaign_id, no, openid, template_id, outcome, ago_ms)
         left join credit_balances b on b.appid = $1 and b.openid = u.openid and b.template_id = u.template_id
         left join templates t on t.appid = $1 and t.template_id = u.template_id),
     kept as (
       update credit_reservations r set held = 'unknown' from u
       where r.campaign_id = u.campaign_id and r.no = u.no and u.outcome = 'unknown' and (r.at < u.set_at) is not true),
     ended as (
       delete from credit_reservations r using u
       where r.campaign_id = u.campaign_id and r.no = u.no and (u.outcome <> 'unknown' or r.at < u.set_at)
       returning r.openid, r.template_id),
     added as (
       insert into credit_entries (appid, openid, template_id, key, kind, delta, sets, at, campaign_id, no)
       select $1, openid, template_id, case when outcome = 'accepted' then 'sent:' else 'refused:' end || campaign_id || ':' || no,
         case when outcome = 'accepted' then 'sent' else 'refused' end,
         case when outcome = 'accepted' and not long_term then -1 else 0 end,
         case when outcome = 'refused' then 0 end,
         -- Popup events have whole seconds: one of the second in which the refused send started is newer than it.
         case when outcome = 'refused' then date_trunc('second', started) else started end, campaign_id, no
       from u where outcome in ('accepted', 'refused')
       on conflict do nothing returning openid, template_id, kind, delta, at),
     changed as (
       select openid, template_id, sum(delta)::integer as delta, sum(ended)::integer as ended,
         bool_or(kind = 'refused') as refused, min(at) as first_at, max(at) as last_at
       from (select openid, template_id, delta, 0 as ended, kind, at from added
         union all select openid, template_id, 0, 1, 'ended', null from ended) parts
       group by 1, 2)
     update credit_balances b set reserved = b.reserved - c.ended,
       balance = case when c.refused or c.first_at < b.last_at or not b.known then b.balance else greatest(0, b.balance + c.delta) end,
       last_at = case when c.refused or c.first_at < b.last_at then b.last_at else greatest(b.last_at, c.last_at) end
     from changed c where b.appid = $1 and b.openid = c.openid and b.template_id = c.template_id
     returning b.openid, b.template_id as "templateId", c.refused or (b.known and c.first_at < b.last_at) as stale`,
    [
      appid,
      uses.map((one) => one.campaignId),
      uses.map((one) => one.no),
      uses.map((one) => one.openid),
      uses.map((one) => one.templateId),
      uses.map((one) => one.outcome),
      uses.map((one) => one.startedAgoMs),
    ],
  );
  return result.rows.filter((row) => row.stale);
}

/**
 * Open reservations of campaigns that ended (cancelled, or their time was over) and that nobody is sending any more,
 * with what is known of each: those of a chunk that was handed back were never sent unless a fact says otherwise.
 */
export async function leftReservations(
  pool: Pool,
  limit: number,
): Promise<(CreditHolder & CreditPlace & { appid: string; maybeSent: boolean })[]> {
  const result = await pool.query<CreditHolder & CreditPlace & { appid: string; maybeSent: boolean }>(
    `select r.appid, r.campaign_id as "campaignId", r.no, r.openid, r.template_id as "templateId",
       ch.owner is not null or exists (
         select 1 from facts f where f.campaign_id = r.campaign_id and f.no = r.no and f.kind in (${factKind.inDoubt}, ${factKind.unknown}, ${factKind.accepted})) as "maybeSent"
     from campaigns c join credit_reservations r on r.campaign_id = c.id and r.held = 'open'
       join chunks ch on ch.campaign_id = c.id and r.no between ch.first_no and ch.last_no
     where c.state in ('done', 'cancelled') and c.finished_at > clock_timestamp() - interval '7 days'
       and (ch.lease_until is null or ch.lease_until < (select steady_now()))
     order by r.appid, r.openid, r.template_id limit $1`,
    [limit],
  );
  return result.rows;
}
