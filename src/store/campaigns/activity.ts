import type { Pool } from '../database/pool.ts';
import { factKind, heldReason } from '../facts.ts';

/** People of whom nobody can say yet what became of their message. */
export interface OpenAttempts {
  /** Their message may be on its way; it has no answer that is stored. */
  underWay: number;
  /** Of what a process left when it ended in the middle: each is resolved, or becomes `unknown`. */
  inDoubt: number;
}

export async function openAttempts(pool: Pool, campaignId: number): Promise<OpenAttempts> {
  const result = await pool.query<OpenAttempts>(
    `select (select count(*)::integer from chunks ch cross join lateral generate_series(ch.first_no, ch.watermark) n
         where ch.campaign_id = $1 and ch.state = 'open' and ch.owner is not null and not exists (
           select 1 from facts f where f.campaign_id = ch.campaign_id and f.no = n and f.kind <> ${factKind.started})) as "underWay",
       (select count(distinct d.no)::integer from facts d
         where d.campaign_id = $1 and d.kind = ${factKind.inDoubt} and d.reason is distinct from '${heldReason}' and not exists (
           select 1 from facts f where f.campaign_id = d.campaign_id and f.no = d.no and f.kind > ${factKind.inDoubt})) as "inDoubt"`,
    [campaignId],
  );
  return result.rows[0]!; // it has no from
}

/** How many were answered in the seconds that begin at `at`. */
export interface PacePoint {
  at: Date;
  answered: number;
}

/**
 * Answers by time, oldest first, in steps of whole seconds; steps without any have no row. A chunk counts evenly over the time
 * in which it was delivered, which at full speed is seconds, so nothing per message has to be kept or read.
 */
export async function campaignPace(
  pool: Pool,
  campaignId: number,
  span: { since: Date | null; stepSeconds: number },
): Promise<PacePoint[]> {
  const result = await pool.query<PacePoint>(
    `with mine as (
       select extract(epoch from first_at) as began, greatest(extract(epoch from last_at), extract(epoch from first_at) + 0.001) as ended,
         accepted + rejected + unknown + held as n
       from chunks where campaign_id = $1 and first_at is not null and last_at is not null and ($2::timestamptz is null or last_at >= $2))
     select to_timestamp(step) as at, round(sum(n * (least(ended, step + $3) - greatest(began, step)) / (ended - began)), 2)::double precision as answered
     from mine cross join lateral generate_series(
       floor(greatest(began, coalesce(extract(epoch from $2::timestamptz), 0)) / $3) * $3, ended, $3::numeric) step
     where n > 0 group by step having sum(n) > 0 order by step`,
    [campaignId, span.since, span.stepSeconds],
  );
  return result.rows.filter(({ answered }) => answered > 0);
}

/** When the first and the last answer of a campaign came; null before. */
export async function campaignSpan(
  pool: Pool,
  campaignId: number,
): Promise<{ firstAt: Date; lastAt: Date } | null> {
  const result = await pool.query<{ firstAt: Date | null; lastAt: Date | null }>(
    'select min(first_at) as "firstAt", max(last_at) as "lastAt" from chunks where campaign_id = $1',
    [campaignId],
  );
  const { firstAt, lastAt } = result.rows[0]!; // an aggregate without group by gives one row
  return firstAt === null || lastAt === null ? null : { firstAt, lastAt };
}
