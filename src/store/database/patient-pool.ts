import pg from 'pg';
import { errorCode } from '../../base/errors.ts';
import type { Logger } from '../../base/logger.ts';
import { within } from '../../base/within.ts';
import { explainDatabaseError, tooManyConnections, undecided } from './explain.ts';
import type { Hosts } from './hosts.ts';
import { GuardedClient } from './password-guard.ts';
import { SilenceWatch, type SilenceWatchOptions } from './silence-watch.ts';

/** For so long a connection is asked for again, ms. Whoever delivers asks again after that, too. */
const patienceMs = 15_000;
const [firstPauseMs, longestPauseMs] = [20, 500];
/** That it waits is said after so long, and not more often than that, ms. */
const sayAfterMs = 1_000;
const sayEveryMs = 60_000;
/** Of several servers one that does not answer is given up after this time: another one may. */
const oneOfSeveralMs = 3_000;

/** A server that begins, ends or recovers: in a moment it takes connections. */
const startingUp = '57P03';
/** For what it is worth waiting, and what is said of it. */
const waits: Record<string, string> = {
  [tooManyConnections]:
    'the database has no connection left, and one is waited for; raise its max_connections, or end other processes',
  [undecided]: 'the database has failed over, and the nodes look whether it has forgotten something',
  [startingUp]: 'the database is starting, stopping or recovering, and is waited for',
};
/** Of several servers none can be used at this moment: one of them may be about to be promoted. */
const noneOfSeveral = 'no server of the database takes writes, and one is waited for';

type ConnectCallback = Parameters<typeof pg.Pool.prototype.connect>[0];

export interface PatientPoolConfig extends pg.PoolConfig {
  logger: Logger;
  hosts: Hosts;
  silence: Pick<SilenceWatchOptions, 'silentMs' | 'answerMs' | 'stuckMs'>;
  /** Each new connection, before it is handed out; one that it rejects is dropped. `isOneOf`: there are several servers. */
  setUp(client: pg.ClientBase, isOneOf: boolean, watch: SilenceWatch): Promise<void>;
}

/**
 * A pool that waits when the server has no connection left (53300) instead of failing: for one of the server's, or for
 * one of its own that another statement gives back. It waits, too, for a server that is about to begin, and of several
 * servers it finds the one that takes writes.
 */
export class PatientPool extends pg.Pool {
  readonly #logger: Logger;
  readonly #hosts: Hosts;
  readonly #watch: SilenceWatch;
  #ended: Promise<void> | null = null;
  #saidAt = Number.NEGATIVE_INFINITY;

  constructor({ logger, hosts, silence, setUp, ...config }: PatientPoolConfig) {
    const Client = clientOf(hosts);
    super({
      ...config,
      Client,
      onConnect: async (client: pg.ClientBase) => {
        await setUp(client, hosts.count > 1, this.#watch);
        this.#watch.answered();
      },
    });
    this.#logger = logger;
    this.#hosts = hosts;
    this.#watch = new SilenceWatch({
      clients: () => this.#clients,
      another: (client, connectionTimeoutMillis) =>
        new GuardedClient({
          ...this.options,
          ...(this.options.password === undefined ? {} : { password: this.options.password }),
          ...(client instanceof Client ? client.server : {}),
          connectionTimeoutMillis,
        }),
      logger,
      ...silence,
    });
  }

  /** False when the server was asked and has not answered anything since. */
  get answers(): boolean {
    return !this.#watch.isSilent;
  }

  override connect(): Promise<pg.PoolClient>;
  override connect(callback: ConnectCallback): void;
  override connect(callback?: ConnectCallback): Promise<pg.PoolClient> | undefined {
    if (callback !== undefined) {
      this.#connect(callback, performance.now(), firstPauseMs, 1);
      return undefined;
    }
    return new Promise((resolve, reject) => {
      this.#connect(
        (error, client) => {
          if (client === undefined) reject(error);
          else resolve(client);
        },
        performance.now(),
        firstPauseMs,
        1,
      );
    });
  }

  /**
   * Opens so many connections, and keeps them while the pool lives: whoever works all the time must not find all taken
   * by others when it comes back, with its locks and leases, from a pause. At most as many as the pool may have; rejects
   * when they cannot be had.
   */
  async keep(connections: number): Promise<void> {
    const count = Math.min(connections, this.options.max ?? connections);
    this.options.min = count;
    const opened = await Promise.allSettled(Array.from({ length: count }, () => this.connect()));
    for (const one of opened) if (one.status === 'fulfilled') one.value.release();
    for (const one of opened) if (one.status === 'rejected') throw one.reason;
  }

  /** The server's processes behind its connections. */
  get pids(): number[] {
    const clients = this.#clients as unknown as { processID: number | null }[]; // not in its types
    return clients.flatMap(({ processID }) => (processID === null ? [] : [processID]));
  }

  get #clients(): pg.Client[] {
    return (this as unknown as { _clients: pg.Client[] })._clients; // not in its types
  }

  override end(): Promise<void>;
  override end(callback: () => void): void;
  override end(callback?: () => void): Promise<void> | undefined {
    this.#watch.close();
    if (callback === undefined) return super.end();
    super.end(callback);
    return undefined;
  }

  /** Ends the pool; what is still in use after `ms` is cut. Repeating it is harmless. */
  async close(ms: number): Promise<void> {
    if (this.ended) return;
    this.#ended ??= this.end();
    if (await within(ms, this.#ended)) return;
    // A server that does not answer, or somebody who forgot to give a connection back. Ending them politely would wait for
    // the server's word; pg-pool cuts one that does not come about in the same way.
    for (const client of this.#clients) client.connection.stream.destroy();
  }

  /** @param asked of several servers so many were asked one right after the other, this time included */
  #connect(callback: ConnectCallback, since: number, pauseMs: number, asked: number): void {
    const at = this.#hosts.at;
    super.connect((error, client, release) => {
      const code = errorCode(error) ?? '';
      if (error !== undefined && !this.ending) {
        if (isOfServer(error)) this.#hosts.failed(at);
        if (asked < this.#hosts.count && this.#hosts.at !== at) {
          this.#connect(callback, since, pauseMs, asked + 1);
          return;
        }
        const waitedMs = performance.now() - since;
        const isWorthIt = this.#hosts.count > 1 ? isOfServer(error) || code in waits : code in waits;
        if (isWorthIt && waitedMs + pauseMs <= patienceMs) {
          if (waitedMs > sayAfterMs) this.#say(code);
          // Spread, so that those who wait do not all come back at once.
          setTimeout(
            () => this.#connect(callback, since, Math.min(2 * pauseMs, longestPauseMs), 1),
            pauseMs * (0.5 + Math.random() / 2),
          );
          return;
        }
      }
      callback(error, client, release);
    });
  }

  #say(code: string): void {
    const now = performance.now();
    if (now - this.#saidAt < sayEveryMs) return;
    this.#saidAt = now;
    this.#logger.warn(
      { code, open: this.totalCount, wanted: this.waitingCount + 1 },
      waits[code] ?? noneOfSeveral,
    );
  }
}

/** Whether another server of several may do better: it cannot be reached, or takes no writes. */
function isOfServer(error: Error): boolean {
  const explained = errorCode(explainDatabaseError(error)) ?? '';
  // The pool itself had none to give.
  const isOfPool = error.message === 'timeout exceeded when trying to connect';
  return !isOfPool && ['DATABASE_UNREACHABLE', 'DATABASE_READ_ONLY'].includes(explained);
}

/** Connects to the server that is the present one when it begins. */
function clientOf(hosts: Hosts) {
  return class extends GuardedClient {
    /** Where it leads, as it replaces the pool's own address. */
    readonly server: Hosts['present'];

    constructor(config?: pg.ClientConfig) {
      const server = hosts.present;
      super({
        ...config,
        // The pool hides it from a copy.
        ...(config?.password === undefined ? {} : { password: config.password }),
        ...server,
        ...(hosts.count > 1 ? { connectionTimeoutMillis: oneOfSeveralMs } : {}),
      });
      this.server = server;
    }
  };
}
