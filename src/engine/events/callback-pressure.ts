import { errorCode } from '../../base/errors.ts';
import type { Logger } from '../../base/logger.ts';
import type { Pool } from '../../store/database/pool.ts';
import { slowForCallback } from '../../store/events/callback-health.ts';

const everyMs = 1_000;
/** An event that waits so long to be stored is too near to the 5 s after which WeChat gives up. */
const behindMs = 1_000;
const logEveryMs = 60_000;

/**
 * Sees how long events wait to be stored, and lets the campaigns of accounts whose events wait too long, or are refused, send
 * slower on all nodes. Writes nothing while all is well.
 */
export class CallbackPressure {
  readonly #pool: Pool;
  readonly #logger: Logger;
  readonly #behind = new Set<string>();
  readonly #timer: NodeJS.Timeout;
  #storing: Promise<void> | null = null;
  #loggedAt = Number.NEGATIVE_INFINITY;

  constructor(pool: Pool, logger: Logger) {
    this.#pool = pool;
    this.#logger = logger;
    this.#timer = setInterval(() => this.#say(), everyMs);
  }

  /** An event was stored after so long, ms; infinity: it was not. */
  see(appid: string, waitedMs: number): void {
    if (waitedMs < behindMs) return;
    const isFirst = this.#behind.size === 0;
    this.#behind.add(appid);
    if (isFirst) this.#say();
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#storing;
  }

  #say(): void {
    if (this.#behind.size === 0 || this.#storing !== null) return;
    const appids = [...this.#behind];
    this.#behind.clear();
    this.#log(appids);
    this.#storing = slowForCallback(this.#pool, appids)
      .catch((error: unknown) => {
        this.#logger.debug({ code: errorCode(error) }, 'that the callback falls behind is not stored');
      })
      .finally(() => {
        this.#storing = null;
      });
  }

  #log(appids: string[]): void {
    const now = performance.now();
    if (now - this.#loggedAt < logEveryMs) return;
    this.#loggedAt = now;
    this.#logger.warn({ appids }, 'the callback falls behind; campaigns send slower meanwhile');
  }
}
