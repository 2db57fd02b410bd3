/**
 * A look for work that is repeated, one round at a time: every so often, and whenever somebody knows that there is some.
 * A round that fails is told and does not end the next ones.
 */
export class Rounds {
  readonly #round: () => Promise<void>;
  readonly #onFailure: (error: unknown) => void;
  #timer: NodeJS.Timeout | null = null;
  #running: Promise<void> | null = null;
  #again = false;
  #closed = false;

  constructor(round: () => Promise<void>, onFailure: (error: unknown) => void) {
    this.#round = round;
    this.#onFailure = onFailure;
  }

  get isClosed(): boolean {
    return this.#closed;
  }

  /** Begins the first round now, and the next ones every so often while none is under way. */
  start(everyMs: number): void {
    this.#timer = setInterval(() => {
      if (this.#running === null) this.wake();
    }, everyMs);
    this.wake();
  }

  /** Begins a round; another one follows that which is under way, for that may have looked too early. */
  wake(): void {
    if (this.#closed) return;
    this.#again = this.#running !== null;
    this.#running ??= this.#round()
      .catch(this.#onFailure)
      .then(() => {
        this.#running = null;
        if (this.#again) this.wake();
      });
  }

  /** Begins nothing more; resolves when the round that is under way has ended. */
  async close(): Promise<void> {
    this.#closed = true;
    if (this.#timer !== null) clearInterval(this.#timer);
    await this.#running;
  }
}
