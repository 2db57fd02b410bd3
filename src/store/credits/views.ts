import type { Pool, Queryable } from '../database/pool.ts';
import { type CreditHolder, creditsLeftSql, unlimitedCredits } from './credits.ts';
import type { CreditKind } from './entries.ts';

/** What is known of one person's credits for one template. */
export interface CreditBalance {
  openid: string;
  templateId: string;
  /** Null when the template was never synced. */
  title: string | null;
  /** 2 one-time, 3 long-term; null when the template was never synced. */
  type: number | null;
  known: boolean;
  /** Accepts less accepted sends. Of a long-term template: more than 0 while the person accepts it. */
  balance: number;
  /** Set aside for messages that are being sent, or of which nobody knows whether they arrived. */
  reserved: number;
  /** Messages that may still be sent; null where nobody knows, or without limit. */
  left: number | null;
  unlimited: boolean;
  knownSince: Date | null;
  perPeriod: number | null;
  periodDays: number | null;
}

/** @param templateIds null: of all templates that anything was heard of */
export async function creditBalances(
  pool: Queryable,
  appid: string,
  openid: string,
  templateIds: string[] | null,
): Promise<CreditBalance[]> {
  const result = await pool.query<CreditBalance>(
    `select openid, "templateId", title, type, known, balance, reserved, "knownSince", "perPeriod", "periodDays",
       nullif(available, ${unlimitedCredits}) as left, available is not distinct from ${unlimitedCredits} as unlimited
     from (
       select $2 as openid, p.template_id as "templateId", t.title, t.type, coalesce(b.known, false) as known,
         coalesce(b.balance, 0) as balance, coalesce(b.reserved, 0) as reserved, b.known_since as "knownSince",
         k.per_period as "perPeriod", k.period_days as "periodDays", ${creditsLeftSql('$2')} as available
       from (select unnest($3::text[]) as template_id
           union select template_id from credit_balances where $3::text[] is null and appid = $1 and openid = $2) p
         left join credit_balances b on b.appid = $1 and b.openid = $2 and b.template_id = p.template_id
         left join templates t on t.appid = $1 and t.template_id = p.template_id
         left join credit_rules k on k.appid = $1 and k.template_id = p.template_id) all_of_them
     order by title, "templateId"`,
    [appid, openid, templateIds],
  );
  return result.rows;
}

/** One thing that was heard of somebody's credits. */
export interface CreditSource {
  templateId: string;
  kind: CreditKind;
  delta: number;
  sets: number | null;
  at: Date;
  recordedAt: Date;
  key: string;
}

/** What a person's balances come from, newest first. */
export async function creditSources(
  pool: Pool,
  appid: string,
  openid: string,
  limit: number,
): Promise<CreditSource[]> {
  const result = await pool.query<CreditSource>(
    `select template_id as "templateId", kind, delta, sets, at, recorded_at as "recordedAt", key from credit_entries
     where appid = $1 and openid = $2 order by at desc, recorded_at desc limit $3`,
    [appid, openid, limit],
  );
  return result.rows;
}

/** A credit that is kept because nobody knows whether its message arrived. */
export interface HeldCredit extends CreditHolder {
  templateId: string;
  since: Date;
}

/** What messages of unknown outcome to one person hold, oldest first. */
export async function heldCredits(pool: Pool, appid: string, openid: string): Promise<HeldCredit[]> {
  const result = await pool.query<HeldCredit>(
    `select campaign_id as "campaignId", no, template_id as "templateId", at as since from credit_reservations
     where appid = $1 and openid = $2 and held = 'unknown' order by at, campaign_id, no`,
    [appid, openid],
  );
  return result.rows;
}

/** The limits of an account's long-term templates. */
export async function listCreditRules(
  pool: Pool,
  appid: string,
): Promise<{ templateId: string; perPeriod: number; periodDays: number }[]> {
  const result = await pool.query<{ templateId: string; perPeriod: number; periodDays: number }>(
    `select template_id as "templateId", per_period as "perPeriod", period_days as "periodDays" from credit_rules
     where appid = $1 order by template_id`,
    [appid],
  );
  return result.rows;
}

/** Limits a long-term template to so many messages per person in so many days; null ends that. */
export async function setCreditRule(
  pool: Pool,
  appid: string,
  templateId: string,
  rule: { perPeriod: number; periodDays: number } | null,
): Promise<void> {
  if (rule === null) {
    await pool.query('delete from credit_rules where appid = $1 and template_id = $2', [appid, templateId]);
    return;
  }
  await pool.query(
    `insert into credit_rules (appid, template_id, per_period, period_days) values ($1, $2, $3, $4)
     on conflict (appid, template_id) do update set per_period = excluded.per_period, period_days = excluded.period_days`,
    [appid, templateId, rule.perPeriod, rule.periodDays],
  );
}

/** Those of the accounts in which a reject in the consent dialog takes the credits that were there before. */
export async function accountsWhoseRejectsWipe(db: Queryable, appids: string[]): Promise<Set<string>> {
  const result = await db.query<{ appid: string }>(
    'select appid from accounts where appid = any ($1::text[]) and popup_reject_wipes',
    [appids],
  );
  return new Set(result.rows.map((row) => row.appid));
}
