import { once } from 'node:events';
import { type FileHandle, open, readFile, rename, rm, rmdir, stat } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { errorCode, failure } from '../../base/errors.ts';
import { type BinariesDirectory, programPath } from './binaries.ts';
import { requireFreeSpace, startBytes } from './disk.ts';
import { pidExists, processesIn, processIdentity, worksIn } from './processes.ts';
import { runProgram, type ServerUser, spawnProgram } from './program.ts';
import type { ServerHome } from './server-home.ts';
import { answers, prepareSocketDirectory, socketAnswers, socketPath, socketPort } from './sockets.ts';

const pollMs = 10;
/** Recovery after a crash replays up to max_wal_size; on a slow disk that takes minutes. */
export const startTimeoutMs = 300_000;
/** A fast shutdown ends with a checkpoint. After this long, an immediate one, which loses nothing either. */
const stopTimeoutMs = 60_000;
/** Start, stop, recovery and what is fatal: a few lines a day. */
const maxLogBytes = 1024 * 1024;
/** Orphans normally notice their postmaster's death at once; one that computes notices when it waits next. */
const orphanPatienceMs = 3_000;

export const isWindows = process.platform === 'win32';

export interface Postmaster {
  readonly pid: number;
  readonly port: number;
  /** Empty on Windows. */
  readonly socketDirectory: string;
  readonly status: string;
}

/** What postmaster.pid says, true or not. */
async function readPidFile(home: ServerHome): Promise<Postmaster | undefined> {
  const text = await readFile(join(home.cluster, 'postmaster.pid'), 'utf8').catch((error: unknown) => {
    if (errorCode(error) === 'ENOENT') return '';
    throw error;
  });
  const lines = text.split('\n');
  const pid = Number(lines[0]);
  if (!Number.isSafeInteger(pid) || pid <= 0) return undefined;
  return {
    pid,
    port: Number(lines[3] ?? 0),
    socketDirectory: lines[4] ?? '',
    status: (lines[7] ?? '').trim(),
  };
}

/** The running postmaster of this cluster. A pid file that names some other process is no postmaster. */
export async function findPostmaster(
  home: ServerHome,
  user: ServerUser | undefined,
): Promise<Postmaster | undefined> {
  const claimed = await readPidFile(home);
  if (claimed === undefined) return undefined;
  // Windows shows us neither a process's program nor its directory; the port of a dead server is closed.
  if (isWindows) return (await answers({ host: '127.0.0.1', port: claimed.port })) ? claimed : undefined;
  return (await worksIn(claimed.pid, ['postgres'], home.cluster, user)) ? claimed : undefined;
}

/** Waits while the postmaster lives; undefined when it ended (it was stopping, or failed to start). */
export async function waitUntilReady(
  home: ServerHome,
  user: ServerUser | undefined,
  signal?: AbortSignal,
): Promise<Postmaster | undefined> {
  const deadline = performance.now() + startTimeoutMs;
  for (;;) {
    signal?.throwIfAborted();
    const found = await findPostmaster(home, user);
    if (found === undefined || found.status === 'ready') return found;
    if (performance.now() > deadline) {
      throw failure(
        'EMBEDDED_PG_START_FAILED/status',
        {
          cluster: home.cluster,
          pid: String(found.pid),
          status: found.status,
          seconds: startTimeoutMs / 1000,
          log: home.logFile,
        },
        { details: { cluster: home.cluster, pid: found.pid, status: found.status } },
      );
    }
    await sleep(pollMs);
  }
}

/**
 * Starts the server detached, in a session of its own, so that a terminal's ctrl-C does not reach it, and
 * waits until it accepts connections. Called under the lock, when no postmaster runs.
 */
export async function startPostmaster(
  home: ServerHome,
  binaries: BinariesDirectory,
  user: ServerUser | undefined,
  options: { connections: number; signal?: AbortSignal | undefined },
): Promise<Postmaster> {
  await clearStale(home, user);
  const address = isWindows ? await windowsAddress() : await unixAddress(home, user);
  const forced = [
    ...address,
    // A container's /dev/shm has 64 MB.
    'dynamic_shared_memory_type=mmap',
    // The delivery protocol counts on a commit that survives.
    'fsync=on',
    'full_page_writes=on',
    'synchronous_commit=on',
    'password_encryption=scram-sha-256',
    'logging_collector=off',
    'log_destination=stderr',
    // "log" leaves statement errors out (our own code reports them), and with them the values they quote.
    'log_min_messages=log',
    'log_min_error_statement=panic',
    'log_error_verbosity=terse',
    'log_checkpoints=off',
    'log_autovacuum_min_duration=-1',
    'log_line_prefix=%m [%p] ',
    ...(await enoughConnections(home, binaries, user, options.connections)),
  ];
  const args = ['-D', home.cluster, ...forced.flatMap((setting) => ['-c', setting])];
  const { log, offset } = await openLog(home);
  try {
    const child = spawnProgram(programPath(binaries, 'postgres'), args, user, {
      cwd: home.directory,
      detached: true,
      stdio: ['ignore', log.fd, log.fd],
    });
    let ended: string | undefined;
    child.once('exit', (exitCode, signal) => {
      ended = `exit ${exitCode ?? signal}`;
    });
    child.once('error', (error) => {
      ended = errorCode(error) ?? error.message;
    });
    child.unref();
    const deadline = performance.now() + startTimeoutMs;
    let isStopping = false;
    while (ended === undefined && performance.now() < deadline) {
      const found = await readPidFile(home);
      if (found !== undefined && found.pid === child.pid && found.status === 'ready' && !isStopping)
        return found;
      if (options.signal?.aborted === true && !isStopping && child.pid !== undefined) {
        // What it has recovered so far it recovers again at its next start.
        sendSignal(child.pid, 'SIGINT');
        isStopping = true;
      }
      await sleep(pollMs);
    }
    options.signal?.throwIfAborted();
    await requireFreeSpace(home.directory, startBytes);
    const said = (await readFile(home.logFile, 'utf8')).slice(offset).trim();
    throw failure(
      'EMBEDDED_PG_START_FAILED/ended',
      {
        cluster: home.cluster,
        why: ended ?? `> ${startTimeoutMs / 1000} s`,
        said: said.split('\n').slice(-3).join(' '),
        log: home.logFile,
      },
      { details: { cluster: home.cluster, logFile: home.logFile } },
    );
  } finally {
    await log.close();
  }
}

/** Commands come and go beside whoever has said what it wants. */
const spareConnections = 20;

/** `max_connections` as the operator has set it, or more where those who use the server want more. */
async function enoughConnections(
  home: ServerHome,
  binaries: BinariesDirectory,
  user: ServerUser | undefined,
  wanted: number,
): Promise<string[]> {
  const { output } = await runProgram(
    programPath(binaries, 'postgres'),
    ['-D', home.cluster, '-C', 'max_connections'],
    user,
    home.directory,
  );
  const enough = wanted + spareConnections;
  const configured = Number(output.split('\n').at(-1));
  return configured >= enough ? [] : [`max_connections=${enough}`];
}

async function unixAddress(home: ServerHome, user: ServerUser | undefined): Promise<string[]> {
  const directory = await prepareSocketDirectory(home, user);
  const socket = socketPath(directory, socketPort);
  await requireUnusedSocket(home, socket);
  // PostgreSQL takes the lock file for valid if any process of its uid has that pid by now.
  await rm(`${socket}.lock`, { force: true });
  return [
    'listen_addresses=',
    // A list separated by commas, hence the quotes.
    `unix_socket_directories="${directory.replaceAll('"', '""')}"`,
    'unix_socket_permissions=0700',
    `port=${socketPort}`,
  ];
}

async function windowsAddress(): Promise<string[]> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  const port = typeof address === 'object' && address !== null ? address.port : socketPort;
  return ['listen_addresses=127.0.0.1', 'unix_socket_directories=', `port=${port}`];
}

/** After kill -9 of a postmaster: its orphans, which keep a new one from starting, and its pid file. */
export async function clearStale(home: ServerHome, user: ServerUser | undefined): Promise<void> {
  const claimed = await readPidFile(home);
  // First of all, because on the machine itself the processes of a container are visible, under other pids.
  if (claimed !== undefined && claimed.socketDirectory !== '') {
    await requireUnusedSocket(home, socketPath(claimed.socketDirectory, claimed.port));
  }
  await endProcessesIn(['postgres'], home.cluster, user, 'SIGQUIT', orphanPatienceMs);
  // PostgreSQL removes a stale file itself, unless some process of its uid has that pid by now.
  if (claimed !== undefined && pidExists(claimed.pid)) {
    await rm(join(home.cluster, 'postmaster.pid'), { force: true });
  }
}

async function requireUnusedSocket(home: ServerHome, socket: string): Promise<void> {
  if (!(await socketAnswers(socket))) return;
  throw failure(
    'EMBEDDED_PG_BUSY',
    { cluster: home.cluster },
    { details: { cluster: home.cluster, socket } },
  );
}

/** Appends; a log that has grown is put aside first, so that at most two of that size lie there. */
async function openLog(home: ServerHome): Promise<{ log: FileHandle; offset: number }> {
  const size = await stat(home.logFile).then(
    (found) => found.size,
    () => 0,
  );
  const isLarge = size > maxLogBytes;
  if (isLarge) await rename(home.logFile, `${home.logFile}.1`);
  return { log: await open(home.logFile, 'a', 0o600), offset: isLarge ? 0 : size };
}

/** Waits `patienceMs` for these processes to end by themselves, then signals them, at last with SIGKILL. */
export async function endProcessesIn(
  programs: readonly string[],
  directory: string,
  user: ServerUser | undefined,
  signal: NodeJS.Signals,
  patienceMs: number,
): Promise<void> {
  const begun = performance.now();
  let signalled: NodeJS.Signals | undefined;
  for (;;) {
    const pids = await processesIn(programs, directory, user);
    if (pids.length === 0) return;
    const waited = performance.now() - begun;
    const due = waited > patienceMs + 2_000 ? 'SIGKILL' : waited >= patienceMs ? signal : undefined;
    if (due !== undefined && due !== signalled) {
      for (const pid of pids) sendSignal(pid, due);
      signalled = due;
    }
    await sleep(20);
  }
}

/** Fast shutdown: rolls open transactions back, checkpoints, ends. */
export async function stopPostmaster(
  home: ServerHome,
  binaries: BinariesDirectory | undefined,
  user: ServerUser | undefined,
): Promise<void> {
  const found = await findPostmaster(home, user);
  if (found === undefined) return;
  if (isWindows) {
    if (binaries !== undefined) {
      await runProgram(
        programPath(binaries, 'pg_ctl'),
        ['stop', '-D', home.cluster, '-m', 'fast', '-w'],
        user,
        home.directory,
      );
    }
    return;
  }
  const identity = await processIdentity(found.pid);
  sendSignal(found.pid, 'SIGINT');
  const deadline = performance.now() + stopTimeoutMs;
  let isImmediate = false;
  // Not by worksIn: a process that is ending has no directory any more, some time before it is gone.
  while (identity !== undefined && (await processIdentity(found.pid)) === identity) {
    if (!isImmediate && performance.now() > deadline) {
      sendSignal(found.pid, 'SIGQUIT');
      isImmediate = true;
    }
    if (performance.now() > deadline + stopTimeoutMs) {
      throw failure(
        'EMBEDDED_PG_STOP_FAILED',
        { cluster: home.cluster, pid: String(found.pid), log: home.logFile },
        { details: { cluster: home.cluster, pid: found.pid } },
      );
    }
    await sleep(pollMs);
  }
  // The one in /tmp; empty by now.
  if (found.socketDirectory !== home.sockets) await rmdir(found.socketDirectory).catch(() => {});
}

export function sendSignal(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if (errorCode(error) !== 'ESRCH') throw error;
  }
}
