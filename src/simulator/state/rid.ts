import { randomBytes } from 'node:crypto';

const dayMs = 86_400_000;

/** One failed call, as `openapi/rid/get` tells it. */
export interface RidEntry {
  rid: string;
  appid: string | undefined;
  invokedAtMs: number;
  requestUrl: string;
  requestBody: string;
  responseBody: string;
  clientIp: string;
}

/** Gives out rids and remembers the last ones. */
export class RidLog {
  readonly #entries = new Map<string, RidEntry>();
  readonly #keep: number;
  #random = Buffer.alloc(0);
  #at = 0;

  constructor(keep = 10_000) {
    this.#keep = keep;
  }

  /** Three groups of 8 hex digits; the first is the Unix time in seconds. */
  next(nowMs: number): string {
    if (this.#at >= this.#random.length) {
      this.#random = randomBytes(4096);
      this.#at = 0;
    }
    const tail = this.#random.toString('hex', this.#at, this.#at + 8);
    this.#at += 8;
    const seconds = Math.floor(nowMs / 1000)
      .toString(16)
      .padStart(8, '0');
    return `${seconds}-${tail.slice(0, 8)}-${tail.slice(8)}`;
  }

  remember(entry: RidEntry): void {
    if (this.#entries.size >= this.#keep) {
      const oldest = this.#entries.keys().next();
      if (!oldest.done) this.#entries.delete(oldest.value);
    }
    this.#entries.set(entry.rid, entry);
  }

  get(rid: string): RidEntry | undefined {
    return this.#entries.get(rid);
  }

  /** Rids can be looked up for 7 days. */
  static isTooOld(rid: string, nowMs: number): boolean {
    return nowMs - Number.parseInt(rid.slice(0, 8), 16) * 1000 > 7 * dayMs;
  }
}
