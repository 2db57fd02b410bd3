import { type Clock, type Moment, momentOf } from '../../base/clock.ts';
import type { Flush, FlushAnswer } from '../../store/campaigns/flush.ts';

/** A flush at the latest after this time or this many facts. */
export const flushMs = 20;
const flushFacts = 200;
/** The next flush is begun when what is reserved lasts for so many commits more. */
const commitsAhead = 1.5;
/** … or when this share of the leads is left: below the rates at which commits cost, a slow one must not stop sending. */
const shareAhead = 0.25;

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
export interface FlushMember {
  /** Its campaign: the chunks of one campaign go out one after the other, and share one lead. */
  readonly group: number;
  /** Numbers that may still be dispatched under the acknowledged mark. */
  readonly reserved: number;
  /** The same under the mark that is on its way; 0 while it cannot use them. */
  readonly promised: number;
  /** Numbers beyond that mark. */
  readonly left: number;
  /** Most numbers that it may have reserved at once. */
  readonly mostLead: number;
  /** Something is not stored yet. */
  readonly hasFacts: boolean;
  /** Takes what is to be stored and gives it to `Flusher.store`, unless one is under way. */
  flush(): void;
}

export interface FlusherDeps {
  clock: Clock;
  write(flushes: readonly Flush[]): Promise<FlushAnswer[]>;
  /** Answers per millisecond of the account, lately; 0 before they are known. */
  answersPerMs(): number;
  /** Most that the account may send per millisecond, over all nodes. */
  ceilingPerMs(): number;
}

interface Waiting {
  flush: Flush;
  resolve(stored: Stored): void;
  reject(error: unknown): void;
}

/** @property sentAt before the statement was sent */
export interface Stored {
  answer: FlushAnswer;
  sentAt: Moment;
}

/**
 * Stores what the chunks of one account have to say, all of them in one statement, one statement at a time.
 *
 * A commit costs the same whatever is in it, and sending never waits for it while numbers are reserved: so a flush is
 * begun as late as those numbers last, or after 20 ms or 200 facts. The lead of each campaign is what bounds the doubt
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
  #facts = 0;
  /** Reserved numbers that are left, and with how many the next flush is begun. */
  #reserved = 0;
  #enough = 0;
  #commitMs = 5;

  constructor(deps: FlusherDeps) {
    this.#deps = deps;
  }

  /** How many numbers the member may have ahead: those that others of its campaign have count. */
  leadOf(member: FlushMember): number {
    let lead = this.#campaignLead;
    for (const other of this.#members)
      if (other !== member && other.group === member.group) lead -= other.promised;
    return Math.max(1, Math.min(member.mostLead, lead));
  }

  get #campaignLead(): number {
    return campaignLead(this.#deps.answersPerMs(), this.#deps.ceilingPerMs(), this.#commitMs);
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

  /** One fact more is to be stored, within 20 ms. */
  noted(): void {
    this.#facts++;
    if (this.#facts >= flushFacts) this.#go();
    else this.soon();
  }

  /** What is there is to be stored within 20 ms. */
  soon(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = null;
      this.#facts = flushFacts; // also if a flush is under way at this moment
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
    this.#facts = flushFacts;
    this.#go();
  }

  /** Stores it with what the others have now; rejects when the statement failed, and it may have been stored all the same. */
  store(flush: Flush): Promise<Stored> {
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

  /** A member stored something by itself, in so many ms. */
  storedAlone(ms: number): void {
    this.#commitMs = 0.8 * this.#commitMs + 0.2 * ms;
    // Its mark moves in a microtask of its own.
    setImmediate(() => {
      if (!this.#writing) this.#next();
    });
  }

  close(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
  }

  /** Collects what there is. While a statement is under way nothing is taken: it would only lie here. */
  #go(): void {
    if (this.#writing || this.#scheduled) return;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#facts = 0;
    // In their order: what the first has reserved the next ones count.
    for (const member of this.#members)
      if (member.hasFacts || this.#asked.has(member) || this.#isNext(member)) member.flush();
    this.#asked.clear();
  }

  /** The chunks before it are about to end, or cannot use what they have: it must not wait until it is its turn. */
  #isNext(member: FlushMember): boolean {
    const more = Math.min(member.left, this.leadOf(member) - member.promised);
    return more > Math.min(member.mostLead, this.#campaignLead) / 2;
  }

  async #write(): Promise<void> {
    const batch = this.#batch;
    this.#batch = [];
    this.#writing = true;
    const sentAt = momentOf(this.#deps.clock);
    try {
      const answers = await this.#deps.write(batch.map(({ flush }) => ({ ...flush, now: sentAt })));
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
    if (wanted || this.#batch.length > 0 || this.#facts >= flushFacts || this.#isLow()) this.#go();
    if (this.#batch.length > 0 && !this.#scheduled) void this.#write();
  }

  #isLow(): boolean {
    return this.#enough > 0 && this.#reserved <= this.#enough;
  }

  #recount(): void {
    let reserved = 0;
    let leads = 0;
    const campaigns = new Map<number, number>();
    for (const member of this.#members) {
      reserved += member.reserved;
      if (member.left > 0) campaigns.set(member.group, (campaigns.get(member.group) ?? 0) + member.mostLead);
    }
    for (const most of campaigns.values()) leads += Math.min(most, this.#campaignLead);
    const used = this.#deps.answersPerMs() * this.#commitMs * commitsAhead;
    this.#reserved = reserved;
    this.#enough = Math.min(leads / 2, Math.max(leads * shareAhead, used));
  }
}
