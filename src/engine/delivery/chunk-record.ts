import { isOver, type Moment, shifted } from '../../base/clock.ts';
import type { Claim } from '../../store/campaigns/chunks.ts';
import type { Fact } from '../../store/campaigns/fact-arrays.ts';
import type { Flush } from '../../store/campaigns/flush.ts';
import { factKind } from '../../store/facts.ts';
import type { Item } from './item.ts';
import { Tally } from './tally.ts';

/** Shares of the lease: it is renewed after the one, and nothing is dispatched in the last part of it. */
export const renewShare = 0.3;
const reserveShare = 0.15;

/** What a chunk adds to its facts when it is flushed. */
export interface FlushRequest {
  end: Flush['end'];
  /** Attempts after the first whose started row it stores. */
  starting: Item[];
  /** Attempts whose started row is stored and which are not made after all. */
  handedBack: Item[];
  /** Numbers up to this one may be started once it is stored. */
  ahead: number;
  credits: Flush['credits'];
  recount: boolean;
  notBeforeMs: number | null;
  /** When the oldest message in flight was dispatched; null without one. */
  oldestDispatch: Moment | null;
}

/**
 * What the database has of a claimed chunk, and what it is still to get: facts, mark, counts, lease.
 *
 * A first attempt may start only up to the acknowledged mark, and nothing may after the deadline. Each flush stores the
 * facts and reserves numbers ahead; one is under way at a time.
 */
export class ChunkRecord {
  readonly claim: Claim;
  readonly tally = new Tally();
  readonly #leaseMs: number;
  #facts: Fact[] = [];
  #group = 0;
  #watermark: number;
  #promised: number;
  #lastStarted: number;
  #deadline: Moment;

  /** @param claimedAt before the claim was sent */
  constructor(claim: Claim, claimedAt: Moment, leaseMs: number) {
    this.claim = claim;
    this.#leaseMs = leaseMs;
    this.#deadline = this.#deadlineOf(claimedAt);
    this.#watermark = claim.watermark;
    this.#promised = claim.watermark;
    this.#lastStarted = claim.watermark;
  }

  /** When nothing may be dispatched any more: before the database's lease ends. */
  get deadline(): Moment {
    return this.#deadline;
  }

  /** First attempts up to this number may start. */
  get watermark(): number {
    return this.#watermark;
  }

  /** The mark of the flush that is under way, if there is one. */
  get promised(): number {
    return this.#promised;
  }

  get lastStarted(): number {
    return this.#lastStarted;
  }

  get hasFacts(): boolean {
    return this.#facts.length > 0;
  }

  /** A stopped process or a machine that was asleep: one of the two clocks notices. */
  isExpired(now: Moment): boolean {
    return isOver(this.#deadline, now);
  }

  /** The first attempt at this number starts. */
  starts(no: number): void {
    this.#lastStarted = no;
  }

  note(fact: Fact): void {
    this.#facts.push(fact);
  }

  /** Takes what there is to be stored. */
  take(request: FlushRequest, now: Moment): Flush {
    const { end, ahead, credits } = request;
    for (const item of request.starting) this.#facts.push(startedFact(item, now));
    for (const item of request.handedBack) this.#facts.push(handedBackFact(item, now));
    const facts = this.#facts;
    this.#facts = [];
    this.#promised = ahead;
    return {
      claim: this.claim,
      group: ++this.#group,
      facts,
      watermark: end === 'keep' ? ahead : this.#lastStarted,
      counts: this.tally.counts,
      end,
      notBeforeMs: request.notBeforeMs,
      recount: request.recount,
      leaseMs: this.#leaseMs,
      now,
      doubtFrom: request.oldestDispatch ?? now,
      ...(credits === undefined ? {} : { credits }),
    };
  }

  /** @param sentAt before the flush was sent that is acknowledged now */
  acknowledged({ end, watermark }: Flush, sentAt: Moment): void {
    this.#deadline = this.#deadlineOf(sentAt);
    if (end === 'keep') this.#watermark = watermark;
  }

  #deadlineOf(since: Moment): Moment {
    return shifted(since, this.#leaseMs * (1 - reserveShare));
  }
}

function startedFact({ attempt, recipient }: Item, at: Moment): Fact {
  return {
    no: recipient.no,
    attempt,
    kind: factKind.started,
    ...{ errcode: null, msgid: null, reason: null, waitMs: null, at },
  };
}

/** It gets its outcome, or it would be in doubt. */
function handedBackFact({ recipient, attempt, errcode, reason, dueAt }: Item, at: Moment): Fact {
  return {
    no: recipient.no,
    attempt,
    kind: factKind.retry,
    errcode,
    msgid: null,
    reason: reason === null || reason === 'maybe-sent' ? 'handed-back' : reason,
    waitMs: Math.max(0, dueAt - at.monotonic),
    at,
  };
}
