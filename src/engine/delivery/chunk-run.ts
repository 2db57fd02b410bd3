import { type Clock, earlier, isOver, type Moment, momentOf, never } from '../../base/clock.ts';
import type { Logger } from '../../base/logger.ts';
import type { ChunkRecipient, Claim, Inherited } from '../../store/campaigns/chunks.ts';
import type { Flush, FlushAnswer } from '../../store/campaigns/flush.ts';
import { factKind, isHeld } from '../../store/facts.ts';
import type { SendDone, SendOptions } from '../../wechat/client.ts';
import type { SendAnswer } from '../../wechat/http/answer.ts';
import { backoffMs, kindOf, maxAttempts } from '../sending/attempts.ts';
import type { Lane, LaneUser } from '../sending/lane.ts';
import type { Attempt, Verdict } from '../sending/verdict.ts';
import { ChunkRecord, type Sending } from './chunk-record.ts';
import { type Flusher, flushMs } from './flusher.ts';
import { firstAttempt, type Item, inheritedItem, nextAttempt } from './item.ts';
import { LaterAttempts } from './later-attempts.ts';

/** A chunk in which only such long waits are left goes back to the database until the first of them. */
const longWaitMs = 5_000;

/**
 * Places at which a test may hold, kill or change something; undefined in production.
 *
 * `dispatch`: before a request is given to the client. `answer`: its outcome is known and not yet noted. `flush`:
 * before a group is written, with the first of its facts if it has any. `flushed`: after it was acknowledged. Only
 * the last two are awaited.
 */
export interface DeliverHooks {
  reached(
    point: 'dispatch' | 'answer' | 'flush' | 'flushed',
    run: ChunkRun,
    item?: { no: number; attempt: number },
  ): void | Promise<void>;
}

export interface ChunkRunDeps {
  clock: Clock;
  logger: Logger;
  lane: Lane;
  path: string;
  keyed: boolean;
  /** The message is the same for everybody. */
  common: boolean;
  /** How long WeChat's answer may take, ms. */
  answerTimeoutMs: number;
  leaseMs: number;
  flusher: Flusher;
  /** `done` is called exactly once, maybe at once. */
  send(path: string, body: string, options: SendOptions, done: SendDone): void;
  render(recipient: ChunkRecipient): string;
  flush(flush: Flush): Promise<FlushAnswer>;
  /** Each message uses up a credit of its recipient, which is reserved with the number. */
  usesCredits: boolean;
  /** What an answer means; `now` is the wall clock. */
  judge(answer: SendAnswer, attempt: Attempt, now: number, item: Item): Verdict;
  /** Sees each answer. Both times are monotonic ms. */
  onAnswer(answer: SendAnswer, sentAt: number, now: number): void;
  /** Sees each verdict; may ask the run to stop through `drain`. */
  onVerdict(verdict: Verdict, recipient: ChunkRecipient): void;
  /** Unix ms after which nothing may be sent any more. */
  validUntil: number;
  hooks?: DeliverHooks | undefined;
}

export type ChunkEnd = 'done' | 'released' | 'lost';

/**
 * Delivers one claimed chunk.
 *
 * First attempts go out in order, never beyond the acknowledged watermark; later attempts only after a durable
 * `started` row. What happens goes into the record, which stores it and reserves more numbers. All ends go through one
 * place, which drains what is in flight, flushes, and says whether the chunk is done, handed back or another's.
 */
export class ChunkRun implements LaneUser, Sending {
  readonly claim: Claim;
  readonly group: number;
  readonly path: string;
  readonly later = new LaterAttempts();
  /** Most in flight until the campaign is probed; Infinity afterwards. */
  limit: number;
  /** Resolves once the last flush is acknowledged. */
  readonly ended: Promise<ChunkEnd>;
  readonly #deps: ChunkRunDeps;
  readonly #record: ChunkRecord;
  #fresh: ChunkRecipient[];
  readonly #inheritedSome: boolean;
  /** In the order in which they were dispatched. */
  readonly #inFlight = new Map<Item, Moment>();
  #end: (end: ChunkEnd) => void = () => {};
  #next = 0;
  #wakeTimer: NodeJS.Timeout | null = null;
  #stopping = false;
  #finishing = false;

  /** @param claimedAt before the claim was sent, and so before it was read what was inherited */
  constructor(
    deps: ChunkRunDeps,
    claim: Claim,
    claimedAt: Moment,
    recipients: ChunkRecipient[],
    inherited: Inherited[],
    limit: number,
  ) {
    this.#deps = deps;
    this.claim = claim;
    this.group = claim.campaignId;
    this.path = deps.path;
    this.limit = limit;
    const { hooks } = deps;
    const { clock, logger, lane, leaseMs, flusher, keyed } = deps;
    this.#record = new ChunkRecord(
      {
        ...{ clock, logger, lane, leaseMs, flusher, keyed, flushAlone: deps.flush },
        ...(hooks === undefined
          ? {}
          : {
              onFlush: (fact) => hooks.reached('flush', this, fact),
              onFlushed: () => hooks.reached('flushed', this),
            }),
      },
      this,
      claim,
      claimedAt,
    );
    this.#inheritedSome = inherited.length > 0;
    this.#fresh = this.#takeOver(recipients, inherited, claimedAt);
    this.ended = new Promise((resolve) => {
      this.#end = resolve;
    });
  }

  get stopping(): boolean {
    return this.#stopping;
  }

  /** Starts to take part in its lane. */
  start(): void {
    this.#record.start();
    this.#deps.lane.join(this);
    this.#settle();
    this.#deps.lane.pump();
  }

  /** Stops dispatching; what is in flight is awaited, flushed, and the chunk handed back. */
  drain(): void {
    this.#stopping = true;
    this.#settle();
  }

  /** Gives up storing what is not stored yet: the process ends and its database is gone. Those recipients are in doubt. */
  abandon(): void {
    this.#record.abandon();
    this.drain();
  }

  sendOne(monotonic: number): boolean {
    if (this.#stopping || this.#record.isLost || this.#inFlight.size >= this.limit) return false;
    const now: Moment = { monotonic, wall: this.#deps.clock.now() };
    // Their flush renews the lease and the deadline, or its answer says that the campaign's time is over.
    if (now.wall >= this.#deps.validUntil || this.#record.isExpired(now)) {
      this.#record.ask();
      return false;
    }
    return this.#sendLater(now) || this.#sendFresh(now);
  }

  #sendLater(now: Moment): boolean {
    const { lane } = this.#deps;
    const item = this.later.take(
      now.monotonic,
      (one) => !isOver(one.notAfter, now) && lane.enter(one.recipient.openid),
    );
    if (item === null) return false;
    this.#dispatch(item, now);
    return true;
  }

  #sendFresh(now: Moment): boolean {
    const recipient = this.#fresh[this.#next];
    if (recipient === undefined || !this.#record.mayStart(recipient.no)) return false;
    if (!this.#deps.lane.enter(recipient.openid)) {
      this.#record.blocked();
      return false;
    }
    this.#next++;
    this.#record.starts(recipient.no);
    this.#dispatch(firstAttempt(recipient), now);
    this.#record.used();
    return true;
  }

  #dispatch(item: Item, now: Moment): void {
    this.#inFlight.set(item, now);
    void this.#deps.hooks?.reached('dispatch', this, { no: item.recipient.no, attempt: item.attempt });
    const body = this.#deps.render(item.recipient);
    const { deadline } = this.#record;
    const options = { deadline: item.notAfter === never ? deadline : earlier(deadline, item.notAfter) };
    this.#deps.send(this.#deps.path, body, options, (answer) => this.#onAnswer(item, now, answer));
  }

  #onAnswer(item: Item, dispatchedAt: Moment, answer: SendAnswer): void {
    const { clock, path, keyed, common, lane, hooks } = this.#deps;
    void hooks?.reached('answer', this, { no: item.recipient.no, attempt: item.attempt });
    const now = momentOf(clock);
    this.#deps.onAnswer(answer, dispatchedAt.monotonic, now.monotonic);
    this.#inFlight.delete(item);
    const attempt = {
      number: item.counted + 1,
      maybeSent: item.maybeSent,
      maybeRetries: this.claim.maybeRetries,
      resend: item.resend,
      path,
      keyed,
      common,
    };
    const verdict = this.#deps.judge(answer, attempt, now.wall, item);
    this.#settleItem(item, verdict, dispatchedAt, now);
    if (verdict.holdMs > 0) lane.hold(verdict.holdMs);
    this.#deps.onVerdict(verdict, item.recipient);
    lane.exit(item.recipient.openid, now.monotonic);
    this.#settle();
  }

  /** Notes the fact of one attempt, and counts the recipient or arranges its next attempt. */
  #settleItem(item: Item, verdict: Verdict, dispatchedAt: Moment, at: Moment): void {
    const { outcome, errcode, msgid, reason } = verdict;
    const counted = item.counted + (verdict.counts ? 1 : 0);
    const spent = counted >= maxAttempts;
    if (outcome === 'again' && spent && (item.resend || verdict.maybeSent)) {
      this.#settleItem(item, { ...verdict, outcome: 'unknown' }, dispatchedAt, at);
      return;
    }
    const waitMs = outcome === 'again' && !spent ? (verdict.waitMs ?? backoffMs(item.attempt)) : null;
    this.#record.note({
      no: item.recipient.no,
      attempt: item.attempt,
      kind: kindOf[outcome],
      errcode,
      msgid,
      reason,
      waitMs,
      at,
      startedAt: dispatchedAt,
    });
    if (waitMs === null) this.#record.tally.settle(verdict);
    else {
      const dueAt = at.monotonic + waitMs;
      this.later.add(nextAttempt(item, verdict, dispatchedAt, { counted, dueAt }, this.#deps));
    }
  }

  /** Sorts what earlier owners left: settled ones are counted, in-doubt ones wait, the rest are first attempts. */
  #takeOver(recipients: ChunkRecipient[], inherited: Inherited[], readAt: Moment): ChunkRecipient[] {
    if (inherited.length === 0) return recipients;
    const { tally } = this.#record;
    const left = new Map(inherited.map((one) => [one.no, one]));
    return recipients.filter((recipient) => {
      const found = left.get(recipient.no);
      if (found === undefined) return true;
      const { errcode, reason } = found;
      const item = inheritedItem(recipient, found, readAt, this.#deps);
      if (found.kind === factKind.accepted) tally.settle({ outcome: 'accepted', errcode, reason });
      else if (found.kind === factKind.rejected) tally.settle({ outcome: 'rejected', errcode, reason });
      else if (found.kind === factKind.unknown) tally.settle({ outcome: 'unknown', errcode, reason });
      else if (isHeld(found)) tally.settle({ outcome: 'held', errcode, reason });
      else if (found.kind === factKind.inDoubt) this.later.addDoubt(item);
      else if (found.counted >= maxAttempts || reason === 'no-credit')
        tally.settle({ outcome: 'again', errcode, reason });
      else this.later.add(item);
      return false;
    });
  }

  /**
   * In-doubt recipients come last. On a keyed channel they are sent once more under the same key while WeChat
   * still drops repeats of it; otherwise nobody can know, and they stay unknown.
   */
  #resolveDoubts(now: Moment): void {
    for (const item of this.later.takeDoubts(now.monotonic)) {
      if (this.#deps.keyed && !isOver(item.notAfter, now)) this.later.add(item);
      else this.#recordUnknown(item, now);
    }
  }

  #recordUnknown({ recipient, attempt, errcode, ...item }: Item, at: Moment): void {
    const reason = item.reason ?? 'crash';
    const { no } = recipient;
    this.#record.note({
      no,
      attempt,
      kind: factKind.unknown,
      errcode,
      msgid: null,
      reason,
      waitMs: null,
      at,
    });
    this.#record.tally.settle({ outcome: 'unknown', errcode, reason });
  }

  oldestDispatch(): Moment | null {
    const [oldest] = this.#inFlight.values();
    return oldest ?? null;
  }

  nextNo(): number | undefined {
    return this.#fresh[this.#next]?.no;
  }

  creditsFor(end: Flush['end'], watermark: number, ahead: number): Flush['credits'] {
    if (!this.#deps.usesCredits) return undefined;
    const credits: NonNullable<Flush['credits']> = { wishes: [], handedBack: [] };
    if (end === 'done') return credits;
    const [list, last] = end === 'keep' ? [credits.wishes, ahead] : [credits.handedBack, watermark];
    for (let i = this.#next; i < this.#fresh.length; i++) {
      const recipient = this.#fresh[i];
      if (recipient === undefined || recipient.no > last) break;
      if (end === 'release' || recipient.no > watermark) list.push(recipient);
    }
    return credits;
  }

  /** Those who have no credit are not sent to; their facts are stored. */
  #leaveOut(denied: Set<number>): void {
    this.#fresh = this.#fresh.filter(({ no }) => !denied.has(no));
    this.later.drop(denied);
    for (let i = 0; i < denied.size; i++)
      this.#record.tally.settle({ outcome: 'again', errcode: null, reason: 'no-credit' });
  }

  onStored({ campaignState, accountState, denied = [] }: FlushAnswer): void {
    if (denied.length > 0) this.#leaveOut(new Set(denied));
    if (campaignState !== 'running' || accountState !== 'active') this.#stopping = true;
    this.#settle();
    this.#deps.lane.pump();
  }

  /** Looks whether the chunk is at an end, and arms the timer of the next attempt. */
  #settle(): void {
    if (this.#finishing || this.#inFlight.size > 0 || this.#record.isFlushing) return;
    const lost = this.#record.isLost;
    if (lost || this.#stopping) {
      this.#finish(lost ? 'lost' : 'released', null);
      return;
    }
    if (this.#next < this.#fresh.length) return;
    const now = momentOf(this.#deps.clock);
    for (const item of this.later.takeExpired(now)) this.#recordUnknown(item, now);
    if (!this.later.hasRetries) this.#resolveDoubts(now);
    if (this.later.isEmpty) {
      this.#finish('done', null);
      return;
    }
    if (this.later.unstarted(now.monotonic + flushMs).length > 0) {
      this.#record.ask();
      return;
    }
    const waitMs = this.later.nextDueAt() - now.monotonic;
    if (waitMs > longWaitMs && this.later.hasRetries) {
      this.#finish('released', waitMs);
      return;
    }
    if (this.#wakeTimer !== null) clearTimeout(this.#wakeTimer);
    this.#wakeTimer = setTimeout(
      () => {
        this.#settle();
        this.#deps.lane.pump();
      },
      Math.max(5, waitMs),
    );
  }

  #finish(end: ChunkEnd, notBeforeMs: number | null): void {
    this.#finishing = true;
    if (this.#wakeTimer !== null) clearTimeout(this.#wakeTimer);
    this.#deps.lane.leave(this);
    void this.#record
      .close(end === 'done' ? 'done' : 'release', this.#inheritedSome, notBeforeMs)
      .then(() => this.#end(this.#record.isLost ? 'lost' : end));
  }
}
