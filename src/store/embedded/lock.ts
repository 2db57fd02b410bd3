import { constants } from 'node:fs';
import { type FileHandle, open, readFile } from 'node:fs/promises';
import { connect, createServer, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { errorCode, failure } from '../../base/errors.ts';

export interface KernelLock {
  release(): Promise<void>;
}

export interface LockOptions {
  /** Names the lock: the same key is the same lock for everybody on this machine. Letters and digits. */
  readonly key: string;
  /** What the lock guards, for the error message. */
  readonly directory: string;
  /** Where a lock file may lie, on platforms that need one. */
  readonly lockFile: string;
  readonly timeoutMs: number;
  /** Ends the waiting; its reason is thrown. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * A lock that the kernel releases when the process ends, however it ends. Node has no flock; so on Linux it
 * is a bound abstract socket, on Windows a named pipe, on macOS a file opened with O_EXLOCK.
 *
 * Waits up to `timeoutMs`, then throws EMBEDDED_PG_LOCKED, which names the holder.
 */
export async function acquireLock(options: LockOptions): Promise<KernelLock> {
  const deadline = performance.now() + options.timeoutMs;
  let holder: string | undefined;
  for (;;) {
    options.signal?.throwIfAborted();
    const lock =
      process.platform === 'darwin'
        ? await tryLockFile(options.lockFile)
        : await tryLockSocket(address(options.key));
    if (lock !== undefined) return lock;
    const left = deadline - performance.now();
    if (left <= 0) {
      throw failure(
        'EMBEDDED_PG_LOCKED',
        {
          holder: holder ?? '?',
          directory: options.directory,
          seconds: Math.round(options.timeoutMs / 1000),
        },
        { details: { directory: options.directory, holder } },
      );
    }
    holder =
      process.platform === 'darwin'
        ? await waitForFile(options.lockFile)
        : ((await waitForHolder(address(options.key), left, options.signal)) ?? holder);
  }
}

function address(key: string): string {
  return process.platform === 'win32' ? `\\\\.\\pipe\\hongyan-pg-${key}` : `\0hongyan-pg-${key}`;
}

async function tryLockSocket(path: string): Promise<KernelLock | undefined> {
  const waiting = new Set<Socket>();
  const server = createServer((socket) => {
    waiting.add(socket);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => waiting.delete(socket));
    socket.write(`pid ${process.pid}`);
  });
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      // exclusive: a node:cluster worker would otherwise share its parent's handle, and so the lock.
      server.listen({ path, exclusive: true }, resolve);
    });
  } catch (error) {
    if (errorCode(error) === 'EADDRINUSE' || errorCode(error) === 'EACCES') return undefined;
    throw error;
  }
  return {
    release: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      // The end of these connections is what wakes the waiting processes.
      for (const socket of waiting) socket.destroy();
      await closed;
    },
  };
}

/** Resolves when the holder lets go, ends or `timeoutMs` passed, with what it said of itself. */
async function waitForHolder(
  path: string,
  timeoutMs: number,
  signal: AbortSignal | undefined,
): Promise<string | undefined> {
  const said = await new Promise<string>((resolve) => {
    let text = '';
    const socket = connect(path);
    const stop = (): void => {
      socket.destroy();
    };
    const timer = setTimeout(stop, timeoutMs);
    signal?.addEventListener('abort', stop);
    socket.on('data', (chunk) => {
      text = (text + chunk.toString('utf8')).slice(0, 100);
    });
    socket.on('error', () => socket.destroy());
    socket.on('close', () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', stop);
      resolve(text);
    });
  });
  // Refused at once (the holder is between bind and listen, or its backlog is full): do not spin.
  if (said === '') await sleep(10);
  return /^pid \d+$/.test(said) ? said : undefined;
}

/** open(2) on macOS: take an exclusive flock while opening. Not in Node's constants. */
const darwinExclusiveLock = 0x20;

async function tryLockFile(lockFile: string): Promise<KernelLock | undefined> {
  let file: FileHandle;
  try {
    const flags = constants.O_RDWR | constants.O_CREAT | constants.O_NONBLOCK | darwinExclusiveLock;
    file = await open(lockFile, flags, 0o600);
  } catch (error) {
    if (errorCode(error) === 'EAGAIN') return undefined;
    throw error;
  }
  await file.truncate(0);
  await file.write(`pid ${process.pid}`, 0);
  return { release: async () => await file.close() };
}

async function waitForFile(lockFile: string): Promise<string | undefined> {
  await sleep(20);
  const said = await readFile(lockFile, 'utf8').catch(() => '');
  return /^pid \d+$/.test(said) ? said : undefined;
}
