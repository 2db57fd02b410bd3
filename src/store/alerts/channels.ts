import { failure } from '../../base/errors.ts';
import type { Sealer } from '../../base/seal.ts';
import type { Pool, Queryable } from '../database/pool.ts';

/** How somebody is told: a robot in a group of 企业微信, 钉钉 or 飞书, an e-mail, or a POST as webhooks get it. */
export type ChannelKind = 'wecom' | 'dingtalk' | 'feishu' | 'email' | 'webhook';

/** Who is told of incidents. Where it leads is sealed (`openChannel`). */
export interface AlertChannel {
  id: number;
  kind: ChannelKind;
  name: string;
  /** Of what it is told. */
  lang: 'en' | 'zh';
  /** Only what is wrong with these accounts; null: all accounts, and the installation. */
  appids: string[] | null;
  /** Of its address; the rest may be secret. */
  host: string;
  state: 'active' | 'paused';
  createdBy: string;
  createdAt: Date;
  /** When it last took something. */
  toldAt: Date | null;
  /** When it last did not. */
  failedAt: Date | null;
  /** Since when it takes nothing; null: it does, or was not tried. */
  failingSince: Date | null;
  lastError: string | null;
  /** What it is still to be told. */
  waiting: number;
  /** What it was to be told, and was given up after a day. */
  givenUp: number;
}

const columns = `c.id, c.kind, c.name, c.lang, c.appids, c.host, c.state, c.created_by as "createdBy",
  c.created_at as "createdAt", c.told_at as "toldAt", c.failed_at as "failedAt", c.failing_since as "failingSince",
  c.last_error as "lastError",
  (select count(*)::integer from incident_tellings t where t.channel_id = c.id and t.state = 'waiting') as waiting,
  (select count(*)::integer from incident_tellings t where t.channel_id = c.id and t.state = 'given-up') as "givenUp"`;

export interface NewChannel {
  kind: ChannelKind;
  name: string;
  lang: 'en' | 'zh';
  appids: string[] | null;
  host: string;
  /** As `openChannel` gives it back. */
  target: unknown;
  createdBy: string;
}

/** Gives its id. */
export async function addChannel(pool: Pool, sealer: Sealer, channel: NewChannel): Promise<number> {
  const { kind, name, lang, appids, host, target, createdBy } = channel;
  const sealed = sealer.seal(JSON.stringify(target), targetPlace(kind, host));
  const result = await pool.query<{ id: number }>(
    `insert into alert_channels (kind, name, lang, appids, host, target_sealed, created_by)
     values ($1, $2, $3, $4, $5, $6, $7) returning id`,
    [kind, name, lang, appids, host, sealed, createdBy],
  );
  return result.rows[0]!.id; // an insert … returning gives its row
}

/** In the order of their ids; behind an id, as many as `limit`. */
export async function listChannels(
  pool: Pool,
  after = 0,
  limit: number | null = null,
): Promise<AlertChannel[]> {
  const result = await pool.query<AlertChannel>(
    `select ${columns} from alert_channels c where c.id > $1 order by c.id limit $2`,
    [after, limit],
  );
  return result.rows;
}

/** Throws `ALERT_CHANNEL_NOT_FOUND`. */
export async function getChannel(pool: Pool, id: number): Promise<AlertChannel> {
  const result = await pool.query<AlertChannel>(`select ${columns} from alert_channels c where c.id = $1`, [
    id,
  ]);
  if (result.rows[0] !== undefined) return result.rows[0];
  throw failure('ALERT_CHANNEL_NOT_FOUND', { id: String(id) });
}

/** Where it leads, as it was stored. Throws `ALERT_CHANNEL_NOT_FOUND`. */
export async function openChannel(db: Queryable, sealer: Sealer, id: number): Promise<unknown> {
  const result = await db.query<{ kind: string; host: string; sealed: Buffer }>(
    'select kind, host, target_sealed as sealed from alert_channels where id = $1',
    [id],
  );
  const row = result.rows[0];
  if (row === undefined) throw failure('ALERT_CHANNEL_NOT_FOUND', { id: String(id) });
  return JSON.parse(sealer.open(row.sealed, targetPlace(row.kind, row.host)));
}

/** What it is to be told waits while it is paused. False when it was in that state already. */
export async function setChannelState(
  pool: Pool,
  id: number,
  state: AlertChannel['state'],
): Promise<boolean> {
  const result = await pool.query(
    `update alert_channels set state = $2, failing_since = null, failures = 0, next_at = steady_now()
     where id = $1 and state <> $2`,
    [id, state],
  );
  return result.rowCount === 1;
}

/** What it was still to be told goes with it. */
export async function removeChannel(pool: Pool, id: number): Promise<boolean> {
  return (await pool.query('delete from alert_channels where id = $1', [id])).rowCount === 1;
}

export function targetPlace(kind: string, host: string): string {
  return `alert_channels.target:${kind}:${host}`;
}
