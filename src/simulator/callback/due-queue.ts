/** Numbers by the time at which they are due, the earliest first: a binary heap in two arrays, 16 bytes an entry. */
export class DueQueue {
  #due = new Float64Array(256);
  #items = new Float64Array(256);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** When the first one is due; Infinity if there is none. */
  get firstDue(): number {
    return this.#size === 0 ? Number.POSITIVE_INFINITY : (this.#due[0] as number);
  }

  push(due: number, item: number): void {
    if (this.#size === this.#due.length) this.#resize(this.#size * 2);
    let at = this.#size++;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if ((this.#due[parent] as number) <= due) break;
      this.#move(parent, at);
      at = parent;
    }
    this.#due[at] = due;
    this.#items[at] = item;
  }

  /** Takes the first one out; the queue must not be empty. */
  pop(): number {
    const first = this.#items[0] as number;
    const last = --this.#size;
    const due = this.#due[last] as number;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= last) break;
      if (child + 1 < last && (this.#due[child + 1] as number) < (this.#due[child] as number)) child++;
      if ((this.#due[child] as number) >= due) break;
      this.#move(child, at);
      at = child;
    }
    this.#due[at] = due;
    this.#items[at] = this.#items[last] as number;
    // A campaign's queue is given back when it is over.
    if (this.#due.length > 4096 && this.#size * 4 < this.#due.length) this.#resize(this.#due.length / 2);
    return first;
  }

  #move(from: number, to: number): void {
    this.#due[to] = this.#due[from] as number;
    this.#items[to] = this.#items[from] as number;
  }

  #resize(length: number): void {
    const [due, items] = [new Float64Array(length), new Float64Array(length)];
    due.set(this.#due.subarray(0, this.#size));
    items.set(this.#items.subarray(0, this.#size));
    this.#due = due;
    this.#items = items;
  }
}
