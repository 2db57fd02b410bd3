import type { Pool, PoolClient } from '../database/pool.ts';
import type { WaitingItem } from './items.ts';

/** A POST to make. */
export interface ClaimedDelivery {
  id: string;
  body: string;
  /** Counts this one. */
  attempt: number;
}

/** What became of one attempt: `failed` and `gone` with the reason; `unsent`: it was not begun. */
export interface Attempt {
  id: string;
  attempt: number;
  kind: 'taken' | 'failed' | 'gone' | 'unsent';
  error: string | null;
}

/** Items that become one POST. */
export interface NewDelivery {
  id: string;
  body: string;
  items: number[];
  subjects: string[];
}

/** Any constant will do; the second key is the webhook. */
const webhookLock = 0x7765_6268;

/**
 * One process at a time settles and claims for a webhook, until its transaction ends. Its own statement, so that the
 * next one sees what the holder before has committed.
 *
 * @returns false when another one is at it and `wait` was not asked for
 */
export async function lockWebhook(client: PoolClient, webhookId: number, wait: boolean): Promise<boolean> {
  const key = [webhookLock, webhookId % 2 ** 31];
  if (wait) {
    await client.query('select pg_advisory_xact_lock($1, $2)', key);
    return true;
  }
  const result = await client.query<{ mine: boolean }>(
    'select pg_try_advisory_xact_lock($1, $2) as mine',
    key,
  );
  return result.rows[0]?.mine === true;
}

/**
 * Due, for `webhook_deliveries d`; $1 the webhook, $2 the lease in ms. A time further ahead than any that is ever set is one
 * of before the database's clock was set back.
 */
const isDue = `d.webhook_id = $1 and d.state = 'pending' and (d.next_at <= clock_timestamp() or d.next_at > clock_timestamp()
    + case when d.owner is null then interval '7 hours' else make_interval(secs => $2::double precision / 1000) end)`;

const claimed = `owner = $3, next_at = clock_timestamp() + make_interval(secs => $2::double precision / 1000), attempts = attempts + 1,
    tried_at = clock_timestamp(), first_tried_at = coalesce(first_tried_at, clock_timestamp())`;

/** Failed since the last one was taken, for `webhook_deliveries d` and `webhooks w`: the last attempt of each. */
export const failedSince = `d.webhook_id = w.id and d.state = 'pending' and d.owner is null and d.last_error is not null
    and d.tried_at > coalesce(w.delivered_at, '-infinity')`;

/** POSTs of a webhook that are under way, on all nodes, and that failed since the last one was taken. */
export async function countOpen(
  client: PoolClient,
  webhookId: number,
  leaseMs: number,
  most: number,
): Promise<{ underWay: number; failed: number }> {
  const result = await client.query<{ underWay: number; failed: number }>({
    name: 'count-open-deliveries',
    text: `select (select count(*) from webhook_deliveries d
         where d.webhook_id = $1 and d.state = 'pending' and d.owner is not null and not (${isDue})) as "underWay",
       (select count(*) from (select 1 from webhook_deliveries d where ${failedSince} limit $3) f) as failed
     from webhooks w where w.id = $1`,
    values: [webhookId, leaseMs, most],
  });
  return result.rows[0] ?? { underWay: 0, failed: 0 };
}

/** Claims deliveries that are due, the most overdue first. Under the webhook's lock. */
export async function claimDue(
  client: PoolClient,
  webhookId: number,
  leaseMs: number,
  owner: string,
  limit: number,
): Promise<ClaimedDelivery[]> {
  const result = await client.query<ClaimedDelivery>({
    name: 'claim-due-deliveries',
    text: `update webhook_deliveries set ${claimed}
     where id in (select d.id from webhook_deliveries d where ${isDue} order by d.next_at limit $4)
     returning id, body, attempts as attempt`,
    values: [webhookId, leaseMs, owner, limit],
  });
  return result.rows;
}

/** Claims the delivery that was tried least recently, due or not. Under the webhook's lock. */
export async function claimOldestTried(
  client: PoolClient,
  webhookId: number,
  leaseMs: number,
  owner: string,
): Promise<ClaimedDelivery[]> {
  const result = await client.query<ClaimedDelivery>({
    name: 'claim-oldest-tried',
    text: `update webhook_deliveries set ${claimed}
     where id in (select d.id from webhook_deliveries d where d.webhook_id = $1 and d.state = 'pending'
       order by d.tried_at nulls first limit 1)
     returning id, body, attempts as attempt`,
    values: [webhookId, leaseMs, owner],
  });
  return result.rows;
}

/**
 * Makes deliveries of items, claimed by `owner`, and puts those behind a delivery whose subject is in it. Under the
 * webhook's lock; a subject that is in another pending delivery fails the statement.
 */
export async function makeDeliveries(
  client: PoolClient,
  webhookId: number,
  leaseMs: number,
  owner: string,
  deliveries: NewDelivery[],
  blocked: { id: WaitingItem['id']; behind: string }[],
): Promise<void> {
  if (deliveries.length === 0 && blocked.length === 0) return;
  await client.query({
    name: 'make-deliveries',
    text: `with made as (
       insert into webhook_deliveries (id, webhook_id, body, items, owner, next_at, attempts, tried_at, first_tried_at)
       select id, $1, body, items, $3, clock_timestamp() + make_interval(secs => $2::double precision / 1000), 1,
         clock_timestamp(), clock_timestamp()
       from unnest($4::uuid[], $5::text[], $6::integer[]) as t (id, body, items)),
     busy as (
       insert into webhook_subjects (webhook_id, subject, delivery_id)
       select $1, subject, delivery_id from unnest($7::text[], $8::uuid[]) as t (subject, delivery_id)),
     gone as (
       delete from webhook_items where webhook_id = $1 and behind is null and id = any ($9::bigint[]))
     update webhook_items i set behind = t.behind from unnest($10::bigint[], $11::uuid[]) as t (id, behind)
     where i.webhook_id = $1 and i.behind is null and i.id = t.id`,
    values: [
      webhookId,
      leaseMs,
      owner,
      deliveries.map((one) => one.id),
      deliveries.map((one) => one.body),
      deliveries.map((one) => one.items.length),
      deliveries.flatMap((one) => one.subjects),
      deliveries.flatMap((one) => one.subjects.map(() => one.id)),
      deliveries.flatMap((one) => one.items),
      blocked.map((one) => one.id),
      blocked.map((one) => one.behind),
    ],
  });
}

/**
 * Stores what became of attempts; a repetition changes nothing. Under the webhook's lock.
 *
 * The pauses double from 5 s to 6 hours. Dead after 16 attempts, and not before the 23 hours that these take: probes of a
 * receiver that is down come sooner.
 *
 * @returns those that ended, and how
 */
export async function settleAttempts(
  client: PoolClient,
  webhookId: number,
  owner: string,
  attempts: Attempt[],
): Promise<{ id: string; state: 'delivered' | 'dead' }[]> {
  const result = await client.query<{ id: string; state: 'pending' | 'delivered' | 'dead' }>({
    name: 'settle-attempts',
    text: `update webhook_deliveries d set
       owner = null,
       attempts = case t.kind when 'unsent' then d.attempts - 1 else d.attempts end,
       last_error = case t.kind when 'unsent' then d.last_error else t.error end,
       next_at = case t.kind when 'failed' then clock_timestamp() + make_interval(secs => least(5 * power(2, d.attempts - 1), 21600))
         else clock_timestamp() end,
       state = o.state,
       ended_at = case when o.state <> 'pending' then clock_timestamp() end
     from unnest($3::uuid[], $4::integer[], $5::text[], $6::text[]) as t (id, attempt, kind, error)
       join webhook_deliveries k on k.id = t.id
       cross join lateral (select case
         when t.kind = 'taken' then 'delivered'
         when t.kind = 'failed' and k.attempts >= 16 and k.first_tried_at < clock_timestamp() - interval '23 hours' then 'dead'
         else 'pending' end as state) o
     where d.id = t.id and d.webhook_id = $1 and d.state = 'pending'
       -- A refusal of an attempt that somebody else has repeated meanwhile is old news.
       and (t.kind = 'taken' or d.owner = $2 and d.attempts = t.attempt)
     returning d.id, d.state`,
    values: [
      webhookId,
      owner,
      attempts.map((one) => one.id),
      attempts.map((one) => one.attempt),
      attempts.map((one) => one.kind),
      attempts.map((one) => one.error),
    ],
  });
  return result.rows.flatMap(({ id, state }) => (state === 'pending' ? [] : [{ id, state }]));
}

export interface Delivery {
  id: string;
  webhookId: number;
  items: number;
  state: 'pending' | 'delivered' | 'dead';
  attempts: number;
  lastError: string | null;
  createdAt: Date;
  /** When it is tried again; null unless it is pending and not under way. */
  nextAt: Date | null;
  endedAt: Date | null;
}

const shown = `id, webhook_id as "webhookId", items, state, attempts, last_error as "lastError", created_at as "createdAt",
  case when state = 'pending' and owner is null then next_at end as "nextAt", ended_at as "endedAt"`;

/** The newest first, behind a delivery or (null) from the newest. */
export async function listDeliveries(
  pool: Pool,
  webhookId: number,
  state: Delivery['state'] | null,
  limit: number,
  after: string | null = null,
): Promise<Delivery[]> {
  const result = await pool.query<Delivery>(
    `select ${shown}
     from webhook_deliveries d where webhook_id = $1 and ($2::text is null or state = $2)
       and ($4::uuid is null or (created_at, id) < (select created_at, id from webhook_deliveries where id = $4))
     order by created_at desc, id desc limit $3`,
    [webhookId, state, limit, after],
  );
  return result.rows;
}

/** One delivery with what its POST holds; null when there is none. */
export async function findDelivery(
  pool: Pool,
  webhookId: number,
  id: string,
): Promise<(Delivery & { body: string }) | null> {
  const result = await pool.query<Delivery & { body: string }>(
    `select ${shown}, body from webhook_deliveries where webhook_id = $1 and id = $2`,
    [webhookId, id],
  );
  return result.rows[0] ?? null;
}

/**
 * Sends deliveries of a webhook once more, under their old ids, with all their attempts before them: one of any state,
 * or (null) all dead ones. Returns how many; one that is under way is left alone.
 */
export async function replayDeliveries(pool: Pool, webhookId: number, id: string | null): Promise<number> {
  const result = await pool.query(
    `update webhook_deliveries set state = 'pending', next_at = clock_timestamp(), attempts = 0, tried_at = null,
       first_tried_at = null, last_error = null, ended_at = null
     where webhook_id = $1 and owner is null and (id = $2 or $2::uuid is null and state = 'dead')`,
    [webhookId, id],
  );
  return result.rowCount ?? 0;
}

/** Removes up to `limit` deliveries of a webhook that were taken before `days` days ago, or beyond the newest `most`. */
export async function pruneDeliveries(
  pool: Pool,
  webhookId: number,
  days: number,
  most: number,
  limit: number,
): Promise<number> {
  const result = await pool.query(
    `delete from webhook_deliveries where id in (
       select id from webhook_deliveries where webhook_id = $1 and state = 'delivered' and ended_at < greatest(
         clock_timestamp() - make_interval(days => $2),
         (select ended_at from webhook_deliveries where webhook_id = $1 and state = 'delivered' order by ended_at desc offset $3 limit 1))
       limit $4)`,
    [webhookId, days, most, limit],
  );
  return result.rowCount ?? 0;
}
