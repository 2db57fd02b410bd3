/** Fewest messages in flight per node; below, one slow answer would stop everything. */
const smallestWindow = 4;
/** A window is halved at most this often, ms: what is in flight still answers for the old one. */
const decreaseEveryMs = 1_000;
/** Below this an answer is fast whatever the best one was, ms. */
const fastMs = 100;
/** The floor of latency forgets this share of its distance to the present every second, so that a lasting change is accepted. */
const floorForgets = 0.01;

/**
 * How many messages may be in flight: one more for each window of accepted ones, half as many after a sign of
 * overload (−1, 45011, a failed connection, or answers that take more than twice as long as the best while the
 * window is what limits).
 */
export class Concurrency {
  readonly max: number;
  #window: number;
  #accepted = 0;
  #decreasedAt = Number.NEGATIVE_INFINITY;
  #latencyMs = 0;
  #floorMs = Number.POSITIVE_INFINITY;
  #floorAt = 0;

  constructor(max: number) {
    this.max = max;
    this.#window = max;
  }

  get window(): number {
    return this.#window;
  }

  /** Smoothed time of an answer, ms; 0 before the first. */
  get latencyMs(): number {
    return this.#latencyMs;
  }

  /**
   * A message was accepted.
   *
   * @param limiting the window was full, so that it is what limits
   * @param now monotonic ms
   */
  accepted(latencyMs: number, limiting: boolean, now: number): void {
    // One answer weighs 1/32: a single slow one changes nothing.
    this.#latencyMs =
      this.#latencyMs === 0 ? latencyMs : this.#latencyMs + (latencyMs - this.#latencyMs) / 32;
    this.#moveFloor(now);
    if (!limiting) return;
    if (this.#latencyMs > fastMs && this.#latencyMs > 2 * this.#floorMs) {
      this.decrease(now);
      return;
    }
    if (this.#window >= this.max || ++this.#accepted < this.#window) return;
    this.#accepted = 0;
    this.#window++;
  }

  /** Halves the window, unless that was done a moment ago. */
  decrease(now: number): void {
    if (now - this.#decreasedAt < decreaseEveryMs) return;
    this.#decreasedAt = now;
    this.#accepted = 0;
    this.#window = this.#clamp(Math.floor(this.#window / 2));
  }

  /** Another node found out, or their number changed. */
  set(window: number): void {
    this.#window = this.#clamp(window);
  }

  #clamp(window: number): number {
    return Math.min(this.max, Math.max(Math.min(smallestWindow, this.max), window));
  }

  #moveFloor(now: number): void {
    if (this.#latencyMs <= this.#floorMs) {
      this.#floorMs = this.#latencyMs;
      this.#floorAt = now;
    } else if (now - this.#floorAt >= 1_000) {
      this.#floorMs += (this.#latencyMs - this.#floorMs) * floorForgets;
      this.#floorAt = now;
    }
  }
}
