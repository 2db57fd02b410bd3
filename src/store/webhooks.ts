import { HongyanError } from '../base/errors.ts';
import type { Sealer } from '../base/seal.ts';
import type { Pool, Queryable } from './pool.ts';

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
  /** The last delivery that was taken. */
  deliveredAt: Date | null;
  /** The last attempt that was not. */
  failedAt: Date | null;
  lastError: string | null;
  /** Deliveries by state. */
  pending: number;
  dead: number;
}

const columns = `w.id, w.appid, w.host, w.topics, w.state, w.created_by as "createdBy", w.created_at as "createdAt",
  w.delivered_at as "deliveredAt", w.failed_at as "failedAt", w.last_error as "lastError",
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

/** All of an account, or (null) of all accounts. */
export async function listWebhooks(pool: Pool, appid: string | null): Promise<Webhook[]> {
  const result = await pool.query<Webhook>(
    `select ${columns} from webhooks w where $1::text is null or appid = $1 order by w.id`,
    [appid],
  );
  return result.rows;
}

/** Throws `WEBHOOK_NOT_FOUND`. */
export async function getWebhook(pool: Pool, id: number): Promise<Webhook> {
  const result = await pool.query<Webhook>(`select ${columns} from webhooks w where w.id = $1`, [id]);
  if (result.rows[0] !== undefined) return result.rows[0];
  throw new HongyanError('WEBHOOK_NOT_FOUND', `there is no webhook ${id}; see: hongyan webhooks list`);
}

/** What sends to it need. Throws `WEBHOOK_NOT_FOUND`. */
export async function openWebhook(
  pool: Pool,
  sealer: Sealer,
  id: number,
): Promise<{ appid: string; host: string; url: string; secret: string }> {
  const { appid, host } = await getWebhook(pool, id);
  const result = await pool.query<{ url: Buffer; secret: Buffer }>(
    'select url_sealed as url, secret_sealed as secret from webhooks where id = $1',
    [id],
  );
  const row = result.rows[0];
  if (row === undefined) throw new HongyanError('WEBHOOK_NOT_FOUND', `the webhook ${id} was just removed`);
  return {
    appid,
    host,
    url: sealer.open(row.url, urlPlace(appid)),
    secret: sealer.open(row.secret, secretPlace(appid)),
  };
}

/** Its deliveries go with it. */
export async function removeWebhook(pool: Pool, id: number): Promise<boolean> {
  return (await pool.query('delete from webhooks where id = $1', [id])).rowCount === 1;
}

/** False when it was in that state already. Deliveries of a paused one wait; resuming queues them again. */
export async function setWebhookState(db: Queryable, id: number, state: Webhook['state']): Promise<boolean> {
  const result = await db.query(
    `with changed as (update webhooks set state = $2 where id = $1 and state <> $2 returning id),
       requeued as (update webhook_deliveries set queued_at = null
         where $2 = 'active' and state = 'pending' and webhook_id in (select id from changed))
     select id from changed`,
    [id, state],
  );
  return result.rowCount === 1;
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
