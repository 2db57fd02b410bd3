export interface QuotaLeaseDeps {
  /**
   * Takes attempts of today; 0: only the reserve is left; null: ask once more.
   *
   * @param out nothing is left here
   */
  lease(path: string, block: number, out: boolean): Promise<number | null>;
  giveBack(path: string, count: number): Promise<void>;
  /** Attempts have come, or a path was found closed: look again. */
  onChange(path: string, closed: boolean): void;
  /** The first of failures in a row: nothing is sent until it is mended, so somebody has to hear of it. */
  onFailure(error: unknown): void;
}

interface Block {
  left: number;
  /** With so many left more are asked for: a quarter of what was granted last, which may be less than a second's. */
  low: number;
  asking: boolean;
  failing: boolean;
  /** The database had no more; asked again only when nothing is left here. */
  dry: boolean;
  /** Nothing was granted; asked again only after `reopen`. */
  closed: boolean;
}

const retryMs = 200;

/** The attempts of today that this node has taken for itself, per API path. */
export class QuotaLease {
  readonly #deps: QuotaLeaseDeps;
  readonly #blocks = new Map<string, Block>();
  #size = 100;
  #closed = false;
  #timer: NodeJS.Timeout | null = null;

  constructor(deps: QuotaLeaseDeps) {
    this.#deps = deps;
  }

  /** About as many as are sent in a second, so that counting costs one statement a second. */
  set ratePerS(rate: number) {
    this.#size = Math.min(5_000, Math.max(10, rate));
  }

  /** False: nothing is left here; `onChange` says when to ask again. */
  isOpen(path: string): boolean {
    const block = this.#blockOf(path);
    if (block.left > 0) return true;
    this.#ask(path, block);
    return false;
  }

  /** Whether nothing was granted when it was last asked; only `reopen` changes that. */
  isClosed(path: string): boolean {
    return this.#blockOf(path).closed;
  }

  /** Counts one attempt. */
  use(path: string): void {
    const block = this.#blockOf(path);
    block.left--;
    if (block.left < block.low && !block.dry) this.#ask(path, block);
  }

  /** A closed path may have been opened: the day is over, the limit was raised or the quota cleared. */
  reopen(path: string): void {
    const block = this.#blockOf(path);
    block.closed = false;
    block.dry = false;
  }

  /** Gives back what is left. */
  async close(): Promise<void> {
    this.#closed = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    for (const [path, block] of this.#blocks) {
      if (block.left > 0) await this.#deps.giveBack(path, block.left);
      block.left = 0;
    }
  }

  #blockOf(path: string): Block {
    let block = this.#blocks.get(path);
    if (block === undefined) {
      block = { left: 0, low: 0, asking: false, failing: false, dry: false, closed: false };
      this.#blocks.set(path, block);
    }
    return block;
  }

  #ask(path: string, block: Block): void {
    if (block.asking || block.closed || this.#closed) return;
    block.asking = true;
    const out = block.left <= 0;
    this.#deps.lease(path, this.#size, out).then(
      (granted) => {
        block.asking = false;
        block.failing = false;
        if (this.#closed) {
          if (granted !== null && granted > 0) this.#deps.giveBack(path, granted).catch(() => {});
          return;
        }
        block.left += granted ?? 0;
        block.low = (granted ?? 0) / 4;
        block.dry = granted === 0;
        block.closed = granted === 0 && out;
        this.#deps.onChange(path, block.closed);
      },
      (error: unknown) => {
        block.asking = false;
        if (this.#closed) return;
        if (!block.failing) this.#deps.onFailure(error);
        block.failing = true;
        if (this.#timer !== null) clearTimeout(this.#timer);
        this.#timer = setTimeout(() => this.#deps.onChange(path, false), retryMs);
      },
    );
  }
}
