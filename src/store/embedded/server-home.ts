import { createHash } from 'node:crypto';
import { chmod, lstat, mkdir, readFile, rename, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { errorCode, failure, type HongyanError } from '../../base/errors.ts';
import { dataDirectoryId } from './data-directory.ts';
import { explainFileError } from './disk.ts';
import { runProgram, type ServerUser } from './program.ts';

/** Where everything of the server lies. */
export interface ServerHome {
  /** The data directory; for root a directory of its own under `systemDir`. */
  readonly directory: string;
  readonly cluster: string;
  readonly passwordFile: string;
  /** One file per process that uses the server. */
  readonly attachments: string;
  readonly logFile: string;
  /** The directory of the socket, unless its path is too long. */
  readonly sockets: string;
  /** The same for every process that uses this cluster, and out of reach of the server's user. */
  readonly lockFile: string;
}

const pointerName = 'pg-location.json';

/**
 * The home of the server of a data directory. Root's PostgreSQL runs under another uid, to which root's data
 * directory (0700, and often in a closed /root) is out of reach; so it gets a directory under `systemDir`,
 * and a file in the data directory says where.
 */
export async function findServerHome(
  dataDirectory: string,
  systemDir: string,
  isRoot: boolean,
): Promise<ServerHome> {
  if (!isRoot) return homeAt(dataDirectory, join(dataDirectory, 'pg-lock.db'));
  const home = (await readPointer(dataDirectory)) ?? join(systemDir, shortHash(dataDirectory));
  return homeAt(home, `${home}-lock.db`);
}

function homeAt(directory: string, lockFile: string): ServerHome {
  return {
    directory,
    cluster: join(directory, 'pg'),
    passwordFile: join(directory, 'pg-password'),
    attachments: join(directory, 'pg-attached'),
    logFile: join(directory, 'pg.log'),
    sockets: join(directory, 'pg-run'),
    lockFile,
  };
}

export function shortHash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 24);
}

async function readPointer(dataDirectory: string): Promise<string | undefined> {
  const file = join(dataDirectory, pointerName);
  let value: unknown;
  try {
    value = JSON.parse(await readFile(file, 'utf8'));
  } catch (cause) {
    if (errorCode(cause) === 'ENOENT') return undefined;
    throw badPointer(file, cause);
  }
  if (typeof value === 'object' && value !== null && 'home' in value && typeof value.home === 'string') {
    return value.home;
  }
  throw badPointer(file);
}

function badPointer(file: string, cause?: unknown): HongyanError {
  return failure('EMBEDDED_PG_BAD_POINTER', { file }, { cause, details: { file } });
}

/** Root only, before the lock, which lies in it: nobody else may write there. */
export async function prepareSystemDir(systemDir: string): Promise<void> {
  await explainFileError(systemDir, async () => {
    const created = await mkdir(systemDir, { recursive: true });
    // Whatever our umask is, the server's user must get through.
    if (created !== undefined) await chmod(systemDir, 0o755);
  });
  await requireRootOnly(systemDir);
}

/**
 * Root only, under the lock: creates the home, root's own, so that the server's uid cannot plant links in it
 * that root would follow; and settles what became of an earlier cluster. A cluster that belonged to an
 * earlier data directory of the same path is kept beside, never deleted: its new path is returned.
 */
export async function prepareSystemHome(
  dataDirectory: string,
  home: ServerHome,
  endProcesses: () => Promise<void>,
): Promise<string | undefined> {
  const pointed = (await readPointer(dataDirectory)) !== undefined;
  if (pointed && !(await exists(home.cluster))) {
    throw failure(
      'EMBEDDED_PG_CLUSTER_MISSING',
      { directory: dataDirectory, cluster: home.cluster, pointer: join(dataDirectory, pointerName) },
      { details: { dataDirectory, cluster: home.cluster } },
    );
  }
  const id = await dataDirectoryId(dataDirectory);
  const idFile = join(home.directory, 'data-directory-id');
  const earlierId = await readFile(idFile, 'utf8').catch(() => undefined);
  let kept: string | undefined;
  if (!pointed && earlierId !== id && (await exists(home.cluster))) {
    await endProcesses();
    kept = `${home.directory}.old-${Date.now()}`;
    await rename(home.directory, kept);
  }
  await explainFileError(home.directory, async () => {
    await mkdir(home.directory, { recursive: true, mode: 0o711 });
    await chmod(home.directory, 0o711);
    await requireRootOnly(home.directory);
    if (earlierId !== id) await writeFile(idFile, id, { mode: 0o600 });
  });
  return kept;
}

/** Root only, once the cluster exists: from now on its absence is an error, not a reason to begin anew. */
export async function writePointer(dataDirectory: string, home: ServerHome): Promise<void> {
  if ((await readPointer(dataDirectory)) !== undefined) return;
  const file = join(dataDirectory, pointerName);
  await writeFile(`${file}.tmp`, `${JSON.stringify({ home: home.directory })}\n`, {
    mode: 0o600,
    flush: true,
  });
  await rename(`${file}.tmp`, file);
}

async function requireRootOnly(directory: string): Promise<void> {
  const found = await lstat(directory);
  if (found.isDirectory() && found.uid === 0 && (found.mode & 0o022) === 0) return;
  throw failure(
    'EMBEDDED_PG_UNSAFE_DIRECTORY/root',
    { directory },
    { details: { directory, ownerUid: found.uid, mode: (found.mode & 0o7777).toString(8) } },
  );
}

/** Tried, not computed: a parent directory may be closed by its mode, an ACL or a security module. */
export async function requireReachable(home: ServerHome, user: ServerUser): Promise<void> {
  const { exitCode } = await runProgram('/bin/sh', ['-c', 'cd "$1"', 'sh', home.directory], user, '/');
  if (exitCode === 0) return;
  throw failure(
    'EMBEDDED_PG_CLOSED_PATH',
    { user: user.name, uid: String(user.uid), directory: home.directory },
    { details: { directory: home.directory, uid: user.uid } },
  );
}

export async function exists(path: string): Promise<boolean> {
  return await stat(path).then(
    () => true,
    () => false,
  );
}
