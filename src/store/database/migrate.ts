import { readdir, readFile } from 'node:fs/promises';
import type { Pool, PoolClient } from 'pg';
import { failure } from '../../base/errors.ts';
import { isPassing } from './explain.ts';
import { liveNodes } from './nodes.ts';

const directory = new URL('../../../sql/', import.meta.url);

/** Session lock of the migrator; any constant will do, this one is "hongya" in ASCII. */
const lockKey = 0x686f6e677961;

interface AppliedMigration {
  number: number;
  name: string;
  breaking: boolean;
}

interface MigrationFile extends AppliedMigration {
  sql: string;
}

/**
 * Brings the schema up to date: numbered files of sql/, each once, in its own transaction, under a lock.
 *
 * A file whose first line is `-- breaking` makes processes that do not know it refuse to start
 * (`SCHEMA_TOO_NEW`); other newer files are harmless to an older process, so a rolling update works. A number that was
 * applied under another name belongs to another program (`SCHEMA_FOREIGN`): what is missing there, nobody knows.
 * While a node is alive nothing breaking is applied under it (`SCHEMA_IN_USE`).
 *
 * @param last number of the last one; default: all
 */
export async function migrate(pool: Pool, last = Number.POSITIVE_INFINITY): Promise<void> {
  const known = await migrationFiles();
  const client = await pool.connect();
  let isBroken = false;
  try {
    await client.query('select pg_advisory_lock($1)', [lockKey]);
    try {
      await client.query('create schema if not exists hongyan');
      await client.query(`create table if not exists schema_migrations (
        number integer primary key, name text not null, breaking boolean not null,
        applied_at timestamptz not null default clock_timestamp())`);
      const applied = await appliedMigrations(client);
      refuseForeign(applied, known);
      refuseNewer(applied, known);
      for (const file of known) {
        if (file.number > last) break;
        if (applied.some((row) => row.number === file.number)) continue;
        if (file.breaking && applied.length > 0) await refuseInUse(client, file.name);
        await apply(client, file);
      }
    } finally {
      // Of a session that is gone it is released already; why it is gone is what is thrown.
      await client.query('select pg_advisory_unlock($1)', [lockKey]).catch(() => {
        isBroken = true;
      });
    }
  } finally {
    client.release(isBroken);
  }
}

/** Number of the newest migration that this program knows. */
export async function newestMigration(): Promise<number> {
  return (await migrationFiles()).at(-1)?.number ?? 0;
}

async function migrationFiles(): Promise<MigrationFile[]> {
  const names = (await readdir(directory)).filter((name) => /^\d{4}_\w+\.sql$/.test(name)).sort();
  return Promise.all(
    names.map(async (name) => {
      const sql = await readFile(new URL(name, directory), 'utf8');
      return { number: Number(name.slice(0, 4)), name, breaking: sql.startsWith('-- breaking'), sql };
    }),
  );
}

async function appliedMigrations(client: PoolClient): Promise<AppliedMigration[]> {
  const result = await client.query<AppliedMigration>(
    'select number, name, breaking from schema_migrations order by number',
  );
  return result.rows;
}

function refuseForeign(applied: AppliedMigration[], known: MigrationFile[]): void {
  const foreign = applied.filter((row) =>
    known.some((file) => file.number === row.number && file.name !== row.name),
  );
  if (foreign.length === 0) return;
  throw failure('SCHEMA_FOREIGN', { names: foreign.map((row) => row.name) });
}

function refuseNewer(applied: AppliedMigration[], known: MigrationFile[]): void {
  const unknown = applied.filter((row) => row.breaking && !known.some((file) => file.number === row.number));
  if (unknown.length === 0) return;
  throw failure('SCHEMA_TOO_NEW', { names: unknown.map((row) => row.name) });
}

/** A node is an older process: one that knows the file would have applied it. */
async function refuseInUse(client: PoolClient, name: string): Promise<void> {
  const nodes = await liveNodes(client);
  if (nodes.length === 0) return;
  throw failure('SCHEMA_IN_USE', { name, nodes: nodes.map(({ host, pid }) => `${host} (${pid})`) });
}

async function apply(client: PoolClient, file: MigrationFile): Promise<void> {
  await client.query('begin');
  try {
    await client.query(file.sql);
    await client.query('insert into schema_migrations (number, name, breaking) values ($1, $2, $3)', [
      file.number,
      file.name,
      file.breaking,
    ]);
    await client.query('commit');
  } catch (error) {
    await client.query('rollback').catch(() => {}); // the connection is gone, and the transaction with it
    // A full disk, a server that stops: the next start does it.
    if (isPassing(error)) throw error;
    throw failure('MIGRATION_FAILED', { name: file.name }, { cause: error });
  }
}
