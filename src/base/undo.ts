/**
 * What a start has begun, with how each part is ended, so that one that fails midway leaves nothing behind: a pool,
 * timer or listener that stays would keep the process alive, doing nothing.
 */
export class Undo {
  readonly #ends: (() => unknown)[] = [];

  /** Something was begun; `end` ends it. */
  add(end: () => unknown): void {
    this.#ends.push(end);
  }

  /** Ends everything, the last one first. Never rejects: why the start failed must not be hidden by what follows. */
  async all(): Promise<void> {
    for (const end of this.#ends.splice(0).reverse()) {
      try {
        await end();
      } catch {
        // Whatever it was, the start has failed for another reason, which is the one to tell.
      }
    }
  }
}
