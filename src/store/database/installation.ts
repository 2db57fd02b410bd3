import type { ClientBase } from 'pg';
import { failure } from '../../base/errors.ts';
import type { Sealer } from '../../base/seal.ts';
import type { Pool } from './pool.ts';
import type { RestoreGuard } from './restore-guard.ts';

export const checkPlace = 'installation.key_check';
export const checkText = 'hongyan';

export interface Installation {
  /** Part of every client_msg_id, so that two installations never share one. */
  uuid: string;
  /** The one of the keys that holds. */
  sealer: Sealer;
  /** Looks at the database, and at each new connection to it. */
  guard: RestoreGuard;
}

/**
 * Creates the installation's row at first start; later refuses a secret key that is not the one of this database, and
 * looks whether the database was restored.
 *
 * @param others keys that may hold in the place of `sealer`: a rekey that was killed leaves the old one and the new one
 */
export async function openInstallation(
  pool: Pool,
  sealer: Sealer,
  guard: RestoreGuard,
  others: readonly Sealer[] = [],
): Promise<Installation> {
  await pool.query(
    'insert into installation (key_id, key_check) values ($1, $2) on conflict (id) do nothing',
    [sealer.keyId, sealer.seal(checkText, checkPlace)],
  );
  const result = await pool.query<{ uuid: string; key_id: string; key_check: Buffer }>(
    'select uuid, key_id, key_check from installation',
  );
  const row = result.rows[0];
  if (row === undefined) throw failure('DATABASE_DAMAGED', {});
  const held = [sealer, ...others].find(({ keyId }) => keyId === row.key_id);
  if (held === undefined) {
    throw failure('SECRET_KEY_MISMATCH', { expected: row.key_id, actual: sealer.keyId });
  }
  held.open(row.key_check, checkPlace);
  await guard.start(pool);
  return { uuid: row.uuid, guard, sealer: held };
}

/**
 * Refuses a connection of a process whose key has been replaced: it slept, or was cut off, and would go on sealing with the
 * old one. The schema is written out: pg-boss has sessions of its own.
 */
export async function requireKey(client: ClientBase, keyId: string): Promise<void> {
  const { rows } = await client.query<{ key_id: string }>('select key_id from hongyan.installation');
  const expected = rows[0]?.key_id;
  if (expected !== undefined && expected !== keyId) {
    throw failure('SECRET_KEY_MISMATCH', { expected, actual: keyId });
  }
}
