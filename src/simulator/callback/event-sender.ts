import { Pool } from 'undici';
import type { Logger } from '../../base/logger.ts';
import { Delivery, type DeliveryFailure } from './delivery.ts';
import { DueQueue } from './due-queue.ts';
import type { EventLog, EventRow } from './event-log.ts';
import type { EventOptions } from './options.ts';

/** One push, ready to be written. */
export interface Push {
  /** Path and query. */
  path: string;
  contentType: string;
  body: string;
}

/** What the sender asks of the account. */
export interface SenderHooks {
  /** Writes an event; `delivery` is 1 for its first one. */
  write(row: EventRow, delivery: number): Push;
  /** Reads an answer of status 200; false if it is not one. */
  accept(row: EventRow, body: string): boolean;
  /** Draws whether something that happens to that share happens to this event (and delivery). */
  strikes(row: EventRow, what: 'answer-lost' | 'duplicate', delivery: number, share: number): boolean;
}

/** What was sent so far, over all events. */
export interface SenderCounts {
  /** HTTP requests. */
  deliveries: number;
  /** Failed ones by reason; `answer-lost` were answered well, but WeChat did not see it. */
  failures: Record<DeliveryFailure | 'answer-lost', number>;
  /** Events sent again although WeChat had seen a good answer. */
  duplicates: number;
  /** How often MarkFail paused the account. */
  markFails: number;
}

/** setTimeout takes no more. */
const maxTimerMs = 2_147_483_647;
/** Queue entries are event × 2, plus 1 for the second sending of a duplicate. */
const duplicateDelivery = 1;

/**
 * Sends an account's events when they are due: a bounded number at a time over kept connections, repeats those that
 * failed, and gives up after so many. What waits is two numbers for an event, not a body; the body is written again for
 * each delivery and comes out the same.
 */
export class EventSender {
  readonly #log: EventLog;
  readonly #options: EventOptions;
  readonly #hooks: SenderHooks;
  readonly #logger: Logger;
  readonly #queue = new DueQueue();
  readonly #underWay = new Map<Delivery, number>();
  readonly #early = new Map<number, { timer: NodeJS.Timeout; then: () => void }>();
  readonly #closing = new Set<Promise<void>>();
  #drained: (() => void)[] = [];
  #pool: Pool | undefined;
  #origin = '';
  #connections = 0;
  #timer: NodeJS.Timeout | undefined;
  #timerDue = Number.POSITIVE_INFINITY;
  #isPumping = false;
  #failedInARow = 0;
  #resumesAt = 0;
  isPaused = false;
  counts: SenderCounts = noCounts();

  constructor(log: EventLog, options: EventOptions, hooks: SenderHooks, logger: Logger) {
    this.#log = log;
    this.#options = options;
    this.#hooks = hooks;
    this.#logger = logger;
  }

  /** Events that wait or are under way. */
  get open(): number {
    return this.#queue.size + this.#underWay.size;
  }

  /** Whether an event that is due now goes out now. */
  get isReady(): boolean {
    return !this.isPaused && this.#pool !== undefined && this.#resumesAt <= performance.now();
  }

  /** Milliseconds until MarkFail ends; 0 if the account is not marked. */
  get markFailLeftMs(): number {
    return Math.max(0, Math.ceil(this.#resumesAt - performance.now()));
  }

  /** Where to send from now on; undefined gives up everything that waits. */
  target(origin: string | undefined): void {
    if (origin !== undefined) {
      this.#connect(origin);
      this.#pump();
      return;
    }
    for (const seq of this.#underWay.values()) this.#finish(seq);
    while (this.#queue.size > 0) this.#finish(Math.floor(this.#queue.pop() / 2));
    this.#disconnect();
    this.#origin = '';
    this.#release();
  }

  /** Options have changed. */
  refresh(): void {
    if (this.#pool !== undefined && this.#connections !== this.#options.connections)
      this.#connect(this.#origin);
    if (this.#options.markFailAfter === 0) this.#resumesAt = 0;
    this.#pump();
  }

  /** Sends the event `delayMs` from now. */
  add(seq: number, delayMs: number): void {
    this.#queue.push(performance.now() + delayMs, seq * 2);
    this.#pump();
  }

  /** Calls `then` when the event's first delivery has ended, or after the time that one may take. */
  afterFirstDelivery(seq: number, then: () => void): void {
    const timer = setTimeout(() => this.#goOn(seq), this.#options.timeoutMs);
    this.#early.set(seq, { timer, then });
  }

  pause(): void {
    this.isPaused = true;
  }

  resume(): void {
    this.isPaused = false;
    this.#resumesAt = 0;
    this.#pump();
  }

  /** Resolves when nothing waits and nothing is under way; at once if that is so. */
  drained(): Promise<void> {
    if (this.open === 0) return Promise.resolve();
    return new Promise((resolve) => this.#drained.push(resolve));
  }

  /** Forgets everything; the log is cleared by the caller. */
  reset(): void {
    this.#disconnect();
    while (this.#queue.size > 0) this.#queue.pop();
    clearTimeout(this.#timer);
    this.#timerDue = Number.POSITIVE_INFINITY;
    for (const seq of [...this.#early.keys()]) this.#goOn(seq);
    this.#failedInARow = 0;
    this.#resumesAt = 0;
    this.isPaused = false;
    this.counts = noCounts();
    this.#release();
  }

  async close(): Promise<void> {
    for (const { timer } of this.#early.values()) clearTimeout(timer);
    this.#early.clear();
    this.reset();
    await Promise.all(this.#closing);
  }

  #connect(origin: string): void {
    const before = this.#pool;
    this.#origin = origin;
    this.#connections = this.#options.connections;
    this.#pool = new Pool(origin, {
      connections: this.#connections,
      pipelining: 1,
      allowH2: false,
      // A delivery has one timer over all of it.
      headersTimeout: 0,
      bodyTimeout: 0,
      connectTimeout: 10_000,
    });
    // What is under way ends on its old connections.
    if (before !== undefined) this.#track(before.close());
  }

  /** Ends what is under way without a result and drops the connections. */
  #disconnect(): void {
    for (const delivery of this.#underWay.keys()) delivery.cancel();
    this.#underWay.clear();
    if (this.#pool !== undefined) this.#track(this.#pool.destroy());
    this.#pool = undefined;
  }

  #track(closing: Promise<void>): void {
    const tracked = closing.finally(() => this.#closing.delete(tracked));
    this.#closing.add(tracked);
  }

  #pump(): void {
    // A delivery may end while it is being started.
    if (this.#isPumping) return;
    this.#isPumping = true;
    try {
      while (this.#startNext());
    } finally {
      this.#isPumping = false;
    }
  }

  /** Starts the next delivery that is due; false if there is none, or no room. */
  #startNext(): boolean {
    if (this.isPaused || this.#pool === undefined || this.#queue.size === 0) return false;
    if (this.#underWay.size >= this.#options.connections) return false;
    const now = performance.now();
    const next = Math.max(this.#queue.firstDue, this.#resumesAt);
    if (next > now) {
      this.#wake(next, now);
      return false;
    }
    this.#deliver(this.#pool, this.#queue.pop(), now);
    return true;
  }

  #wake(due: number, now: number): void {
    if (due >= this.#timerDue) return;
    clearTimeout(this.#timer);
    this.#timerDue = due;
    this.#timer = setTimeout(
      () => {
        this.#timerDue = Number.POSITIVE_INFINITY;
        this.#pump();
      },
      Math.min(maxTimerMs, due - now),
    );
  }

  #deliver(pool: Pool, item: number, startedAt: number): void {
    const seq = Math.floor(item / 2);
    const isDuplicate = item % 2 === duplicateDelivery;
    const number = this.#log.startDelivery(seq);
    // Open events are in the log.
    const row = this.#log.get(seq) as EventRow;
    this.counts.deliveries++;
    const push = this.#hooks.write(row, number);
    const delivery = new Delivery(this.#options.timeoutMs, (failure, status, body) => {
      this.#underWay.delete(delivery);
      const ended = failure ?? (this.#hooks.accept(row, body) ? undefined : 'answer');
      if (ended !== undefined) this.#logger.debug({ seq, failure: ended, status }, 'event delivery failed');
      this.#ended(row, number, isDuplicate, ended, startedAt);
    });
    this.#underWay.set(delivery, seq);
    pool.dispatch(
      {
        method: 'POST',
        path: push.path,
        headers: ['content-type', push.contentType, 'user-agent', 'Mozilla/4.0', 'accept', '*/*'],
        body: push.body,
      },
      delivery,
    );
  }

  #ended(
    row: EventRow,
    number: number,
    isDuplicate: boolean,
    failure: DeliveryFailure | undefined,
    startedAt: number,
  ): void {
    const { seq } = row;
    const options = this.#options;
    const isLost =
      failure === undefined && this.#hooks.strikes(row, 'answer-lost', number, options.answerLostShare);
    if (failure === undefined) this.#log.settle(seq, 'delivered');
    this.#countInARow(failure);
    if (failure !== undefined || isLost) {
      this.counts.failures[failure ?? 'answer-lost']++;
      if (!isDuplicate && this.#log.failDelivery(seq) < options.deliveries) {
        this.#queue.push(startedAt + options.retryAfterMs, seq * 2);
      } else this.#finish(seq);
    } else if (!isDuplicate && this.#hooks.strikes(row, 'duplicate', number, options.duplicateShare)) {
      this.counts.duplicates++;
      this.#queue.push(performance.now() + options.jitterMs / 2, seq * 2 + duplicateDelivery);
    } else this.#finish(seq);
    this.#goOn(seq);
    this.#pump();
    this.#release();
  }

  #finish(seq: number): void {
    this.#log.settle(seq, 'given-up');
    this.#log.close(seq);
  }

  #countInARow(failure: DeliveryFailure | undefined): void {
    const { markFailAfter, markFailPauseMs } = this.#options;
    this.#failedInARow = failure === undefined ? 0 : this.#failedInARow + 1;
    if (markFailAfter === 0 || this.#failedInARow < markFailAfter) return;
    this.#failedInARow = 0;
    this.#resumesAt = performance.now() + markFailPauseMs;
    this.counts.markFails++;
    this.#logger.warn(
      { pauseMs: markFailPauseMs, failures: markFailAfter },
      'the callback URL keeps failing; events pause',
    );
  }

  #goOn(seq: number): void {
    const held = this.#early.get(seq);
    if (held === undefined) return;
    this.#early.delete(seq);
    clearTimeout(held.timer);
    held.then();
  }

  #release(): void {
    if (this.open > 0) return;
    const waiting = this.#drained;
    this.#drained = [];
    for (const resolve of waiting) resolve();
  }
}

function noCounts(): SenderCounts {
  return {
    deliveries: 0,
    failures: { timeout: 0, connection: 0, status: 0, answer: 0, 'answer-lost': 0 },
    duplicates: 0,
    markFails: 0,
  };
}
