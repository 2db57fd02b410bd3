import { createHash } from 'node:crypto';
import { open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { to as copyTo } from 'pg-copy-streams';
import yazl from 'yazl';
import { errorCode, failure } from '../../base/errors.ts';
import { fileProblem, isFileProblem } from '../../texts/parts.ts';
import type { Pool, PoolClient } from '../database/pool.ts';
import { backupFormat, entryOf, type Manifest } from './manifest.ts';
import { partitionsOf, sequencesOf, type Table, tablesToKeep } from './tables.ts';

export interface DumpOptions {
  /** Of the program. */
  version: string;
  keyId: string;
  /** Base64; null: the key stays out of the file. */
  key: string | null;
  signal?: AbortSignal | undefined;
}

/**
 * Writes everything that the database holds into one file, as of one moment, while others go on: a zip with COPY's text for
 * each table and a manifest. The file is there when it is whole, and nobody else can read it.
 *
 * Throws `BACKUP_FILE` for a file that is there already or cannot be written.
 */
export async function dumpTo(pool: Pool, path: string, options: DumpOptions): Promise<Manifest> {
  const partial = `${path}.partial`;
  await requireNone(path);
  const file = await open(partial, 'wx', 0o600).catch((error: unknown) => {
    throw explained(error, path);
  });
  const client = await pool.connect();
  let isBroken = true;
  try {
    // Nothing is blocked by it, and all tables are of one moment.
    await client.query('begin isolation level repeatable read read only');
    const manifest = await manifestOf(client, options);
    const zip = new yazl.ZipFile();
    for (const [i, table] of manifest.tables.entries()) addTable(zip, client, table, manifest.tables[i]!); // itself
    zip.addReadStreamLazy('manifest.json', { compress: true }, (done) =>
      done(null, Readable.from([JSON.stringify(manifest, null, 1)])),
    );
    zip.end();
    const failed = new Promise<never>((_, reject) => zip.on('error', reject));
    failed.catch(() => {}); // also after the race below
    const written = pipeline(zip.outputStream, file.createWriteStream({ flush: true }), {
      signal: options.signal,
    });
    await Promise.race([failed, written]);
    await client.query('commit');
    isBroken = false;
    await rename(partial, path);
    await syncDirectory(dirname(path));
    return manifest;
  } catch (error) {
    await rm(partial, { force: true });
    throw explained(error, path);
  } finally {
    client.release(isBroken);
    await file.close().catch(() => {}); // the stream has closed it, unless something failed before
  }
}

async function manifestOf(client: PoolClient, options: DumpOptions): Promise<Manifest> {
  const migration = await client.query<{ n: number }>('select max(number) as n from schema_migrations');
  const tables = await tablesToKeep(client);
  const keys = await client.query<{ id: string }>(
    'select unnest(array[key_id, next_key_id]) as id from installation',
  );
  return {
    format: backupFormat,
    version: options.version,
    migration: migration.rows[0]?.n ?? 0,
    madeAt: new Date().toISOString(),
    keyId: options.keyId,
    keyIds: keys.rows.map(({ id }) => id).filter((id) => id !== null),
    key: options.key,
    tables: tables.map((table) => ({ ...table, rows: 0, sha256: '' })),
    partitions: await partitionsOf(client),
    sequences: await sequencesOf(client),
  };
}

/** Its rows are asked for when the entry before it is written; what they were is known at their end. */
function addTable(
  zip: yazl.ZipFile,
  client: PoolClient,
  { name, columns }: Table,
  counted: { rows: number; sha256: string },
): void {
  zip.addReadStreamLazy(entryOf(name), { compress: true }, (done) => {
    // A partitioned table has no rows of its own to COPY.
    const rows = client.query(copyTo(`copy (select ${columns.join(', ')} from ${name}) to stdout`));
    const hash = createHash('sha256');
    const counting = new Transform({
      transform(part: Buffer, _, next) {
        hash.update(part);
        for (let at = part.indexOf(10); at !== -1; at = part.indexOf(10, at + 1)) counted.rows++;
        next(null, part);
      },
      flush(next) {
        counted.sha256 = hash.digest('hex');
        next();
      },
    });
    // The archive listens to what it reads from no longer once it has ended.
    rows.on('error', (error) => zip.emit('error', error));
    counting.on('error', () => {});
    done(null, rows.pipe(counting));
  });
}

async function requireNone(path: string): Promise<void> {
  const file = await open(path, 'r').catch(() => null);
  if (file === null) return;
  await file.close();
  throw failure('BACKUP_FILE/exists', { path });
}

async function syncDirectory(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  const directory = await open(path, 'r');
  await directory.sync().finally(() => directory.close());
}

function explained(error: unknown, path: string): unknown {
  const code = errorCode(error);
  if (code === 'EEXIST') return failure('BACKUP_FILE/partial', { path: `${path}.partial` });
  return isFileProblem(code)
    ? failure('BACKUP_FILE/write', { path, problem: fileProblem(code) }, { cause: error })
    : error;
}
