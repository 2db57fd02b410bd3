import { errorCode, failure, HongyanError } from '../../base/errors.ts';
import type { Logger } from '../../base/logger.ts';
import { activeSpanContext, detached, type SpanContext } from '../../base/tracing.ts';
import { isPassing } from '../../store/database/explain.ts';
import { inTransaction, type Pool, type PoolClient } from '../../store/database/pool.ts';
import { type EventRow, eventId, limitLockWait } from '../../store/events/events.ts';
import type { CallbackEvent } from '../../wechat/callback/event.ts';
import { eventKey } from '../../wechat/callback/event-key.ts';
import { applyEffects, type NamedEffect } from './effects.ts';
import { spanReceipts } from './receipt-spans.ts';
import { eventSecond, storableFields, storableText } from './storable.ts';
import { storeEvents } from './store-events.ts';
import type { StoredEvent } from './stored-event.ts';

const maxGroup = 500;
/** Sum of the bodies of a group; one larger body is a group of its own. */
const maxGroupBytes = 4 * 1024 * 1024;
/** So long a first event waits for others, unless groups are under way: then they come together by themselves. */
const gatherMs = 5;
const maxGroupsInFlight = 3;
const maxWaiting = 20_000;
const maxWaitingBytes = 64 * 1024 * 1024;
/** WeChat gives up after 5 s; what is not stored by then is answered with an error, and WeChat repeats it. */
const patienceMs = 4_000;
const retryMs = 100;
/** check_violation, which `events` has only as a partition: one was made for a row on its way to the default partition. */
const partitionMade = '23514';

export interface EventTakerOptions {
  pool: Pool;
  logger: Logger;
  effects: NamedEffect[];
  /** Called for each event with how long it waited, ms; infinity when it was refused or not stored in time. */
  onTaken?: (appid: string, waitedMs: number) => void;
  /** For tests: an event that is not stored after so long is refused, ms. Default: what WeChat's 5 s leave. */
  patienceMs?: number;
  /** For tests: called when a group was committed, before anybody is told. */
  onCommitted?: () => Promise<void> | void;
}

interface Waiting {
  row: EventRow;
  id: string;
  stored: StoredEvent;
  bytes: number;
  /** Unix ms. */
  cameAt: number;
  /** The span of the request that brought it. */
  by: SpanContext | undefined;
  isSettled: boolean;
  settle(outcome: 'new' | 'repeated' | HongyanError): void;
}

/**
 * Stores the events of all connections of this process in groups, each in one transaction with what follows from it.
 *
 * Holds nothing that matters: an event counts as taken when its transaction is committed, and WeChat repeats what was
 * not confirmed.
 */
export class EventTaker {
  readonly #options: EventTakerOptions;
  readonly #waiting: Waiting[] = [];
  #waitingBytes = 0;
  #groupsInFlight = 0;
  #timer: NodeJS.Timeout | null = null;
  /** Set while the database cannot be used. */
  #retryTimer: NodeJS.Timeout | null = null;
  #isClosed = false;
  #onIdle: (() => void) | null = null;

  constructor(options: EventTakerOptions) {
    this.#options = options;
  }

  /**
   * Resolves when the event is stored: `new`, or `repeated` when it was there already.
   *
   * Throws `EVENTS_BUSY` at once when too many wait, and `EVENTS_UNAVAILABLE` when it is not stored within 4 s; it may
   * still be stored then, and a repeat is recognised. `EVENT_UNSTORABLE` when the database refuses the event itself.
   */
  take(appid: string, event: CallbackEvent, bytes: number): Promise<'new' | 'repeated'> {
    if (this.#waiting.length >= maxWaiting || this.#waitingBytes + bytes > maxWaitingBytes) {
      this.#options.onTaken?.(appid, Number.POSITIVE_INFINITY);
      throw failure('EVENTS_BUSY', {});
    }
    if (this.#isClosed) throw unavailable();
    const key = eventKey(event);
    const row: EventRow = {
      appid,
      createdAt: eventSecond(event),
      key,
      type: event.type,
      openid: storableText(event.openid),
      fields: JSON.stringify(storableFields(event.fields)),
      raw: event.type === 'unreadable' ? event.raw : null,
    };
    const { onTaken } = this.#options;
    const since = performance.now();
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => waiting.settle(unavailable()), this.#options.patienceMs ?? patienceMs);
      const waiting: Waiting = {
        row,
        id: eventId(row),
        stored: { appid, key, event },
        bytes,
        cameAt: Date.now(),
        by: activeSpanContext(),
        isSettled: false,
        settle(outcome) {
          clearTimeout(timer);
          if (this.isSettled) return;
          this.isSettled = true;
          const isStored = outcome === 'new' || outcome === 'repeated';
          onTaken?.(appid, isStored ? performance.now() - since : Number.POSITIVE_INFINITY);
          if (outcome instanceof HongyanError) reject(outcome);
          else resolve(outcome);
        },
      };
      this.#waiting.push(waiting);
      this.#waitingBytes += bytes;
      // A group is not one request's.
      detached(() => this.#schedule());
    });
  }

  /** Stores what waits, at most for the patience of those who wait. */
  async close(): Promise<void> {
    this.#isClosed = true;
    if (this.#isIdle()) return;
    await new Promise<void>((resolve) => {
      this.#onIdle = resolve;
      this.#start();
    });
  }

  #isIdle(): boolean {
    return this.#groupsInFlight === 0 && this.#waiting.length === 0;
  }

  #schedule(): void {
    if (this.#retryTimer !== null || this.#groupsInFlight >= maxGroupsInFlight) return;
    if (this.#waiting.length >= maxGroup) this.#start();
    else this.#timer ??= setTimeout(() => this.#start(), gatherMs);
  }

  #start(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    while (
      this.#waiting.length > 0 &&
      this.#groupsInFlight < maxGroupsInFlight &&
      this.#retryTimer === null
    ) {
      const group = this.#nextGroup();
      if (group.length === 0) continue;
      this.#groupsInFlight++;
      void this.#store(group).finally(() => {
        this.#groupsInFlight--;
        this.#start();
      });
    }
    if (this.#isIdle()) this.#onIdle?.();
  }

  /** Those who have given up are left out. */
  #nextGroup(): Waiting[] {
    let bytes = 0;
    let taken = 0;
    for (const one of this.#waiting) {
      bytes += one.bytes;
      if (taken === maxGroup || (taken > 0 && bytes > maxGroupBytes)) break;
      taken++;
    }
    const group = this.#waiting.splice(0, taken);
    for (const one of group) this.#waitingBytes -= one.bytes;
    return group.filter((one) => !one.isSettled);
  }

  async #store(group: Waiting[]): Promise<void> {
    try {
      const fresh = await this.#commit(group);
      await this.#options.onCommitted?.();
      for (const one of group) one.settle(fresh.has(one) ? 'new' : 'repeated');
      await this.#span(fresh);
    } catch (error) {
      if (isPassing(error) || errorCode(error) === partitionMade) this.#tryAgain(group, error);
      else if (group.length > 1) {
        // One of them cannot be stored; the others must not share its fate.
        const half = Math.ceil(group.length / 2);
        await this.#store(group.slice(0, half));
        await this.#store(group.slice(half));
      } else this.#refuse(group[0], error);
    }
  }

  /** Nobody waits for it, and it is nobody's failure. */
  async #span(fresh: Set<Waiting>): Promise<void> {
    const { pool, logger } = this.#options;
    const events = [...fresh].map(({ stored, cameAt, by }) => ({ ...stored, cameAt, by }));
    await spanReceipts(pool, events).catch((error: unknown) =>
      logger.debug({ code: errorCode(error) }, 'receipts have no spans'),
    );
  }

  /** One transaction. Of equal events only the first counts as new. */
  async #commit(group: Waiting[]): Promise<Set<Waiting>> {
    const { pool, logger, effects } = this.#options;
    const firsts = [...new Map(group.toReversed().map((one) => [one.id, one])).values()].reverse();
    return inTransaction(pool, async (client: PoolClient) => {
      await limitLockWait(client);
      const places = await storeEvents(client, firsts);
      const fresh = places.map((place) => firsts[place]!); // storeEvents gives places in what it got
      await applyEffects(client, fresh, effects, logger);
      return new Set(fresh);
    });
  }

  #tryAgain(group: Waiting[], error: unknown): void {
    const left = group.filter((one) => !one.isSettled);
    this.#waiting.unshift(...left);
    for (const one of left) this.#waitingBytes += one.bytes;
    if (this.#retryTimer !== null) return;
    this.#options.logger.warn(
      { code: errorCode(error), waiting: this.#waiting.length },
      'events cannot be stored; it is tried again',
    );
    this.#retryTimer = setTimeout(() => {
      this.#retryTimer = null;
      this.#start();
    }, retryMs);
  }

  #refuse(one: Waiting | undefined, error: unknown): void {
    this.#options.logger.error(
      { err: error, appid: one?.row.appid, type: one?.row.type },
      'an event cannot be stored; WeChat repeats it twice and then drops it',
    );
    one?.settle(failure('EVENT_UNSTORABLE', {}, { cause: error }));
  }
}

function unavailable(): HongyanError {
  return failure('EVENTS_UNAVAILABLE', {});
}
