import type { Clock } from '../../base/clock.ts';
import { type LeasedSlice, Slots } from '../sending/slots.ts';

export interface CampaignRateDeps {
  clock: Clock;
  /** Leases the next slots of the campaign; null when it has no rate of its own any more. */
  lease(count: number): Promise<LeasedSlice | null>;
  onDue(): void;
  onFailure(error: unknown): void;
}

/**
 * A campaign's own ceiling on this node, under the account's: a schedule in the database that its nodes lease slots of,
 * as that of the account is. A message takes a slot of each, so neither is ever passed.
 */
export class CampaignRate {
  readonly #deps: CampaignRateDeps;
  #slots: Slots | null = null;
  #ratePerS: number | null = null;
  #closed = false;

  constructor(deps: CampaignRateDeps) {
    this.#deps = deps;
  }

  /** Most messages per second, over all nodes; Infinity: what the account may send. */
  get ratePerS(): number {
    return this.#ratePerS ?? Number.POSITIVE_INFINITY;
  }

  /**
   * What the database says; a change drops the slots of the old rate.
   *
   * @param ratePerS null: only the account's
   * @param nodes that are alive and share it
   */
  apply(ratePerS: number | null, nodes: number): void {
    if (this.#closed) return;
    this.#ratePerS = ratePerS;
    if (ratePerS === null) {
      const had = this.#slots;
      this.#slots = null;
      had?.close();
      if (had !== null) this.#deps.onDue();
      return;
    }
    this.#slots ??= new Slots(ratePerS, this.#deps);
    this.#slots.change(ratePerS, nodes);
  }

  /**
   * Takes a slot if one is due; otherwise false, and `onDue` says when to ask again.
   *
   * @param now monotonic ms
   */
  take(now: number): boolean {
    return this.#slots === null || this.#slots.take(now);
  }

  /** Gives back the slot that was taken last. */
  untake(): void {
    this.#slots?.untake();
  }

  close(): void {
    this.#closed = true;
    this.#slots?.close();
  }
}
