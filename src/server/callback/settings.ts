import { errorCode } from '../../base/errors.ts';
import type { Logger } from '../../base/logger.ts';
import {
  type CallbackSettings,
  listCallbacks,
  type VersionedCallback,
} from '../../store/events/callbacks.ts';
import { type EventTerms, eventTerms, termOf } from '../../store/events/event-terms.ts';
import type { Store } from '../../store/store.ts';

/** A change made elsewhere (`hongyan callback config`) is seen within this time. */
const freshMs = 2_000;
/** For an account that is not there yet; a flood of invented ones costs a statement in this time. */
const freshUnknownMs = 250;
const patienceMs = 2_000;

/**
 * The callback settings of all accounts, read again when somebody asks and they are old. Read as a whole, so that
 * requests for accounts that do not exist never reach the database one by one.
 */
export class CallbackSettingsCache {
  readonly #store: Store;
  readonly #logger: Logger;
  #known: Map<string, VersionedCallback> = new Map();
  #readAt = Number.NEGATIVE_INFINITY;
  #reading: Promise<void> | null = null;
  #terms: EventTerms | null = null;

  constructor(store: Store, logger: Logger) {
    this.#store = store;
    this.#logger = logger;
  }

  /** Reads them, so that the first request finds them. */
  async warm(): Promise<void> {
    await this.#read();
  }

  /** Null when the account has no callback settings. While the database is away, what was known last. */
  async find(appid: string): Promise<CallbackSettings | null> {
    const isKnown = this.#known.has(appid);
    const age = performance.now() - this.#readAt;
    if (age > (isKnown ? freshMs : freshUnknownMs)) {
      this.#reading ??= this.#read().finally(() => {
        this.#reading = null;
      });
      // What is known is used at once, and the next request has the change; after a pause it is waited for, though not
      // for ever: a database that hangs must not take an answer's five seconds.
      if (!isKnown || age > 2 * freshMs) await atMost(this.#reading, patienceMs);
    }
    return this.#known.get(appid)?.settings ?? null;
  }

  /** How many days the account's events are kept. */
  eventDays(appid: string): number {
    return this.#terms === null ? Number.POSITIVE_INFINITY : termOf(this.#terms, appid);
  }

  async #read(): Promise<void> {
    try {
      this.#terms = await eventTerms(this.#store.pool);
      this.#known = await listCallbacks(this.#store.pool, this.#store.sealer, this.#known);
      this.#readAt = performance.now();
    } catch (error) {
      this.#logger.warn(
        { code: errorCode(error) },
        'the callback settings cannot be read; the last ones are used',
      );
    }
  }
}

async function atMost(work: Promise<void>, ms: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  await Promise.race([work, late]);
  clearTimeout(timer);
}
