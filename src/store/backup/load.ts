import { createHash } from 'node:crypto';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { from as copyFrom } from 'pg-copy-streams';
import { errorCode, failure, HongyanError } from '../../base/errors.ts';
import { migrate, newestMigration } from '../database/migrate.ts';
import { inTransaction, type Pool, type PoolClient } from '../database/pool.ts';
import { keyIdOf } from '../installation/installation.ts';
import { holdEverything } from '../restore/hold-restored.ts';
import type { BackupFile } from './file.ts';
import { entryOf, type Manifest } from './manifest.ts';
import { partitionsOf } from './tables.ts';

/** Key of an installation that is being restored: whoever opens it meanwhile, or after a kill, is told that its key does not fit. */
const underWay = 'restoring';

/**
 * Fills an empty database from a backup: all of it or nothing that can be opened. What was under way is held, exactly as when
 * a restored database is noticed: running campaigns are paused, and whoever may have been messaged since is `unknown`.
 *
 * Throws `BACKUP_PLACE`, `BACKUP_FILE`, `SCHEMA_TOO_NEW`.
 *
 * @returns the paused campaigns
 */
export async function loadFrom(pool: Pool, file: BackupFile, signal?: AbortSignal): Promise<number[]> {
  const { manifest } = file;
  if (manifest.migration > (await newestMigration()))
    throw failure('BACKUP_FILE/newer', { version: manifest.version });
  await requireEmpty(pool);
  await migrate(pool, manifest.migration);
  const keyId = await inTransaction(pool, async (client) => {
    // Two restores at once: the second waits, and finds the place taken.
    await client.query('lock table installation in access exclusive mode');
    await requireEmpty(client);
    await fill(client, file, signal);
    // Not the one that its process sealed with: while a key is replaced, this one is needed too.
    const { rows } = await client.query<{ key_id: string }>('select key_id from installation');
    await client.query('update installation set key_id = $1', [underWay]);
    return rows[0]?.key_id ?? manifest.keyId;
  });
  await migrate(pool);
  return await inTransaction(pool, async (client) => {
    const paused = await holdEverything(client, 0);
    // Which cluster it is in is written down at the next start: what a restore has to do is done.
    await client.query(
      'update installation set key_id = $1, system_identifier = null, timeline = null, oids = null',
      [keyId],
    );
    return paused;
  });
}

async function requireEmpty(database: Pool | PoolClient): Promise<void> {
  const keyId = await keyIdOf(database);
  if (keyId !== null) throw failure(keyId === underWay ? 'BACKUP_PLACE/broken' : 'BACKUP_PLACE/taken', {});
}

async function fill(client: PoolClient, file: BackupFile, signal: AbortSignal | undefined): Promise<void> {
  const { manifest } = file;
  await makePartitions(client, manifest);
  for (const { name } of manifest.tables) await client.query(`alter table ${name} disable trigger user`);
  // What migrations have put there is in the backup too.
  await client.query(`truncate ${manifest.tables.map(({ name }) => name).join(', ')} cascade`);
  for (const table of manifest.tables) await fillTable(client, file, table, signal);
  for (const { name } of manifest.tables) await client.query(`alter table ${name} enable trigger user`);
  for (const { table, column, last } of manifest.sequences)
    if (last !== '0')
      await client.query('select setval(pg_get_serial_sequence($1, $2), $3)', [table, column, last]);
}

/** Those of the backup, beside those that migrations make. */
async function makePartitions(client: PoolClient, { partitions }: Manifest): Promise<void> {
  const made = (await partitionsOf(client)).map(({ name }) => name);
  for (const { name, of, bounds } of partitions.filter((one) => !made.includes(one.name))) {
    // It is the one text of the file that becomes part of a statement.
    if (!/^FOR VALUES (?:FROM|IN|WITH) \([^;]+\)$/.test(bounds))
      throw failure('BACKUP_FILE/damaged', { place: name });
    await client.query(`create table ${name} partition of ${of} ${bounds}`);
  }
}

async function fillTable(
  client: PoolClient,
  file: BackupFile,
  { name, columns, rows, sha256 }: Manifest['tables'][number],
  signal: AbortSignal | undefined,
): Promise<void> {
  const hash = createHash('sha256');
  const seen = new Transform({
    transform(part: Buffer, _, next) {
      hash.update(part);
      next(null, part);
    },
  });
  const target = client.query(copyFrom(`copy ${name} (${columns.join(', ')}) from stdin`));
  await pipeline(await file.read(entryOf(name)), seen, target, { signal }).catch((error: unknown) => {
    throw isOfContent(error) ? failure('BACKUP_FILE/damaged', { place: name }, { cause: error }) : error;
  });
  if (target.rowCount !== rows || hash.digest('hex') !== sha256)
    throw failure('BACKUP_FILE/damaged', { place: name });
}

/** The archive's own errors have no code, zlib's begin with Z_, and PostgreSQL's of values are of classes 22 and 23. */
function isOfContent(error: unknown): boolean {
  const code = errorCode(error);
  return !(error instanceof HongyanError) && (code === undefined || /^(?:Z_|2[23])/.test(code));
}
