import type { Clock } from '../../base/clock.ts';
import type { Logger } from '../../base/logger.ts';
import {
  type ChunkRecipient,
  type Claim,
  type Fact,
  type Flush,
  type FlushAnswer,
  factKind,
  type Inherited,
} from '../../store/chunks.ts';
import type { SendAnswer } from '../../wechat/answer.ts';
import type { SendOptions } from '../../wechat/client.ts';
import { firstAttempt, type Item, inheritedItem, nextAttempt } from './item.ts';
import type { Lane, LaneUser } from './lane.ts';
import { LaterAttempts } from './later-attempts.ts';
import { Tally } from './tally.ts';
import { judge, type Verdict } from './verdict.ts';

/** A flush at the latest after this time or this many facts. */
const flushMs = 20;
const flushFacts = 200;
/** Shares of the lease: it is renewed after the one, and nothing is dispatched in the last part of it. */
const renewShare = 0.3;
const reserveShare = 0.15;
/**
 * Attempts that WeChat may answer with "try again"; with the backoff below that takes more than 12 minutes.
 * Attempts that never left, and those that met a bad token or a full minute, are not the recipient's and not counted.
 */
export const maxAttempts = 16;
/** Numbers reserved before anything is known of the rate. */
const firstLead = 32;
const mostLead = 100;
const firstBackoffMs = 500;
const longestBackoffMs = 120_000;
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
  send(path: string, body: string, options: SendOptions): Promise<SendAnswer>;
  render(recipient: ChunkRecipient): string;
  flush(flush: Flush): Promise<FlushAnswer>;
  /** Sees each verdict; may ask the run to stop through `drain`. */
  onVerdict(verdict: Verdict, recipient: ChunkRecipient): void;
  /** Unix ms after which nothing may be sent any more. */
  validUntil: number;
  hooks?: DeliverHooks | undefined;
}

export type ChunkEnd = 'done' | 'released' | 'lost';

const kindOf = {
  accepted: factKind.accepted,
  rejected: factKind.rejected,
  unknown: factKind.unknown,
  again: factKind.retry,
} as const;

/**
 * Delivers one claimed chunk.
 *
 * First attempts go out in order, never beyond the acknowledged watermark; later attempts only after a durable
 * `started` row. Each flush appends what happened and reserves `lead` numbers more. All ends go through one
 * place, which drains what is in flight, flushes, and says whether the chunk is done, handed back or another's.
 */
export class ChunkRun implements LaneUser {
  readonly claim: Claim;
  readonly group: number;
  readonly path: string;
  /** Most in flight until the campaign is probed; Infinity afterwards. */
  limit: number;
  /** Resolves once the last flush is acknowledged. */
  readonly ended: Promise<ChunkEnd>;
  readonly #deps: ChunkRunDeps;
  readonly #later = new LaterAttempts();
  readonly #tally = new Tally();
  readonly #fresh: ChunkRecipient[];
  readonly #inheritedSome: boolean;
  readonly #renewTimer: NodeJS.Timeout;
  /** In the order in which they were dispatched. */
  readonly #inFlight = new Set<Item>();
  #end: (end: ChunkEnd) => void = () => {};
  #next = 0;
  #lastStarted: number;
  #watermark: number;
  #deadline: number;
  #wallDeadline: number;
  #facts: Fact[] = [];
  #group = 0;
  #lead = firstLead;
  #commitMs = 5;
  #flushing = false;
  #flushTimer: NodeJS.Timeout | null = null;
  #wakeTimer: NodeJS.Timeout | null = null;
  #stopping = false;
  #lost = false;
  #finishing = false;
  #abandoned = false;

  /** @param claimedAt monotonic ms, taken before the claim was sent */
  constructor(
    deps: ChunkRunDeps,
    claim: Claim,
    claimedAt: number,
    recipients: ChunkRecipient[],
    inherited: Inherited[],
    limit: number,
  ) {
    this.#deps = deps;
    this.claim = claim;
    this.group = claim.campaignId;
    this.path = deps.path;
    this.limit = limit;
    this.#deadline = claimedAt + deps.leaseMs * (1 - reserveShare);
    this.#wallDeadline = deps.clock.now() + this.#deadline - deps.clock.monotonic();
    this.#watermark = claim.watermark;
    this.#lastStarted = claim.watermark;
    this.#inheritedSome = inherited.length > 0;
    this.#fresh = this.#takeOver(recipients, inherited);
    this.#renewTimer = setInterval(() => this.#requestFlush(), deps.leaseMs * renewShare);
    this.ended = new Promise((resolve) => {
      this.#end = resolve;
    });
  }

  /** Starts to take part in its lane. */
  start(): void {
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
    this.#abandoned = true;
    this.drain();
  }

  sendOne(): boolean {
    if (this.#stopping || this.#lost || this.#inFlight.size >= this.limit) return false;
    const { clock } = this.#deps;
    const now = clock.monotonic();
    if (clock.now() >= this.#deps.validUntil) {
      this.#requestFlush(); // its answer says that the campaign's time is over
      return false;
    }
    // A stopped process or a machine that was asleep: one of the two clocks notices.
    if (now >= this.#deadline || clock.now() >= this.#wallDeadline) {
      this.#requestFlush(); // renews the lease, and the deadline with it
      return false;
    }
    return this.#sendLater(now) || this.#sendFresh();
  }

  #sendLater(now: number): boolean {
    const { lane } = this.#deps;
    const item = this.#later.take(now, (one) => one.notAfter > now && lane.enter(one.recipient.openid));
    if (item === null) return false;
    this.#dispatch(item);
    return true;
  }

  #sendFresh(): boolean {
    const recipient = this.#fresh[this.#next];
    if (recipient === undefined) return false;
    if (recipient.no > this.#watermark) {
      this.#requestFlush();
      return false;
    }
    if (!this.#deps.lane.enter(recipient.openid)) return false;
    this.#next++;
    this.#lastStarted = recipient.no;
    this.#dispatch(firstAttempt(recipient));
    // Reserve more before the last reserved number is used up, so that sending does not wait for the commit.
    if (this.#watermark - recipient.no < this.#lead / 2 && this.#watermark < this.claim.lastNo)
      this.#requestFlush();
    return true;
  }

  #dispatch(item: Item): void {
    item.dispatchedAt = this.#deps.clock.monotonic();
    this.#inFlight.add(item);
    void this.#deps.hooks?.reached('dispatch', this, { no: item.recipient.no, attempt: item.attempt });
    const body = this.#deps.render(item.recipient);
    this.#deps.send(this.#deps.path, body, { deadline: this.#deadline }).then(
      (answer) => this.#onAnswer(item, answer),
      // send() never rejects; if it did, the message may have left.
      (error: unknown) => this.#onAnswer(item, { kind: 'no-answer', reason: 'reset', error: asError(error) }),
    );
  }

  #onAnswer(item: Item, answer: SendAnswer): void {
    const { clock, path, keyed, common, lane, hooks } = this.#deps;
    void hooks?.reached('answer', this, { no: item.recipient.no, attempt: item.attempt });
    this.#inFlight.delete(item);
    const attempt = {
      number: item.counted + 1,
      maybeSent: item.maybeSent,
      resend: item.resend,
      path,
      keyed,
      common,
    };
    const verdict = judge(answer, attempt, clock.now());
    this.#record(item, verdict);
    if (verdict.holdMs > 0) lane.hold(verdict.holdMs);
    this.#deps.onVerdict(verdict, item.recipient);
    this.#flushSoon();
    lane.exit(item.recipient.openid);
    this.#settle();
  }

  #flushSoon(): void {
    if (this.#facts.length >= flushFacts) this.#requestFlush();
    else this.#flushTimer ??= setTimeout(() => this.#requestFlush(), flushMs);
  }

  /** Appends the fact of one attempt, and counts the recipient or arranges its next attempt. */
  #record(item: Item, verdict: Verdict): void {
    const { outcome, errcode, msgid, reason } = verdict;
    const counted = item.counted + (verdict.counts ? 1 : 0);
    const spent = counted >= maxAttempts;
    if (outcome === 'again' && spent && (item.resend || verdict.maybeSent)) {
      this.#record(item, { ...verdict, outcome: 'unknown' });
      return;
    }
    const waitMs = outcome === 'again' && !spent ? (verdict.waitMs ?? backoffMs(item.attempt)) : null;
    this.#note(item, kindOf[outcome], { errcode, msgid, reason, waitMs });
    if (waitMs === null) this.#tally.settle(verdict);
    else {
      const dueAt = this.#deps.clock.monotonic() + waitMs;
      this.#later.add(nextAttempt(item, verdict, { counted, dueAt }, this.#deps));
    }
  }

  #note(item: Item, kind: number, fact: Partial<Fact> = {}): void {
    const { no } = item.recipient;
    const at = this.#deps.clock.monotonic();
    const empty = { errcode: null, msgid: null, reason: null, waitMs: null };
    this.#facts.push({ ...empty, ...fact, no, attempt: item.attempt, kind, at });
  }

  /** Sorts what earlier owners left: settled ones are counted, in-doubt ones wait, the rest are first attempts. */
  #takeOver(recipients: ChunkRecipient[], inherited: Inherited[]): ChunkRecipient[] {
    if (inherited.length === 0) return recipients;
    const now = this.#deps.clock.monotonic();
    const left = new Map(inherited.map((one) => [one.no, one]));
    return recipients.filter((recipient) => {
      const found = left.get(recipient.no);
      if (found === undefined) return true;
      const { errcode, reason } = found;
      const item = inheritedItem(recipient, found, now, this.#deps);
      if (found.kind === factKind.accepted) this.#tally.settle({ outcome: 'accepted', errcode, reason });
      else if (found.kind === factKind.rejected) this.#tally.settle({ outcome: 'rejected', errcode, reason });
      else if (found.kind === factKind.unknown) this.#tally.settle({ outcome: 'unknown', errcode, reason });
      else if (found.kind === factKind.inDoubt) this.#later.addDoubt(item);
      else if (found.counted >= maxAttempts) this.#tally.settle({ outcome: 'again', errcode, reason });
      else this.#later.add(item);
      return false;
    });
  }

  /**
   * In-doubt recipients come last. On a keyed channel they are sent once more under the same key while WeChat
   * still drops repeats of it; otherwise nobody can know, and they stay unknown.
   */
  #resolveDoubts(now: number): void {
    for (const item of this.#later.takeDoubts(now)) {
      if (this.#deps.keyed && now < item.notAfter) this.#later.add(item);
      else this.#recordUnknown(item);
    }
  }

  #recordUnknown(item: Item): void {
    const { errcode } = item;
    const reason = item.reason ?? 'crash';
    this.#note(item, factKind.unknown, { errcode, reason });
    this.#tally.settle({ outcome: 'unknown', errcode, reason });
  }

  /**
   * Numbers to reserve ahead: what the whole lane sends during two commits, at least 1, at most 100. The lane's rate
   * and not the chunk's: chunks take turns, and one that has waited must not start with the lead of an idle one.
   */
  #measureLead(): number {
    const { answersPerMs } = this.#deps.lane;
    const wanted =
      answersPerMs === 0 ? firstLead : Math.ceil(2 * answersPerMs * Math.max(this.#commitMs, flushMs));
    return Math.max(1, Math.min(mostLead, wanted, this.limit));
  }

  #requestFlush(): void {
    if (this.#flushTimer !== null) clearTimeout(this.#flushTimer);
    this.#flushTimer = null;
    if (this.#flushing || this.#lost || this.#finishing) return;
    this.#flushing = true;
    void this.#flush('keep', null).then(() => {
      this.#flushing = false;
      // Those that came during the flush have nobody else who would store them when no answer follows.
      if (this.#facts.length > 0) this.#flushSoon();
      this.#settle();
      this.#deps.lane.pump();
    });
  }

  /** Never rejects: it repeats until the database answers. */
  async #flush(end: Flush['end'], notBeforeMs: number | null): Promise<void> {
    const { clock, hooks, leaseMs } = this.#deps;
    const begun = clock.monotonic();
    const starting = end === 'keep' && !this.#stopping ? this.#later.unstarted(begun + flushMs) : [];
    for (const item of starting) this.#note(item, factKind.started);
    if (end === 'release') this.#handBackStarted();
    const facts = this.#facts;
    this.#facts = [];
    const [oldest] = this.#inFlight;
    this.#lead = this.#measureLead();
    const ahead = this.#stopping
      ? this.#watermark
      : Math.min(this.claim.lastNo, Math.max(this.#watermark, this.#lastStarted + this.#lead));
    const flush: Flush = {
      claim: this.claim,
      group: ++this.#group,
      facts,
      watermark: end === 'keep' ? ahead : this.#lastStarted,
      counts: this.#tally.counts,
      end,
      notBeforeMs,
      // Other owners' facts are in the count, and so are the recipients that wait for another attempt.
      recount: end === 'release' || (end === 'done' && this.#inheritedSome),
      leaseMs,
      now: begun,
      doubtFrom: oldest?.dispatchedAt ?? begun,
    };
    await hooks?.reached('flush', this, facts[0]);
    const { answer, sentAt } = await this.#flushUntilAcknowledged(flush);
    await hooks?.reached('flushed', this);
    if (!answer.owned) {
      this.#lost = true;
      return;
    }
    this.#commitMs = 0.8 * this.#commitMs + 0.2 * (clock.monotonic() - sentAt);
    this.#deadline = sentAt + leaseMs * (1 - reserveShare);
    this.#wallDeadline = clock.now() + this.#deadline - clock.monotonic();
    if (end === 'keep') this.#watermark = ahead;
    for (const item of starting) item.started = true;
    if (answer.campaignState !== 'running' || answer.accountState !== 'active') this.#stopping = true;
  }

  /** An attempt whose started row is stored and which is not made after all gets its outcome, or it would be in doubt. */
  #handBackStarted(): void {
    const now = this.#deps.clock.monotonic();
    for (const item of this.#later.takeStarted()) {
      const reason = item.reason === null || item.reason === 'maybe-sent' ? 'handed-back' : item.reason;
      this.#note(item, factKind.retry, {
        errcode: item.errcode,
        reason,
        waitMs: Math.max(0, item.dueAt - now),
      });
    }
  }

  /** Repeats a flush until the database says what became of it; the facts stay in memory meanwhile and nothing new is sent. */
  async #flushUntilAcknowledged(flush: Flush): Promise<{ answer: FlushAnswer; sentAt: number }> {
    for (let tries = 0; ; tries++) {
      const sentAt = this.#deps.clock.monotonic();
      try {
        return { answer: await this.#deps.flush({ ...flush, now: sentAt }), sentAt };
      } catch (error) {
        if (this.#abandoned) return { answer: { owned: false, campaignState: '', accountState: '' }, sentAt };
        this.#deps.logger.warn(
          {
            campaignId: this.claim.campaignId,
            firstNo: this.claim.firstNo,
            facts: flush.facts.length,
            err: error,
          },
          'outcomes could not be stored yet; sending of this chunk waits',
        );
        await this.#deps.clock.sleep(Math.min(2_000, 100 * 2 ** tries));
      }
    }
  }

  /** Looks whether the chunk is at an end, and arms the timer of the next attempt. */
  #settle(): void {
    if (this.#finishing || this.#inFlight.size > 0 || this.#flushing) return;
    if (this.#lost || this.#stopping) {
      this.#finish(this.#lost ? 'lost' : 'released', null);
      return;
    }
    if (this.#next < this.#fresh.length) return;
    const now = this.#deps.clock.monotonic();
    for (const item of this.#later.takeExpired(now)) this.#recordUnknown(item);
    if (!this.#later.hasRetries) this.#resolveDoubts(now);
    if (this.#later.isEmpty) {
      this.#finish('done', null);
      return;
    }
    if (this.#later.unstarted(now + flushMs).length > 0) {
      this.#requestFlush();
      return;
    }
    const waitMs = this.#later.nextDueAt() - now;
    if (waitMs > longWaitMs && this.#later.hasRetries) {
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
    clearInterval(this.#renewTimer);
    if (this.#flushTimer !== null) clearTimeout(this.#flushTimer);
    if (this.#wakeTimer !== null) clearTimeout(this.#wakeTimer);
    this.#deps.lane.leave(this);
    if (end === 'lost' && this.#facts.length === 0) {
      this.#end('lost');
      return;
    }
    void this.#flush(end === 'done' ? 'done' : 'release', notBeforeMs).then(() =>
      this.#end(this.#lost ? 'lost' : end),
    );
  }
}

/** Pause after so many attempts. */
export function backoffMs(attempt: number): number {
  return Math.min(longestBackoffMs, firstBackoffMs * 2 ** (attempt - 1)) * (0.75 + Math.random() / 2);
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
