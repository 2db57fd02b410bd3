import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { chmod, chown, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import type { EmbeddedPostgresConnection } from '../../../src/store/embedded/connection.ts';
import type { EmbeddedPostgresOptions } from '../../../src/store/embedded/open.ts';
import { inTime } from '../in-time.ts';
import { endClustersUnder, scratchRoot } from './memory.ts';

const childScript = fileURLToPath(new URL('./child.ts', import.meta.url));

export const isRoot = process.getuid?.() === 0;

export interface Identity {
  readonly uid: number;
  readonly gid: number;
}

const nobody: Identity = { uid: 65534, gid: 65534 };

/** Why tests that need root do not run here, or false. */
export const skipUnlessRoot = isRoot ? false : 'needs root';
/** Why tests as an unprivileged user do not run here, or false. Root's clone may lie where nobody else can read. */
export const skipUnlessUnprivileged =
  !isRoot ||
  spawnSync(process.execPath, ['--check', childScript], { ...nobody, cwd: '/', env: {} }).status === 0
    ? false
    : 'this clone cannot be read by an unprivileged user';

export interface Opened {
  readonly pid: number;
  readonly cluster: string;
  readonly connection: EmbeddedPostgresConnection;
}

interface ChildEvent {
  point?: string;
  opened?: Opened;
  closed?: boolean;
  error?: { code: string | undefined; message: string };
}

/** A running process that has opened, or is opening, the server. */
export interface Holder {
  readonly child: ChildProcess;
  /** Resolves with what it opened; rejects with its error. */
  readonly opened: Promise<Opened>;
  /** Resolves with its error; rejects if it opened. */
  refusal(): Promise<{ code: string | undefined; message: string }>;
  reached(point: string): Promise<void>;
  close(): Promise<void>;
  kill(): Promise<void>;
}

export interface Scratch {
  /** Belongs to the user that the processes run as. */
  readonly directory: string;
  readonly dataDir: string;
  readonly systemDir: string;
  start(options?: StartOptions): Holder;
  /** Runs when the processes have ended and before the directory is removed. */
  beforeRemoval(cleanup: () => void): void;
}

export interface StartOptions extends Partial<EmbeddedPostgresOptions> {
  readonly holdAt?: string;
  /** Words before the node command, such as setpriv and its options. */
  readonly through?: readonly string[];
  readonly as?: Identity;
  readonly detached?: boolean;
}

/** A directory and processes on it, all gone when the test ends. Runs as `as`, or as the test's own user. */
export async function makeScratch(t: TestContext, as?: 'unprivileged'): Promise<Scratch> {
  const identity = as === 'unprivileged' && isRoot ? nobody : undefined;
  const directory = await mkdtemp(join(await scratchRoot(), 'hongyan-scratch-'));
  await chmod(directory, 0o755);
  if (identity !== undefined) await chown(directory, identity.uid, identity.gid);
  const holders: Holder[] = [];
  // Each of these characters means something to one of PostgreSQL's own lists and strings.
  const dataDir = join(directory, `数据, "it's"`);
  const systemDir = join(directory, 'system');
  const cleanups: (() => void)[] = [];
  t.after(async () => {
    for (const holder of holders) await holder.kill();
    await endClustersUnder(directory);
    for (const cleanup of cleanups) cleanup();
    await rm(directory, { recursive: true, force: true, maxRetries: 3 });
  });
  return {
    directory,
    dataDir,
    systemDir,
    beforeRemoval: (cleanup) => {
      cleanups.push(cleanup);
    },
    start: ({ through = [], as: other, detached = false, ...options } = {}) => {
      const argument = JSON.stringify({ dataDir, systemDir, ...options });
      const [command = '', ...args] = [...through, process.execPath, childScript, argument];
      const child = spawn(command, args, {
        ...(other ?? identity),
        // No LANG, and a secret that must not reach the server.
        env: { HONGYAN_MASTER_KEY: 'not for the server', PATH: '/usr/bin:/bin' },
        cwd: '/',
        detached,
        stdio: ['pipe', 'pipe', 'inherit'],
      });
      const holder = holderOf(child);
      holders.push(holder);
      return holder;
    },
  };
}

function holderOf(child: ChildProcess): Holder {
  assert(child.stdout !== null && child.stdin !== null);
  const events: ChildEvent[] = [];
  let isOver = false;
  let wake = (): void => {};
  let change = new Promise<void>((resolve) => {
    wake = resolve;
  });
  const notify = (): void => {
    const previous = wake;
    change = new Promise<void>((resolve) => {
      wake = resolve;
    });
    previous();
  };
  const lines = createInterface({ input: child.stdout });
  lines.on('line', (line) => {
    events.push(JSON.parse(line));
    notify();
  });
  lines.on('close', () => {
    isOver = true;
    notify();
  });
  const ended = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
    // It could not be spawned at all.
    child.once('error', () => resolve());
  });
  // stdin of a killed process
  child.stdin.on('error', () => {});

  const find = async <T>(what: string, pick: (event: ChildEvent) => T | undefined): Promise<T> => {
    for (;;) {
      for (const event of events) {
        const picked = pick(event);
        if (picked !== undefined) return picked;
      }
      if (isOver) throw new Error(`the process ended without "${what}": ${JSON.stringify(events)}`);
      await inTime(what, change);
    }
  };
  const opened = find('opened', (event) => event.opened);
  // It may be refused, and then nobody waits for it.
  opened.catch(() => {});
  return {
    child,
    opened,
    refusal: async () => await find('error', (event) => event.error),
    reached: async (point) => {
      await find(point, (event) => (event.point === point ? true : undefined));
    },
    close: async () => {
      child.stdin?.end();
      await find('closed', (event) => event.closed);
      await ended;
    },
    kill: async () => {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
      await ended;
    },
  };
}

export async function query(
  connection: EmbeddedPostgresConnection,
  statement: string,
): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ ...connection });
  // The server may be killed under it.
  client.on('error', () => {});
  await client.connect();
  try {
    return (await client.query(statement)).rows;
  } finally {
    await client.end().catch(() => {});
  }
}
