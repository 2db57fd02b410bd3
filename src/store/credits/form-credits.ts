import type { Pool, Queryable } from '../database/pool.ts';
import { factKind } from '../facts.ts';
import type { CreditHolder } from './credits.ts';

/** Somebody who is sent to next and needs a form_id. */
export interface FormIdWish extends CreditHolder {
  openid: string;
}

/** `form`: from a submitted form, one message. `prepay`: a payment's prepay_id, three. */
export type FormIdKind = 'form' | 'prepay';

export interface NewFormCredit {
  openid: string;
  formId: string;
  kind: FormIdKind;
  /** Messages that it is good for. */
  uses: number;
  expiresAt: Date;
}

/** Appends what is not there yet, and gives the form_ids of what was new. */
export async function insertFormCredits(
  db: Queryable,
  appid: string,
  rows: NewFormCredit[],
): Promise<Set<string>> {
  const result = await db.query<{ formId: string }>(
    `insert into form_credits (appid, openid, form_id, kind, uses_left, expires_at)
     select $1, * from unnest($2::text[], $3::text[], $4::text[], $5::integer[], $6::timestamptz[]) as t (openid, form_id)
     -- One order for everybody: two reports of the same ids wait for each other in one direction.
     order by form_id on conflict do nothing returning form_id as "formId"`,
    [
      appid,
      rows.map((one) => one.openid),
      rows.map((one) => one.formId),
      rows.map((one) => one.kind),
      rows.map((one) => one.uses),
      rows.map((one) => one.expiresAt),
    ],
  );
  return new Set(result.rows.map((row) => row.formId));
}

/** What is known of one form_id. */
export interface FormCredit {
  openid: string;
  formId: string;
  kind: FormIdKind;
  /** Messages that may still be sent with it. */
  left: number;
  reserved: number;
  expiresAt: Date;
}

const creditColumns = `openid, form_id as "formId", kind, greatest(0, uses_left - reserved) as left, reserved, expires_at as "expiresAt"`;

/** Of some form_ids those that are known. */
export async function findFormCredits(
  db: Queryable,
  appid: string,
  formIds: string[],
): Promise<Map<string, FormCredit>> {
  const result = await db.query<FormCredit>(
    `select ${creditColumns} from form_credits where appid = $1 and form_id = any ($2::text[])`,
    [appid, formIds],
  );
  return new Map(result.rows.map((row) => [row.formId, row]));
}

/** One person's form_ids that have not expired, in the order in which they are used. */
export async function formCreditsOf(db: Queryable, appid: string, openid: string): Promise<FormCredit[]> {
  const result = await db.query<FormCredit>(
    `select ${creditColumns} from form_credits
     where appid = $1 and openid = $2 and expires_at > clock_timestamp() order by expires_at, form_id`,
    [appid, openid],
  );
  return result.rows;
}

/**
 * SQL for the messages that one person may be sent with the form_ids that are known. Without one WeChat refuses, so
 * none known is 0 and never unknown.
 * @param at SQL for the time at which they must still be good
 */
export function formIdsLeftSql(appid: string, openid: string, at: string): string {
  return `(select coalesce(sum(greatest(0, f.uses_left - f.reserved)), 0)::integer from form_credits f
    where f.appid = ${appid} and f.openid = ${openid} and f.expires_at > ${at})`;
}

/** Locks all form_ids of some people to the end of the transaction, in one order for everybody. */
export async function lockFormCredits(db: Queryable, appid: string, openids: string[]): Promise<void> {
  await db.query(
    'select 1 from form_credits where appid = $1 and openid = any ($2::text[]) order by openid, form_id for update',
    [appid, openids],
  );
}

/** A recipient and the form_id that all its attempts are sent with. */
export interface FormIdHolder extends CreditHolder {
  formId: string;
}

/**
 * Sets aside a form_id for each wish, the one that expires first, and gives all that have one: those who hold one
 * already keep it. Who is not in the answer has none left. The caller holds the locks (`lockFormCredits`).
 */
export async function reserveFormIds(
  db: Queryable,
  appid: string,
  wishes: FormIdWish[],
): Promise<FormIdHolder[]> {
  const result = await db.query<FormIdHolder>(
    `with wished as (
       select w.*, r.form_id from unnest($2::bigint[], $3::integer[], $4::text[]) as w (campaign_id, no, openid)
         left join form_reservations r using (campaign_id, no)),
     waiting as (
       select *, row_number() over (partition by openid order by campaign_id, no) as turn from wished where form_id is null),
     uses as (
       select f.openid, f.form_id, row_number() over (partition by f.openid order by f.expires_at, f.form_id) as turn
       from form_credits f, generate_series(1, f.uses_left - f.reserved)
       where f.appid = $1 and f.openid = any ($4::text[]) and f.expires_at > clock_timestamp()),
     reserved as (
       insert into form_reservations (campaign_id, no, appid, openid, form_id)
       select w.campaign_id, w.no, $1, w.openid, u.form_id from waiting w join uses u using (openid, turn)
       returning campaign_id, no, form_id),
     counted as (
       update form_credits f set reserved = f.reserved + n.n
       from (select form_id, count(*)::integer as n from reserved group by 1) n
       where f.appid = $1 and f.form_id = n.form_id)
     select campaign_id as "campaignId", no, form_id as "formId" from reserved
     union all select campaign_id, no, form_id from wished where form_id is not null`,
    [
      appid,
      wishes.map((one) => one.campaignId),
      wishes.map((one) => one.no),
      wishes.map((one) => one.openid),
    ],
  );
  return result.rows;
}

/** What became of the form_id that a recipient held. */
export interface FormIdUse extends CreditHolder {
  openid: string;
  /** `used`: one message less, also when nobody knows. `back`: known not to have been sent. `dead`: WeChat takes it no more. */
  outcome: 'used' | 'back' | 'dead';
}

/** Ends the reservations of recipients; those that hold none are passed over. The caller holds the locks. */
export async function settleFormIds(db: Queryable, appid: string, uses: FormIdUse[]): Promise<void> {
  await db.query(
    `with u as (
       select * from unnest($2::bigint[], $3::integer[], $4::text[]) as u (campaign_id, no, outcome)),
     ended as (
       delete from form_reservations r using u where r.campaign_id = u.campaign_id and r.no = u.no
       returning r.form_id, u.outcome),
     summed as (
       select form_id, count(*)::integer as ended, (count(*) filter (where outcome = 'used'))::integer as used,
         bool_or(outcome = 'dead') as dead
       from ended group by 1)
     update form_credits f set reserved = f.reserved - s.ended,
       uses_left = case when s.dead then 0 else greatest(0, f.uses_left - s.used) end
     from summed s where f.appid = $1 and f.form_id = s.form_id`,
    [appid, uses.map((one) => one.campaignId), uses.map((one) => one.no), uses.map((one) => one.outcome)],
  );
}

/**
 * What campaigns still hold although they ended (cancelled, or their time was over) and nobody sends them any more. Of a
 * chunk that was not handed back each may have been sent; of others only those of whom a fact says so.
 */
export async function leftFormReservations(
  pool: Pool,
  limit: number,
): Promise<(CreditHolder & { appid: string; openid: string; maybeSent: boolean })[]> {
  const result = await pool.query<CreditHolder & { appid: string; openid: string; maybeSent: boolean }>(
    `select r.appid, r.campaign_id as "campaignId", r.no, r.openid,
       ch.owner is not null or exists (
         select 1 from facts f where f.campaign_id = r.campaign_id and f.no = r.no and f.kind in (${factKind.inDoubt}, ${factKind.unknown}, ${factKind.accepted})) as "maybeSent"
     from form_reservations r join campaigns c on c.id = r.campaign_id
       join chunks ch on ch.campaign_id = c.id and r.no between ch.first_no and ch.last_no
     where c.state in ('done', 'cancelled') and (ch.lease_until is null or ch.lease_until < (select steady_now()))
     order by r.appid, r.openid limit $1`,
    [limit],
  );
  return result.rows;
}

/** Removes up to `limit` form_ids that have expired; gives how many. */
export async function removeExpiredFormCredits(pool: Pool, limit: number): Promise<number> {
  const result = await pool.query(
    `delete from form_credits where (appid, form_id) in (
       select appid, form_id from form_credits where expires_at <= clock_timestamp() order by expires_at limit $1
       for update skip locked)`,
    [limit],
  );
  return result.rowCount ?? 0;
}

/** Removes up to `limit` reservations so old that their form_ids have expired; gives how many. */
export async function removeExpiredFormReservations(pool: Pool, limit: number): Promise<number> {
  const result = await pool.query(
    `delete from form_reservations where (campaign_id, no) in (
       select campaign_id, no from form_reservations where at < clock_timestamp() - interval '7 days' limit $1
       for update skip locked)`,
    [limit],
  );
  return result.rowCount ?? 0;
}
