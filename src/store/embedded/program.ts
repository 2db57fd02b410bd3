import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';

/** The user that PostgreSQL runs as, where it is not our own (we are root, which PostgreSQL refuses). */
export interface ServerUser {
  readonly uid: number;
  readonly gid: number;
  readonly name: string;
}

export interface ProgramResult {
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  /** stdout and stderr in order, at most the last 16 KiB. */
  readonly output: string;
}

const keepOutputChars = 16 * 1024;

/**
 * Spawns with an environment of our own: nothing of ours (HONGYAN_* holds secrets, PG* would redirect
 * libpq, LANG changes messages) reaches a process that outlives us.
 * libuv drops the supplementary groups itself when a uid is given.
 */
export function spawnProgram(
  file: string,
  args: readonly string[],
  user: ServerUser | undefined,
  options: Pick<SpawnOptions, 'cwd' | 'stdio' | 'detached'>,
): ChildProcess {
  return spawn(file, args, {
    ...options,
    env:
      process.platform === 'win32'
        ? { SystemRoot: 'C:\\Windows', PATH: 'C:\\Windows\\System32;C:\\Windows' }
        : { PATH: '/usr/local/bin:/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' },
    windowsHide: true,
    ...(user === undefined ? {} : { uid: user.uid, gid: user.gid }),
  });
}

export interface RunOptions {
  readonly onSpawn?: ((pid: number) => void | Promise<void>) | undefined;
  /** Ends it (SIGTERM); it is waited for all the same. */
  readonly signal?: AbortSignal | undefined;
}

/** Runs to the end. Rejects with Node's spawn error (ENOENT, EACCES, EPERM) when it could not start. */
export async function runProgram(
  file: string,
  args: readonly string[],
  user: ServerUser | undefined,
  cwd: string,
  { onSpawn, signal }: RunOptions = {},
): Promise<ProgramResult> {
  const child = spawnProgram(file, args, user, { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
  const stop = (): void => {
    child.kill('SIGTERM');
  };
  signal?.addEventListener('abort', stop);
  let output = '';
  const collect = (chunk: Buffer): void => {
    output = (output + chunk.toString('utf8')).slice(-keepOutputChars);
  };
  child.stdout?.on('data', collect);
  child.stderr?.on('data', collect);
  const ended = new Promise<ProgramResult>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (exitCode, signal) => resolve({ exitCode, signal, output: output.trim() }));
  });
  if (child.pid !== undefined) await onSpawn?.(child.pid);
  try {
    return await ended;
  } finally {
    signal?.removeEventListener('abort', stop);
  }
}
