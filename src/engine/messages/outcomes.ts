import type { Clock } from '../../base/clock.ts';
import type { Pool } from '../../store/database/pool.ts';
import { findMessage, type MessageReport } from '../../store/messages/reports.ts';

/** Longest that a caller may wait, ms. */
const longestWaitMs = 10_000;
/** Another node may have the message, so the database is asked again after this time, ms. */
const askAgainMs = 250;

/** Callers that wait for what becomes of a message. */
export class MessageOutcomes {
  readonly #pool: Pool;
  readonly #clock: Clock;
  readonly #waiters = new Map<number, Set<() => void>>();

  constructor(pool: Pool, clock: Clock) {
    this.#pool = pool;
    this.#clock = clock;
  }

  /** The message once it is settled, or as it is after `ms` (at most 10,000). Null when there is none. */
  async of(id: number, ms: number): Promise<MessageReport | null> {
    const until = this.#clock.monotonic() + Math.min(ms, longestWaitMs);
    for (;;) {
      // Before the look, so that no outcome falls between the two.
      const told = this.#told(id, until);
      try {
        const found = await findMessage(this.#pool, id);
        if (found?.state !== 'waiting' || this.#clock.monotonic() >= until) return found;
        await told.promise;
      } finally {
        told.forget();
      }
    }
  }

  /** This node has stored something of the message. */
  tell(id: number): void {
    for (const tell of this.#waiters.get(id) ?? []) tell();
  }

  tellAll(): void {
    for (const id of this.#waiters.keys()) this.tell(id);
  }

  #told(id: number, until: number): { promise: Promise<void>; forget(): void } {
    const waiters = this.#waiters.get(id) ?? new Set();
    this.#waiters.set(id, waiters);
    let tell: () => void = () => {};
    const promise = new Promise<void>((resolve) => {
      tell = resolve;
    });
    waiters.add(tell);
    const timer = setTimeout(tell, Math.max(1, Math.min(askAgainMs, until - this.#clock.monotonic())));
    return {
      promise,
      forget: () => {
        clearTimeout(timer);
        waiters.delete(tell);
        if (waiters.size === 0) this.#waiters.delete(id);
      },
    };
  }
}
