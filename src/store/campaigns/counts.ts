import type { Queryable } from '../database/pool.ts';
import { factKind } from '../facts.ts';
import { reviewMinutes } from './holds.ts';

/** What the 43101s, timeouts and leftovers of a campaign add up to. */
export interface CampaignOutcomes {
  accepted: number;
  rejected: number;
  unknown: number;
  /** WeChat holds them for review. */
  held: number;
  /** By when WeChat has decided of all held ones, as far as it keeps its word; null without any. */
  heldUntil: Date | null;
  /** errcode, or a reason where there is none → count. */
  rejectedBy: Record<string, number>;
  /** reason → count. */
  unknownBy: Record<string, number>;
  /** errcode or reason of recipients that were tried and are known not to have been sent → count. */
  unsentBy: Record<string, number>;
  /** Recipients to whom −1 was repeated where WeChat drops no repeats: they may have the message twice. */
  maybeTwice: number;
  firstAt: Date | null;
  lastAt: Date | null;
  /** For how long chunks were open that were claimed once: neither handed back nor taken over. */
  steadySeconds: number;
}

/** Of a campaign whose facts were removed: its counts as they were then. */
export async function campaignOutcomes(pool: Queryable, id: number): Promise<CampaignOutcomes> {
  return (await keptOutcomes(pool, id)) ?? (await countOutcomes(pool, id));
}

async function keptOutcomes(pool: Queryable, id: number): Promise<CampaignOutcomes | null> {
  const result = await pool.query<{ kept: Stored | null }>(
    'select kept_outcomes as kept from campaigns where id = $1',
    [id],
  );
  const kept = result.rows[0]?.kept ?? null;
  if (kept === null) return null;
  const date = (text: string | null): Date | null => (text === null ? null : new Date(text));
  const { firstAt, lastAt, held = 0 } = kept;
  return { ...kept, held, heldUntil: null, firstAt: date(firstAt), lastAt: date(lastAt) };
}

/** As jsonb has it. */
type Stored = Omit<CampaignOutcomes, 'firstAt' | 'lastAt' | 'held' | 'heldUntil'> & {
  held?: number;
  firstAt: string | null;
  lastAt: string | null;
};

/** Counts the chunks of a campaign. */
export async function countOutcomes(pool: Queryable, id: number): Promise<CampaignOutcomes> {
  const result = await pool.query<CampaignOutcomes>(
    `with mine as (select * from chunks where campaign_id = $1),
       parts as (
         select o.key as part, r.key as reason, sum(r.value::bigint) as n
         from mine, jsonb_each(outcomes) o, jsonb_each_text(o.value) r group by 1, 2)
     select coalesce(sum(accepted), 0)::integer as accepted, coalesce(sum(rejected), 0)::integer as rejected,
       coalesce(sum(unknown), 0)::integer as unknown, coalesce(sum(held), 0)::integer as held,
       max(last_at) filter (where held > 0) + interval '${reviewMinutes} minutes' as "heldUntil", min(first_at) as "firstAt", max(last_at) as "lastAt",
       (select count(*)::integer from (
         select distinct f.campaign_id, f.no from facts f join campaigns c on c.id = f.campaign_id
         where f.campaign_id = $1 and f.kind = ${factKind.retry} and f.reason = 'maybe-sent' and not is_keyed(c.channel)) m
         where (select count(distinct a.attempt) from facts a where a.campaign_id = m.campaign_id and a.no = m.no
           and may_have_arrived(a.kind, a.errcode, a.reason)) > 1) as "maybeTwice",
       (select coalesce(extract(epoch from sum(upper(open) - lower(open))), 0)::double precision
         from (select unnest(range_agg(tstzrange(first_at, last_at))) as open from mine where epoch = 1 and last_at > first_at) o) as "steadySeconds",
       (select coalesce(jsonb_object_agg(reason, n order by n desc), '{}') from parts where part = 'rejected') as "rejectedBy",
       (select coalesce(jsonb_object_agg(reason, n), '{}') from parts where part = 'unknown') as "unknownBy",
       (select coalesce(jsonb_object_agg(reason, n), '{}') from parts where part = 'unsent') as "unsentBy"
     from mine`,
    [id],
  );
  return result.rows[0]!; // an aggregate without group by gives one row
}
