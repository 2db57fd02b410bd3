/**
 * The PostgreSQL of the tests. `npm test` holds it from its beginning to its end (`--test-global-setup`), so that it is not
 * stopped and started again whenever no test file uses it for a moment.
 */
import { chmod, mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { type EmbeddedPostgres, openEmbeddedPostgres } from '../../../src/store/embedded/open.ts';
import { pidExists } from '../../../src/store/embedded/processes.ts';
import { endClustersUnder, memoryDirectory } from './memory.ts';

/** Where the run that began this process has its server. Not HONGYAN_…: such a name is a setting. */
const placeVariable = 'TEST_SERVER_DIRECTORY';

/** Shared by all processes of this user that call it, and stopped by the last one that closes it. */
export async function openTestServer(): Promise<EmbeddedPostgres> {
  const directory = process.env[placeVariable] ?? tmpdir();
  const base = join(directory, `hongyan-test-${process.getuid?.() ?? 'user'}`);
  return await openEmbeddedPostgres({ dataDir: `${base}-data`, systemDir: `${base}-system` });
}

/** Modules as Node has compiled them, for whatever tests start: nothing is compiled, or freed of its types, twice. */
export const compileCache = join(tmpdir(), `hongyan-test-compile-cache-${process.getuid?.() ?? 'user'}`);

export interface HeldServer {
  readonly pid: number;
  close(): Promise<void>;
}

/**
 * For a run of many files: a server of the run's own in memory, gone with it. Each file makes and drops databases of 700 files:
 * 0.06 s of CPU there, 0.1 to 0.5 s on a disk, whose ext4 (without a journal) looks at all recently deleted files for each new
 * one, and writes all of it down before a database is dropped. Where memory is short it is the one on the disk.
 */
export async function holdTestServer(): Promise<HeldServer> {
  const memory = await memoryDirectory(4 * 2 ** 30);
  if (memory === null) return await openTestServer();
  await removeAbandoned(memory);
  const directory = await mkdtemp(join(memory, `${prefix}${process.pid}-`));
  // As root, PostgreSQL runs as another user.
  await chmod(directory, 0o711);
  process.env[placeVariable] = directory;
  const server = await openTestServer();
  await keepLogSmall(server);
  return {
    pid: server.pid,
    async close() {
      await server.close();
      await remove(directory);
    },
  };
}

async function remove(directory: string): Promise<void> {
  await rm(directory, { recursive: true, force: true, maxRetries: 3 });
}

const prefix = 'hongyan-test-run-';

/** Servers of runs that were killed. */
async function removeAbandoned(memory: string): Promise<void> {
  for (const name of await readdir(memory)) {
    const directory = join(memory, name);
    if (!name.startsWith(prefix) || pidExists(Number(name.slice(prefix.length).split('-')[0]))) continue;
    const owner = await stat(directory).catch(() => undefined);
    if (owner?.uid !== process.getuid?.()) continue;
    await endClustersUnder(directory);
    await remove(directory);
  }
}

/** Its log of changes would grow to 2 GB of memory. */
async function keepLogSmall({ connection }: EmbeddedPostgres): Promise<void> {
  const client = new pg.Client({ ...connection });
  await client.connect();
  await client.query(`alter system set max_wal_size = '512MB'`);
  await client.query('select pg_reload_conf()');
  await client.end();
}

let held: HeldServer | undefined;

export async function globalSetup(): Promise<void> {
  // For the files: their processes are begun after this, with this one's environment.
  process.env.NODE_COMPILE_CACHE ??= compileCache;
  held = await holdTestServer();
}

export async function globalTeardown(): Promise<void> {
  await held?.close();
}
