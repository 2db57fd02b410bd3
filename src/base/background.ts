/** Work that nobody awaits where it begins, and that the end of its owner waits for. */
export class Background {
  readonly #under = new Set<Promise<unknown>>();
  readonly #onFailure: (error: unknown) => void;

  constructor(onFailure: (error: unknown) => void) {
    this.#onFailure = onFailure;
  }

  add(work: Promise<unknown>): void {
    const watched: Promise<unknown> = work.catch(this.#onFailure).finally(() => this.#under.delete(watched));
    this.#under.add(watched);
  }

  /** Resolves when nothing is under way, what is added meanwhile included. */
  async settled(): Promise<void> {
    while (this.#under.size > 0) await Promise.all(this.#under);
  }
}
