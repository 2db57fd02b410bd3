import type { Clock } from '../../src/base/clock.ts';

/** A clock that stands until it is moved; both of its times move together. */
export interface ManualClock extends Clock {
  advance(ms: number): void;
}

export function manualClock(start = 1_700_000_000_000): ManualClock {
  let passed = 0;
  return {
    now: () => start + passed,
    monotonic: () => passed,
    sleep: async () => {},
    advance(ms) {
      passed += ms;
    },
  };
}
