import { errorCode } from '../../base/errors.ts';
import type { Logger } from '../../base/logger.ts';
import type { Pool } from '../../store/database/pool.ts';
import { addCallbackCounts, type CallbackCount } from '../../store/events/callback-counters.ts';

/**
 * What became of a callback request. `unreadable`: stored, and it cannot be read. `refused`: no right signature. `busy` and
 * `unavailable`: answered with an error, so that WeChat repeats it. `forward-failed`: stored, and the URL behind
 * Hongyan did not get it or did not answer in time.
 */
export type CallbackOutcome =
  | 'verified'
  | 'stored'
  | 'unreadable'
  | 'repeated'
  | 'refused'
  | 'busy'
  | 'unavailable'
  | 'unstorable'
  | 'forward-failed'
  | 'hook-failed';

const flushMs = 1_000;

/** Counts in memory and adds to the database every second; a crash forgets a second. */
export class CallbackCounters {
  readonly #pool: Pool;
  readonly #logger: Logger;
  readonly #counts = new Map<string, CallbackCount>();
  readonly #timer: NodeJS.Timeout;
  #flushing: Promise<void> = Promise.resolve();

  constructor(pool: Pool, logger: Logger) {
    this.#pool = pool;
    this.#logger = logger;
    this.#timer = setInterval(() => this.#flush(), flushMs);
  }

  /** @param appid of an account of ours, or empty: others would fill the table with inventions. */
  add(appid: string, kind: CallbackOutcome): void {
    const id = `${appid} ${kind}`;
    const known = this.#counts.get(id);
    if (known === undefined) this.#counts.set(id, { appid, kind, count: 1 });
    else known.count++;
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    this.#flush();
    await this.#flushing;
  }

  #flush(): void {
    if (this.#counts.size === 0) return;
    this.#flushing = this.#flushing.then(async () => {
      const counts = [...this.#counts.values()];
      if (counts.length === 0) return;
      this.#counts.clear();
      try {
        await addCallbackCounts(this.#pool, counts);
      } catch (error) {
        for (const { appid, kind, count } of counts) {
          const id = `${appid} ${kind}`;
          const known = this.#counts.get(id);
          if (known === undefined) this.#counts.set(id, { appid, kind, count });
          else known.count += count;
        }
        this.#logger.debug({ code: errorCode(error) }, 'callback counters are kept for later');
      }
    });
  }
}
