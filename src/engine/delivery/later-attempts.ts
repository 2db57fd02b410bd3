import { isOver, type Moment } from '../../base/clock.ts';
import type { Item } from './item.ts';

/**
 * The attempts of a chunk after the first ones: retries with their time, and the in-doubt recipients of earlier
 * owners, which come last.
 */
export class LaterAttempts {
  #retries: Item[] = [];
  #doubts: Item[] = [];

  get isEmpty(): boolean {
    return this.#retries.length === 0 && this.#doubts.length === 0;
  }

  get hasRetries(): boolean {
    return this.#retries.length > 0;
  }

  add(item: Item): void {
    this.#retries.push(item);
  }

  addDoubt(item: Item): void {
    this.#doubts.push(item);
  }

  /** Retries that come due before `until` and still lack their started row. */
  unstarted(until: number): Item[] {
    return this.#retries.filter((item) => !item.started && item.dueAt <= until);
  }

  /** Forgets the retries of some recipients: they have no credit any more. */
  drop(nos: Set<number>): void {
    this.#retries = this.#retries.filter((item) => !nos.has(item.recipient.no));
  }

  /** Takes those whose started row is stored. */
  takeStarted(): Item[] {
    const started = this.#retries.filter((item) => item.started);
    this.#retries = this.#retries.filter((item) => !item.started);
    return started;
  }

  /** Takes the first retry that is due, started and accepted by `claim`. */
  take(now: number, claim: (item: Item) => boolean): Item | null {
    for (let i = 0; i < this.#retries.length; i++) {
      const item = this.#retries[i];
      if (item === undefined || !item.started || item.dueAt > now || !claim(item)) continue;
      this.#retries.splice(i, 1);
      return item;
    }
    return null;
  }

  /** Takes the retries that may no longer be sent. */
  takeExpired(now: Moment): Item[] {
    const expired = this.#retries.filter((item) => isOver(item.notAfter, now));
    if (expired.length > 0) this.#retries = this.#retries.filter((item) => !isOver(item.notAfter, now));
    return expired;
  }

  /** Takes the doubts whose waiting is over. */
  takeDoubts(now: number): Item[] {
    const due = this.#doubts.filter((item) => item.dueAt <= now);
    if (due.length > 0) this.#doubts = this.#doubts.filter((item) => item.dueAt > now);
    return due;
  }

  /** When the next one wants attention; Infinity when there is none. Doubts wait until the retries are gone. */
  nextDueAt(): number {
    const items = this.#retries.length > 0 ? this.#retries : this.#doubts;
    return items.reduce((first, item) => Math.min(first, item.dueAt), Number.POSITIVE_INFINITY);
  }
}
