import { setTimeout as sleepTimer } from 'node:timers/promises';

/** Time as an argument, so that tests can hold it still or move it. */
export interface Clock {
  /** Wall clock, Unix milliseconds. */
  now(): number;
  /** Monotonic milliseconds; only differences mean anything. */
  monotonic(): number;
  /** Resolves after `ms`; rejects with the signal's reason when aborted. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  sleep: async (ms, signal) => {
    await sleepTimer(ms, undefined, signal === undefined ? {} : { signal });
  },
};

/**
 * One instant, on both clocks. The monotonic one stands still while the machine sleeps, the wall clock may be set in
 * either direction; so of every limit that others keep by their own time (WeChat, the database, another node) the clock
 * counts that says that more time has passed.
 */
export interface Moment {
  /** Monotonic ms, of `Clock.monotonic`. */
  readonly monotonic: number;
  /** Unix ms, of `Clock.now`. */
  readonly wall: number;
}

/** A deadline that is never over. */
export const never: Moment = { monotonic: Number.POSITIVE_INFINITY, wall: Number.POSITIVE_INFINITY };

export function momentOf(clock: Pick<Clock, 'now' | 'monotonic'>): Moment {
  return { monotonic: clock.monotonic(), wall: clock.now() };
}

/** So many ms later, or (negative) before. */
export function shifted(moment: Moment, ms: number): Moment {
  return { monotonic: moment.monotonic + ms, wall: moment.wall + ms };
}

/** What is over as soon as one of the two is. */
export function earlier(a: Moment, b: Moment): Moment {
  return { monotonic: Math.min(a.monotonic, b.monotonic), wall: Math.min(a.wall, b.wall) };
}

/** Whether either clock has reached the deadline. */
export function isOver(deadline: Moment, now: Moment): boolean {
  return now.monotonic >= deadline.monotonic || now.wall >= deadline.wall;
}

/** Milliseconds from then to now, by the clock that says more. */
export function msSince(then: Moment, now: Moment): number {
  return Math.max(now.monotonic - then.monotonic, now.wall - then.wall);
}
