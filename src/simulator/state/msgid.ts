/** 2017-11-02T03:11:11Z, the origin of the ids that WeChat's sends return. */
const originMs = 1_509_592_271_000;
const sequences = 16_384;

/**
 * 64-bit, time-ordered message ids: milliseconds << 24 | worker (10 bits) << 14 | sequence (14 bits).
 *
 * Inside the simulator an id is a number without the worker: milliseconds × 16384 + sequence, which stays
 * below 2^53 until 2035.
 */
export class MsgidSource {
  readonly #worker: bigint;
  #last = 0;
  #ms = -1;
  #high = 0n;

  constructor(worker: number) {
    this.#worker = BigInt(worker & 1023) << 14n;
  }

  /** Never repeats, also when the clock is moved back. */
  next(nowMs: number): number {
    this.#last = Math.max(this.#last + 1, (nowMs - originMs) * sequences);
    return this.#last;
  }

  /** The decimal text that goes over the wire. */
  text(id: number): string {
    const ms = Math.floor(id / sequences);
    if (ms !== this.#ms) {
      this.#ms = ms;
      this.#high = (BigInt(ms) << 24n) | this.#worker;
    }
    return (this.#high + BigInt(id % sequences)).toString();
  }

  /** The inner number of a text, of this source or not; NaN if it is no number. */
  static parse(text: string): number {
    if (!/^\d{1,20}$/.test(text)) return Number.NaN;
    const id = BigInt(text);
    return Number(id >> 24n) * sequences + Number(id & 16_383n);
  }

  /** When the id was given out, Unix milliseconds. */
  static timeOf(id: number): number {
    return Math.floor(id / sequences) + originMs;
  }
}
