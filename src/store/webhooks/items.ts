import type { Pool, PoolClient, Queryable } from '../database/pool.ts';
import { messageOf } from '../events/receipts.ts';

/** What a webhook is to be told: one line of what a POST will hold. */
export interface NewItem {
  webhookId: number;
  /** Whom it is about. Items of one subject are told in the order in which they were stored. */
  subject: string;
  /** Of a receipt: whose message it is is looked up when it leaves. */
  msgid: string | null;
  /** JSON of an object. */
  body: string;
}

/** Stores items in this order, inside the transaction of what they tell of. */
export async function storeItems(db: Queryable, items: NewItem[]): Promise<void> {
  if (items.length === 0) return;
  await db.query({
    name: 'store-webhook-items',
    text: `insert into webhook_items (webhook_id, subject, msgid, body)
      select webhook_id, subject, msgid, body
      from unnest($1::bigint[], $2::text[], $3::bigint[], $4::text[]) with ordinality as t (webhook_id, subject, msgid, body, place)
      order by place`,
    values: [
      items.map((one) => one.webhookId),
      items.map((one) => one.subject),
      items.map((one) => one.msgid),
      items.map((one) => one.body),
    ],
  });
}

/** An item that waits for a POST. */
export interface WaitingItem {
  id: number;
  subject: string;
  msgid: string | null;
  body: string;
  /** Since it was stored. */
  ageMs: number;
  /** The pending delivery that its subject is in. */
  busyWith: string | null;
}

/** The oldest items of a webhook that are in no POST and behind none. */
export async function waitingItems(
  client: PoolClient,
  webhookId: number,
  limit: number,
): Promise<WaitingItem[]> {
  // By behind too, which is null for all: else PostgreSQL does not see that the index has this order, and sorts all that waits.
  const result = await client.query<WaitingItem>({
    name: 'waiting-webhook-items',
    text: `select i.id, i.subject, i.msgid::text as msgid, i.body, s.delivery_id as "busyWith",
       (extract(epoch from clock_timestamp() - i.created_at) * 1000)::double precision as "ageMs"
     from (select * from webhook_items where webhook_id = $1 and behind is null order by behind, id limit $2) i
       left join webhook_subjects s on s.webhook_id = $1 and s.subject = i.subject
     order by i.id`,
    values: [webhookId, limit],
  });
  return result.rows;
}

/** Items of these deliveries' subjects wait no longer: the deliveries ended. */
export async function freeSubjects(
  client: PoolClient,
  webhookId: number,
  deliveryIds: string[],
): Promise<void> {
  await client.query({
    name: 'free-webhook-subjects',
    text: `with gone as (delete from webhook_subjects where delivery_id = any ($2::uuid[]))
     update webhook_items set behind = null where webhook_id = $1 and behind = any ($2::uuid[])`,
    values: [webhookId, deliveryIds],
  });
}

/** Whose message a receipt is about. */
export interface ReceiptHolder {
  campaignId: number | null;
  no: number | null;
  messageId: number | null;
  /** The campaign's or the message's, as its sender gave it. */
  key: string | null;
  /** The sender's own number of the message. */
  ref: string | null;
}

/** The holders of receipts, by their place in the arguments; without those of whom no answer of WeChat's is stored (yet). */
export async function receiptHolders(
  client: PoolClient,
  appid: string,
  receipts: { msgid: string; openid: string }[],
): Promise<Map<number, ReceiptHolder>> {
  const result = await client.query<ReceiptHolder & { place: number }>({
    name: 'receipt-holders',
    text: `select (g.place - 1)::integer as place, m.campaign_id as "campaignId", m.no, m.message_id as "messageId",
       coalesce(c.key, s.key) as key, coalesce(r.ref, s.ref) as ref
     from (select $1::text as appid, t.* from unnest($2::bigint[], $3::text[]) with ordinality as t (msgid, openid, place)) g
       cross join lateral (${messageOf('g')}) m
       left join campaigns c on c.id = m.campaign_id left join messages s on s.id = m.message_id
       left join recipients r on r.campaign_id = m.campaign_id and r.no = m.no`,
    values: [appid, receipts.map((one) => one.msgid), receipts.map((one) => one.openid)],
  });
  return new Map(result.rows.map(({ place, ...holder }) => [place, holder]));
}

/** Removes what was stored for a webhook while it was removed: its items have no foreign keys. */
export async function removeOrphans(pool: Pool): Promise<void> {
  await pool.query(
    `with i as (delete from webhook_items where webhook_id not in (select id from webhooks))
     delete from webhook_subjects where webhook_id not in (select id from webhooks)`,
  );
}
