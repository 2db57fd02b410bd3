import pg from 'pg';
import { errorCode } from '../../base/errors.ts';
import type { Logger } from '../../base/logger.ts';
import { within } from '../../base/within.ts';
import { tooManyConnections } from './explain.ts';

/** For so long a connection is asked for again, ms. Whoever delivers asks again after that, too. */
const patienceMs = 15_000;
const [firstPauseMs, longestPauseMs] = [20, 500];
/** That it waits is said after so long, and not more often than that, ms. */
const sayAfterMs = 1_000;
const sayEveryMs = 60_000;

type ConnectCallback = Parameters<typeof pg.Pool.prototype.connect>[0];

/**
 * A pool that waits when the server has no connection left (53300) instead of failing: for one of the server's, or for
 * one of its own that another statement gives back.
 */
export class PatientPool extends pg.Pool {
  readonly #logger: Logger;
  #ended: Promise<void> | null = null;
  #saidAt = Number.NEGATIVE_INFINITY;

  constructor({ logger, ...config }: pg.PoolConfig & { logger: Logger }) {
    super(config);
    this.#logger = logger;
  }

  override connect(): Promise<pg.PoolClient>;
  override connect(callback: ConnectCallback): void;
  override connect(callback?: ConnectCallback): Promise<pg.PoolClient> | undefined {
    if (callback !== undefined) {
      this.#connect(callback, performance.now(), firstPauseMs);
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
    // Neither is in the types.
    const { _clients: clients } = this as unknown as { _clients: { processID: number | null }[] };
    return clients.flatMap(({ processID }) => (processID === null ? [] : [processID]));
  }

  /** Ends the pool; what is still in use after `ms` is cut. Repeating it is harmless. */
  async close(ms: number): Promise<void> {
    if (this.ended) return;
    this.#ended ??= this.end();
    if (await within(ms, this.#ended)) return;
    // A server that does not answer, or somebody who forgot to give a connection back. Ending them politely would wait for
    // the server's word; pg-pool cuts one that does not come about in the same way.
    const { _clients: clients } = this as unknown as { _clients: pg.Client[] }; // not in its types
    for (const client of clients) client.connection.stream.destroy();
  }

  #connect(callback: ConnectCallback, since: number, pauseMs: number): void {
    super.connect((error, client, release) => {
      const waitedMs = performance.now() - since;
      if (errorCode(error) !== tooManyConnections || waitedMs + pauseMs > patienceMs) {
        callback(error, client, release);
        return;
      }
      if (waitedMs > sayAfterMs) this.#say();
      // Spread, so that those who wait do not all come back at once.
      setTimeout(
        () => this.#connect(callback, since, Math.min(2 * pauseMs, longestPauseMs)),
        pauseMs * (0.5 + Math.random() / 2),
      );
    });
  }

  #say(): void {
    const now = performance.now();
    if (now - this.#saidAt < sayEveryMs) return;
    this.#saidAt = now;
    this.#logger.warn(
      { code: tooManyConnections, open: this.totalCount, wanted: this.waitingCount + 1 },
      'the database has no connection left, and one is waited for; raise its max_connections, or end other processes',
    );
  }
}
