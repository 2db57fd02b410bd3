import { randomBytes } from 'node:crypto';
import { chmod, chown, mkdir, open, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { errorCode, failure, type HongyanError } from '../../base/errors.ts';
import { type BinariesDirectory, programPath } from './binaries.ts';
import { explainFileError, newClusterBytes, requireFreeSpace } from './disk.ts';
import { endProcessesIn } from './postmaster.ts';
import { type RunOptions, runProgram, type ServerUser } from './program.ts';
import { exists, type ServerHome } from './server-home.ts';
import { creatorOf, giveTo, requirePasswdEntry } from './server-user.ts';

const majorVersion = '18';

export const superuser = 'hongyan';

/**
 * Into postgresql.conf, where the operator may change them. For 2 cores and little memory; what correctness
 * needs is given on the command line instead (see postmaster.ts).
 */
const initialSettings = [
  'shared_buffers=128MB',
  'max_connections=100',
  'max_wal_size=2GB',
  'min_wal_size=80MB',
  // The binaries have only pglz: it saves 7 % of the WAL of appended facts and makes a CREATE DATABASE 3 times slower.
  'wal_compression=off',
  'checkpoint_timeout=10min',
  'checkpoint_completion_target=0.9',
  'random_page_cost=1.1',
  'timezone=UTC',
  'log_timezone=UTC',
];

/** True when there is a cluster of our version; throws when there is something else. */
export async function hasCluster(home: ServerHome): Promise<boolean> {
  let names: string[];
  try {
    names = await readdir(home.cluster);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return false;
    if (errorCode(error) === 'ENOTDIR') throw notCluster(home, error);
    throw error;
  }
  if (!names.includes('PG_VERSION')) throw notCluster(home);
  const version = (await readFile(join(home.cluster, 'PG_VERSION'), 'utf8')).trim();
  if (version === majorVersion) return true;
  throw failure(
    'EMBEDDED_PG_OTHER_VERSION',
    { cluster: home.cluster, version, own: String(majorVersion) },
    { details: { cluster: home.cluster, version, majorVersion } },
  );
}

function notCluster(home: ServerHome, cause?: unknown): HongyanError {
  return failure(
    'EMBEDDED_PG_FOREIGN_DIRECTORY/cluster',
    { directory: home.cluster },
    { cause, details: { cluster: home.cluster } },
  );
}

/** Removes what a killed initdb left, and ends it first if it is still at it. */
export async function removeUnfinished(home: ServerHome, user: ServerUser | undefined): Promise<void> {
  for (const name of await readdir(home.directory)) {
    if (!name.startsWith('pg.tmp-')) continue;
    const path = join(home.directory, name);
    const creator = user === undefined ? undefined : await creatorOf(user);
    // initdb is at work in the one, the server that it runs in the other.
    for (const directory of [path, join(path, 'pg')]) {
      if (await exists(directory))
        await endProcessesIn(['initdb', 'postgres'], directory, creator, 'SIGKILL', 0);
    }
    await rm(path, { recursive: true, force: true, maxRetries: 3 });
  }
}

/**
 * Makes the cluster beside its place and renames it when it is complete and on disk: initdb killed midway
 * otherwise leaves a server that starts but has no database.
 */
export async function createCluster(
  home: ServerHome,
  binaries: BinariesDirectory,
  user: ServerUser | undefined,
  { onInitdb, signal }: { onInitdb?: RunOptions['onSpawn']; signal?: AbortSignal | undefined } = {},
): Promise<void> {
  if (user === undefined) requirePasswdEntry();
  await requireFreeSpace(home.directory, newClusterBytes);
  const creator = user === undefined ? undefined : await creatorOf(user);
  // Only the server's own group gets into it: the creator may be nobody, as others are.
  const closed = join(home.directory, `pg.tmp-${process.pid}`);
  const temporary = join(closed, 'pg');
  const passwordFile = join(closed, 'password');
  await explainFileError(home.directory, async () => {
    const password = await readOrMakePassword(home);
    await mkdir(closed, { mode: 0o700 });
    await mkdir(temporary, { mode: 0o700 });
    await writeFile(passwordFile, password, { mode: 0o600, flag: 'wx' });
    if (creator !== undefined) {
      await chown(temporary, creator.uid, creator.gid);
      await chown(passwordFile, creator.uid, creator.gid);
      await chown(closed, 0, creator.gid);
      await chmod(closed, 0o710);
    }
  });
  try {
    // With LANG unset initdb would choose SQL_ASCII; the builtin provider does not depend on the system's libc.
    const args = [
      ...['-D', temporary, '-U', superuser, '--auth=scram-sha-256', `--pwfile=${passwordFile}`],
      ...['-E', 'UTF8', '--locale-provider=builtin', '--builtin-locale=C.UTF-8', '--locale=C'],
      ...['--no-instructions', '-c', 'dynamic_shared_memory_type=mmap'],
      ...initialSettings.flatMap((setting) => ['-c', setting]),
    ];
    const ended = await runProgram(programPath(binaries, 'initdb'), args, creator, closed, {
      onSpawn: onInitdb,
      signal,
    });
    signal?.throwIfAborted();
    const { exitCode, output } = ended;
    if (exitCode !== 0) {
      await requireFreeSpace(home.directory, newClusterBytes);
      throw failure(
        'EMBEDDED_PG_INITDB_FAILED',
        {
          directory: home.directory,
          code: String(exitCode ?? ended.signal),
          output: output.split('\n').slice(-4).join(' '),
        },
        { details: { directory: home.directory, output } },
      );
    }
    if (user !== undefined && creator?.uid !== user.uid) await giveTo(user, temporary);
    await rename(temporary, home.cluster);
    await syncDirectory(home.directory);
  } finally {
    await rm(closed, { recursive: true, force: true });
  }
}

/** Written before the cluster that knows it, so that there is never a cluster without. */
async function readOrMakePassword(home: ServerHome): Promise<string> {
  const existing = await readFile(home.passwordFile, 'utf8').catch(() => '');
  if (existing !== '') return existing;
  const password = randomBytes(24).toString('base64url');
  await writeFile(`${home.passwordFile}.new`, password, { mode: 0o600, flush: true });
  await chmod(`${home.passwordFile}.new`, 0o600);
  await rename(`${home.passwordFile}.new`, home.passwordFile);
  return password;
}

export async function readPassword(home: ServerHome): Promise<string> {
  try {
    return await readFile(home.passwordFile, 'utf8');
  } catch (cause) {
    throw failure(
      'EMBEDDED_PG_PASSWORD_LOST',
      { file: home.passwordFile, hba: join(home.cluster, 'pg_hba.conf'), user: superuser },
      { cause, details: { file: home.passwordFile } },
    );
  }
}

async function syncDirectory(directory: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(directory);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
