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
  leaseSeconds,
} from '../../store/chunks.ts';
import type { SendAnswer } from '../../wechat/answer.ts';
import type { SendOptions } from '../../wechat/client.ts';
import type { Lane, LaneUser } from './lane.ts';
import { Tally } from './tally.ts';
import { type Attempt, judge, type Verdict } from './verdict.ts';

/** A message that WeChat has for this long, ms, is no longer dropped as a repeat (10 min, less a reserve). */
const resendWithinMs = 8 * 60_000;
/** A flush at the latest after this time or this many facts. */
const flushMs = 20;
const flushFacts = 200;
const renewMs = 3_000;
/** The process stops dispatching this long before the database would give the chunk to another, ms. */
const leaseReserveMs = 1_500;
const maxAttempts = 5;

export interface ChunkRunDeps {
  clock: Clock;
  logger: Logger;
  lane: Lane;
  path: string;
  keyed: boolean;
  /** The message is the same for everybody. */
  common: boolean;
  /** How long WeChat's answer may take, ms: an in-doubt message is resolved no earlier. */
  answerTimeoutMs: number;
  send(path: string, body: string, options: SendOptions): Promise<SendAnswer>;
  render(recipient: ChunkRecipient): string;
  flush(flush: Flush, repeat: boolean): Promise<FlushAnswer>;
  /** Sees each verdict; may ask the run to stop through `drain`. */
  onVerdict(verdict: Verdict, recipient: ChunkRecipient): void;
}

interface Item {
  recipient: ChunkRecipient;
  attempt: number;
  resend: boolean;
  /** Monotonic ms. */
  dueAt: number;
  /** Monotonic ms after which it must not be sent again. */
  notAfter: number;
  /** Its started row is durable. */
  started: boolean;
}

export type ChunkEnd = 'done' | 'released' | 'lost';

/**
 * Delivers one claimed chunk.
 *
 * First attempts go out in order, never beyond the acknowledged watermark; later attempts only after a durable
 * `started` row. Each flush appends what happened and reserves `lead` numbers more. All ends go through `finish`,
 * which drains what is in flight, flushes, and says whether the chunk is done, handed back or another's.
 */
export class ChunkRun implements LaneUser {
  readonly claim: Claim;
  readonly #deps: ChunkRunDeps;
  readonly #recipients: ChunkRecipient[];
  readonly #tally = new Tally();
  readonly #wholeAtOpen: boolean;
  #next = 0;
  #lastStarted: number;
  #watermark: number;
  #deadline: number;
  #again: Item[] = [];
  #doubts: Item[] = [];
  #facts: Fact[] = [];
  #inFlight = 0;
  #group = 0;
  #flushing: Promise<void> | null = null;
  #timer: NodeJS.Timeout | null = null;
  #retryTimer: NodeJS.Timeout | null = null;
  #renewTimer: NodeJS.Timeout;
  #stopping = false;
  #lost = false;
  #answers = 0;
  #openedAt: number;
  #commitMs = 5;
  #lead = 1;
  #abandoned = false;
  /** Most in flight until the campaign is probed; Infinity afterwards. */
  limit: number;
  readonly ended: Promise<ChunkEnd>;
  #end: (end: ChunkEnd) => void = () => {};
  #finishing = false;

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
    this.limit = limit;
    this.#openedAt = deps.clock.monotonic();
    this.#deadline = claimedAt + leaseSeconds * 1000 - leaseReserveMs;
    this.#watermark = claim.watermark;
    this.#lastStarted = claim.startedTo;
    this.#wholeAtOpen = inherited.length === 0;
    this.#recipients = this.#takeOver(recipients, inherited);
    this.#renewTimer = setInterval(() => this.#requestFlush(), renewMs);
    this.ended = new Promise((resolve) => {
      this.#end = resolve;
    });
  }

  /** Sorts what earlier owners left: settled ones are counted, in-doubt ones wait, the rest are first attempts. */
  #takeOver(recipients: ChunkRecipient[], inherited: Inherited[]): ChunkRecipient[] {
    if (inherited.length === 0) return recipients;
    const now = this.#deps.clock.monotonic();
    const left = new Map(inherited.map((one) => [one.no, one]));
    const fresh: ChunkRecipient[] = [];
    for (const recipient of recipients) {
      const found = left.get(recipient.no);
      const item = { recipient, attempt: (found?.attempts ?? 0) + 1, notAfter: Infinity, started: false };
      switch (found?.kind) {
        case undefined:
          fresh.push(recipient);
          break;
        case factKind.accepted:
        case factKind.rejected:
        case factKind.unknown: {
          const outcome =
            found.kind === factKind.accepted
              ? 'accepted'
              : found.kind === factKind.rejected
                ? 'rejected'
                : 'unknown';
          this.#tally.settle({ outcome, errcode: found.errcode, reason: found.reason });
          break;
        }
        case factKind.inDoubt: {
          const since = now - (found.inDoubtMs ?? 0);
          const dueAt = since + this.#deps.answerTimeoutMs + leaseSeconds * 1000;
          this.#doubts.push({
            ...item,
            resend: true,
            dueAt,
            notAfter: since + resendWithinMs - this.#deps.answerTimeoutMs,
          });
          break;
        }
        default:
          // retry: known not sent, its number may lie under the mark, so it needs a started row like any later attempt.
          this.#again.push({ ...item, resend: false, dueAt: now });
      }
    }
    return fresh;
  }

  /** Starts to take part in its lane. */
  start(): void {
    this.#deps.lane.join(this);
    this.#settle();
    this.#deps.lane.pump();
  }

  /** Stops dispatching; what is in flight is awaited, flushed, and the chunk handed back. */
  drain(): void {
    if (this.#stopping) return;
    this.#stopping = true;
    this.#settle();
  }

  /** Gives up storing what is not stored yet: the process ends and its database is gone. Those recipients are in doubt. */
  abandon(): void {
    this.#abandoned = true;
    this.drain();
  }

  get answers(): number {
    return this.#answers;
  }

  sendOne(): boolean {
    if (this.#stopping || this.#lost || this.#inFlight >= this.limit) return false;
    if (this.#deps.clock.monotonic() >= this.#deadline) {
      this.#requestFlush(); // renews the lease, and the deadline with it
      return false;
    }
    return this.#sendAgain() || this.#sendNext();
  }

  #sendNext(): boolean {
    const recipient = this.#recipients[this.#next];
    if (recipient === undefined) return false;
    if (recipient.no > this.#watermark) {
      this.#requestFlush();
      return false;
    }
    if (!this.#deps.lane.enter(recipient.openid)) return false;
    this.#next++;
    this.#lastStarted = Math.max(this.#lastStarted, recipient.no);
    this.#dispatch({ recipient, attempt: 1, resend: false, dueAt: 0, notAfter: Infinity, started: true });
    // Reserve more before the last reserved number is used up, so that sending does not wait for the commit.
    if (this.#watermark - recipient.no < this.#lead / 2 && this.#watermark < this.claim.lastNo)
      this.#requestFlush();
    return true;
  }

  #sendAgain(): boolean {
    const now = this.#deps.clock.monotonic();
    const ready = this.#again.findIndex((item) => item.started && item.dueAt <= now);
    const item = this.#again[ready];
    if (item === undefined || !this.#deps.lane.enter(item.recipient.openid)) return false;
    this.#again.splice(ready, 1);
    this.#dispatch(item);
    return true;
  }

  #dispatch(item: Item): void {
    this.#inFlight++;
    const { path } = this.#deps;
    this.#deps.send(path, this.#deps.render(item.recipient), { deadline: this.#deadline }).then(
      (answer) => this.#onAnswer(item, answer),
      // send() never rejects; if it did, the message may have left.
      (error: unknown) => this.#onAnswer(item, { kind: 'no-answer', reason: 'reset', error: error as Error }),
    );
  }

  #onAnswer(item: Item, answer: SendAnswer): void {
    this.#inFlight--;
    this.#answers++;
    const attempt: Attempt = {
      number: item.attempt,
      resend: item.resend,
      path: this.#deps.path,
      keyed: this.#deps.keyed,
      common: this.#deps.common,
    };
    const verdict = judge(answer, attempt);
    this.#record(item, verdict);
    this.#deps.onVerdict(verdict, item.recipient);
    if (this.#facts.length >= flushFacts) this.#requestFlush();
    else if (this.#timer === null) this.#timer = setTimeout(() => this.#requestFlush(), flushMs);
    this.#deps.lane.exit(item.recipient.openid);
    this.#settle();
  }

  #record(item: Item, verdict: Verdict): void {
    const kinds = {
      accepted: factKind.accepted,
      rejected: factKind.rejected,
      unknown: factKind.unknown,
      again: factKind.retry,
    } as const;
    this.#facts.push({
      no: item.recipient.no,
      attempt: item.attempt,
      kind: kinds[verdict.outcome],
      errcode: verdict.errcode,
      msgid: verdict.msgid,
      reason: verdict.reason,
    });
    // What is known as not sent and not tried again is counted as unsent, with this reason.
    if (verdict.outcome !== 'again' || verdict.campaign === 'halt' || item.attempt >= maxAttempts) {
      this.#tally.settle(verdict);
      return;
    }
    const backoffMs =
      verdict.waitMs ?? Math.min(30_000, 500 * 2 ** (item.attempt - 1)) * (0.75 + Math.random() / 2);
    this.#again.push({
      ...item,
      attempt: item.attempt + 1,
      dueAt: this.#deps.clock.monotonic() + backoffMs,
      started: false,
    });
  }

  /** Numbers to reserve ahead: what goes out during two commits, at least 1, at most 100. */
  #measureLead(): number {
    const perMs = this.#answers / Math.max(50, this.#deps.clock.monotonic() - this.#openedAt);
    return Math.max(1, Math.min(100, Math.ceil(2 * perMs * Math.max(this.#commitMs, flushMs)), this.limit));
  }

  #requestFlush(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    if (this.#flushing !== null || this.#lost || this.#finishing) return;
    this.#flushing = this.#flush('keep').then(() => {
      this.#flushing = null;
      this.#settle();
      this.#deps.lane.pump();
    });
  }

  async #flush(then: Flush['then']): Promise<void> {
    const facts = this.#facts;
    this.#facts = [];
    const due = this.#again.filter(
      (item) => !item.started && then === 'keep' && !this.#stopping && this.#startsSoon(item),
    );
    for (const { recipient, attempt } of due) {
      facts.push({
        no: recipient.no,
        attempt,
        kind: factKind.started,
        errcode: null,
        msgid: null,
        reason: null,
      });
    }
    this.#lead = this.#measureLead();
    const ahead = this.#stopping
      ? this.#watermark
      : Math.min(this.claim.lastNo, Math.max(this.#watermark, this.#lastStarted + this.#lead));
    const flush: Flush = {
      claim: this.claim,
      group: ++this.#group,
      facts,
      watermark: then === 'keep' ? ahead : this.#lastStarted,
      counts: this.#tally.counts,
      then,
    };
    const { answer, sentAt } = await this.#flushUntilAcknowledged(flush);
    if (!answer.owned) {
      this.#lost = true;
      return;
    }
    this.#commitMs = 0.8 * this.#commitMs + 0.2 * (this.#deps.clock.monotonic() - sentAt);
    this.#deadline = sentAt + leaseSeconds * 1000 - leaseReserveMs;
    if (then === 'keep') this.#watermark = ahead;
    for (const item of due) item.started = true;
    if (answer.campaignState !== 'running' || answer.accountState !== 'active') this.drain();
  }

  #startsSoon(item: Item): boolean {
    return item.dueAt <= this.#deps.clock.monotonic() + flushMs;
  }

  /** Repeats a flush until the database says what became of it; the facts stay in memory meanwhile and nothing new is sent. */
  async #flushUntilAcknowledged(flush: Flush): Promise<{ answer: FlushAnswer; sentAt: number }> {
    for (let tries = 0; ; tries++) {
      const sentAt = this.#deps.clock.monotonic();
      try {
        return { answer: await this.#deps.flush(flush, tries > 0), sentAt };
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
    if (this.#finishing || this.#inFlight > 0 || this.#flushing !== null) return;
    if (this.#lost || this.#stopping) {
      this.#finish(this.#lost ? 'lost' : 'released');
      return;
    }
    if (this.#next < this.#recipients.length) return;
    const now = this.#deps.clock.monotonic();
    if (this.#again.length === 0) this.#openDoubts(now);
    const items = this.#again.length > 0 ? this.#again : this.#doubts;
    if (items.length === 0) {
      this.#finish('done');
      return;
    }
    if (this.#again.some((item) => !item.started && this.#startsSoon(item))) {
      this.#requestFlush();
      return;
    }
    const dueAt = Math.min(...items.map((item) => item.dueAt));
    if (this.#retryTimer !== null) clearTimeout(this.#retryTimer);
    this.#retryTimer = setTimeout(
      () => {
        this.#retryTimer = null;
        this.#settle();
        this.#deps.lane.pump();
      },
      Math.max(5, dueAt - now),
    );
  }

  /**
   * In-doubt recipients come last. On a keyed channel they are sent once more under the same key while WeChat
   * still drops repeats of it; otherwise nobody can know, and they stay unknown.
   */
  #openDoubts(now: number): void {
    const due = this.#doubts.filter((item) => item.dueAt <= now);
    this.#doubts = this.#doubts.filter((item) => item.dueAt > now);
    for (const item of due) {
      if (this.#deps.keyed && now < item.notAfter) this.#again.push(item);
      else
        this.#record(item, {
          outcome: 'unknown',
          errcode: null,
          reason: 'crash',
          msgid: null,
          waitMs: null,
          campaign: 'go on',
          effect: null,
          detail: null,
        });
    }
  }

  #finish(end: ChunkEnd): void {
    this.#finishing = true;
    clearInterval(this.#renewTimer);
    if (this.#timer !== null) clearTimeout(this.#timer);
    if (this.#retryTimer !== null) clearTimeout(this.#retryTimer);
    this.#deps.lane.leave(this);
    if (end === 'lost' && this.#facts.length === 0) {
      this.#end('lost');
      return;
    }
    // #flush never rejects: it repeats until the database answers.
    void this.#flush(end === 'done' ? 'done' : 'release').then(() => this.#end(this.#lost ? 'lost' : end));
  }

  /** The counts cannot be trusted to this owner alone: it took over, or lost the chunk while facts were under way. */
  needsRecount(end: ChunkEnd): boolean {
    return end === 'lost' || !this.#wholeAtOpen;
  }
}
