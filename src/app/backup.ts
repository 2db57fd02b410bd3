import { failure } from '../base/errors.ts';
import { createSealer, parseSecretKey } from '../base/seal.ts';
import { dumpTo } from '../store/backup/dump.ts';
import { openBackup } from '../store/backup/file.ts';
import { loadFrom } from '../store/backup/load.ts';
import type { Pool } from '../store/database/pool.ts';
import { action } from './action.ts';

/** What a file holds. */
export interface BackupSummary {
  file: string;
  madeAt: string;
  /** Of the program that made it. */
  version: string;
  tables: number;
  rows: number;
  keyId: string;
  /** Whether the secret key lies in the file too. */
  hasKey: boolean;
}

/**
 * Writes everything into one file while others go on. Without the secret key it holds no secret that can be read, and is
 * worth nothing without that key: keep it elsewhere.
 *
 * Throws `BACKUP_FILE`.
 */
export const backup = action<
  { path: string; version: string; key: string | null; signal?: AbortSignal },
  BackupSummary
>(
  {
    name: 'installation.backup',
    permission: 'user.manage',
    audit: 'export',
    kept: ({ path, key }) => ({ path, hasKey: key !== null }),
  },
  async ({ store }, { path, version, key, signal }) => {
    const { keyId } = store.sealer;
    const { tables, madeAt } = await dumpTo(store.pool, path, { version, keyId, key, signal });
    return { file: path, madeAt, version, ...sizes(tables), keyId, hasKey: key !== null };
  },
);

/**
 * Fills an empty database. There is nobody yet to ask for a permission: whoever has the database may do it.
 *
 * @param key the secret key that the place has; null: that of the file, which `keepKey` puts where the next start finds it,
 *   before anything needs it
 * @param previousKey another one, which a backup needs too that was made while the key was replaced
 *
 * Throws `BACKUP_FILE`, `BACKUP_PLACE`, `BACKUP_KEY`.
 */
export async function restore(
  pool: Pool,
  {
    path,
    key,
    previousKey,
    keepKey,
    signal,
  }: {
    path: string;
    key: Buffer | null;
    previousKey: Buffer | null;
    keepKey(key: Buffer): Promise<void>;
    signal?: AbortSignal;
  },
): Promise<BackupSummary & { paused: number[] }> {
  const file = await openBackup(path);
  try {
    const { manifest } = file;
    const own = key ?? (manifest.key === null ? null : parseSecretKey(manifest.key));
    if (own === null) throw failure('BACKUP_KEY/needed', { keyId: manifest.keyId });
    const { keyId, keyIds } = createSealer(own, previousKey === null ? [] : [previousKey]);
    if (!keyIds.includes(manifest.keyId))
      throw failure('BACKUP_KEY/other', { expected: manifest.keyId, actual: keyIds.join(', ') });
    for (const needed of manifest.keyIds ?? [])
      if (!keyIds.includes(needed))
        throw failure('BACKUP_KEY/both', { expected: needed, actual: keyIds.join(', ') });
    if (key === null) await keepKey(own);
    const paused = await loadFrom(pool, file, signal);
    const { tables, madeAt, version } = manifest;
    return {
      ...{ file: path, madeAt, version, ...sizes(tables), keyId, hasKey: manifest.key !== null },
      paused,
    };
  } finally {
    file.close();
  }
}

function sizes(tables: readonly { rows: number }[]): { tables: number; rows: number } {
  return { tables: tables.length, rows: tables.reduce((sum, { rows }) => sum + rows, 0) };
}
