const PAGE_BITS = 14;
const PAGE = 1 << PAGE_BITS;

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
    const number = Math.floor(index / PAGE);
    let page = this.#pages.get(number);
    if (page === undefined) {
      page = new Uint16Array(PAGE);
      this.#pages.set(number, page);
    }
    const at = index % PAGE;
    const before = page[at] as number;
    if (before === 65_535) return before;
    page[at] = before + 1;
    if (before === 0) this.distinct++;
    else if (before === 1) this.repeated++;
    return before + 1;
  }

  get(index: number): number {
    return this.#pages.get(Math.floor(index / PAGE))?.[index % PAGE] ?? 0;
  }

  /** Every index with a count, ascending. */
  *entries(): Generator<[index: number, count: number]> {
    for (const number of [...this.#pages.keys()].sort((a, b) => a - b)) {
      const page = this.#pages.get(number) as Uint16Array;
      for (let at = 0; at < PAGE; at++) {
        const count = page[at] as number;
        if (count > 0) yield [number * PAGE + at, count];
      }
    }
  }

  /** Bytes held, for tests and the admin summary. */
  get bytes(): number {
    return this.#pages.size * PAGE * 2;
  }

  clear(): void {
    this.#pages.clear();
    this.distinct = 0;
    this.repeated = 0;
  }
}
