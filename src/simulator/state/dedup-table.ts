/**
 * Remembers keys for a while: two generations of an open-addressed table, 16 bytes a slot.
 *
 * Keys are 53-bit hashes, so that millions of `client_msg_id`s stay small; with 1 million keys in a window
 * the chance of one false repeat is about 1 in 18,000.
 */
export class DedupTable {
  readonly #windowMs: number;
  readonly #timeOf: (value: number) => number;
  #current = new Table();
  #before = new Table();
  #turnedAtMs = 0;

  /** `timeOf` tells when a stored value was stored, so that the time needs no slot of its own. */
  constructor(windowMs: number, timeOf: (value: number) => number = (value) => value) {
    this.#windowMs = windowMs;
    this.#timeOf = timeOf;
  }

  /** The value stored for the key less than the window ago; if there is none, stores `value`. */
  seen(key: string, nowMs: number, value: number): number | undefined {
    const age = nowMs - this.#turnedAtMs;
    if (age >= this.#windowMs) {
      this.#before = age >= 2 * this.#windowMs ? new Table() : this.#current;
      this.#current = new Table();
      this.#turnedAtMs = nowMs;
    }
    const hash = hash53(key);
    const stored = this.#current.get(hash) ?? this.#before.get(hash);
    if (stored !== undefined && nowMs - this.#timeOf(stored) < this.#windowMs) return stored;
    this.#current.set(hash, value);
    return undefined;
  }

  clear(): void {
    this.#current = new Table();
    this.#before = new Table();
    this.#turnedAtMs = 0;
  }
}

class Table {
  #keys = new Float64Array(1024);
  #values = new Float64Array(1024);
  #size = 0;

  get(key: number): number | undefined {
    const at = this.#slot(key);
    return this.#keys[at] === key ? this.#values[at] : undefined;
  }

  set(key: number, value: number): void {
    let at = this.#slot(key);
    if (this.#keys[at] !== key) {
      if (++this.#size * 2 > this.#keys.length) {
        this.#grow();
        at = this.#slot(key);
      }
      this.#keys[at] = key;
    }
    this.#values[at] = value;
  }

  #slot(key: number): number {
    const mask = this.#keys.length - 1;
    let at = key % this.#keys.length;
    while (this.#keys[at] !== 0 && this.#keys[at] !== key) at = (at + 1) & mask;
    return at;
  }

  #grow(): void {
    const keys = this.#keys;
    const values = this.#values;
    this.#keys = new Float64Array(keys.length * 2);
    this.#values = new Float64Array(keys.length * 2);
    for (let i = 0; i < keys.length; i++) {
      const key = keys[i] as number;
      if (key === 0) continue;
      const at = this.#slot(key);
      this.#keys[at] = key;
      this.#values[at] = values[i] as number;
    }
  }
}

/** Two multiplicative 32-bit hashes side by side, 1 … 2^53 − 1. */
function hash53(text: string): number {
  let a = 0x243f6a88;
  let b = 0x85a308d3;
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    a = Math.imul(a ^ c, 0x9e3779b1);
    b = Math.imul(b ^ c, 0x5f356495);
  }
  a = Math.imul(a ^ (a >>> 15), 0x85ebca77) ^ Math.imul(b ^ (b >>> 13), 0xc2b2ae3d);
  b = Math.imul(b ^ (b >>> 16), 0x27d4eb2f) ^ Math.imul(a ^ (a >>> 14), 0x165667b1);
  return (b >>> 0) + (a & 0x1f_ffff) * 0x1_0000_0000 || 1;
}
