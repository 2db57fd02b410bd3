/** So many failures without a success in between, and WeChat counts as down. */
const failuresToOpen = 20;
const firstPauseMs = 1_000;
const longestPauseMs = 30_000;

/**
 * Notices that WeChat is down (−1, no connection, 5xx, no answer, one after another), so that it is asked with one
 * message at a time and in growing pauses instead of with everybody's attempts.
 */
export class Circuit {
  #failures = 0;
  #pauseMs = 0;
  #probeFrom = 0;

  get open(): boolean {
    return this.#pauseMs > 0;
  }

  /**
   * An attempt failed for a reason that is neither the recipient's nor the message's.
   *
   * @param sentAt monotonic ms; what was in flight when the circuit opened says nothing new
   * @returns how long to send nothing, ms; null: go on
   */
  fail(sentAt: number, now: number): number | null {
    if (this.open) {
      if (sentAt < this.#probeFrom) return null;
      this.#pauseMs = Math.min(longestPauseMs, this.#pauseMs * 2);
    } else {
      if (++this.#failures < failuresToOpen) return null;
      this.#pauseMs = firstPauseMs;
    }
    this.#probeFrom = now + this.#pauseMs;
    return this.#pauseMs;
  }

  /** WeChat answered; true when that ended an outage. */
  succeed(): boolean {
    this.#failures = 0;
    const wasOpen = this.open;
    this.#pauseMs = 0;
    return wasOpen;
  }
}
