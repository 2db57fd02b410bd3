import { type Clock, earlier, isOver, type Moment, momentOf } from '../../base/clock.ts';
import type { Span } from '../../base/tracing.ts';
import { factKind } from '../../store/facts.ts';
import type { MessageFact } from '../../store/messages/open-messages.ts';
import type { WechatClient } from '../../wechat/client.ts';
import type { SendAnswer } from '../../wechat/http/answer.ts';
import { creditOutcome } from '../credits/use-credits.ts';
import type { AccountPace } from '../sending/account-pace.ts';
import { backoffMs, clientMsgId, kindOf, maxAttempts } from '../sending/attempts.ts';
import type { LaneUser } from '../sending/lane.ts';
import type { NodeLease } from '../sending/node-lease.ts';
import { noteVerdict } from '../sending/note-verdict.ts';
import { judge, type Verdict } from '../sending/verdict.ts';
import type { MessageItem } from './item.ts';
import { originOf } from './traces.ts';

/** How many of the waiting ones are looked at for one that may go: others may wait for their person or their quota. */
const lookAhead = 50;
/** See `claimsAhead`. */
const claimEveryMs = 20;
const leastClaimed = 2;
const mostClaimed = 100;

/**
 * How many messages may be claimed and not yet sent: they are in doubt if this node dies, though they were never sent.
 *
 * More are claimed when half of them are left, which then last for two claims; and a claim costs a statement, so that
 * there are no more than 50 a second. At 100/s and claims of 5 ms it is 4.
 */
export function claimsAhead(ratePerS: number, claimMs: number): number {
  const ahead = Math.ceil((ratePerS * (claimEveryMs + 4 * claimMs)) / 1000);
  return Math.min(mostClaimed, Math.max(leastClaimed, ahead));
}

/**
 * Places at which a test may hold, kill or change something; undefined in production.
 *
 * `inserted`, `claimed`: rows are this node's by the database's word, and nothing of them was sent. `dispatch`: before a
 * request is given to the client. `answer`: its outcome is known and not yet noted. `flush`: before facts are written.
 * `flushed`: after that was acknowledged. All but `dispatch` and `answer` are awaited.
 */
export interface MessageHooks {
  reached(
    point: 'inserted' | 'claimed' | 'dispatch' | 'answer' | 'flush' | 'flushed',
    item?: { id: number; attempt: number },
  ): void | Promise<void>;
}

export interface MessageQueueDeps {
  appid: string;
  clock: Clock;
  lease: NodeLease;
  pace: AccountPace;
  /** Part of every client_msg_id. */
  installation: string;
  answerTimeoutMs: number;
  hooks?: MessageHooks | undefined;
  /** Stores a fact, in a group with others. */
  note(fact: MessageFact): void;
  /** It is this node's, and will be sent. */
  onClaimed(item: MessageItem): void;
  /** Hands messages back that were not started. */
  release(items: MessageItem[]): void;
  /** There is room for more of those that wait in the database. */
  onRoom(): void;
  onUnfollowed(openid: string): void;
}

/**
 * The single messages of one account that this node has claimed: they go out in the account's lane with a share of their
 * own, each after one more look at the lease, its person, its quota and its time.
 */
export class MessageQueue implements LaneUser {
  /** Campaigns begin at 1. */
  readonly group = 0;
  readonly path = null;
  readonly isReserved = true;
  /** Of the account as it is stored now. */
  client: WechatClient;
  /** Monotonic ms of the last look at the account's row. */
  readAt = 0;
  /** Paths for which more wait in the database: new ones line up behind them. */
  readonly backlogs = new Set<string>();
  /** Being stored as claimed. */
  reserved = 0;
  readonly #deps: MessageQueueDeps;
  #waiting: MessageItem[] = [];
  #inFlight = 0;
  #claimMs = 5;
  #onIdle: (() => void) | null = null;

  constructor(client: WechatClient, deps: MessageQueueDeps) {
    this.client = client;
    this.#deps = deps;
    deps.pace.lane.join(this);
  }

  get pace(): AccountPace {
    return this.#deps.pace;
  }

  /** How many more may be claimed. */
  get room(): number {
    return this.#most - this.#waiting.length - this.reserved;
  }

  get #most(): number {
    return claimsAhead(this.#deps.pace.ratePerS, this.#claimMs);
  }

  /** Sees how long a claiming statement took. */
  sawClaim(ms: number): void {
    this.#claimMs = 0.8 * this.#claimMs + 0.2 * ms;
  }

  /** More wait in the database, and half of what may be claimed is gone. */
  get isLow(): boolean {
    return this.backlogs.size > 0 && this.room * 2 >= this.#most;
  }

  get isIdle(): boolean {
    return this.#waiting.length === 0 && this.#inFlight === 0;
  }

  /** Takes claimed messages; those that may no longer be sent are settled or handed back at once. */
  push(items: MessageItem[]): void {
    const { lease, release, pace } = this.#deps;
    // Also of a path that was found closed while they were being claimed: nobody would hand them back.
    const lost = items.filter(
      ({ epoch, path }) => epoch !== lease.epoch || pace.hasStopped(path) || pace.messageQuota.isClosed(path),
    );
    if (lost.length > 0) release(lost);
    for (const item of lost) this.#endProbe(item);
    for (const item of items) {
      if (lost.includes(item)) continue;
      if (item.doubted && !item.keyed) this.#settle(item, 'unknown', 'crash');
      else {
        this.#waiting.push(item);
        this.#deps.onClaimed(item);
      }
    }
  }

  /** A message is being stored: its slot and its share of the day's quota are asked for meanwhile. */
  expect(path: string): void {
    this.#deps.pace.messageQuota.isOpen(path);
    this.pump();
  }

  /** Sends what can be sent now. */
  pump(): void {
    this.#deps.pace.lane.pump();
  }

  /** Removes what waits here, of one path or (null) all, and hands it back. */
  drain(path: string | null): void {
    const drained = this.#waiting.filter((item) => path === null || item.path === path);
    if (drained.length === 0) return;
    this.#waiting = this.#waiting.filter((item) => !drained.includes(item));
    for (const item of drained) {
      this.backlogs.add(item.path);
      this.#endProbe(item);
    }
    this.#deps.release(drained);
    this.#tellIdle();
  }

  /** What was claimed under an earlier lease is another node's, or will be. */
  dropLost(): void {
    const { lease, release } = this.#deps;
    const lost = this.#waiting.filter((item) => item.epoch !== lease.epoch);
    if (lost.length === 0) return;
    this.#waiting = this.#waiting.filter((item) => item.epoch === lease.epoch);
    release(lost);
    this.#tellIdle();
  }

  /** Resolves once nothing is in flight. */
  idle(): Promise<void> {
    if (this.#inFlight === 0) return Promise.resolve();
    return new Promise((resolve) => {
      this.#onIdle = resolve;
    });
  }

  leave(): void {
    this.#deps.pace.lane.leave(this);
  }

  sendOne(): boolean {
    if (this.#waiting.length === 0) return false;
    const { clock, lease, pace } = this.#deps;
    if (!lease.isHeld(lease.epoch)) {
      void lease.renew().then(() => {
        this.dropLost();
        if (lease.isHeld(lease.epoch)) pace.lane.pump();
      });
      return false;
    }
    const now = momentOf(clock);
    for (let i = 0; i < Math.min(lookAhead, this.#waiting.length); i++) {
      const item = this.#waiting[i];
      if (item === undefined || item.epoch !== lease.epoch) continue;
      if (isOver(item.notAfter, now) || isOver(item.validUntil, now)) {
        this.#waiting.splice(i--, 1);
        this.#settleLate(item, now);
        continue;
      }
      if (!pace.messageQuota.isOpen(item.path) || !pace.lane.enter(item.openid)) continue;
      pace.messageQuota.use(item.path);
      this.#waiting.splice(i, 1);
      this.#dispatch(item, now);
      if (this.isLow) this.#deps.onRoom();
      return true;
    }
    return false;
  }

  #dispatch(item: MessageItem, now: Moment): void {
    const { lease, hooks } = this.#deps;
    this.#inFlight++;
    void hooks?.reached('dispatch', item);
    const deadline = earlier(lease.deadline, item.notAfter);
    const options = { deadline, trace: originOf(item) };
    this.client.sendThen(item.path, this.#render(item), options, (answer, span) =>
      this.#onAnswer(item, now, answer, span),
    );
  }

  #render({ openid, keyed, uuid, body }: MessageItem): string {
    const id = keyed ? `"client_msg_id":"${clientMsgId(this.#deps.installation, uuid)}",` : '';
    return `{"touser":${JSON.stringify(openid)},${id}${body.slice(1)}`;
  }

  #onAnswer(item: MessageItem, dispatchedAt: Moment, answer: SendAnswer, span: Span | null): void {
    const { clock, pace, hooks } = this.#deps;
    void hooks?.reached('answer', item);
    this.#inFlight--;
    const { path, keyed, maybeSent } = item;
    const attempt = {
      number: item.counted + 1,
      maybeSent,
      resend: item.doubtFrom !== null,
      path,
      keyed,
      common: false,
    };
    const now = momentOf(clock);
    pace.seeAnswer(answer, path, dispatchedAt.monotonic, now.monotonic);
    const verdict = judge(answer, attempt, now.wall);
    this.#record(item, verdict, dispatchedAt, span);
    if (verdict.holdMs > 0) pace.lane.hold(verdict.holdMs);
    pace.seeVerdict(verdict, path);
    this.#endProbe(item);
    if (verdict.effect === 'unfollowed') this.#deps.onUnfollowed(item.openid);
    pace.lane.exit(item.openid, now.monotonic);
    this.#tellIdle();
  }

  /** Notes what became of the attempt; one that may be repeated goes back to the database with its time. */
  #record(item: MessageItem, verdict: Verdict, dispatchedAt: Moment, span: Span | null): void {
    const { errcode, msgid, reason, maybeSent } = verdict;
    const counted = item.counted + (verdict.counts ? 1 : 0);
    const isSpent = verdict.outcome === 'again' && counted >= maxAttempts;
    const mayHaveArrived = item.doubtFrom !== null || maybeSent;
    const outcome = isSpent && mayHaveArrived ? 'unknown' : verdict.outcome;
    const waitMs = outcome === 'again' && !isSpent ? (verdict.waitMs ?? backoffMs(item.attempt)) : null;
    noteVerdict(span, { ...verdict, outcome }, waitMs);
    this.#note(
      item,
      {
        kind: kindOf[outcome],
        errcode,
        msgid,
        reason,
        waitMs,
        counted,
        maybeSent: item.maybeSent + (maybeSent ? 1 : 0),
        doubtFrom: item.doubtFrom ?? (maybeSent ? dispatchedAt : null),
      },
      dispatchedAt,
    );
  }

  /** Its time is over, or that in which WeChat drops repeats. */
  #settleLate(item: MessageItem, now: Moment): void {
    const reason = isOver(item.notAfter, now) ? 'crash' : 'expired';
    this.#settle(
      item,
      item.doubtFrom === null ? 'retry' : 'unknown',
      item.maybeSent > 0 ? 'maybe-sent' : reason,
    );
    this.#endProbe(item);
  }

  #settle(item: MessageItem, kind: 'retry' | 'unknown', reason: string): void {
    this.#note(item, { kind: factKind[kind], reason });
  }

  /** @param startedAt when the attempt left; default: none did */
  #note(item: MessageItem, more: Pick<MessageFact, 'kind'> & Partial<MessageFact>, startedAt?: Moment): void {
    const { id, epoch, attempt, counted, maybeSent, doubtFrom, hasNext, openid, path, creditTemplate } = item;
    const { appid, clock, note } = this.#deps;
    const at = momentOf(clock);
    const none = { errcode: null, msgid: null, reason: null, waitMs: null, credit: null };
    const fact: MessageFact = {
      id,
      epoch,
      attempt,
      at,
      counted,
      maybeSent,
      doubtFrom,
      hasNext,
      ...none,
      ...more,
    };
    const outcome = creditTemplate === null ? null : creditOutcome(fact, path);
    if (creditTemplate !== null && outcome !== null)
      fact.credit = { appid, openid, templateId: creditTemplate, outcome, startedAt: startedAt ?? at };
    note(fact);
  }

  #endProbe(item: MessageItem): void {
    if (item.probing) this.#deps.pace.probeEnded(item.path);
  }

  #tellIdle(): void {
    if (this.#inFlight > 0 || this.#onIdle === null) return;
    this.#onIdle();
    this.#onIdle = null;
  }
}
