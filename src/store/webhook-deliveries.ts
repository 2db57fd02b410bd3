import type { Sealer } from '../base/seal.ts';
import type { Pool, Queryable } from './pool.ts';
import { secretPlace, urlPlace } from './webhooks.ts';

export interface NewDelivery {
  webhookId: number;
  body: string;
  items: number;
}

/** Stores deliveries; the pump makes their jobs. Inside the transaction of what they tell of. */
export async function storeDeliveries(db: Queryable, deliveries: NewDelivery[]): Promise<void> {
  if (deliveries.length === 0) return;
  await db.query({
    name: 'store-deliveries',
    text: `insert into webhook_deliveries (webhook_id, body, items)
      select * from unnest($1::bigint[], $2::text[], $3::integer[])`,
    values: [
      deliveries.map((one) => one.webhookId),
      deliveries.map((one) => one.body),
      deliveries.map((one) => one.items),
    ],
  });
}

/** Takes deliveries without a job, of webhooks that are not paused; the caller makes the jobs in the same transaction. */
export async function takeUnqueued(
  db: Queryable,
  limit: number,
): Promise<{ id: string; webhookId: number; attempts: number }[]> {
  const result = await db.query<{ id: string; webhookId: number; attempts: number }>(
    `update webhook_deliveries d set queued_at = clock_timestamp()
     from (select u.id from webhook_deliveries u join webhooks w on w.id = u.webhook_id
           where u.queued_at is null and u.state = 'pending' and w.state = 'active'
           order by u.created_at limit $1 for update of u skip locked) picked
     where d.id = picked.id returning d.id, d.webhook_id as "webhookId", d.attempts`,
    [limit],
  );
  return result.rows;
}

/** What one attempt needs; null when there is nothing to do: it is delivered, its webhook is gone, or it is paused. */
export interface OpenDelivery {
  id: string;
  webhookId: number;
  appid: string;
  url: string;
  secret: string;
  body: string;
}

export async function openDelivery(pool: Pool, sealer: Sealer, id: string): Promise<OpenDelivery | null> {
  const result = await pool.query<{
    webhookId: number;
    appid: string;
    urlSealed: Buffer;
    secretSealed: Buffer;
    body: string;
    paused: boolean;
  }>(
    `select d.webhook_id as "webhookId", w.appid, w.url_sealed as "urlSealed", w.secret_sealed as "secretSealed", d.body,
       w.state = 'paused' as paused
     from webhook_deliveries d join webhooks w on w.id = d.webhook_id where d.id = $1 and d.state = 'pending'`,
    [id],
  );
  const row = result.rows[0];
  if (row === undefined) return null;
  if (row.paused) {
    // Its job ends here; resuming the webhook makes a new one.
    await pool.query('update webhook_deliveries set queued_at = null where id = $1', [id]);
    return null;
  }
  return {
    id,
    webhookId: row.webhookId,
    appid: row.appid,
    url: sealer.open(row.urlSealed, urlPlace(row.appid)),
    secret: sealer.open(row.secretSealed, secretPlace(row.appid)),
    body: row.body,
  };
}

/** One attempt ended; `error` null: the receiver took it. */
export async function recordAttempt(pool: Pool, id: string, error: string | null): Promise<void> {
  await pool.query(
    `with tried as (
       update webhook_deliveries set attempts = attempts + 1, last_error = $2,
         state = case when $2::text is null then 'delivered' else state end,
         ended_at = case when $2::text is null then clock_timestamp() end
       where id = $1 and state = 'pending' returning webhook_id)
     update webhooks set delivered_at = case when $2::text is null then clock_timestamp() else delivered_at end,
       failed_at = case when $2::text is null then failed_at else clock_timestamp() end, last_error = $2
     where id in (select webhook_id from tried)`,
    [id, error],
  );
}

/** Its last attempt failed: it waits in the dead-letter list for a person. */
export async function buryDelivery(pool: Pool, id: string): Promise<void> {
  await pool.query(
    `update webhook_deliveries set state = 'dead', ended_at = clock_timestamp() where id = $1 and state = 'pending'`,
    [id],
  );
}

export interface Delivery {
  id: string;
  webhookId: number;
  items: number;
  state: 'pending' | 'delivered' | 'dead';
  attempts: number;
  lastError: string | null;
  createdAt: Date;
  endedAt: Date | null;
}

/** The newest first. */
export async function listDeliveries(
  pool: Pool,
  webhookId: number,
  state: Delivery['state'] | null,
  limit: number,
): Promise<Delivery[]> {
  const result = await pool.query<Delivery>(
    `select id, webhook_id as "webhookId", items, state, attempts, last_error as "lastError", created_at as "createdAt",
       ended_at as "endedAt"
     from webhook_deliveries where webhook_id = $1 and ($2::text is null or state = $2) order by created_at desc, id limit $3`,
    [webhookId, state, limit],
  );
  return result.rows;
}

/**
 * Sends deliveries of a webhook once more, under their old ids, with all their attempts before them: one of any state,
 * or (null) all dead ones. Returns how many.
 */
export async function replayDeliveries(pool: Pool, webhookId: number, id: string | null): Promise<number> {
  const result = await pool.query(
    `update webhook_deliveries set state = 'pending', queued_at = null, attempts = 0, last_error = null, ended_at = null
     where webhook_id = $1 and (id = $2 or $2::uuid is null and state = 'dead')`,
    [webhookId, id],
  );
  return result.rowCount ?? 0;
}

/** Removes ended deliveries of before `days` days ago, at most `limit`. Returns how many. */
export async function pruneDeliveries(pool: Pool, days: number, limit: number): Promise<number> {
  const result = await pool.query(
    `delete from webhook_deliveries where id in (select id from webhook_deliveries
       where state = 'delivered' and ended_at < clock_timestamp() - make_interval(days => $1) limit $2)`,
    [days, limit],
  );
  return result.rowCount ?? 0;
}
