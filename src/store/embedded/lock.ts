import { constants } from 'node:fs';
import { open, readFile, writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { errorCode, failure } from '../../base/errors.ts';

export interface KernelLock {
  release(): Promise<void>;
}

export interface LockOptions {
  /** Whoever may write this file may hold the lock: it lies in a directory of its owner's. The same file is the same lock. */
  readonly lockFile: string;
  /** What the lock guards, for the error message. */
  readonly directory: string;
  readonly timeoutMs: number;
  /** Called once when somebody else has it. */
  readonly onWait?: () => void;
  /** Ends the waiting; its reason is thrown. */
  readonly signal?: AbortSignal | undefined;
}

/** So long between two looks at a lock that somebody holds, ms. */
const lookMs = 20;

/**
 * A lock that the kernel releases when the process ends, however it ends. Node has no flock; SQLite, which it brings, locks a
 * file by fcntl (on Windows by LockFile), and an exclusive transaction that writes nothing is such a lock.
 *
 * Nothing outside the file's own directory takes part: a bound abstract socket, for example, could be held by any user of the
 * machine who knows or reads its name. It holds among containers that share the directory, too.
 *
 * Waits up to `timeoutMs`, then throws EMBEDDED_PG_LOCKED, which names the holder. A directory that was removed has nothing to
 * guard, and its lock is taken.
 */
export async function acquireLock(options: LockOptions): Promise<KernelLock> {
  const { lockFile, directory, timeoutMs, signal } = options;
  const deadline = performance.now() + timeoutMs;
  if (!(await makeLockFile(lockFile))) return { release: async () => {} };
  for (let tries = 1; ; tries++) {
    signal?.throwIfAborted();
    const lock = await tryLock(lockFile);
    if (lock !== null) return lock;
    if (tries === 1) options.onWait?.();
    if (performance.now() >= deadline) {
      const holder = await holderOf(lockFile);
      throw failure(
        'EMBEDDED_PG_LOCKED',
        { holder: holder ?? '?', directory, seconds: Math.round(timeoutMs / 1000) },
        { details: { directory, holder } },
      );
    }
    await sleep(lookMs);
  }
}

/**
 * False where its directory is gone. One that is there is not opened: a process that closes a file gives up all that it has locked
 * by fcntl of it.
 */
async function makeLockFile(lockFile: string): Promise<boolean> {
  try {
    const flags = constants.O_CREAT | constants.O_EXCL | constants.O_WRONLY;
    await (await open(lockFile, flags, 0o600)).close();
    return true;
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return true;
    if (errorCode(error) === 'ENOENT') return false;
    throw error;
  }
}

async function tryLock(lockFile: string): Promise<KernelLock | null> {
  const database = new (sqlite().DatabaseSync)(lockFile);
  try {
    // Without a journal nothing is written: the disk may be full.
    database.exec('pragma journal_mode = memory; begin exclusive');
  } catch (error) {
    database.close();
    if (isBusy(error)) return null;
    throw error;
  }
  // Whoever waits in vain is told; a disk without room must not be in the way of that.
  const flag = constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC | (constants.O_NOFOLLOW ?? 0);
  await writeFile(`${lockFile}.pid`, `pid ${process.pid}`, { mode: 0o600, flag }).catch(() => {});
  return { release: async () => database.close() };
}

/** Without Node 22's warning that it is experimental, which is about more than a transaction that writes nothing. */
function sqlite(): typeof import('node:sqlite') {
  const emitWarning = process.emitWarning;
  process.emitWarning = () => {};
  try {
    return process.getBuiltinModule('node:sqlite');
  } finally {
    process.emitWarning = emitWarning;
  }
}

/** SQLITE_BUSY, and SQLITE_LOCKED among connections of one process. */
function isBusy(error: unknown): boolean {
  return error instanceof Error && 'errcode' in error && (error.errcode === 5 || error.errcode === 6);
}

async function holderOf(lockFile: string): Promise<string | undefined> {
  const said = await readFile(`${lockFile}.pid`, 'utf8').catch(() => '');
  return /^pid \d+$/.test(said) ? said : undefined;
}
