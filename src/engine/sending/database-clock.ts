import { type Clock, systemClock } from '../../base/clock.ts';
import { errorCode } from '../../base/errors.ts';
import type { Logger } from '../../base/logger.ts';
import type { Pool } from '../../store/database/pool.ts';
import { noteClock, noteForwardStep } from '../../store/database/steady-clock.ts';

/** How often the database's clock is looked at. */
const everyMs = 1_000;
/** Less is not worth a word: a look that took long, or a clock that is being adjusted. */
const stepMs = 5_000;
/** By so much it may run ahead of ours before it is doubted. */
const toleranceMs = 2_000;

export interface DatabaseClockDeps {
  pool: Pool;
  logger: Logger;
  clock?: Clock;
  /** For so long after a step forward leases of others are not believed to be over. */
  leaseMs: number;
}

/**
 * Watches the clock of the database, which may be set in either direction.
 *
 * Set back, it is survived in the database: whatever is waited for is kept by a clock that is not. Set forward, it would end
 * the leases of nodes that are alive and renew them within seconds; so for one lease this node goes on by its own
 * monotonic clock when it judges others.
 */
export class DatabaseClock {
  readonly #deps: DatabaseClockDeps & { clock: Clock };
  /** Steady time less the monotonic one, as this node believes it. */
  #base = 0;
  #steppedAt = Number.NEGATIVE_INFINITY;
  #last: { askedAt: number; steadyMs: number } | null = null;
  #timer: NodeJS.Timeout | null = null;
  #looking: Promise<void> | null = null;

  constructor(deps: DatabaseClockDeps) {
    this.#deps = { ...deps, clock: deps.clock ?? systemClock };
  }

  /** Leases that end later by the steady clock are not over, whatever that says; null before the first look. */
  get leasesEndBy(): Date | null {
    if (this.#last === null) return null;
    return new Date(this.#base + this.#deps.clock.monotonic() + toleranceMs);
  }

  /** Rejects while the database is away. */
  async start(): Promise<void> {
    await this.#look();
    this.#timer = setInterval(() => void this.look(), everyMs);
  }

  /** Looks now; never rejects. */
  look(): Promise<void> {
    this.#looking ??= this.#look()
      .catch((error: unknown) => {
        this.#deps.logger.warn(
          { code: errorCode(error) },
          "the database's clock could not be read; it is tried again",
        );
      })
      .finally(() => {
        this.#looking = null;
      });
    return this.#looking;
  }

  async close(): Promise<void> {
    if (this.#timer !== null) clearInterval(this.#timer);
    await this.#looking;
  }

  async #look(): Promise<void> {
    const { pool, clock, logger } = this.#deps;
    const askedAt = clock.monotonic();
    const { steadyMs, setBackMs } = await noteClock(pool);
    const now = clock.monotonic();
    if (setBackMs !== null)
      logger.warn(
        { ms: Math.round(setBackMs) },
        "the database's clock was set back; what is waited for goes on as before, times of day are those of the new time",
      );
    const last = this.#last;
    this.#last = { askedAt, steadyMs };
    // At least: both answers are of some time between the question and the answer.
    const forwardMs = last === null ? 0 : steadyMs - last.steadyMs - (now - last.askedAt);
    if (forwardMs > toleranceMs) this.#steppedAt = now;
    // A lease after the step everybody who is alive has renewed his own.
    if (now - this.#steppedAt > this.#deps.leaseMs) this.#base = steadyMs - now;
    if (forwardMs > stepMs && (await noteForwardStep(pool, forwardMs)))
      logger.warn(
        { ms: Math.round(forwardMs) },
        "the database's clock went ahead of this process's: it was set forward, or this machine slept",
      );
  }
}
