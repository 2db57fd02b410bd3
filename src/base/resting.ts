import type { Clock } from './clock.ts';

/**
 * Waits after each step for as long as it took: what is not urgent takes at most half of one connection from those who send.
 * The wait ends with the signal, by throwing its reason.
 */
export function resting(clock: Clock, signal: AbortSignal | undefined): <T>(work: Promise<T>) => Promise<T> {
  return async (work) => {
    const begun = clock.monotonic();
    const result = await work;
    await clock.sleep(clock.monotonic() - begun, signal);
    return result;
  };
}
