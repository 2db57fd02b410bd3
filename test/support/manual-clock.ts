import { type Clock, systemClock } from '../../src/base/clock.ts';

/** A clock that stands until it is moved; both of its times move together, but for a sleep of the machine. */
export interface ManualClock extends Clock {
  advance(ms: number): void;
  /** Moves the wall clock alone, as a sleep of the machine does; or (negative) sets it back. */
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

/** The clocks of a machine that can be put to sleep: they run with the system's, but for that. */
export interface MachineClock extends Clock {
  /** Moves the wall clock alone: the monotonic one stands still during sleep. */
  sleepFor(ms: number): void;
  /** Holds the monotonic clock still, or lets it go on from there: what a test does meanwhile takes no time. */
  hold(): void;
  go(): void;
}

export function machineClock(): MachineClock {
  let wallAhead = 0;
  let held = 0;
  let heldAt: number | null = null;
  const passed = (): number => (heldAt ?? performance.now()) - held;
  const start = Date.now() - performance.now();
  return {
    ...systemClock,
    monotonic: passed,
    now: () => start + passed() + wallAhead,
    sleepFor(ms) {
      wallAhead += ms;
    },
    hold() {
      heldAt ??= performance.now();
    },
    go() {
      if (heldAt === null) return;
      held += performance.now() - heldAt;
      heldAt = null;
    },
  };
}
