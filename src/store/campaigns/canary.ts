import type { Pool } from '../database/pool.ts';
import { factKind } from '../facts.ts';
import { reviewMinutes } from './holds.ts';

/** What is known of the first chunk of a campaign. */
export interface CanaryReceipts {
  accepted: number;
  /** Receipts of any kind. */
  receipts: number;
  blocked: number;
  /** ms since its last answer. */
  sinceMs: number;
  /** Receipts are to be expected: there were some of this chunk, or the account's callback took events yesterday or today. */
  isExpected: boolean;
  /** The account's rule; null: never pause for it. */
  mostBlockedPercent: number | null;
}

export async function canaryReceipts(pool: Pool, campaignId: number): Promise<CanaryReceipts | null> {
  const result = await pool.query<CanaryReceipts>(
    `with r as (
       select bit_count(blocked) as blocked, bit_count(delivered | blocked | failed_system | failed_frequency | failed_other) as receipts
       from chunk_receipts where campaign_id = $1 and first_no = 1)
     select ch.accepted, coalesce(r.receipts, 0)::integer as receipts, coalesce(r.blocked, 0)::integer as blocked,
       (extract(epoch from passed_since(ch.last_at)) * 1000)::double precision as "sinceMs",
       exists (select 1 from account_callbacks b where b.appid = c.appid) and (r.receipts > 0 or exists (
         select 1 from callback_counters n where n.appid = c.appid and n.kind = 'stored' and n.day >= current_date - 1)) as "isExpected",
       a.canary_blocked_percent as "mostBlockedPercent"
     from campaigns c join accounts a using (appid) join chunks ch on ch.campaign_id = c.id and ch.first_no = 1 left join r on true
     where c.id = $1`,
    [campaignId],
  );
  return result.rows[0] ?? null;
}

/**
 * The campaign whose first chunk tells most of what WeChat's review would do to the next one: the newest to at least so many
 * people of the same template, else of the account.
 */
export async function lastSent(
  pool: Pool,
  of: { appid: string; channel: string; templateId: string | null; before: number; fewest: number },
): Promise<{ id: number; startedAt: Date; isSameTemplate: boolean } | null> {
  const result = await pool.query<{ id: number; startedAt: Date; isSameTemplate: boolean }>(
    `select c.id, c.started_at as "startedAt", c.template_id is not distinct from $3 as "isSameTemplate"
     from campaigns c join chunks ch on ch.campaign_id = c.id and ch.first_no = 1
     where c.appid = $1 and c.channel = $2 and c.id <> $4 and c.started_at is not null and c.pruned_at is null
       and ch.accepted + ch.rejected + ch.unknown + ch.held >= $5
     order by "isSameTemplate" desc, c.started_at desc limit 1`,
    [of.appid, of.channel, of.templateId, of.before, of.fewest],
  );
  return result.rows[0] ?? null;
}

/** What became of those of the first chunk that WeChat held for review. */
export interface CanaryHolds {
  /** Messages of the chunk that were answered, or may have been. */
  answered: number;
  /** That were held, whatever became of them. */
  held: number;
  /** Still held. */
  open: number;
  blocked: number;
  /** Held, and nobody learned the end of it. */
  unknown: number;
  /** By when WeChat has decided, as far as it keeps its word. */
  until: Date | null;
  /** The account's rule; null: never wait for it. */
  mostHeldPercent: number | null;
}

export async function canaryHolds(pool: Pool, campaignId: number): Promise<CanaryHolds | null> {
  const result = await pool.query<CanaryHolds>(
    `with ch as (select * from chunks where campaign_id = $1 and first_no = 1),
     held as (
       select f.no from ch join facts f on f.campaign_id = ch.campaign_id and f.no between ch.first_no and ch.last_no
       group by f.no having bool_or(is_held(f.kind, f.reason))),
     ends as (
       select s.kind, s.reason from held h cross join lateral (
         select kind, reason from facts where campaign_id = $1 and no = h.no order by fact_strength(kind, reason) desc, at desc limit 1) s)
     select ch.accepted + ch.rejected + ch.unknown + ch.held as answered, (select count(*) from ends)::integer as held,
       (select count(*) from ends where is_held(kind, reason))::integer as open,
       (select count(*) from ends where kind = ${factKind.rejected})::integer as blocked,
       (select count(*) from ends where kind = ${factKind.unknown})::integer as unknown,
       ch.last_at + interval '${reviewMinutes} minutes' as until, a.canary_held_percent as "mostHeldPercent"
     from ch join campaigns c on c.id = ch.campaign_id join accounts a using (appid)`,
    [campaignId],
  );
  return result.rows[0] ?? null;
}
