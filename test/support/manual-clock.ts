import type { Clock } from '../../src/base/clock.ts';

/** A clock that stands until it is moved; both of its times move together, but for a sleep of the machine. */
export interface ManualClock extends Clock {
  advance(ms: number): void;
  /** Moves the wall clock alone. */
  suspend(ms: number): void;
}

export function manualClock(start = 1_700_000_000_000): ManualClock {
  let passed = 0;
  let suspended = 0;
  return {
    now: () => start + passed + suspended,
    monotonic: () => passed,
    sleep: async () => {},
    advance(ms) {
      passed += ms;
    },
    suspend(ms) {
      suspended += ms;
    },
  };
}
