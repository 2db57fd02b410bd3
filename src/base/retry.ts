import type { Clock } from './clock.ts';

export interface Persistence {
  clock: Pick<Clock, 'sleep'>;
  /** Pause after the first failure, ms; it doubles with each. Default 100. */
  firstMs?: number;
  /** Longest pause, ms. Default 2,000. */
  longestMs?: number;
  /** Whether another try follows this failure. Default: always. */
  goesOn?(error: unknown): boolean;
  /** Sees each failure after which another try follows. */
  onFailure(error: unknown): void;
}

/**
 * Repeats `work` until it succeeds. Rejects with the failure after which nothing follows.
 *
 * For what must be stored however long the database is away: a statement whose acknowledgement was lost is run again, so
 * repeating it must do no harm.
 */
export async function untilDone<T>(work: () => Promise<T>, how: Persistence): Promise<T> {
  const { clock, firstMs = 100, longestMs = 2_000, goesOn, onFailure } = how;
  for (let pauseMs = firstMs; ; pauseMs = Math.min(longestMs, 2 * pauseMs)) {
    try {
      return await work();
    } catch (error) {
      if (goesOn !== undefined && !goesOn(error)) throw error;
      onFailure(error);
    }
    await clock.sleep(pauseMs);
  }
}
