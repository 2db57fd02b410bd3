import { type Clock, type Moment, momentOf } from '../../base/clock.ts';
import { errorCode } from '../../base/errors.ts';
import type { Logger } from '../../base/logger.ts';
import { untilDone } from '../../base/retry.ts';
import {
  type CreditFlush,
  type Flush,
  type FlushAnswer,
  flushChunk,
  flushChunks,
  forgotten,
} from '../../store/campaigns/flush.ts';
import type { Store } from '../../store/store.ts';
import type { Measures } from '../sending/measures.ts';
import type { DeliverHooks, HookedChunk } from './hooks.ts';

/** A flush at the latest after this time, or when facts of this weight wait. */
export const flushMs = 20;
const flushWeight = 400;
/**
 * Half of what a group of 200 costs is that of its statement and commit. Where WeChat drops repeats of a key 400 may wait, which only
 * more than 10,000 messages a second make of 20 ms; elsewhere whoever waits here stays unknown after a crash, and 200 may.
 */
const factWeight = { keyed: 1, unkeyed: 2 };
/** The next flush is begun when what is reserved lasts for so many commits more. */
const commitsAhead = 1.5;
/** … or when this share of the leads is left: below the rates at which commits cost, a slow one must not stop sending. */
const shareAhead = 0.25;

/**
 * Most numbers ahead of one chunk. Where WeChat drops repeats of a key whoever is in doubt after a crash is sent the same once more;
 * elsewhere it stays unknown, so that fewer may be. 200 instead of 100 brought 6 % more messages a second where sending
 * waits for commits most of all (24,600/s to 26,100/s, medians of 5 of `npm run bench -- --in-flight 64 --no-peers` with either).
 */
export const mostLead = { keyed: 200, unkeyed: 100 };
/** Numbers reserved before anything is known of the rate. */
const firstLead = 32;

/**
 * How many numbers a campaign has reserved ahead: what goes out until a flush that is begun after the usual time is
 * acknowledged, and during one commit more. They are in doubt after a crash, most of them though they were never sent, so
 * there are no more than that: at 100/s and commits of 5 ms it is 3.
 *
 * @param perMs messages per ms lately; 0 before that is known
 * @param ceilingPerMs most that the account may send
 */
export function campaignLead(perMs: number, ceilingPerMs: number, commitMs: number): number {
  const sent = Math.min(perMs === 0 ? Number.POSITIVE_INFINITY : perMs, ceilingPerMs);
  const lead = Math.max(1, Math.ceil(sent * (flushMs + 2 * commitMs)));
  return perMs === 0 ? Math.min(firstLead, lead) : lead;
}

/** A chunk whose facts and reservations go through the flusher. */
export interface FlushMember extends HookedChunk {
  /** Its campaign: the chunks of one campaign go out one after the other, and share one lead. */
  readonly group: number;
  /** Numbers that may still be dispatched under the acknowledged mark. */
  readonly reserved: number;
  /** The same under the mark that is on its way; 0 while it cannot use them. */
  readonly promised: number;
  /** Numbers beyond that mark. */
  readonly left: number;
  /** Most messages per second of its campaign; Infinity: what the account may send. */
  readonly ratePerS: number;
  /** Most numbers that it may have reserved at once. */
  readonly mostLead: number;
  /** Something is not stored yet. */
  readonly hasFacts: boolean;
  /** What its flushes do to credits; null where its messages use up none. */
  readonly credits: CreditFlush | null;
  /** It gives up what is not stored yet. */
  readonly isAbandoned: boolean;
  /** Takes what is to be stored; null while a flush of it is under way, or when it has no more. */
  takeFlush(): Flush | null;
  /**
   * The database said what became of its flush.
   *
   * @param answer null: it was given up
   * @param sentAt before that was sent which was acknowledged
   */
  onStored(flush: Flush, answer: FlushAnswer | null, sentAt: Moment): void;
}

export interface FlusherDeps {
  store: Pick<Store, 'pool' | 'installation'>;
  clock: Clock;
  logger: Logger;
  pace: {
    /** Answers per millisecond of the account, lately; 0 before they are known. */
    readonly lane: { readonly answersPerMs: number };
    /** Most that the account may send, over all nodes. */
    readonly ratePerS: number;
  };
  hooks?: DeliverHooks | undefined;
  measures?: Measures | undefined;
}

interface Waiting {
  flush: Flush;
  resolve(stored: Stored): void;
  reject(error: unknown): void;
}

/** @property sentAt before the statement was sent */
interface Stored {
  answer: FlushAnswer;
  sentAt: Moment;
}

/**
 * Stores what the chunks of one account have to say, all of them in one statement, one statement at a time, and what could
 * not be stored by itself until the database answers.
 *
 * A commit costs the same whatever is in it, and sending never waits for it while numbers are reserved: so a flush is
 * begun as late as those numbers last, or after 20 ms or 400 facts (200 without a key). The lead of each campaign is what bounds the doubt
 * after a crash; that several chunks reserve together is what makes a group large where one chunk's most is not enough.
 */
export class Flusher {
  readonly #deps: FlusherDeps;
  readonly #members = new Set<FlushMember>();
  readonly #asked = new Set<FlushMember>();
  #batch: Waiting[] = [];
  #writing = false;
  #scheduled = false;
  #timer: NodeJS.Timeout | null = null;
  /** Weight of the facts since the last flush was begun. */
  #waiting = 0;
  /** Reserved numbers that are left, and with how many the next flush is begun. */
  #reserved = 0;
  #enough = 0;
  #commitMs = 5;

  constructor(deps: FlusherDeps) {
    this.#deps = deps;
  }

  /** How many numbers the member may have ahead: those that others of its campaign have count. */
  leadOf(member: FlushMember): number {
    let lead = this.#campaignLead(member);
    for (const other of this.#members)
      if (other !== member && other.group === member.group) lead -= other.promised;
    return Math.max(1, Math.min(member.mostLead, lead));
  }

  #campaignLead(member: FlushMember): number {
    const { lane, ratePerS } = this.#deps.pace;
    const ceiling = Math.min(ratePerS, member.ratePerS);
    return campaignLead(lane.answersPerMs, ceiling / 1000, this.#commitMs);
  }

  join(member: FlushMember): void {
    this.#members.add(member);
    this.#recount();
  }

  leave(member: FlushMember): void {
    this.#members.delete(member);
    this.#asked.delete(member);
    this.#recount();
  }

  /**
   * One fact more is to be stored, within 20 ms.
   *
   * @param keyed WeChat drops repeats of its message
   */
  noted(keyed: boolean): void {
    this.#waiting += keyed ? factWeight.keyed : factWeight.unkeyed;
    if (this.#waiting >= flushWeight) this.#go();
    else this.soon();
  }

  /** What is there is to be stored within 20 ms. */
  soon(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = null;
      this.#waiting = flushWeight; // also if a flush is under way at this moment
      this.#go();
    }, flushMs);
  }

  /** One reserved number was used. */
  used(): void {
    this.#reserved--;
    if (this.#isLow()) this.#go();
  }

  /** The member has no number left: it takes part in the next flush, which is begun now unless others still have some. */
  wantsMore(member: FlushMember): void {
    this.#asked.add(member);
    if (this.#reserved <= this.#enough) this.#go();
    else this.soon();
  }

  /** The member must be flushed now. */
  ask(member: FlushMember): void {
    this.#asked.add(member);
    this.#waiting = flushWeight;
    this.#go();
  }

  /**
   * Stores it, however long the database is away; the facts stay in memory meanwhile and nothing new is sent. The first try
   * goes with what the others have now; it may have been stored all the same when that failed.
   */
  async store(member: FlushMember, flush: Flush): Promise<void> {
    const { clock, logger, hooks } = this.#deps;
    if (hooks !== undefined) await hooks.reached('flush', member, flush.facts[0]);
    let isFirst = !flush.recount && member.credits === null;
    let stored: Stored | null = null;
    try {
      stored = await untilDone(
        () => {
          if (!isFirst) return this.#storeAlone(flush, member.credits);
          isFirst = false;
          return this.#storeWithOthers(flush);
        },
        {
          clock,
          goesOn: () => !member.isAbandoned,
          onFailure: (error) =>
            logger.warn(
              {
                campaignId: flush.claim.campaignId,
                firstNo: flush.claim.firstNo,
                facts: flush.facts.length,
                err: error,
              },
              'outcomes could not be stored yet; sending of this chunk waits',
            ),
        },
      );
    } catch {
      // Given up, which whoever did so has told.
    }
    if (hooks !== undefined) await hooks.reached('flushed', member);
    member.onStored(flush, stored?.answer ?? null, stored?.sentAt ?? flush.now);
  }

  #storeWithOthers(flush: Flush): Promise<Stored> {
    return new Promise((resolve, reject) => {
      this.#batch.push({ flush, resolve, reject });
      if (this.#writing || this.#scheduled) return;
      this.#scheduled = true;
      queueMicrotask(() => {
        this.#scheduled = false;
        void this.#write();
      });
    });
  }

  async #storeAlone(flush: Flush, credits: CreditFlush | null): Promise<Stored> {
    const { store, clock } = this.#deps;
    const sentAt = momentOf(clock);
    const [answer] = await this.#noticing([flush], async () => [
      await flushChunk(store.pool, { ...flush, now: sentAt }, credits),
    ]);
    this.#measure([flush], sentAt);
    if (credits !== null) {
      this.#commitMs = 0.8 * this.#commitMs + 0.2 * (clock.monotonic() - sentAt.monotonic);
      // Its mark moves in a microtask of its own.
      setImmediate(() => {
        if (!this.#writing) this.#next();
      });
    }
    return { answer: answer!, sentAt }; // one flush, one answer
  }

  /** A database that has forgotten what it acknowledged was restored: nobody may go on as if it had not been. */
  async #noticing(flushes: readonly Flush[], store: () => Promise<FlushAnswer[]>): Promise<FlushAnswer[]> {
    const { guard } = this.#deps.store.installation;
    const { history } = guard;
    try {
      const answers = await store();
      for (const [i, { claim, group }] of flushes.entries())
        if (answers[i]?.owned && claim.history === guard.history)
          guard.acknowledged.flushed({ ...claim, group });
      return answers;
    } catch (error) {
      if (errorCode(error) === forgotten) await guard.alarm(history);
      throw error;
    }
  }

  #measure(flushes: readonly Flush[], sentAt: Moment): void {
    const { measures, clock } = this.#deps;
    if (measures === undefined) return;
    const facts = flushes.reduce((sum, { facts }) => sum + facts.length, 0);
    measures.stored('campaign', facts, clock.monotonic() - sentAt.monotonic);
  }

  close(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
  }

  /** Collects what there is. While a statement is under way nothing is taken: it would only lie here. */
  #go(): void {
    if (this.#writing || this.#scheduled) return;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#waiting = 0;
    // In their order: what the first has reserved the next ones count.
    for (const member of this.#members) {
      if (!member.hasFacts && !this.#asked.has(member) && !this.#isNext(member)) continue;
      const flush = member.takeFlush();
      if (flush !== null) void this.store(member, flush);
    }
    this.#asked.clear();
  }

  /** The chunks before it are about to end, or cannot use what they have: it must not wait until it is its turn. */
  #isNext(member: FlushMember): boolean {
    const more = Math.min(member.left, this.leadOf(member) - member.promised);
    return more > Math.min(member.mostLead, this.#campaignLead(member)) / 2;
  }

  async #write(): Promise<void> {
    const batch = this.#batch;
    this.#batch = [];
    this.#writing = true;
    const sentAt = momentOf(this.#deps.clock);
    try {
      const flushes = batch.map(({ flush }) => ({ ...flush, now: sentAt }));
      const answers = await this.#noticing(flushes, () => flushChunks(this.#deps.store.pool, flushes));
      this.#measure(flushes, sentAt);
      this.#commitMs = 0.8 * this.#commitMs + 0.2 * (this.#deps.clock.monotonic() - sentAt.monotonic);
      for (const [i, one] of batch.entries()) one.resolve({ answer: answers[i]!, sentAt }); // one answer each
    } catch (error) {
      for (const one of batch) one.reject(error);
    }
    // Those that were answered first move their marks, in microtasks of their own, send on, and maybe end.
    setImmediate(() => this.#next());
  }

  #next(): void {
    this.#writing = false;
    this.#recount();
    const wanted = this.#asked.size > 0 && this.#reserved <= this.#enough;
    if (wanted || this.#batch.length > 0 || this.#waiting >= flushWeight || this.#isLow()) this.#go();
    if (this.#batch.length > 0 && !this.#scheduled) void this.#write();
  }

  #isLow(): boolean {
    return this.#enough > 0 && this.#reserved <= this.#enough;
  }

  #recount(): void {
    let reserved = 0;
    let leads = 0;
    const campaigns = new Map<number, { most: number; lead: number }>();
    for (const member of this.#members) {
      reserved += member.reserved;
      if (member.left === 0) continue;
      const { most = 0, lead = this.#campaignLead(member) } = campaigns.get(member.group) ?? {};
      campaigns.set(member.group, { most: most + member.mostLead, lead });
    }
    for (const { most, lead } of campaigns.values()) leads += Math.min(most, lead);
    const used = this.#deps.pace.lane.answersPerMs * this.#commitMs * commitsAhead;
    this.#reserved = reserved;
    this.#enough = Math.min(leads / 2, Math.max(leads * shareAhead, used));
  }
}
