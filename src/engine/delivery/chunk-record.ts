import { type Clock, isOver, type Moment, momentOf, shifted } from '../../base/clock.ts';
import type { Logger } from '../../base/logger.ts';
import type { Claim } from '../../store/campaigns/chunks.ts';
import type { Fact, Flush, FlushAnswer } from '../../store/campaigns/flush.ts';
import { factKind } from '../../store/facts.ts';
import type { Lane } from '../sending/lane.ts';
import { type Flusher, type FlushMember, flushMs, type Stored } from './flusher.ts';
import type { Item } from './item.ts';
import type { LaterAttempts } from './later-attempts.ts';
import { Tally } from './tally.ts';

/** Shares of the lease: it is renewed after the one, and nothing is dispatched in the last part of it. */
const renewShare = 0.3;
const reserveShare = 0.15;
/**
 * Most numbers ahead. Where WeChat drops repeats of a key whoever is in doubt after a crash is sent the same once more;
 * elsewhere it stays unknown, so that fewer may be. 200 instead of 100 brought 6 % more messages a second where sending
 * waits for commits most of all (24,600/s to 26,100/s, medians of 5 of `npm run bench -- --in-flight 64 --no-peers` with either).
 */
const mostLead = { keyed: 200, unkeyed: 100 };

export interface ChunkRecordDeps {
  clock: Clock;
  logger: Logger;
  lane: Lane;
  leaseMs: number;
  flusher: Flusher;
  /** WeChat drops repeats. */
  keyed: boolean;
  /** Stores it by itself: a flush that failed with others is repeated without them. */
  flushAlone(flush: Flush): Promise<FlushAnswer>;
  /** Before a group is written, with the first of its facts if it has any. */
  onFlush?: (fact: Fact | undefined) => void | Promise<void>;
  /** After it was acknowledged. */
  onFlushed?: () => void | Promise<void>;
}

/** What the record has to know of its chunk's sending. */
export interface Sending {
  readonly later: LaterAttempts;
  /** Most in flight. */
  readonly limit: number;
  readonly stopping: boolean;
  /** When the oldest message in flight was dispatched; null without one. */
  oldestDispatch(): Moment | null;
  /** The first of those who were not started yet; undefined when there are no more. */
  nextNo(): number | undefined;
  /** Whose credits a mark at `ahead` reserves, or with `release` are given back; undefined where none are used. */
  creditsFor(end: Flush['end'], watermark: number, ahead: number): Flush['credits'];
  /** A flush was acknowledged. */
  onStored(answer: FlushAnswer): void;
}

/**
 * What the database has of a claimed chunk, and what it is still to get: facts, mark, counts, lease.
 *
 * A first attempt may start only up to the acknowledged mark, and nothing may after the deadline. Each flush stores the
 * facts and reserves numbers ahead; one is under way at a time, and it is repeated until the database answers.
 */
export class ChunkRecord implements FlushMember {
  readonly claim: Claim;
  readonly tally = new Tally();
  readonly #deps: ChunkRecordDeps;
  readonly #sending: Sending;
  readonly #renewTimer: NodeJS.Timeout;
  #facts: Fact[] = [];
  #group = 0;
  #watermark: number;
  /** The mark of the flush that is under way, if there is one. */
  #promised: number;
  #lastStarted: number;
  #isBlocked = false;
  #deadline: Moment;
  #flushing = false;
  #underWay: Promise<void> = Promise.resolve();
  #lost = false;
  #closed = false;
  #abandoned = false;

  /** @param claimedAt before the claim was sent */
  constructor(deps: ChunkRecordDeps, sending: Sending, claim: Claim, claimedAt: Moment) {
    this.#deps = deps;
    this.#sending = sending;
    this.claim = claim;
    this.#deadline = shifted(claimedAt, deps.leaseMs * (1 - reserveShare));
    this.#watermark = claim.watermark;
    this.#promised = claim.watermark;
    this.#lastStarted = claim.watermark;
    this.#renewTimer = setInterval(() => this.ask(), deps.leaseMs * renewShare);
  }

  /** When nothing may be dispatched any more: before the database's lease ends. */
  get deadline(): Moment {
    return this.#deadline;
  }

  /** A flush is under way. */
  get isFlushing(): boolean {
    return this.#flushing;
  }

  /** Another owner has the chunk. */
  get isLost(): boolean {
    return this.#lost;
  }

  get hasFacts(): boolean {
    return this.#facts.length > 0;
  }

  get reserved(): number {
    return this.#sending.stopping ? 0 : this.#watermark - this.#lastStarted;
  }

  get group(): number {
    return this.claim.campaignId;
  }

  get promised(): number {
    return this.#sending.stopping || this.#isBlocked ? 0 : this.#promised - this.#lastStarted;
  }

  get left(): number {
    return this.#sending.stopping ? 0 : this.claim.lastNo - this.#promised;
  }

  get mostLead(): number {
    return Math.min(this.#deps.keyed ? mostLead.keyed : mostLead.unkeyed, this.#sending.limit);
  }

  /** Takes part in the account's flushes. */
  start(): void {
    this.#deps.flusher.join(this);
  }

  /** A stopped process or a machine that was asleep: one of the two clocks notices. */
  isExpired(now: Moment): boolean {
    return isOver(this.#deadline, now);
  }

  /** Whether the first attempt at this number may start; if not, more is reserved. */
  mayStart(no: number): boolean {
    if (no <= this.#watermark) return true;
    this.#deps.flusher.wantsMore(this);
    return false;
  }

  /** The first attempt at this number starts; `used` follows once it is in flight. */
  starts(no: number): void {
    this.#lastStarted = no;
    this.#isBlocked = false;
  }

  /** The next first attempt must wait, though its number is reserved: another chunk may reserve meanwhile. */
  blocked(): void {
    this.#isBlocked = true;
  }

  /** A reserved number was used, which may begin a flush. */
  used(): void {
    this.#deps.flusher.used();
  }

  note(fact: Fact): void {
    this.#facts.push(fact);
    this.#deps.flusher.noted();
  }

  /** A flush is wanted now. */
  ask(): void {
    if (!this.#closed) this.#deps.flusher.ask(this);
  }

  /** Gives up storing what is not stored yet. */
  abandon(): void {
    this.#abandoned = true;
  }

  /** Begins a flush, unless one is under way. */
  flush(): void {
    if (this.#flushing || this.#lost || this.#closed) return;
    this.#flushing = true;
    this.#underWay = this.#flush('keep', null).then((answer) => {
      this.#flushing = false;
      // Those that came during the flush have nobody else who would store them when no answer follows.
      if (this.#facts.length > 0) this.#deps.flusher.soon();
      this.#sending.onStored(answer);
    });
  }

  /**
   * The last flush: nothing is in flight. One that is under way is awaited first: of two at once the later may come to
   * the database before the earlier, whose facts would then be taken for stored.
   */
  async close(end: 'done' | 'release', inheritedSome: boolean, notBeforeMs: number | null): Promise<void> {
    this.#closed = true;
    clearInterval(this.#renewTimer);
    this.#deps.flusher.leave(this);
    await this.#underWay;
    // What was given up stays in doubt: a hand-back without it would lower the mark under it.
    if (this.#lost && (this.#abandoned || this.#facts.length === 0)) return;
    await this.#flush(end, notBeforeMs, inheritedSome);
  }

  /** Never rejects: it repeats until the database answers. */
  async #flush(end: Flush['end'], notBeforeMs: number | null, inheritedSome = false): Promise<FlushAnswer> {
    const { clock, leaseMs, onFlush, onFlushed } = this.#deps;
    const { later, stopping } = this.#sending;
    const begun = momentOf(clock);
    const starting = end === 'keep' && !stopping ? later.unstarted(begun.monotonic + flushMs) : [];
    for (const item of starting) this.#noteStarted(item);
    if (end === 'release') this.#handBackStarted();
    const facts = this.#facts;
    this.#facts = [];
    const ahead = stopping
      ? this.#watermark
      : Math.min(
          this.claim.lastNo,
          Math.max(this.#watermark, this.#lastSettled() + this.#deps.flusher.leadOf(this)),
        );
    this.#promised = ahead;
    const credits = this.#sending.creditsFor(end, this.#watermark, ahead);
    const flush: Flush = {
      claim: this.claim,
      group: ++this.#group,
      facts,
      watermark: end === 'keep' ? ahead : this.#lastStarted,
      counts: this.tally.counts,
      end,
      notBeforeMs,
      // Other owners' facts are in the count, and so are the recipients that wait for another attempt.
      recount: end === 'release' || (end === 'done' && inheritedSome),
      leaseMs,
      now: begun,
      doubtFrom: this.#sending.oldestDispatch() ?? begun,
      ...(credits === undefined ? {} : { credits }),
    };
    if (onFlush !== undefined) await onFlush(facts[0]);
    const { answer, sentAt } = await this.#flushUntilAcknowledged(flush);
    if (onFlushed !== undefined) await onFlushed();
    if (!answer.owned) {
      this.#lost = true;
      return answer;
    }
    this.#deadline = shifted(sentAt, leaseMs * (1 - reserveShare));
    if (end === 'keep') this.#watermark = ahead;
    for (const item of starting) item.started = true;
    return answer;
  }

  /** The last number that was started, or the mark where nobody up to it is left to start: some may have been denied. */
  #lastSettled(): number {
    const next = this.#sending.nextNo();
    return next !== undefined && next > this.#watermark ? this.#watermark : this.#lastStarted;
  }

  /** Repeats a flush until the database says what became of it; the facts stay in memory meanwhile and nothing new is sent. */
  async #flushUntilAcknowledged(flush: Flush): Promise<Stored> {
    const { clock, logger, flusher, flushAlone } = this.#deps;
    for (let tries = 0; ; tries++) {
      const sentAt = momentOf(clock);
      try {
        if (tries === 0 && !flush.recount && flush.credits === undefined) return await flusher.store(flush);
        const answer = await flushAlone({ ...flush, now: sentAt });
        if (flush.credits !== undefined) flusher.storedAlone(clock.monotonic() - sentAt.monotonic);
        return { answer, sentAt };
      } catch (error) {
        if (this.#abandoned) return { answer: { owned: false, campaignState: '', accountState: '' }, sentAt };
        const { campaignId, firstNo } = this.claim;
        logger.warn(
          { campaignId, firstNo, facts: flush.facts.length, err: error },
          'outcomes could not be stored yet; sending of this chunk waits',
        );
        await clock.sleep(Math.min(2_000, 100 * 2 ** tries));
      }
    }
  }

  #noteStarted(item: Item): void {
    const { attempt, recipient } = item;
    this.#facts.push({
      no: recipient.no,
      attempt,
      kind: factKind.started,
      errcode: null,
      msgid: null,
      reason: null,
      waitMs: null,
      at: momentOf(this.#deps.clock),
    });
  }

  /** An attempt whose started row is stored and which is not made after all gets its outcome, or it would be in doubt. */
  #handBackStarted(): void {
    const now = momentOf(this.#deps.clock);
    for (const { recipient, attempt, errcode, reason, dueAt } of this.#sending.later.takeStarted()) {
      this.#facts.push({
        no: recipient.no,
        attempt,
        kind: factKind.retry,
        errcode,
        msgid: null,
        reason: reason === null || reason === 'maybe-sent' ? 'handed-back' : reason,
        waitMs: Math.max(0, dueAt - now.monotonic),
        at: now,
      });
    }
  }
}
