/** The simulator's time: the system's, moved or held still by a test. Unix milliseconds. */
export class SimulatedClock {
  #offsetMs = 0;
  #frozenAtMs: number | undefined;

  now(): number {
    return this.#frozenAtMs ?? Date.now() + this.#offsetMs;
  }

  /** Moves time on; negative values move it back. */
  advance(ms: number): void {
    if (this.#frozenAtMs === undefined) this.#offsetMs += ms;
    else this.#frozenAtMs += ms;
  }

  set(nowMs: number): void {
    if (this.#frozenAtMs === undefined) this.#offsetMs = nowMs - Date.now();
    else this.#frozenAtMs = nowMs;
  }

  freeze(): void {
    this.#frozenAtMs = this.now();
  }

  /** Lets time run on from where it was held. */
  thaw(): void {
    if (this.#frozenAtMs === undefined) return;
    this.#offsetMs = this.#frozenAtMs - Date.now();
    this.#frozenAtMs = undefined;
  }

  get frozen(): boolean {
    return this.#frozenAtMs !== undefined;
  }

  reset(): void {
    this.#offsetMs = 0;
    this.#frozenAtMs = undefined;
  }
}
