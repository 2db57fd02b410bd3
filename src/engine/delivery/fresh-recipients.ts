import type { ChunkRecipient } from '../../store/campaigns/chunks.ts';

/** The recipients of a chunk whom nobody has tried, in their order. */
export class FreshRecipients {
  #list: ChunkRecipient[];
  #next = 0;

  constructor(list: ChunkRecipient[]) {
    this.#list = list;
  }

  /** Who is next; undefined when there are no more. */
  get first(): ChunkRecipient | undefined {
    return this.#list[this.#next];
  }

  /** The first one is tried now. */
  takeFirst(): void {
    this.#next++;
  }

  /** Those with a number above `after` and not above `last`. */
  between(after: number, last: number): ChunkRecipient[] {
    const found: ChunkRecipient[] = [];
    for (let i = this.#next; i < this.#list.length; i++) {
      const recipient = this.#list[i];
      if (recipient === undefined || recipient.no > last) break;
      if (recipient.no > after) found.push(recipient);
    }
    return found;
  }

  /** Whoever has no credit is not tried. */
  leaveOut(denied: ReadonlySet<number>): void {
    this.#list = this.#list.filter(({ no }, i) => i < this.#next || !denied.has(no));
  }
}
