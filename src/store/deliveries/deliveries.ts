import type { Channel } from '../../wechat/channels.ts';
import { recipientReason } from '../campaigns/outcomes.ts';
import type { Pool } from '../database/pool.ts';
import type { ReceiptStatus } from '../events/receipts.ts';
import { receiptStatuses } from '../events/receipts.ts';
import { factKind } from '../facts.ts';
import { type MessageReceipt, type MessageState, messagesOf } from '../messages/reports.ts';

/** Which message it is: number `no` of a campaign, or (campaign 0) a single message by its id. */
export interface DeliveryPlace {
  campaignId: number;
  no: number;
}

/** One message to one person, a single one or one of a campaign, and what became of it. */
export interface Delivery extends DeliveryPlace {
  appid: string;
  channel: Channel;
  openid: string;
  templateId: string | null;
  ref: string | null;
  /** Of the message, or of the campaign. */
  key: string | null;
  /** `waiting`: it may still be sent. */
  state: MessageState;
  /** Of the answer that settled it, or while it waits of the last one. */
  errcode: number | null;
  /** Why there is no errcode. */
  reason: string | null;
  msgid: string | null;
  attempts: number;
  /** When it was asked for: the message, or the start of the campaign. */
  createdAt: Date;
  /** When the last thing happened to it. */
  at: Date | null;
  /** Null: none (yet), or none is to be expected, or it is older than receipts are kept. */
  receipt: MessageReceipt | null;
}

/** What is looked for; the first that is given finds, and the others choose among what it found. */
export interface DeliverySearch {
  openid: string | null;
  ref: string | null;
  /** Digits. */
  msgid: string | null;
  campaignId: number | null;
  errcode: number | null;
  /** Of these accounts; null: of all. */
  appids: readonly string[] | null;
  from: Date | null;
  to: Date | null;
}

/** Where a page ended: the newest come first, of one time the higher campaign and number. */
export interface DeliveryCursor extends DeliveryPlace {
  /** Unix µs, as text. */
  at: string;
}

const when = 'coalesce(c.started_at, c.created_at)';
/** The time of the cursor, where there is one. */
const cursorTime = "(timestamptz 'epoch' + $5::bigint * interval '1 microsecond')";
/**
 * Facts `f` of an errcode, of the times and accounts that are wanted, from the cursor on: said where the index is read, or all
 * facts of that errcode would be put in order.
 */
const factsOf = (account: string, campaign: string, no: string): string => `
    where f.errcode = $1::integer and ($3::timestamptz is null or f.at >= $3) and ($4::timestamptz is null or f.at < $4)
      and ($2::text[] is null or ${account} = any ($2))
      and ($5::bigint is null or f.at <= ${cursorTime} and (f.at, ${campaign}, ${no}) < (${cursorTime}, $6::bigint, $7::bigint))
    order by f.at desc, ${campaign} desc, ${no} desc limit $8`;

/** The places that a search by `by` finds, each with the time by which it is ordered; $1 is what is looked for. */
const found: Record<'openid' | 'ref' | 'msgid' | 'campaign' | 'errcode', string> = {
  openid: `select 0::bigint as campaign_id, m.id as no, m.appid, m.created_at as t from messages m where m.openid = $1
    union all
    select r.campaign_id, r.no, c.appid, ${when} from recipients r join campaigns c on c.id = r.campaign_id
    where hashtextextended(r.openid, 0) = hashtextextended($1, 0) and r.openid = $1`,
  ref: `select 0::bigint as campaign_id, m.id as no, m.appid, m.created_at as t from messages m where m.ref = $1
    union all
    select r.campaign_id, r.no, c.appid, ${when} from recipients r join campaigns c on c.id = r.campaign_id where r.ref = $1`,
  msgid: `select 0::bigint as campaign_id, m.id as no, m.appid, m.created_at as t
    from message_facts f join messages m on m.id = f.message_id where f.msgid = $1::bigint
    union all
    select f.campaign_id, f.no, c.appid, ${when} from facts f join campaigns c on c.id = f.campaign_id where f.msgid = $1::bigint`,
  campaign: `select r.campaign_id, r.no, c.appid, ${when} as t from recipients r join campaigns c on c.id = r.campaign_id
    where r.campaign_id = $1::bigint and ($5::bigint is null or r.no < $7::bigint) order by r.no desc limit $8`,
  errcode: `(select 0::bigint as campaign_id, m.id as no, m.appid, f.at as t
      from message_facts f join messages m on m.id = f.message_id ${factsOf('m.appid', '0::bigint', 'f.message_id')})
    union all
    (select f.campaign_id, f.no, c.appid, f.at
      from facts f join campaigns c on c.id = f.campaign_id ${factsOf('c.appid', 'f.campaign_id', 'f.no')})`,
};

/**
 * The places of a search, the newest first, after `after`.
 *
 * @returns each place once for each time at which it is found: an errcode may have come twice
 */
export async function findDeliveries(
  pool: Pool,
  search: DeliverySearch,
  after: DeliveryCursor | null,
  limit: number,
): Promise<DeliveryCursor[]> {
  const { openid, ref, msgid, campaignId, errcode, appids, from, to } = search;
  const [by, value] =
    msgid !== null
      ? (['msgid', msgid] as const)
      : ref !== null
        ? (['ref', ref] as const)
        : openid !== null
          ? (['openid', openid] as const)
          : campaignId !== null
            ? (['campaign', campaignId] as const)
            : (['errcode', errcode] as const);
  // Not prepared: how many an errcode or a campaign has decides how it is best looked for.
  const result = await pool.query<DeliveryCursor>(
    `select campaign_id as "campaignId", no, (extract(epoch from t) * 1000000)::bigint::text as at from (${found[by]}) f
     where ($2::text[] is null or appid = any ($2)) and ($3::timestamptz is null or t >= $3) and ($4::timestamptz is null or t < $4)
       and ($5::bigint is null or (t, campaign_id, no) < (${cursorTime}, $6::bigint, $7::bigint))
     order by t desc, campaign_id desc, no desc limit $8`,
    [value, appids, from, to, after?.at, after?.campaignId, after?.no, limit],
  );
  return result.rows;
}

interface RecipientRow extends Omit<Delivery, 'receipt'> {
  receiptStatus: number | null;
  receiptAt: Date | null;
  inferred: boolean | null;
  late: boolean;
}

/** What became of the messages at these places, in their order; those that were removed since are left out. */
export async function readDeliveries(pool: Pool, places: readonly DeliveryPlace[]): Promise<Delivery[]> {
  const ofCampaigns = places.filter(({ campaignId }) => campaignId !== 0);
  const single = await messagesOf(
    pool,
    places.flatMap(({ campaignId, no }) => (campaignId === 0 ? [no] : [])),
  );
  const all = new Map<string, Delivery>();
  for (const { id, validUntil: _v, nextAt: _n, heldUntil: _h, replaces: _r, next: _x, ...one } of single)
    all.set(`0 ${id}`, { campaignId: 0, no: id, ...one });
  for (const one of ofCampaigns.length === 0 ? [] : await recipientsOf(pool, ofCampaigns))
    all.set(`${one.campaignId} ${one.no}`, one);
  return places.flatMap(({ campaignId, no }) => all.get(`${campaignId} ${no}`) ?? []);
}

async function recipientsOf(pool: Pool, places: readonly DeliveryPlace[]): Promise<Delivery[]> {
  const result = await pool.query<RecipientRow>({
    name: 'read-deliveries',
    text: `select c.id as "campaignId", r.no, c.appid, c.channel, r.openid, c.template_id as "templateId", r.ref, c.key,
        case when outcome_of(f.kind, f.reason) is distinct from 'unsent' and f.kind is not null then outcome_of(f.kind, f.reason)
          when c.state in ('planning', 'planned', 'running', 'paused') then 'waiting' else 'unsent' end as state,
        f.errcode, ${recipientReason} as reason, f.msgid::text as msgid, coalesce(f.attempt, 0) as attempts, ${when} as "createdAt", f.at,
        t.status as "receiptStatus", t.created_at as "receiptAt", t.inferred,
        coalesce(f.kind = ${factKind.accepted} and has_receipts(c.channel) and f.at < now() - interval '24 hours'
          and f.at > now() - make_interval(days => (select event_days from installation))
          and exists (select 1 from account_callbacks where appid = c.appid), false) as late
      from unnest($1::bigint[], $2::integer[]) as p (campaign_id, no)
        join recipients r on r.campaign_id = p.campaign_id and r.no = p.no join campaigns c on c.id = p.campaign_id
        left join lateral (
          select kind, errcode, reason, msgid, attempt, at from facts
          where campaign_id = p.campaign_id and no = p.no and kind <> ${factKind.started}
          order by fact_strength(kind, reason) desc, at desc limit 1) f on true
        left join lateral (
          select status, created_at, inferred from receipts where campaign_id = p.campaign_id and no = p.no
            -- Bounds, so that few partitions are looked into. The first one that came stands.
            and created_at > ${when} - interval '1 day' and created_at < f.at + interval '7 days'
          order by received_at, created_at limit 1) t on true`,
    values: [places.map(({ campaignId }) => campaignId), places.map(({ no }) => no)],
  });
  return result.rows.map(({ receiptStatus, receiptAt, inferred, late, ...row }) => {
    const status: ReceiptStatus | undefined =
      receiptStatus === null ? undefined : receiptStatuses[receiptStatus - 1];
    if (status !== undefined)
      return { ...row, receipt: { status, at: receiptAt, inferred: inferred ?? false } };
    return { ...row, receipt: late ? { status: 'late', at: null, inferred: false } : null };
  });
}
