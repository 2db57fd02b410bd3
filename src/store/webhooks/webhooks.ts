import { failure } from '../../base/errors.ts';
import type { Sealer } from '../../base/seal.ts';
import type { Pool, PoolClient, Queryable } from '../database/pool.ts';
import { failedSince } from './deliveries.ts';

/** A URL of the operator that is told of events and outcomes. */
export interface Webhook {
  id: number;
  appid: string;
  /** Host and port of the URL; the rest may be secret. */
  host: string;
  topics: string[];
  state: 'active' | 'paused';
  createdBy: string;
  createdAt: Date;
  /** Until then POSTs are signed with the secret before, too; null or over: with the present one alone. */
  oldSecretUntil: Date | null;
  /** The last delivery that was taken. */
  deliveredAt: Date | null;
  /** The last attempt that was not. */
  failedAt: Date | null;
  lastError: string | null;
  /** Since when several POSTs failed and none was taken: one is tried at a time … */
  downSince: Date | null;
  /** … next at this time. */
  probeAt: Date | null;
  /** Items that were not taken yet: those in no POST, and those of pending deliveries. */
  waiting: number;
  /** The oldest of them was stored then. */
  waitingSince: Date | null;
  /** Deliveries (POSTs) by state. */
  pending: number;
  dead: number;
}

const columns = `w.id, w.appid, w.host, w.topics, w.state, w.created_by as "createdBy", w.created_at as "createdAt",
  w.previous_secret_until as "oldSecretUntil",
  w.delivered_at as "deliveredAt", w.failed_at as "failedAt", w.last_error as "lastError",
  w.down_since as "downSince", w.probe_at as "probeAt",
  (select count(*) from webhook_items i where i.webhook_id = w.id)
    + (select coalesce(sum(items), 0) from webhook_deliveries d where d.webhook_id = w.id and d.state = 'pending') as waiting,
  least((select min(created_at) from webhook_deliveries d where d.webhook_id = w.id and d.state = 'pending'),
    (select min(created_at) from webhook_items i where i.webhook_id = w.id)) as "waitingSince",
  (select count(*)::integer from webhook_deliveries d where d.webhook_id = w.id and d.state = 'pending') as pending,
  (select count(*)::integer from webhook_deliveries d where d.webhook_id = w.id and d.state = 'dead') as dead`;

export async function addWebhook(
  pool: Pool,
  sealer: Sealer,
  webhook: { appid: string; url: URL; secret: string; topics: string[]; createdBy: string },
): Promise<number> {
  const { appid, url, secret, topics, createdBy } = webhook;
  const result = await pool.query<{ id: number }>(
    `insert into webhooks (appid, url_sealed, host, secret_sealed, topics, created_by) values ($1, $2, $3, $4, $5, $6)
     returning id`,
    [
      appid,
      sealer.seal(url.href, urlPlace(appid)),
      url.host,
      sealer.seal(secret, secretPlace(appid)),
      topics,
      createdBy,
    ],
  );
  return result.rows[0]!.id; // an insert … returning gives its row
}

interface SealedTarget {
  urlSealed: Buffer;
  secretSealed: Buffer;
  previousSealed: Buffer | null;
}

const sealedTarget = `url_sealed as "urlSealed", secret_sealed as "secretSealed",
  case when previous_secret_until > clock_timestamp() then previous_secret_sealed end as "previousSealed"`;

function openSecrets(sealer: Sealer, appid: string, row: SealedTarget): string[] {
  const sealed = row.previousSealed === null ? [row.secretSealed] : [row.secretSealed, row.previousSealed];
  return sealed.map((one) => sealer.open(one, secretPlace(appid)));
}

/** In the order of their ids: of these accounts, or (null) of all; behind an id, as many as `limit`. */
export async function listWebhooks(
  pool: Pool,
  appids: readonly string[] | null,
  after = 0,
  limit: number | null = null,
): Promise<Webhook[]> {
  const result = await pool.query<Webhook>(
    `select ${columns} from webhooks w where ($1::text[] is null or appid = any ($1)) and w.id > $2 order by w.id limit $3`,
    [appids, after, limit],
  );
  return result.rows;
}

/** Throws `WEBHOOK_NOT_FOUND`. */
export async function getWebhook(pool: Pool, id: number): Promise<Webhook> {
  const result = await pool.query<Webhook>(`select ${columns} from webhooks w where w.id = $1`, [id]);
  if (result.rows[0] !== undefined) return result.rows[0];
  throw failure('WEBHOOK_NOT_FOUND', { id: String(id) });
}

/** What sends to it need. Throws `WEBHOOK_NOT_FOUND`. */
export async function openWebhook(
  pool: Pool,
  sealer: Sealer,
  id: number,
): Promise<{ appid: string; host: string; url: string; secrets: string[] }> {
  const { appid, host } = await getWebhook(pool, id);
  const result = await pool.query<SealedTarget>(`select ${sealedTarget} from webhooks where id = $1`, [id]);
  const row = result.rows[0];
  if (row === undefined) throw failure('WEBHOOK_NOT_FOUND', { id: String(id) });
  return {
    appid,
    host,
    url: sealer.open(row.urlSealed, urlPlace(appid)),
    secrets: openSecrets(sealer, appid, row),
  };
}

/** Its deliveries and what it was still to be told go with it. */
export async function removeWebhook(pool: Pool, id: number): Promise<boolean> {
  const result = await pool.query(
    `with i as (delete from webhook_items where webhook_id = $1),
       s as (delete from webhook_subjects where webhook_id = $1)
     delete from webhooks where id = $1`,
    [id],
  );
  return result.rowCount === 1;
}

/** False when it was in that state already. What a paused one is to be told waits; from resuming on all of it is due. */
export async function setWebhookState(db: Queryable, id: number, state: Webhook['state']): Promise<boolean> {
  const result = await db.query(
    `with changed as (
       update webhooks set state = $2, down_since = null, probes = 0, probe_at = null where id = $1 and state <> $2 returning id),
     due as (
       update webhook_deliveries set next_at = clock_timestamp()
       where $2 = 'active' and state = 'pending' and owner is null and webhook_id in (select id from changed))
     select id from changed`,
    [id, state],
  );
  return result.rowCount === 1;
}

/** What there is to do. */
export interface WebhookWork {
  /** Campaigns or messages have something to tell. */
  hasChanges: boolean;
  /** A campaign is running. */
  isSending: boolean;
  /** Webhooks for which something is due. */
  webhookIds: number[];
}

export async function webhookWork(pool: Pool, leaseMs: number): Promise<WebhookWork> {
  // Without a name: a plan that was made while the tables were empty would read all of them ever after.
  const result = await pool.query<WebhookWork>(
    `select exists (select 1 from webhook_outbox) or exists (select 1 from webhook_messages) as "hasChanges",
      exists (select 1 from campaigns where state = 'running') as "isSending",
      array(select w.id from webhooks w where w.state = 'active'
        and (w.probe_at is null or w.probe_at not between clock_timestamp() and clock_timestamp() + interval '2 minutes')
        and (exists (select 1 from webhook_items i where i.webhook_id = w.id and i.behind is null)
          or exists (select 1 from webhook_deliveries d where d.webhook_id = w.id and d.state = 'pending'
            and (w.probe_at is not null or d.next_at <= clock_timestamp() or d.next_at > clock_timestamp()
              + case when d.owner is null then interval '7 hours' else make_interval(secs => $1::double precision / 1000) end)))
        order by w.id) as "webhookIds"`,
    [leaseMs],
  );
  return result.rows[0] ?? { hasChanges: false, isSending: false, webhookIds: [] };
}

/** A webhook that may be sent to. */
export interface WebhookTarget {
  appid: string;
  url: string;
  /** While one is rotated there are two. */
  secrets: string[];
  /** Null: it takes what it gets. Else how often one POST alone was tried, and whether the next one is due. */
  down: { probes: number; isDue: boolean } | null;
}

/** Null when it is paused or gone. */
export async function webhookTarget(
  client: PoolClient,
  sealer: Sealer,
  id: number,
): Promise<WebhookTarget | null> {
  const result = await client.query<
    SealedTarget & { appid: string; isDown: boolean; probes: number; isDue: boolean }
  >({
    name: 'webhook-target',
    text: `select appid, ${sealedTarget}, probes, probe_at is not null as "isDown",
       probe_at not between clock_timestamp() and clock_timestamp() + interval '2 minutes' as "isDue"
     from webhooks where id = $1 and state = 'active'`,
    values: [id],
  });
  const row = result.rows[0];
  if (row === undefined) return null;
  return {
    appid: row.appid,
    url: sealer.open(row.urlSealed, urlPlace(row.appid)),
    secrets: openSecrets(sealer, row.appid, row),
    down: row.isDown ? { probes: row.probes, isDue: row.isDue } : null,
  };
}

/** The receiver took a POST. If it was down, all that waits for another attempt is due now; true then. */
export async function noteTaken(client: PoolClient, id: number): Promise<boolean> {
  const result = await client.query<{ wasDown: boolean }>({
    name: 'note-webhook-taken',
    text: `with before as (select id, down_since is not null as was_down from webhooks where id = $1 for update),
       due as (update webhook_deliveries set next_at = clock_timestamp()
         where state = 'pending' and owner is null and webhook_id in (select id from before where was_down))
     update webhooks w set delivered_at = clock_timestamp(), last_error = null, down_since = null, probes = 0, probe_at = null
     from before where w.id = before.id returning before.was_down as "wasDown"`,
    values: [id],
  });
  return result.rows[0]?.wasDown === true;
}

/**
 * The receiver took none of these attempts. It is down when as many different POSTs as `most` failed since it took the
 * last one; then one is tried at a time, after 5, 10, 20, 40, 60, 60 … s. True when it is down since now.
 */
export async function noteFailed(
  client: PoolClient,
  id: number,
  error: string,
  most: number,
): Promise<boolean> {
  const result = await client.query<{ isNew: boolean }>({
    name: 'note-webhook-failed',
    text: `with before as (
       select id, down_since, case when down_since is null then 0 else probes + 1 end as probes,
         down_since is not null or $3 <= (select count(*) from (
           select 1 from webhook_deliveries d where ${failedSince} limit $3) failed) as is_down
       from webhooks w where id = $1 for update)
     update webhooks w set failed_at = clock_timestamp(), last_error = $2, probes = before.probes,
       down_since = case when is_down then coalesce(before.down_since, clock_timestamp()) end,
       probe_at = case when is_down then clock_timestamp() + make_interval(secs => least(5 * power(2, least(before.probes, 10)), 60)) end
     from before where w.id = before.id returning is_down and before.down_since is null as "isNew"`,
    values: [id, error, most],
  });
  return result.rows[0]?.isNew === true;
}

/** Which topics anybody of the account wants, with the webhooks that want them. Few rows: nobody has hundreds. */
export async function webhooksFor(
  db: Queryable,
  appids: string[],
): Promise<{ id: number; appid: string; topics: string[] }[]> {
  const result = await db.query<{ id: number; appid: string; topics: string[] }>({
    name: 'webhooks-for',
    text: 'select id, appid, topics from webhooks where appid = any ($1::text[]) order by id',
    values: [appids],
  });
  return result.rows;
}

export function urlPlace(appid: string): string {
  return `webhooks.url:${appid}`;
}

export function secretPlace(appid: string): string {
  return `webhooks.secret:${appid}`;
}
