import type { Clock } from '../../base/clock.ts';

/** A run of slots as the database gave it. */
export interface LeasedSlice {
  count: number;
  ratePerS: number;
  /** From the database's now to the end of the last slot, ms. */
  endMs: number;
}

export interface SlotsDeps {
  clock: Clock;
  /** Leases the next slots of the account; null when there is no such account any more. Rejects while the database is away. */
  lease(count: number): Promise<LeasedSlice | null>;
  /** A slot is due, or slots have come: look again. */
  onDue(): void;
  /** The first of failures in a row: nothing is sent until it is mended, so somebody has to hear of it. */
  onFailure(error: unknown): void;
}

interface Slice {
  count: number;
  used: number;
  /** Monotonic ms of the first slot; the next ones follow every `everyMs`. */
  startAt: number;
  everyMs: number;
  /** Monotonic ms after which nothing of it may be used any more. */
  expiresAt: number;
}

/** How much of the schedule one lease takes at most, ms. */
const sliceMs = 100;
/**
 * More of it while the database is slow: so many times what the last lease took, and at most so much, ms. A slice begins when its answer
 * is here and is over so long after the question: with 100 ms nothing at all was sent once an answer took 200 ms.
 */
const slowSlice = { leases: 4, longestMs: 2_000 };
/**
 * A slot may be used so much later than it was due, ms: several nodes then send side by side instead of one after
 * the other, and a pause of the event loop costs no slots. In 10 s it adds at most 2 % to the rate.
 */
const graceMs = 100;
/**
 * The next slots are ordered this long before the last ones are used up, ms, and twice the time that a lease takes.
 * With 40 ms, 5,000/s came out 3 to 5 % short on a busy machine, whenever a commit took longer (bench/pace.ts).
 */
const aheadMs = 100;
/** The same for slots that are about to be lost. */
const expiryAheadMs = 40;
const retryMs = 100;

/**
 * The slots of one account on this node: which of its messages may leave when.
 *
 * The database's schedule is converted to the monotonic clock so that no slot comes early: its start is counted
 * from the answer of the lease and its end from the question. Slots that are not used in time are lost.
 */
export class Slots {
  readonly #deps: SlotsDeps;
  #slices: Slice[] = [];
  #taken: Slice | null = null;
  #ratePerS: number;
  #nodes = 1;
  #asking = false;
  #failing = false;
  #closed = false;
  #round = 0;
  #leaseMs = 5;
  #lastLeaseMs = 5;
  #timer: NodeJS.Timeout | null = null;
  #timerAt = Number.POSITIVE_INFINITY;
  /** Slots used since the last lease was asked for, and whether there were too few. */
  #usedSince = 0;
  #since: number;
  #short = true;
  #perMs = 0;

  constructor(ratePerS: number, deps: SlotsDeps) {
    this.#ratePerS = ratePerS;
    this.#deps = deps;
    this.#since = deps.clock.monotonic();
  }

  /**
   * Takes a slot if one is due; otherwise false, and `onDue` says when to ask again.
   *
   * @param now monotonic ms
   */
  take(now = this.#deps.clock.monotonic()): boolean {
    let slice = this.#slices[0];
    while (slice !== undefined && (slice.used >= slice.count || now > slice.expiresAt)) {
      this.#slices.shift();
      slice = this.#slices[0];
    }
    if (slice === undefined) {
      this.#short = true;
      this.#ask(now);
      return false;
    }
    const dueAt = slice.startAt + slice.used * slice.everyMs;
    if (now < dueAt) {
      this.#short = true;
      this.#wakeAt(dueAt, now);
      return false;
    }
    slice.used++;
    this.#usedSince++;
    this.#taken = slice;
    if (!this.#asking) this.#askAhead(now);
    return true;
  }

  /** Gives back the slot that was taken last. */
  untake(): void {
    if (this.#taken === null) return;
    this.#taken.used--;
    this.#usedSince--;
    this.#taken = null;
  }

  /** The rate or the number of nodes is now this. A new rate drops the slots of the old one. */
  change(ratePerS: number, nodes: number): void {
    this.#nodes = Math.max(1, nodes);
    if (ratePerS === this.#ratePerS) return;
    this.#ratePerS = ratePerS;
    this.#round++;
    this.#slices = [];
    this.#perMs = 0;
    this.#asking = false;
    this.#deps.onDue();
  }

  close(): void {
    this.#closed = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
  }

  /** Orders the next slots before these are used up or over. */
  #askAhead(now: number): void {
    const leaseMs = 2 * this.#leaseMs;
    const last = this.#slices.at(-1);
    const ending = last === undefined || last.expiresAt - now <= expiryAheadMs + leaseMs;
    if (ending || this.#left() <= this.#perMs * (aheadMs + leaseMs)) this.#ask(now);
  }

  #left(): number {
    let left = 0;
    for (const slice of this.#slices) left += slice.count - slice.used;
    return left;
  }

  /** As many as were used lately and a quarter more; as many as it may when there were too few. */
  #wanted(now: number): number {
    const share = Math.min(1, 1.5 / this.#nodes);
    const longestMs = Math.max(sliceMs, Math.min(slowSlice.longestMs, slowSlice.leases * this.#lastLeaseMs));
    const most = Math.max(1, Math.floor((this.#ratePerS * longestMs * share) / 1000));
    const passed = now - this.#since;
    if (passed > 5) this.#perMs = this.#usedSince / passed;
    this.#since = now;
    this.#usedSince = 0;
    const enough = Math.ceil(Math.max(most / 10, this.#perMs * longestMs * 1.25));
    const wanted = this.#short ? most : Math.min(most, enough);
    this.#short = false;
    return wanted;
  }

  #ask(now: number): void {
    if (this.#asking || this.#closed) return;
    this.#asking = true;
    const round = this.#round;
    this.#deps.lease(this.#wanted(now)).then(
      (leased) => {
        if (round !== this.#round) return;
        this.#asking = false;
        this.#failing = false;
        if (leased === null) this.#wakeAt(this.#deps.clock.monotonic() + retryMs, now);
        else this.#add(leased, now);
      },
      (error: unknown) => {
        if (round !== this.#round) return;
        this.#asking = false;
        if (!this.#failing) this.#deps.onFailure(error);
        this.#failing = true;
        this.#wakeAt(this.#deps.clock.monotonic() + retryMs, this.#deps.clock.monotonic());
      },
    );
  }

  #add(leased: LeasedSlice, askedAt: number): void {
    const now = this.#deps.clock.monotonic();
    this.#lastLeaseMs = now - askedAt;
    this.#leaseMs = 0.8 * this.#leaseMs + 0.2 * this.#lastLeaseMs;
    const everyMs = 1000 / leased.ratePerS;
    this.#slices.push({
      count: leased.count,
      used: 0,
      startAt: now + leased.endMs - leased.count * everyMs,
      everyMs,
      expiresAt: askedAt + leased.endMs + graceMs,
    });
    this.#deps.onDue();
  }

  #wakeAt(at: number, now: number): void {
    if (this.#closed || (this.#timer !== null && this.#timerAt <= at)) return;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timerAt = at;
    this.#timer = setTimeout(
      () => {
        this.#timer = null;
        this.#deps.onDue();
      },
      Math.max(1, Math.ceil(at - now)),
    );
  }
}
