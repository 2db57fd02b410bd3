/** Waits of a test that end: what does not come fails its test and says what was awaited, instead of holding the run. */
import assert from 'node:assert/strict';
import type { EventEmitter } from 'node:events';

/** Far longer than anything here takes on a busy machine, and shorter than the limit of a whole test. */
const patienceMs = 40_000;

/** The time limit of an answer that a test wants to come: within a test's patience, and no busy machine takes so long. */
export const unhurriedMs = 15_000;

/** What `work` gives; fails when it has not come within 40 s. */
export async function inTime<T>(what: string, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new assert.AssertionError({ message: `not within ${patienceMs / 1000} s: ${what}` })),
      patienceMs,
    );
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Polls a condition that another process brings about. */
export async function until<T>(what: string, condition: () => Promise<T | undefined | false>): Promise<T> {
  const deadline = performance.now() + patienceMs;
  for (;;) {
    const value = await condition();
    if (value !== undefined && value !== false) return value;
    if (performance.now() > deadline) assert.fail(`not within ${patienceMs / 1000} s: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/**
 * Does something again and again until it took no longer than that: a machine that stands still is slow once, and what waits for
 * a limit of its own is slow each time.
 */
export async function untilWithin(what: string, ms: number, work: () => Promise<void>): Promise<void> {
  await until(what, async () => {
    const begun = performance.now();
    await work();
    return performance.now() - begun < ms;
  });
}

/**
 * Waits for something that comes step by step, and fails when nothing moved for 40 s: how long the whole takes is the
 * machine's business.
 *
 * @param look how far it is; null: it is done
 */
export async function untilMoved(what: string, look: () => Promise<string | null>): Promise<void> {
  let seen = '';
  let since = performance.now();
  for (;;) {
    const now = await look();
    if (now === null) return;
    if (now !== seen) since = performance.now();
    seen = now;
    if (performance.now() - since > patienceMs)
      assert.fail(`did not move for 40 s: ${what}; it is at ${seen}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/**
 * Comes with the emitter's next `event`, whatever errors come before it. `once` of node:events rejects with them, and while nobody
 * waits for it that is an unhandled rejection: whether a socket that ends tells of an error first is the network's business.
 */
export function heard(emitter: EventEmitter, event: string): Promise<void> {
  return new Promise((resolve) => {
    emitter.once(event, () => resolve());
  });
}

/** Something that happens once, and its way to say so. */
export interface Signal<T> {
  /** Its 40 s begin with each look at it, so that a gate may stay shut for as long as nobody stands before it. */
  readonly promise: Promise<T>;
  give(value: T): void;
}

/** @param what for whoever waits in vain: `the hundredth message is on its way` */
export function signal<T = void>(what: string): Signal<T> {
  const { promise, resolve } = Promise.withResolvers<T>();
  return {
    get promise() {
      return inTime(what, promise);
    },
    give: resolve,
  };
}

/** A day that is over sooner is about to end: what a test does today takes less, on a busy machine too. */
const shortDayMs = 120_000;

/**
 * Waits while a day of the account's zone is about to end: what a test does today is then all of one day.
 *
 * @param now Unix ms
 */
export async function untilDayIsLong(now = Date.now): Promise<void> {
  const dayMs = 86_400_000;
  // Shanghai's clocks have been eight hours ahead all the time since 1991.
  const leftMs = (): number => dayMs - ((now() + 8 * 3_600_000) % dayMs);
  while (leftMs() <= shortDayMs) await new Promise((resolve) => setTimeout(resolve, 1_000));
}
