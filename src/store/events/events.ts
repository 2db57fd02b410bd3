import type { Pool, PoolClient } from '../database/pool.ts';

/** An event as it is stored. Texts are well-formed and without U+0000, which PostgreSQL cannot keep. */
export interface EventRow {
  appid: string;
  /** CreateTime, Unix seconds. */
  createdAt: number;
  key: string;
  type: string;
  openid: string;
  /** JSON of the decrypted body; of an unreadable one, of the part of its envelope that can be believed. */
  fields: string;
  /** The decrypted body of an unreadable event, as it came; null for others, whose fields say all. */
  raw: Buffer | null;
}

/**
 * A lock that an event waits for longer than this is not worth a request that WeChat gives up after 5 s. Of this
 * transaction only.
 */
export async function limitLockWait(client: PoolClient): Promise<void> {
  await client.query("set local lock_timeout = '1s'");
}

/** Stores the events that are not there yet; gives their places in `rows`, ascending. */
export async function insertEvents(client: PoolClient, rows: EventRow[]): Promise<number[]> {
  // In the order of the key, so that two nodes that store the same repeats wait for each other in one direction.
  const sorted = rows
    .map((row, place) => ({ row, place, id: eventId(row) }))
    .sort((a, b) => (a.id < b.id ? -1 : 1));
  const result = await client.query<{ appid: string; createdAt: number; key: string }>(
    `insert into events (appid, created_at, key, type, openid, fields, raw)
     select appid, to_timestamp(created_at), key, type, openid, fields::jsonb, raw
     from unnest($1::text[], $2::bigint[], $3::text[], $4::text[], $5::text[], $6::text[], $7::bytea[])
       as given (appid, created_at, key, type, openid, fields, raw)
     on conflict do nothing
     returning appid, extract(epoch from created_at)::bigint as "createdAt", key`,
    [
      sorted.map(({ row }) => row.appid),
      sorted.map(({ row }) => row.createdAt),
      sorted.map(({ row }) => row.key),
      sorted.map(({ row }) => row.type),
      sorted.map(({ row }) => row.openid),
      sorted.map(({ row }) => row.fields),
      sorted.map(({ row }) => row.raw),
    ],
  );
  const places = new Map(sorted.map(({ id, place }) => [id, place]));
  return result.rows.map((row) => places.get(eventId(row))!).sort((a, b) => a - b); // it returns what was given
}

/** What makes an event one, as a text that sorts. */
export function eventId({ appid, createdAt, key }: Pick<EventRow, 'appid' | 'createdAt' | 'key'>): string {
  return `${appid}\n${String(createdAt).padStart(12, '0')}\n${key}`;
}

/**
 * Notes what must still follow from events of this transaction. A receipt, which lies in a table of its own, is kept among
 * the events too from here on.
 */
export async function markPending(client: PoolClient, effect: string, rows: EventRow[]): Promise<void> {
  await client.query(
    `insert into events (appid, created_at, key, type, openid, fields, pending)
     select appid, to_timestamp(created_at), key, type, openid, fields::jsonb, array[$1]
     from unnest($2::text[], $3::bigint[], $4::text[], $5::text[], $6::text[], $7::text[])
       as given (appid, created_at, key, type, openid, fields)
     on conflict (appid, created_at, key) do update set pending = array_append(coalesce(events.pending, '{}'), $1)`,
    [
      effect,
      rows.map((row) => row.appid),
      rows.map((row) => row.createdAt),
      rows.map((row) => row.key),
      rows.map((row) => row.type),
      rows.map((row) => row.openid),
      rows.map((row) => row.fields),
    ],
  );
}

/** The decrypted body: texts, lists, and more fields. */
export interface StoredFields {
  [name: string]: StoredValue;
}
type StoredValue = string | StoredFields | StoredValue[];

/** What could not follow from an event in so many tries never will by itself; `hongyan events list` shows it. */
export const maxEffectTries = 10;

export interface PendingEvent {
  appid: string;
  createdAt: number;
  key: string;
  fields: StoredFields;
  raw: Buffer | null;
  pending: string[];
  tries: number;
}

/**
 * The next event with something pending that is due, locked; null when there is none that nobody else has. After the
 * tenth second the pauses double: 10 tries take an hour and a half.
 */
export async function lockPending(client: PoolClient): Promise<PendingEvent | null> {
  const result = await client.query<PendingEvent>(
    `select appid, extract(epoch from created_at)::bigint as "createdAt", key, fields, raw, pending, tries
     from events where pending is not null and tries < $1
       and passed_since(received_at) >= interval '10 s' * (power(2, tries) - 1) order by tries, created_at limit 1
     for update skip locked`,
    [maxEffectTries],
  );
  return result.rows[0] ?? null;
}

/** Stores what is left pending of an event after one more try. */
export async function setPending(
  client: PoolClient,
  row: Pick<EventRow, 'appid' | 'createdAt' | 'key'>,
  pending: string[],
): Promise<void> {
  await client.query(
    `update events set pending = nullif($4::text[], '{}'), tries = tries + 1
     where appid = $1 and created_at = to_timestamp($2) and key = $3`,
    [row.appid, row.createdAt, row.key, pending],
  );
}

export interface ShownEvent {
  id: number;
  createdAt: Date;
  receivedAt: Date;
  type: string;
  openid: string;
  fields: StoredFields;
  /** The decrypted body as it came; only of an unreadable one. */
  raw: Buffer | null;
  pending: string[] | null;
}

/** Where an event lies: events of one second differ by their id. */
export interface EventPlace {
  /** CreateTime, Unix seconds. */
  createdAt: number;
  id: number;
}

const shown = `id, created_at as "createdAt", received_at as "receivedAt", type, openid, fields, raw, pending`;

/** The newest events of an account, newest first; all types when `type` is null; before a place, or (null) from the newest. */
export async function listEvents(
  pool: Pool,
  appid: string,
  type: string | null,
  limit: number,
  before: EventPlace | null = null,
): Promise<ShownEvent[]> {
  const result = await pool.query<ShownEvent>(
    `select ${shown} from events where appid = $1 and ($2::text is null or type = $2)
       and ($4::bigint is null or created_at <= to_timestamp($4) and (created_at, id) < (to_timestamp($4), $5::bigint))
     order by created_at desc, id desc limit $3`,
    [appid, type, limit, before?.createdAt ?? null, before?.id ?? null],
  );
  return result.rows;
}

/** What an event left behind, as far as it can still be told. */
export interface EventTrace {
  key: string;
  tries: number;
  /** What this event, the newest about following, made of its person; null: nothing, or another one is newer. */
  follows: boolean | null;
  credits: { templateId: string; kind: string; delta: number; sets: number | null }[];
}

export async function findEvent(
  pool: Pool,
  appid: string,
  { createdAt, id }: EventPlace,
): Promise<(ShownEvent & EventTrace) | null> {
  const result = await pool.query<ShownEvent & EventTrace>(
    `select ${shown}, key, tries,
       (select c.follows from contacts c
         where c.appid = e.appid and c.openid = e.openid and c.follow_event_at = e.created_at) as follows,
       coalesce((select jsonb_agg(jsonb_build_object('templateId', x.template_id, 'kind', x.kind, 'delta', x.delta, 'sets', x.sets)
           order by x.template_id, x.key)
         from credit_entries x where x.appid = e.appid and x.openid = e.openid
           and starts_with(x.key, 'event:' || $2::bigint || ':' || e.key || ':')), '[]') as credits
     from events e where appid = $1 and created_at = to_timestamp($2::bigint) and id = $3`,
    [appid, createdAt, id],
  );
  return result.rows[0] ?? null;
}
