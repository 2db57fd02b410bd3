/** The simulator's time: the system's, moved or held still by a test. Unix milliseconds. */
export class SimulatedClock {
  #offsetMs = 0;
  #frozenAtMs: number | undefined;
  readonly #onMove: (() => void)[] = [];

  /** Whether it is not the machine's: it was moved, or stands still. */
  get isMoved(): boolean {
    return this.#frozenAtMs !== undefined || this.#offsetMs !== 0;
  }

  now(): number {
    return this.#frozenAtMs ?? Date.now() + this.#offsetMs;
  }

  /** Calls `then` whenever time was moved, held or let go. */
  onMove(then: () => void): void {
    this.#onMove.push(then);
  }

  /** Moves time on; negative values move it back. */
  advance(ms: number): void {
    this.change({ advanceMs: ms });
  }

  /**
   * Sets the time, moves it on, and holds it or lets it run on from there, all at one moment: a time that is set and held
   * is exactly the one that was asked for.
   */
  change(to: {
    readonly now?: number | undefined;
    readonly advanceMs?: number | undefined;
    readonly frozen?: boolean | undefined;
  }): void {
    const systemMs = Date.now();
    const nowMs = (to.now ?? this.#frozenAtMs ?? systemMs + this.#offsetMs) + (to.advanceMs ?? 0);
    if (to.frozen ?? this.frozen) this.#frozenAtMs = nowMs;
    else {
      this.#frozenAtMs = undefined;
      this.#offsetMs = nowMs - systemMs;
    }
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
