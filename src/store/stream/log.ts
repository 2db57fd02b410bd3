import type { Pool, Queryable } from '../database/pool.ts';

/** Rows are kept so long at least; a stream that was away for longer is told so. */
const streamKeptMs = 3_600_000;

/** Where a reader stands in the log. */
export interface StreamPlace {
  /** The database's clock when it stood there, ms. */
  at: number;
  tx: string;
  id: string;
}

export interface StreamRow {
  appid: string;
  topic: 'campaigns' | 'events';
  /** Id of the campaign or the event. */
  ref: string;
  /** Of an event: type, openid, and CreateTime in Unix seconds. */
  data: { type: string; openid: string; createdAt: number } | null;
}

/** The place behind everything that can be read now. */
export async function streamNow(pool: Pool): Promise<StreamPlace> {
  const result = await pool.query<StreamPlace>(
    `select pg_snapshot_xmin(pg_current_snapshot())::text as tx, '0' as id,
       floor(extract(epoch from clock_timestamp()) * 1000)::double precision as at`,
  );
  return result.rows[0]!; // it has no from
}

/**
 * What was logged behind a place, in order, as far as no transaction that began before runs any more, and not behind
 * `upTo`; at most `limit` rows. Undefined when something behind it may be gone: it is too long ago, or of another life of the database.
 */
export async function readStreamLog(
  pool: Pool,
  after: StreamPlace,
  limit: number,
  upTo: StreamPlace | null = null,
): Promise<{ rows: StreamRow[]; place: StreamPlace; isAll: boolean } | undefined> {
  const result = await pool.query<{
    at: number;
    isKnown: boolean;
    rows: (StreamRow & { tx: string; id: string })[];
  }>(
    `select floor(extract(epoch from clock_timestamp()) * 1000)::double precision as at,
       $1::xid8 <= pg_snapshot_xmax(pg_current_snapshot()) as "isKnown",
       coalesce((select jsonb_agg(to_jsonb(r) order by r.tx::xid8, r.id::bigint) from (
         select tx::text as tx, id::text as id, appid, topic, ref, data from stream_log
         where (tx, id) > ($1::xid8, $2::bigint) and tx < pg_snapshot_xmin(pg_current_snapshot())
           and ($4::xid8 is null or (tx, id) <= ($4::xid8, $5::bigint))
         order by stream_log.tx, stream_log.id limit $3) r), '[]') as rows`,
    [after.tx, after.id, limit, upTo?.tx ?? null, upTo?.id ?? null],
  );
  const { at, isKnown, rows } = result.rows[0]!; // it has no from
  if (!isKnown || after.at > at + 60_000 || after.at < at - streamKeptMs) return undefined;
  const last = rows.at(-1);
  return {
    rows,
    place: { at, tx: last?.tx ?? after.tx, id: last?.id ?? after.id },
    isAll: rows.length < limit,
  };
}

/** Notes events, in the transaction that stores them. */
export async function logStreamEvents(
  db: Queryable,
  events: { appid: string; type: string; openid: string; createdAt: number; key: string }[],
): Promise<void> {
  if (events.length === 0) return;
  await db.query({
    name: 'log-stream-events',
    text: `insert into stream_log (appid, topic, ref, data)
      select t.appid, 'events', t.created_at || '-' || e.id, jsonb_build_object('type', t.type, 'openid', t.openid, 'createdAt', t.created_at)
      from unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::text[]) with ordinality as t (appid, type, openid, created_at, key, place)
        join events e on e.appid = t.appid and e.created_at = to_timestamp(t.created_at) and e.key = t.key
      order by place`,
    values: [
      events.map((one) => one.appid),
      events.map((one) => one.type),
      events.map((one) => one.openid),
      events.map((one) => one.createdAt),
      events.map((one) => one.key),
    ],
  });
}

export async function removeOldStreamRows(pool: Pool): Promise<void> {
  await pool.query(
    `delete from stream_log where at < clock_timestamp() - make_interval(secs => $1::double precision / 1000)`,
    [streamKeptMs + 600_000],
  );
}
