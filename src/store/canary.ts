import type { Pool } from './pool.ts';

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
       (extract(epoch from clock_timestamp() - ch.last_at) * 1000)::double precision as "sinceMs",
       exists (select 1 from account_callbacks b where b.appid = c.appid) and (r.receipts > 0 or exists (
         select 1 from callback_counters n where n.appid = c.appid and n.kind = 'stored' and n.day >= current_date - 1)) as "isExpected",
       a.canary_blocked_percent as "mostBlockedPercent"
     from campaigns c join accounts a using (appid) join chunks ch on ch.campaign_id = c.id and ch.first_no = 1 left join r on true
     where c.id = $1`,
    [campaignId],
  );
  return result.rows[0] ?? null;
}

/** So many per cent of the first thousand block, and a large campaign pauses; null when it never does. */
export async function canaryBlockedPercent(pool: Pool, appid: string): Promise<number | null> {
  const result = await pool.query<{ percent: number | null }>(
    'select canary_blocked_percent as percent from accounts where appid = $1',
    [appid],
  );
  return result.rows[0]?.percent ?? null;
}

export async function setCanaryBlockedPercent(
  pool: Pool,
  appid: string,
  percent: number | null,
): Promise<void> {
  await pool.query(
    'update accounts set canary_blocked_percent = $2, updated_at = clock_timestamp() where appid = $1',
    [appid, percent],
  );
}
