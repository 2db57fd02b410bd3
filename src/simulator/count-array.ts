const pageBits = 14;
const pageSize = 1 << pageBits;

/**
 * A counter for each index, 2 bytes where anything was counted: pages of 16,384 counters come into being
 * when first touched. Counts stop at 65,535.
 */
export class CountArray {
  readonly #pages = new Map<number, Uint16Array>();
  /** Indexes counted at least once. */
  distinct = 0;
  /** Indexes counted more than once. */
  repeated = 0;

  add(index: number): number {
    const number = Math.floor(index / pageSize);
    let page = this.#pages.get(number);
    if (page === undefined) {
      page = new Uint16Array(pageSize);
      this.#pages.set(number, page);
    }
    const at = index % pageSize;
    const before = page[at] as number;
    if (before === 65_535) return before;
    page[at] = before + 1;
    if (before === 0) this.distinct++;
    else if (before === 1) this.repeated++;
    return before + 1;
  }

  get(index: number): number {
    return this.#pages.get(Math.floor(index / pageSize))?.[index % pageSize] ?? 0;
  }

  /** Every index with a count, ascending. */
  *entries(): Generator<[index: number, count: number]> {
    for (const number of [...this.#pages.keys()].sort((a, b) => a - b)) {
      const page = this.#pages.get(number) as Uint16Array;
      for (let at = 0; at < pageSize; at++) {
        const count = page[at] as number;
        if (count > 0) yield [number * pageSize + at, count];
      }
    }
  }

  /** Bytes held, for tests and the admin summary. */
  get bytes(): number {
    return this.#pages.size * pageSize * 2;
  }

  clear(): void {
    this.#pages.clear();
    this.distinct = 0;
    this.repeated = 0;
  }
}
