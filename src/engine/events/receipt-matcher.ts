import { type Clock, systemClock } from '../../base/clock.ts';
import { errorCode } from '../../base/errors.ts';
import type { Logger } from '../../base/logger.ts';
import { Rounds } from '../../base/rounds.ts';
import { isTracing } from '../../base/tracing.ts';
import type { Pool } from '../../store/database/pool.ts';
import { findSettlements, settle } from '../../store/events/receipt-settlement.ts';
import { matchReceipts, type ReceiptCursor } from '../../store/events/receipts.ts';
import { consumeSettled } from '../credits/message-credits.ts';
import { spanReceipt } from './receipt-spans.ts';

/**
 * How often receipts without a message are looked for again, by their age. Nearly all that will be matched are within
 * a second, because only a flush was behind; a node that was stopped for a while stores its answers when it goes on.
 * Receipts of messages that other programs sent never match, and looking for one costs a look into an index (some µs):
 * each is looked for about 60 times in its day.
 */
const rounds = [
  { everyMs: 1_000, withinMs: 10_000 },
  { everyMs: 10_000, withinMs: 2 * 60_000 },
  { everyMs: 5 * 60_000, withinMs: 60 * 60_000 },
  { everyMs: 2 * 60 * 60_000, withinMs: 25 * 60 * 60_000 },
];
const tickMs = 1_000;
const batch = 5_000;
/** A receipt that found no message for so long may settle an unknown outcome. */
const settleAfterMs = 2 * 60_000;
const settleEveryMs = 15_000;
/** Settled in one go; each is a transaction of its own, and what is left comes with the next. */
const settleBatch = 500;

export interface ReceiptMatcherDeps {
  pool: Pool;
  logger: Logger;
  /** How long an answer is waited for, ms: so much earlier than its fact a message of unknown outcome may have left. */
  answerTimeoutMs: number;
  clock?: Clock;
  /** For tests; default 2 min. */
  settleAfterMs?: number;
}

/**
 * Matches receipts that came before the answer of their message was stored. Every node runs one; the database lets one at a
 * time do it, so that a node that dies takes nothing with it.
 */
export class ReceiptMatcher {
  readonly #pool: Pool;
  readonly #logger: Logger;
  readonly #clock: Clock;
  readonly #answerTimeoutMs: number;
  readonly #settleAfterMs: number;
  /** Monotonic ms at which each round is due. */
  readonly #due = rounds.map(() => 0);
  #settleDue = 0;
  readonly #rounds: Rounds;

  constructor(deps: ReceiptMatcherDeps) {
    this.#pool = deps.pool;
    this.#logger = deps.logger;
    this.#clock = deps.clock ?? systemClock;
    this.#answerTimeoutMs = deps.answerTimeoutMs;
    this.#settleAfterMs = deps.settleAfterMs ?? settleAfterMs;
    this.#rounds = new Rounds(
      () => this.#look(),
      (error) =>
        deps.logger.warn(
          { code: errorCode(error), err: error },
          'matching receipts failed and is tried again',
        ),
    );
  }

  start(): void {
    this.#rounds.start(tickMs);
  }

  /** Waits for the statement that runs. */
  async close(): Promise<void> {
    await this.#rounds.close();
  }

  async #look(): Promise<void> {
    const now = this.#clock.monotonic();
    await this.#match(now);
    if (now < this.#settleDue) return;
    this.#settleDue = now + Math.min(settleEveryMs, this.#settleAfterMs);
    await this.#settle();
  }

  async #match(now: number): Promise<void> {
    // The widest round that is due looks at what the narrower ones would see.
    const widest = this.#due.findLastIndex((due) => now >= due);
    const round = rounds[widest];
    if (round === undefined) return;
    for (let i = 0; i <= widest; i++) this.#due[i] = now + (rounds[i]?.everyMs ?? 0);
    let cursor: ReceiptCursor | null = null;
    let matched = 0;
    do {
      const part = await matchReceipts(this.#pool, round.withinMs, cursor, batch, isTracing());
      matched += part.matched;
      for (const one of part.traced) spanReceipt(one);
      cursor = part.next;
    } while (cursor !== null && !this.#rounds.isClosed);
    if (matched > 0) this.#logger.debug({ matched }, 'receipts matched that came before their answers');
  }

  async #settle(): Promise<void> {
    const found = await findSettlements(this.#pool, this.#settleAfterMs, this.#answerTimeoutMs, settleBatch);
    let settled = 0;
    for (const one of found) {
      if (this.#rounds.isClosed) break;
      if (await settle(this.#pool, one, consumeSettled)) settled++;
    }
    if (settled > 0) this.#logger.info({ settled }, 'unknown outcomes settled by receipts');
  }
}
