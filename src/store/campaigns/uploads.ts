import type { Pool } from '../database/pool.ts';

/** What is not used for so long is removed. */
const keepHours = 24;
/** What is still arriving is kept alive by each part. */
const arrivingMinutes = 10;

/** A file of people as it was uploaded. `options` and `summary` are the app's. */
export interface Upload<O = unknown, S = unknown> {
  id: number;
  appid: string;
  name: string;
  options: O;
  bytes: number;
  summary: S;
  createdBy: string;
  createdAt: Date;
  expiresAt: Date;
}

const columns = `id, appid, name, options, bytes, summary, created_by as "createdBy", created_at as "createdAt",
  expires_at as "expiresAt"`;

export async function createUpload(
  pool: Pool,
  upload: { appid: string; name: string; options: unknown; createdBy: string },
): Promise<number> {
  const result = await pool.query<{ id: number }>(
    `insert into uploads (appid, name, options, created_by, expires_at)
     values ($1, $2, $3, $4, clock_timestamp() + make_interval(mins => $5)) returning id`,
    [upload.appid, upload.name, JSON.stringify(upload.options), upload.createdBy, arrivingMinutes],
  );
  return result.rows[0]!.id; // an insert … returning gives its row
}

/** False when it was removed in the meantime. */
export async function storePart(pool: Pool, id: number, no: number, bytes: Buffer): Promise<boolean> {
  const result = await pool.query(
    `with alive as (
       update uploads set bytes = bytes + octet_length($3::bytea),
         expires_at = clock_timestamp() + make_interval(mins => $4) where id = $1 and not ready returning id)
     insert into upload_parts (upload_id, no, bytes) select id, $2::integer, $3::bytea from alive`,
    [id, no, bytes, arrivingMinutes],
  );
  return result.rowCount === 1;
}

/** It is whole, and this was found in it. */
export async function finishUpload(pool: Pool, id: number, summary: unknown): Promise<void> {
  await pool.query(
    `update uploads set ready = true, summary = $2, expires_at = clock_timestamp() + make_interval(hours => $3) where id = $1`,
    [id, JSON.stringify(summary), keepHours],
  );
}

/** One that is whole. */
export async function findUpload<O, S>(pool: Pool, id: number): Promise<Upload<O, S> | null> {
  const result = await pool.query<Upload<O, S>>(
    `select ${columns} from uploads where id = $1 and ready and expires_at > clock_timestamp()`,
    [id],
  );
  return result.rows[0] ?? null;
}

export async function listUploads<O, S>(
  pool: Pool,
  appids: readonly string[] | null,
  limit: number,
  before: number | null,
): Promise<Upload<O, S>[]> {
  const result = await pool.query<Upload<O, S>>(
    `select ${columns} from uploads
     where ready and expires_at > clock_timestamp() and ($1::text[] is null or appid = any ($1::text[]))
       and ($3::bigint is null or id < $3) order by id desc limit $2`,
    [appids, limit, before],
  );
  return result.rows;
}

/** Somebody reads it: it is kept for as long again. */
export async function touchUpload(pool: Pool, id: number): Promise<void> {
  await pool.query(
    'update uploads set expires_at = clock_timestamp() + make_interval(hours => $2) where id = $1 and ready',
    [id, keepHours],
  );
}

export async function readPart(pool: Pool, id: number, no: number): Promise<Buffer | null> {
  const result = await pool.query<{ bytes: Buffer }>(
    'select bytes from upload_parts where upload_id = $1 and no = $2',
    [id, no],
  );
  return result.rows[0]?.bytes ?? null;
}

export async function removeUpload(pool: Pool, id: number): Promise<boolean> {
  return (await pool.query('delete from uploads where id = $1', [id])).rowCount === 1;
}

/** Those that nobody used in time, and those that broke off. */
export async function removeExpiredUploads(pool: Pool): Promise<number> {
  const result = await pool.query('delete from uploads where expires_at < clock_timestamp()');
  return result.rowCount ?? 0;
}
