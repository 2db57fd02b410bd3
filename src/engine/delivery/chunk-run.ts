import { type Clock, earlier, isOver, type Moment, momentOf, never } from '../../base/clock.ts';
import type { Span, SpanContext } from '../../base/tracing.ts';
import type { ChunkRecipient, Claim } from '../../store/campaigns/chunks.ts';
import type { CreditFlush, Flush, FlushAnswer } from '../../store/campaigns/flush.ts';
import type { WechatClient } from '../../wechat/client.ts';
import type { SendAnswer } from '../../wechat/http/answer.ts';
import type { CompiledMessage } from '../content/compiled-message.ts';
import type { AccountPace } from '../sending/account-pace.ts';
import type { LaneUser } from '../sending/lane.ts';
import type { Verdict } from '../sending/verdict.ts';
import type { CampaignRate } from './campaign-rate.ts';
import type { ChunkMessages } from './chunk-messages.ts';
import { ChunkOutcomes } from './chunk-outcomes.ts';
import { ChunkRecord, renewShare } from './chunk-record.ts';
import type { ClaimedChunk } from './claimed-chunk.ts';
import { type Flusher, type FlushMember, flushMs, mostLead } from './flusher.ts';
import { FreshRecipients } from './fresh-recipients.ts';
import type { DeliverHooks } from './hooks.ts';
import { firstAttempt, type Item } from './item.ts';
import { LaterAttempts } from './later-attempts.ts';
import { originOf } from './traces.ts';

/** A chunk in which only such long waits are left goes back to the database until the first of them. */
const longWaitMs = 5_000;

export interface ChunkRunDeps {
  clock: Clock;
  client: Pick<WechatClient, 'sendThen'>;
  pace: AccountPace;
  flusher: Flusher;
  message: CompiledMessage;
  /** Of its campaign, which its other chunks share. */
  rate: CampaignRate;
  messages: ChunkMessages;
  /** The span in which its campaign was made; undefined without OpenTelemetry, and where none is recorded. */
  trace: SpanContext | undefined;
  /** How long WeChat's answer may take, ms. */
  answerTimeoutMs: number;
  leaseMs: number;
  /** Unix ms after which nothing may be sent any more. */
  validUntil: number;
  /** Sees each verdict; may ask the run to stop through `drain`. */
  onVerdict(verdict: Verdict, recipient: ChunkRecipient): void;
  hooks?: DeliverHooks | undefined;
}

export type ChunkEnd = 'done' | 'released' | 'lost';

type Mode = 'sending' | 'draining' | 'lost' | 'closing' | 'ended';

/**
 * Delivers one claimed chunk.
 *
 * First attempts go out in order, never beyond the acknowledged watermark; later attempts only after a durable
 * `started` row. What follows from their answers (`ChunkOutcomes`) goes into the record, which the flusher stores with those of
 * the account's other chunks.
 *
 * | mode | starts attempts | its flushes | is followed by |
 * |---|---|---|---|
 * | `sending` | yes | reserve numbers ahead | `draining` at a pause, a stop or the campaign's end; `lost`; `closing` when nothing is left, or only long waits |
 * | `draining` | no | reserve nothing | `closing` once nothing is in flight and no flush under way; `lost` |
 * | `lost` | no: another owner has it | none | `closing`, in the same way |
 * | `closing` | no | the last one: `done`, or `release` | `ended` |
 */
export class ChunkRun implements LaneUser, FlushMember {
  readonly claim: Claim;
  /** Its campaign. */
  readonly group: number;
  readonly path: string;
  readonly credits: CreditFlush | null;
  isAbandoned = false;
  /** Most in flight until the campaign is probed; Infinity afterwards. */
  limit: number;
  /** Resolves once the last flush is acknowledged. */
  readonly ended: Promise<ChunkEnd>;
  readonly #deps: ChunkRunDeps;
  readonly #record: ChunkRecord;
  readonly #later = new LaterAttempts();
  readonly #outcomes: ChunkOutcomes;
  readonly #inheritedSome: boolean;
  /** In the order in which they were dispatched. */
  readonly #inFlight = new Map<Item, Moment>();
  readonly #renewTimer: NodeJS.Timeout;
  #mode: Mode = 'sending';
  readonly #fresh: FreshRecipients;
  /** The next first attempt must wait, though its number is reserved: another chunk may reserve meanwhile. */
  #isBlocked = false;
  /** Of the flush that is under way: the attempts whose started row it stores. */
  #starting: Item[] | null = null;
  #wakeTimer: NodeJS.Timeout | null = null;
  #end: ChunkEnd = 'released';
  #resolve: (end: ChunkEnd) => void = () => {};

  /** @param limit most in flight */
  constructor(deps: ChunkRunDeps, chunk: ClaimedChunk, limit: number) {
    const { claim, claimedAt, inherited } = chunk;
    this.#deps = deps;
    this.claim = claim;
    this.group = claim.campaignId;
    this.path = deps.message.path;
    this.credits = deps.messages.credits;
    this.limit = limit;
    this.#record = new ChunkRecord(claim, claimedAt, deps.leaseMs);
    this.#inheritedSome = inherited.length > 0;
    this.#outcomes = new ChunkOutcomes(
      { ...deps, record: this.#record, later: this.#later },
      claim.maybeRetries,
    );
    this.#fresh = new FreshRecipients(this.#outcomes.inherit(chunk));
    this.#renewTimer = setInterval(() => deps.flusher.ask(this), deps.leaseMs * renewShare);
    this.ended = new Promise((resolve) => {
      this.#resolve = resolve;
    });
  }

  /** Starts to take part in its lane. */
  start(): void {
    this.#deps.flusher.join(this);
    this.#deps.pace.lane.join(this);
    this.#settle();
    this.#deps.pace.lane.pump();
  }

  /** Stops dispatching; what is in flight is awaited, flushed, and the chunk handed back. */
  drain(): void {
    if (this.#mode === 'sending') this.#mode = 'draining';
    this.#settle();
  }

  /** Gives up storing what is not stored yet: the process ends and its database is gone. Those recipients are in doubt. */
  abandon(): void {
    this.isAbandoned = true;
    this.drain();
  }

  /** A slot of its campaign is due. */
  pump(): void {
    this.#deps.pace.lane.pump();
  }

  sendOne(monotonic: number): boolean {
    if (this.#mode !== 'sending' || this.#inFlight.size >= this.limit) return false;
    const now: Moment = { monotonic, wall: this.#deps.clock.now() };
    // Their flush renews the lease and the deadline, or its answer says that the campaign's time is over.
    if (now.wall >= this.#deps.validUntil || this.#record.isExpired(now)) {
      this.#deps.flusher.ask(this);
      return false;
    }
    const { rate } = this.#deps;
    if (!rate.take(monotonic)) return false;
    if (this.#sendLater(now) || this.#sendFresh(now)) return true;
    rate.untake();
    return false;
  }

  #sendLater(now: Moment): boolean {
    const { lane } = this.#deps.pace;
    const item = this.#later.take(
      now.monotonic,
      (one) => !isOver(one.notAfter, now) && lane.enter(one.recipient.openid),
    );
    if (item === null) return false;
    this.#dispatch(item, now);
    return true;
  }

  #sendFresh(now: Moment): boolean {
    const { flusher, pace } = this.#deps;
    const recipient = this.#fresh.first;
    if (recipient === undefined) return false;
    if (recipient.no > this.#record.watermark) {
      flusher.wantsMore(this);
      return false;
    }
    this.#isBlocked = !pace.lane.enter(recipient.openid);
    if (this.#isBlocked) return false;
    this.#fresh.takeFirst();
    this.#record.starts(recipient.no);
    this.#dispatch(firstAttempt(recipient), now);
    flusher.used();
    return true;
  }

  #dispatch(item: Item, now: Moment): void {
    const { client, hooks, messages } = this.#deps;
    this.#inFlight.set(item, now);
    void hooks?.reached('dispatch', this, { no: item.recipient.no, attempt: item.attempt });
    const body = messages.render(item.recipient);
    const { deadline } = this.#record;
    const options = {
      deadline: item.notAfter === never ? deadline : earlier(deadline, item.notAfter),
      trace: originOf(this.#deps.trace, this.claim.campaignId, item),
    };
    client.sendThen(this.path, body, options, (answer, span) => this.#onAnswer(item, now, answer, span));
  }

  #onAnswer(item: Item, dispatchedAt: Moment, answer: SendAnswer, span: Span | null): void {
    const { clock, pace, hooks } = this.#deps;
    void hooks?.reached('answer', this, { no: item.recipient.no, attempt: item.attempt });
    const now = momentOf(clock);
    pace.seeAnswer(answer, this.path, dispatchedAt.monotonic, now.monotonic);
    this.#inFlight.delete(item);
    const verdict = this.#outcomes.answered(item, answer, dispatchedAt, now, span);
    if (verdict.holdMs > 0) pace.lane.hold(verdict.holdMs);
    pace.seeVerdict(verdict, this.path);
    this.#deps.onVerdict(verdict, item.recipient);
    pace.lane.exit(item.recipient.openid, now.monotonic);
    this.#settle();
  }

  get hasFacts(): boolean {
    return this.#record.hasFacts;
  }

  get reserved(): number {
    return this.#mode === 'sending' ? this.#record.watermark - this.#record.lastStarted : 0;
  }

  get promised(): number {
    if (this.#mode !== 'sending' || this.#isBlocked) return 0;
    return this.#record.promised - this.#record.lastStarted;
  }

  get left(): number {
    return this.#mode === 'sending' ? this.claim.lastNo - this.#record.promised : 0;
  }

  get ratePerS(): number {
    return this.#deps.rate.ratePerS;
  }

  get mostLead(): number {
    return Math.min(this.#deps.message.keyed ? mostLead.keyed : mostLead.unkeyed, this.limit);
  }

  takeFlush(): Flush | null {
    if (this.#starting !== null || (this.#mode !== 'sending' && this.#mode !== 'draining')) return null;
    return this.#take('keep', null);
  }

  #take(end: Flush['end'], notBeforeMs: number | null): Flush {
    const now = momentOf(this.#deps.clock);
    const isSending = this.#mode === 'sending';
    this.#starting = isSending ? this.#later.unstarted(now.monotonic + flushMs) : [];
    const ahead = isSending ? this.#ahead() : this.#record.watermark;
    const [oldestDispatch = null] = this.#inFlight.values();
    return this.#record.take(
      {
        end,
        starting: this.#starting,
        // One whose started row is stored and that is not made after all.
        handedBack: end === 'release' ? this.#later.takeStarted() : [],
        ahead,
        credits: this.#creditsFor(end, ahead),
        // Other owners' facts are in the count, and so are the recipients that wait for another attempt.
        recount: end === 'release' || (end === 'done' && this.#inheritedSome),
        notBeforeMs,
        oldestDispatch,
      },
      now,
    );
  }

  /** Up to which number may be started once the next flush is stored. */
  #ahead(): number {
    const { watermark, lastStarted } = this.#record;
    const next = this.#fresh.first?.no;
    // The last number that was started, or the mark where nobody up to it is left to start: some may have been denied.
    const settled = next !== undefined && next > watermark ? watermark : lastStarted;
    return Math.min(this.claim.lastNo, Math.max(watermark, settled + this.#deps.flusher.leadOf(this)));
  }

  /** Whose credits a mark at `ahead` reserves, or with `release` are given back; undefined where none are used. */
  #creditsFor(end: Flush['end'], ahead: number): Flush['credits'] {
    if (this.credits === null) return undefined;
    const { watermark } = this.#record;
    return {
      wishes: end === 'keep' ? this.#fresh.between(watermark, ahead) : [],
      handedBack: end === 'release' ? this.#fresh.between(0, watermark) : [],
    };
  }

  onStored(flush: Flush, answer: FlushAnswer | null, sentAt: Moment): void {
    const starting = this.#starting ?? [];
    this.#starting = null;
    const isOwner = answer?.owned ?? false;
    if (this.#mode === 'closing') {
      this.#mode = 'ended';
      this.#resolve(isOwner ? this.#end : 'lost');
      return;
    }
    // Those that came meanwhile have nobody else who would store them when no answer follows.
    if (this.hasFacts) this.#deps.flusher.soon();
    if (!isOwner) this.#mode = 'lost';
    else {
      this.#record.acknowledged(flush, sentAt);
      for (const item of starting) item.started = true;
      if (answer?.denied !== undefined) this.#leaveOut(new Set(answer.denied));
      if (answer?.campaignState !== 'running' || answer.accountState !== 'active') this.drain();
    }
    this.#settle();
    this.#deps.pace.lane.pump();
  }

  #leaveOut(denied: Set<number>): void {
    this.#fresh.leaveOut(denied);
    this.#outcomes.denied(denied);
  }

  /** Looks whether the chunk is at an end, and arms the timer of the next attempt. */
  #settle(): void {
    if (this.#mode === 'closing' || this.#mode === 'ended') return;
    if (this.#inFlight.size > 0 || this.#starting !== null) return;
    if (this.#mode !== 'sending') {
      this.#close('released', null);
      return;
    }
    if (this.#fresh.first !== undefined) return;
    const now = momentOf(this.#deps.clock);
    this.#outcomes.settleDoubts(now);
    if (this.#starting !== null) return; // so many that a flush of them was begun, whose answer comes back here
    if (this.#later.isEmpty) {
      this.#close('done', null);
      return;
    }
    if (this.#later.unstarted(now.monotonic + flushMs).length > 0) {
      this.#deps.flusher.ask(this);
      return;
    }
    const waitMs = this.#later.nextDueAt() - now.monotonic;
    if (waitMs > longWaitMs && this.#later.hasRetries) {
      this.#close('released', waitMs);
      return;
    }
    if (this.#wakeTimer !== null) clearTimeout(this.#wakeTimer);
    this.#wakeTimer = setTimeout(
      () => {
        this.#settle();
        this.#deps.pace.lane.pump();
      },
      Math.max(5, waitMs),
    );
  }

  /** The last flush: nothing is in flight, and no flush under way. */
  #close(end: 'done' | 'released', notBeforeMs: number | null): void {
    const { flusher, pace } = this.#deps;
    const wasLost = this.#mode === 'lost';
    this.#mode = 'closing';
    this.#end = end;
    if (this.#wakeTimer !== null) clearTimeout(this.#wakeTimer);
    clearInterval(this.#renewTimer);
    pace.lane.leave(this);
    flusher.leave(this);
    // What was given up stays in doubt: a hand-back without it would lower the mark under it.
    if (wasLost && (this.isAbandoned || !this.hasFacts)) {
      this.#mode = 'ended';
      this.#resolve('lost');
    } else void flusher.store(this, this.#take(end === 'done' ? 'done' : 'release', notBeforeMs));
  }
}
