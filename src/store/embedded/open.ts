import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { errorCode, failure, HongyanError } from '../../base/errors.ts';
import { type Logger, silentLogger } from '../../base/logger.ts';
import { addAttachment, countAttachments, removeAttachment } from './attachments.ts';
import { type BinariesDirectory, locateBinaries, usableBinaries } from './binaries.ts';
import { createCluster, hasCluster, removeUnfinished } from './cluster.ts';
import { connectionTo, type EmbeddedPostgresConnection, ensureDatabase } from './connection.ts';
import { claimDataDirectory } from './data-directory.ts';
import { explainFullDisk, requireFreeSpace, startBytes } from './disk.ts';
import { acquireLock } from './lock.ts';
import {
  clearStale,
  endProcessesIn,
  findPostmaster,
  isWindows,
  type Postmaster,
  sendSignal,
  startPostmaster,
  startTimeoutMs,
  stopPostmaster,
  waitUntilReady,
} from './postmaster.ts';
import { pidExists, processIdentity } from './processes.ts';
import type { ServerUser } from './program.ts';
import {
  exists,
  findServerHome,
  prepareSystemDir,
  prepareSystemHome,
  requireReachable,
  type ServerHome,
  writePointer,
} from './server-home.ts';
import { findServerUser, giveTo, isShared, serverUserOf } from './server-user.ts';

/** Points at which a test may hold or kill the process. */
export type EmbeddedPostgresPoint = 'locked' | 'initdb-running' | 'started' | 'attached' | 'detached';

export interface EmbeddedPostgresOptions {
  /** Made with mode 0700 if missing; else it must be this user's, and empty or a data directory of Hongyan. */
  readonly dataDir: string;
  readonly logger?: Logger;
  /**
   * Connections that this process and those that it starts use at most. A server that is started allows what everybody
   * who uses it wants, at least 100; one that runs already is as it is. Default 20.
   */
  readonly connections?: number;
  /** Ends an opening that is under way, and what it has begun. */
  readonly signal?: AbortSignal;
  /** How long another process may take to start or stop the same server. Default 60,000. */
  readonly lockTimeoutMs?: number;
  /** A directory with bin, lib and share of PostgreSQL 18. Default: the npm package of this platform. */
  readonly binariesDir?: string;
  /** Where root keeps the cluster and a copy of the binaries. Default /var/lib/hongyan-postgres. */
  readonly systemDir?: string;
  /** For tests. */
  readonly hooks?: { reached(point: EmbeddedPostgresPoint): void | Promise<void> };
}

export interface EmbeddedPostgres {
  readonly connection: EmbeddedPostgresConnection;
  /** The server's process, for `doctor`. Another one once it had to be started again. */
  readonly pid: number;
  /** The cluster's directory, for `doctor`. */
  readonly clusterDirectory: string;
  /** The server's log, for `doctor`. */
  readonly logFile: string;
  /**
   * Starts the server again if it has ended, as it does when its log finds no room on a full disk; of several processes
   * the first one starts it. Does nothing while it runs, or once closed. Throws what `openEmbeddedPostgres` throws,
   * DISK_FULL while there is no room for it.
   */
  revive(): Promise<void>;
  /** Throws DISK_FULL when there is no room for the next part of its log: then it ends, or is about to. */
  requireRoom(): Promise<void>;
  /**
   * Detaches; the last process out stops the server (fast shutdown: open connections are cut). Close your
   * pools first. Repeating it is harmless. A process that ends without it leaves the server running, and
   * the next one finds it so.
   */
  close(): Promise<void>;
}

/** Not /var/lib/hongyan, which root may well choose as the data directory, closed to the server's user. */
const defaultSystemDir = '/var/lib/hongyan-postgres';
const defaultLockTimeoutMs = 60_000;
const defaultConnections = 20;

/**
 * A PostgreSQL 18 of our own in the data directory: created if there is none, started if it does not run,
 * shared if another process of Hongyan has started it. Resolves when the database `hongyan` takes connections.
 *
 * A first start takes about a second, a start 0.1 s, an attach some 30 ms.
 *
 * @throws HongyanError EMBEDDED_PG_*, each with what to do about it (docs/errors.md)
 */
export async function openEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  return await explainFullDisk(options.dataDir, () => open(options));
}

async function open(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const dataDirectory = await claimDataDirectory(options.dataDir);
  const place = await findPlace(options, dataDirectory);
  if (place.isRoot) await prepareSystemDir(place.systemDir);
  return await withLock(
    place,
    async () => {
      await options.hooks?.reached('locked');
      const begun = performance.now();
      const { postmaster, user, isStarted, connection, identity } = await answeringServer(options, place);
      try {
        options.signal?.throwIfAborted();
        const attachment = await addAttachment(place.home.attachments, connectionsOf(options));
        await options.hooks?.reached('attached');
        place.logger.info(
          { pid: postmaster.pid, cluster: place.home.cluster, ms: Math.round(performance.now() - begun) },
          isStarted ? 'embedded PostgreSQL started' : 'embedded PostgreSQL attached',
        );
        let known = { pid: postmaster.pid, identity };
        let closing: Promise<void> | undefined;
        return {
          connection,
          get pid() {
            return known.pid;
          },
          clusterDirectory: place.home.cluster,
          logFile: place.home.logFile,
          requireRoom: () => requireFreeSpace(place.home.directory, startBytes),
          revive: async () => {
            if (closing !== undefined || (await isRunning(known))) return;
            await requireFreeSpace(place.home.directory, startBytes);
            await withLock(place, async () => {
              // Closed meanwhile; or the whole directory was deleted, and a new database would hold nothing of it.
              if (closing !== undefined || !(await exists(place.home.cluster))) return;
              const { postmaster: next } = await attachOrStart(options, place);
              known = { pid: next.pid, identity: await processIdentity(next.pid) };
            });
          },
          close: async () => {
            closing ??= detach(place, user, attachment, known, options);
            await closing;
          },
        };
      } catch (error) {
        if (isStarted) await stopIfUnused(place, user);
        throw error;
      }
    },
    options.signal,
  );
}

function connectionsOf(options: EmbeddedPostgresOptions): number {
  return options.connections ?? defaultConnections;
}

/** A server that was about to end when it was found (killed a moment ago, say) is gone at the next look. */
async function answeringServer(
  options: EmbeddedPostgresOptions,
  place: Place,
): Promise<
  Awaited<ReturnType<typeof attachOrStart>> & {
    connection: EmbeddedPostgresConnection;
    identity: string | undefined;
  }
> {
  const deadline = performance.now() + startTimeoutMs;
  for (let tries = 1; ; tries++) {
    const attached = await attachOrStart(options, place);
    const { pid } = attached.postmaster;
    const identity = await processIdentity(pid);
    await options.hooks?.reached('started');
    const connection = await connectionTo(place.home, attached.postmaster);
    try {
      await ensureDatabase(connection);
      return { ...attached, connection, identity };
    } catch (error) {
      options.signal?.throwIfAborted();
      // It recovers from the end of one of its processes, and takes connections again, or ends.
      if (isStarting(error) && performance.now() < deadline) {
        await sleep(100);
        continue;
      }
      for (let looks = 0; looks < 10 && (await isRunning({ pid, identity })); looks++) await sleep(100);
      if (tries < 5 && !(await isRunning({ pid, identity }))) continue;
      if (attached.isStarted) await stopIfUnused(place, attached.user);
      // Without room for its log it can do nothing, and says so in many ways.
      await requireFreeSpace(place.home.directory, startBytes);
      throw error;
    }
  }
}

/** 57P03: the server starts, recovers or stops. */
function isStarting(error: unknown): boolean {
  return error instanceof HongyanError && errorCode(error.cause) === '57P03';
}

async function isRunning(known: { pid: number; identity: string | undefined }): Promise<boolean> {
  // Where nothing tells processes apart, the number alone has to do.
  const identity = await processIdentity(known.pid);
  return known.identity === undefined ? pidExists(known.pid) : identity === known.identity;
}

/** What the functions below share: where the server of one data directory lives. */
interface Place {
  readonly dataDirectory: string;
  readonly home: ServerHome;
  readonly isRoot: boolean;
  readonly systemDir: string;
  readonly lockTimeoutMs: number;
  readonly logger: Logger;
}

async function findPlace(options: EmbeddedPostgresOptions, dataDirectory: string): Promise<Place> {
  const isRoot = process.getuid?.() === 0;
  const systemDir = options.systemDir ?? defaultSystemDir;
  return {
    dataDirectory,
    home: await findServerHome(dataDirectory, systemDir, isRoot),
    isRoot,
    systemDir,
    lockTimeoutMs: options.lockTimeoutMs ?? defaultLockTimeoutMs,
    logger: options.logger ?? silentLogger,
  };
}

async function withLock<T>(place: Place, work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
  const lock = await acquireLock({
    signal,
    directory: place.dataDirectory,
    lockFile: place.home.lockFile,
    onWait: () =>
      place.logger.info({ directory: place.dataDirectory }, 'another process starts or stops the database'),
    timeoutMs: place.lockTimeoutMs,
  });
  try {
    return await work();
  } finally {
    await lock.release();
  }
}

interface Running {
  readonly postmaster: Postmaster;
  readonly user: ServerUser | undefined;
  readonly isStarted: boolean;
}

async function attachOrStart(options: EmbeddedPostgresOptions, place: Place): Promise<Running> {
  const { home, isRoot } = place;
  let user = await serverUser(place);
  if (isRoot) {
    const kept = await prepareSystemHome(place.dataDirectory, home, async () => {
      await endProcessesIn(['postgres'], home.cluster, user, 'SIGINT', 0);
    });
    if (kept !== undefined) {
      place.logger.warn({ kept }, 'kept the database of an earlier data directory of this path');
    }
  }
  const isNew = !(await hasCluster(home));
  const { signal } = options;
  const running = isNew ? undefined : await waitUntilReady(home, user, signal);
  if (running !== undefined) return { postmaster: running, user, isStarted: false };
  if (!isNew && user !== undefined && (await isShared(user))) user = await takeFromNobody(place, user);

  // Before the binaries: a copy of them in a closed place would fail as well, and say something else.
  if (isNew && user !== undefined) await requireReachable(home, user);
  const packaged = options.binariesDir ?? locateBinaries();
  const copyRoot = isRoot ? join(place.systemDir, 'bin') : join(home.directory, 'pg-bin');
  const binaries = await usableBinaries(packaged, user, copyRoot);
  await removeUnfinished(home, user);
  if (isNew) {
    const onInitdb = async (): Promise<void> => await options.hooks?.reached('initdb-running');
    await createCluster(home, binaries, user, { onInitdb, signal });
  }
  if (isRoot) await writePointer(place.dataDirectory, home);
  signal?.throwIfAborted();
  // Those of processes that live on while the server is started again count too.
  const connections = connectionsOf(options) + (await countAttachments(home.attachments)).connections;
  const postmaster = await startPostmaster(home, binaries, user, { connections, signal });
  return { postmaster, user, isStarted: true };
}

/** Earlier versions let nobody own root's cluster, and so every other program that runs as nobody. */
async function takeFromNobody({ home, logger }: Place, nobody: ServerUser): Promise<ServerUser> {
  const user = await findServerUser(home.directory);
  if (user === undefined) return nobody;
  // Nobody's processes may still be at it.
  await clearStale(home, nobody);
  // The cluster's own directory last: until then it is nobody's, and this begins anew.
  if (await exists(home.sockets)) await giveTo(user, home.sockets);
  await giveTo(user, home.cluster);
  logger.warn(
    { cluster: home.cluster, uid: user.uid },
    'the database belonged to nobody and has a user of its own now',
  );
  return user;
}

/** An existing cluster's owner stays its user, unless that is nobody. */
async function serverUser({ home, isRoot }: Place): Promise<ServerUser | undefined> {
  const owner = await stat(home.cluster).catch(() => undefined);
  const uid = process.getuid?.();
  if (isRoot) {
    if (owner === undefined || owner.uid === 0) return await findServerUser(home.directory);
    return await serverUserOf(owner.uid, owner.gid);
  }
  if (owner === undefined || uid === undefined || owner.uid === uid) return undefined;
  throw failure(
    'EMBEDDED_PG_WRONG_OWNER/cluster',
    { directory: home.cluster, owner: String(owner.uid), uid: String(uid) },
    { details: { cluster: home.cluster, ownerUid: owner.uid, uid } },
  );
}

async function detach(
  place: Place,
  user: ServerUser | undefined,
  attachment: string,
  known: { pid: number; identity: string | undefined },
  options: EmbeddedPostgresOptions,
): Promise<void> {
  await withLock(place, async () => {
    await removeAttachment(place.home.attachments, attachment);
    await options.hooks?.reached('detached');
    if (await exists(place.home.cluster)) {
      await stopIfUnused(place, user);
      return;
    }
    // Somebody deleted the directory under the server: nobody can attach to it any more.
    while (known.identity !== undefined && (await processIdentity(known.pid)) === known.identity) {
      sendSignal(known.pid, 'SIGQUIT');
      await sleep(20);
    }
  });
}

async function stopIfUnused(place: Place, user: ServerUser | undefined): Promise<void> {
  const { others } = await countAttachments(place.home.attachments);
  if (others > 0) {
    place.logger.debug({ others }, 'embedded PostgreSQL left to other processes');
    return;
  }
  if ((await findPostmaster(place.home, user)) === undefined) return;
  const binaries: BinariesDirectory | undefined = isWindows ? locateBinaries() : undefined;
  await stopPostmaster(place.home, binaries, user);
  place.logger.info({ cluster: place.home.cluster }, 'embedded PostgreSQL stopped');
}
