import type { Pool, Queryable } from '../database/pool.ts';
import { factKind, type Outcome } from '../facts.ts';

/** What became of one recipient. `unsent` recipients have no errcode unless a known-not-sent answer left one. */
export interface RecipientOutcome {
  no: number;
  /** Line of the file; 0 when there is none. */
  line: number;
  openid: string;
  vars: string | null;
  /** The caller's own number. */
  ref: string | null;
  /** `held`: WeChat holds it for review, and delivers or blocks it by itself. */
  outcome: Outcome;
  errcode: number | null;
  /** Why there is no errcode. */
  reason: string | null;
  msgid: string | null;
  attempts: number;
  at: Date | null;
  /** −1 was followed by another attempt where WeChat drops no repeats: it may have arrived twice. */
  maybeTwice: boolean;
}

/**
 * Why there is no errcode, of recipient with strongest fact `f` in campaign `c`: of those whose turn never came, what ended
 * the campaign.
 */
export const recipientReason = `coalesce(f.reason, case when f.kind is not null then null
    when c.state = 'cancelled' then case when c.state_reason = 'dry_run' then 'dry_run' else 'cancelled' end
    when c.state_reason = 'expired' then 'expired' end)`;

/**
 * One page of a campaign's recipients in order, each with its strongest fact.
 * @param afterNo number of the last row of the page before, 0 at first
 * @param lastNo where the rows end, if not with the last one
 */
export async function recipientOutcomes(
  pool: Pool,
  campaignId: number,
  afterNo: number,
  limit: number,
  lastNo: number | null = null,
): Promise<RecipientOutcome[]> {
  const result = await pool.query<RecipientOutcome>(
    `select r.no, r.line, r.openid, r.vars, r.ref,
       outcome_of(f.kind, f.reason) as outcome,
       f.errcode, ${recipientReason} as reason, f.msgid::text as msgid, coalesce(f.attempt, 0) as attempts, f.at,
       coalesce(f.attempt, 0) > 1 and not is_keyed(c.channel) and exists (
         select 1 from facts m where m.campaign_id = r.campaign_id and m.no = r.no and m.kind = ${factKind.retry} and m.reason = 'maybe-sent')
         and (select count(distinct a.attempt) from facts a where a.campaign_id = r.campaign_id and a.no = r.no
           and may_have_arrived(a.kind, a.errcode, a.reason)) > 1 as "maybeTwice"
     from recipients r join campaigns c on c.id = r.campaign_id left join lateral (
       select kind, errcode, reason, msgid, attempt, at from facts
       where campaign_id = r.campaign_id and no = r.no and kind <> ${factKind.started} order by fact_strength(kind, reason) desc, at desc limit 1) f on true
     where r.campaign_id = $1 and r.no > $2 and r.no <= coalesce($4::integer, 2147483647) order by r.no limit $3`,
    [campaignId, afterNo, limit, lastNo],
  );
  return result.rows;
}

/** Numbers of a campaign's recipients with that openid, that number of the caller's or both, in order; one of them must be given. */
export async function findRecipients(
  pool: Queryable,
  campaignId: number,
  who: { openid: string | null; ref: string | null },
  afterNo: number,
  limit: number,
): Promise<number[]> {
  const { openid, ref } = who;
  const conditions = [
    ...(openid === null ? [] : ['hashtextextended(openid, 0) = hashtextextended($3, 0) and openid = $3']),
    ...(ref === null ? [] : [`ref = $${openid === null ? 3 : 4}`]),
  ];
  const result = await pool.query<{ no: number }>(
    // Materialized: of a campaign that was planned a moment ago there are no statistics, and with the order and the limit in
    // sight it would be read from its first recipient on, all 10 million of them.
    `with found as materialized (
       select campaign_id, no from recipients where ${conditions.join(' and ')})
     select no from found where campaign_id = $1 and no > $2 order by no limit $${conditions.length + 3}`,
    [campaignId, afterNo, ...(openid === null ? [] : [openid]), ...(ref === null ? [] : [ref]), limit],
  );
  return result.rows.map(({ no }) => no);
}

/** The first recipients of a campaign, for a preview. */
export async function firstRecipients(
  pool: Pool,
  campaignId: number,
  limit: number,
): Promise<{ no: number; openid: string; vars: string | null }[]> {
  return (
    await pool.query<{ no: number; openid: string; vars: string | null }>(
      'select no, openid, vars from recipients where campaign_id = $1 order by no limit $2',
      [campaignId, limit],
    )
  ).rows;
}
