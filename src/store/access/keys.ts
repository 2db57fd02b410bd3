import { failure } from '../../base/errors.ts';
import type { Pool } from '../database/pool.ts';

/** An API key without its secret. */
export interface ApiKey {
  id: string;
  name: string;
  permissions: string[];
  /** Null: every account. */
  accounts: string[] | null;
  ratePerS: number | null;
  createdAt: Date;
  createdBy: string;
  expiresAt: Date | null;
  lastUsedAt: Date | null;
  lastUsedFrom: string | null;
  revokedAt: Date | null;
}

/** A key as it is compared. */
export interface ValidKey {
  id: string;
  name: string;
  digest: Buffer;
  permissions: string[];
  accounts: string[] | null;
  ratePerS: number | null;
  expiresAt: Date | null;
}

const columns = `id, name, permissions, accounts, rate_per_s as "ratePerS", created_at as "createdAt",
  created_by as "createdBy", expires_at as "expiresAt", last_used_at as "lastUsedAt", last_used_from as "lastUsedFrom",
  revoked_at as "revokedAt"`;

export async function insertKey(pool: Pool, key: ValidKey & { createdBy: string }): Promise<ApiKey> {
  const result = await pool.query<ApiKey>(
    `insert into api_keys (id, name, digest, permissions, accounts, rate_per_s, created_by, expires_at)
     values ($1, $2, $3, $4::text[], $5::text[], $6, $7, $8) returning ${columns}`,
    [key.id, key.name, key.digest, key.permissions, key.accounts, key.ratePerS, key.createdBy, key.expiresAt],
  );
  const [inserted] = result.rows;
  if (inserted === undefined) throw new Error('an insert returned no row');
  return inserted;
}

/** The newest first, after the one with this id. By its time as the database has it: a Date has no microseconds. */
export async function listKeys(pool: Pool, after: string | null, limit: number): Promise<ApiKey[]> {
  const result = await pool.query<ApiKey>(
    `select ${columns} from api_keys
     where $1::text is null or (created_at, id) < (select created_at, id from api_keys where id = $1)
     order by created_at desc, id desc limit $2`,
    [after, limit],
  );
  return result.rows;
}

export async function getKey(pool: Pool, id: string): Promise<ApiKey> {
  const result = await pool.query<ApiKey>(`select ${columns} from api_keys where id = $1`, [id]);
  const [found] = result.rows;
  if (found === undefined) throw failure('API_KEY_NOT_FOUND', { id });
  return found;
}

/** Ends a key; one that has ended keeps its time. */
export async function revokeKey(pool: Pool, id: string): Promise<ApiKey> {
  const result = await pool.query<ApiKey>(
    `update api_keys set revoked_at = coalesce(revoked_at, clock_timestamp()) where id = $1 returning ${columns}`,
    [id],
  );
  const [found] = result.rows;
  if (found === undefined) throw failure('API_KEY_NOT_FOUND', { id });
  return found;
}

/** Those that were not revoked; whether they have expired is asked when they are used. */
export async function validKeys(pool: Pool): Promise<ValidKey[]> {
  const result = await pool.query<ValidKey>(
    `select id, name, digest, permissions, accounts, rate_per_s as "ratePerS", expires_at as "expiresAt"
     from api_keys where revoked_at is null`,
  );
  return result.rows;
}

export async function markKeyUsed(pool: Pool, id: string, from: string): Promise<void> {
  await pool.query(
    `update api_keys set last_used_at = clock_timestamp(), last_used_from = $2 where id = $1`,
    [id, from],
  );
}
