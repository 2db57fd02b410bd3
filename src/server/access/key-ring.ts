import { timingSafeEqual } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { splitApiKey } from '../../base/api-key.ts';
import { errorCode } from '../../base/errors.ts';
import type { Logger } from '../../base/logger.ts';
import { within } from '../../base/within.ts';
import { markKeyUsed, type ValidKey, validKeys } from '../../store/access/keys.ts';
import type { Pool } from '../../store/database/pool.ts';

/** A key that was revoked elsewhere is refused within this time. */
const freshMs = 2_000;
/** A flood of invented keys costs a statement in this time, and each of its requests waits for one. */
const betweenReadingsMs = 100;
/** A database that has not told the keys by then is away, ms. */
const patienceMs = 1_000;
/** The last use of a key is stored so often. */
const noteUseMs = 60_000;

/**
 * The API keys, read as a whole and again when they are old: requests with invented keys never reach the database one by
 * one, and leave nothing in memory.
 */
export class KeyRing {
  readonly #pool: Pool;
  readonly #logger: Logger;
  #known = new Map<string, ValidKey>();
  readonly #notedAt = new Map<string, number>();
  #readAt = Number.NEGATIVE_INFINITY;
  #reading: Promise<void> | null = null;
  #next: Promise<void> | null = null;

  constructor(pool: Pool, logger: Logger) {
    this.#pool = pool;
    this.#logger = logger;
  }

  /**
   * The key with this text, if it is valid now. While the database is away nobody is let in by what was known, unless
   * `whileAway`.
   */
  async find(text: string, whileAway = false): Promise<ValidKey | null> {
    const given = splitApiKey(text);
    if (given === null) return null;
    const found = await this.byId(given.id, whileAway);
    return found === null || !timingSafeEqual(found.digest, given.digest) ? null : found;
  }

  /** For whoever has proved in another way that the key is theirs. */
  async byId(id: string, whileAway = false): Promise<ValidKey | null> {
    // One that is not known may have been made a moment ago, on another node.
    if (!this.#known.has(id)) await this.#readSoon();
    else if (performance.now() - this.#readAt > freshMs) {
      this.#reading ??= this.#read();
      if (whileAway) await within(patienceMs, this.#reading).catch(() => false);
      else await this.#reading;
    }
    const found = this.#known.get(id);
    if (found === undefined) return null;
    return found.expiresAt !== null && found.expiresAt.getTime() <= Date.now() ? null : found;
  }

  /** A reading that begins after now; whoever waits for one shares it. */
  #readSoon(): Promise<void> {
    this.#next ??= sleep(Math.max(0, this.#readAt + betweenReadingsMs - performance.now())).then(() => {
      this.#next = null;
      return this.#read();
    });
    return this.#next;
  }

  async #read(): Promise<void> {
    const begun = performance.now();
    try {
      const keys = await validKeys(this.#pool);
      this.#known = new Map(keys.map((key) => [key.id, key]));
    } finally {
      this.#readAt = begun;
      this.#reading = null;
    }
    for (const id of this.#notedAt.keys()) if (!this.#known.has(id)) this.#notedAt.delete(id);
  }

  /** Stores the use, once a minute, beside the request. */
  noteUse(key: ValidKey, from: string): void {
    const now = performance.now();
    if (now - (this.#notedAt.get(key.id) ?? Number.NEGATIVE_INFINITY) < noteUseMs) return;
    this.#notedAt.set(key.id, now);
    markKeyUsed(this.#pool, key.id, from).catch((error: unknown) =>
      this.#logger.warn(
        { code: errorCode(error), keyId: key.id },
        'the last use of a key could not be stored',
      ),
    );
  }
}
