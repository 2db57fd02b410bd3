/** The simulator's time: the system's, moved or held still by a test. Unix milliseconds. */
export class SimulatedClock {
  #offsetMs = 0;
  #frozenAtMs: number | undefined;
  readonly #onMove: (() => void)[] = [];

  now(): number {
    return this.#frozenAtMs ?? Date.now() + this.#offsetMs;
  }

  /** Calls `then` whenever time was moved, held or let go. */
  onMove(then: () => void): void {
    this.#onMove.push(then);
  }

  /** Moves time on; negative values move it back. */
  advance(ms: number): void {
    if (this.#frozenAtMs === undefined) this.#offsetMs += ms;
    else this.#frozenAtMs += ms;
    this.#tell();
  }

  set(nowMs: number): void {
    if (this.#frozenAtMs === undefined) this.#offsetMs = nowMs - Date.now();
    else this.#frozenAtMs = nowMs;
    this.#tell();
  }

  freeze(): void {
    this.#frozenAtMs = this.now();
    this.#tell();
  }

  /** Lets time run on from where it was held. */
  thaw(): void {
    if (this.#frozenAtMs === undefined) return;
    this.#offsetMs = this.#frozenAtMs - Date.now();
    this.#frozenAtMs = undefined;
    this.#tell();
  }

  get frozen(): boolean {
    return this.#frozenAtMs !== undefined;
  }

  reset(): void {
    this.#offsetMs = 0;
    this.#frozenAtMs = undefined;
    this.#tell();
  }

  #tell(): void {
    for (const then of this.#onMove) then();
  }
}
