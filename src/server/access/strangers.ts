import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from '../../base/logger.ts';

/** Addresses that failed are remembered so long after their last failure, and so many of them. */
const rememberedMs = 15 * 60_000;
const maxRemembered = 10_000;
/** The first failures of an address are answered at once; each further one twice as late as the one before, up to ten times. */
const freeFailures = 3;
const firstDelayMs = 100;
/** So many answers may be held back at once; beyond, they are given at once with 429. */
const maxHeld = 64;
/** A line of the log for an address, at most so often. */
const logEveryMs = 60_000;

interface Stranger {
  failures: number;
  at: number;
  loggedAt: number;
}

/**
 * Slows whoever fails to say who they are, by address. Only the answers to failures are held back: behind a proxy everybody
 * has one address, and a stranger must not lock the others out.
 */
export class Strangers {
  readonly #logger: Logger;
  readonly #delayMs: number;
  // In the order of their last failure, so that the one that is forgotten first is the first.
  readonly #known = new Map<string, Stranger>();
  #held = 0;

  constructor(logger: Logger, delayMs = firstDelayMs) {
    this.#logger = logger;
    this.#delayMs = delayMs;
  }

  /** After a failure, before it is answered. False: there are too many; answer 429. */
  async failed(address: string, route: string): Promise<boolean> {
    const place = placeOf(address);
    const now = performance.now();
    const known = this.#known.get(place);
    const isNew = known === undefined || now - known.at > rememberedMs;
    const one: Stranger = isNew ? { failures: 0, at: now, loggedAt: Number.NEGATIVE_INFINITY } : known;
    one.failures += 1;
    one.at = now;
    this.#known.delete(place);
    this.#known.set(place, one);
    for (const oldest of this.#known.keys()) {
      if (this.#known.size <= maxRemembered) break;
      this.#known.delete(oldest);
    }
    if (now - one.loggedAt > logEveryMs) {
      one.loggedAt = now;
      this.#logger.warn(
        { address, failures: one.failures, route },
        'a request without a valid key was refused',
      );
    }
    const beyond = one.failures - freeFailures;
    if (beyond <= 0) return true;
    if (this.#held >= maxHeld) return false;
    this.#held += 1;
    try {
      await sleep(Math.min(10 * this.#delayMs, this.#delayMs * 2 ** Math.min(beyond - 1, 10)));
    } finally {
      this.#held -= 1;
    }
    return true;
  }
}

/** Of IPv6 the network of a customer: somebody who has one address has 2^64. */
function placeOf(address: string): string {
  if (!address.includes(':') || address.includes('.')) return address;
  const [head = '', tail] = address.split('::');
  const left = head === '' ? [] : head.split(':');
  const right = tail === undefined || tail === '' ? [] : tail.split(':');
  const groups = [...left, ...Array<string>(Math.max(0, 8 - left.length - right.length)).fill('0'), ...right];
  return `${groups.slice(0, 4).join(':')}::/64`;
}
