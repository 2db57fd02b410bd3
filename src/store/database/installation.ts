import { failure } from '../../base/errors.ts';
import type { Sealer } from '../../base/seal.ts';
import type { Pool } from './pool.ts';
import type { RestoreGuard } from './restore-guard.ts';

const checkPlace = 'installation.key_check';
const checkText = 'hongyan';

export interface Installation {
  /** Part of every client_msg_id, so that two installations never share one. */
  uuid: string;
  /** Looks at the database, and at each new connection to it. */
  guard: RestoreGuard;
}

/**
 * Creates the installation's row at first start; later refuses a secret key that is not the one of this database, and
 * looks whether the database was restored.
 */
export async function openInstallation(
  pool: Pool,
  sealer: Sealer,
  guard: RestoreGuard,
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
  if (row.key_id !== sealer.keyId) {
    throw failure('SECRET_KEY_MISMATCH', { expected: row.key_id, actual: sealer.keyId });
  }
  sealer.open(row.key_check, checkPlace);
  await guard.start(pool);
  return { uuid: row.uuid, guard };
}
