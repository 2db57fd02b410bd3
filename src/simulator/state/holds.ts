import { randomSequence, seed32 } from '../random.ts';
import type { SimulatedClock } from './clock.ts';

/**
 * Which template messages WeChat holds for review (errcode 40252), and what becomes of them. A held message is answered
 * without a msgid; the review then delivers it, or blocks it and lists it in queryblocktmplmsg.
 */
export interface HoldOptions {
  /** Share (0–1) of the messages that pass all checks and are held. Default 0. */
  share: number;
  /** Holds the next so many messages, whatever the share. Default 0. */
  next: number;
  /** Only messages to these people are held. Default `null`: to anybody. */
  openids: readonly string[] | null;
  /** Share (0–1) of the held ones that the review blocks. Default 0. */
  blockedShare: number;
  /** Time from the answer to the verdict, on the simulator's clock. Default 1,800,000; `null`: only on command. */
  reviewMs: number | null;
  /**
   * Of which verdicts an event tells: `released` (default) of released messages, with the msgid that no answer had; `all`
   * also of blocked ones, as `failed: system failed`; `none` of neither.
   */
  events: 'none' | 'released' | 'all';
}

export const holdDefaults: HoldOptions = {
  share: 0,
  next: 0,
  openids: null,
  blockedShare: 0,
  reviewMs: 30 * 60_000,
  events: 'released',
};

/** A message that was held, as the account keeps it. */
export interface Hold {
  index: number;
  openid: string;
  templateId: string;
  title: string;
  /** The simulator's inner number of the message. */
  msgid: number;
  clientMsgId: string;
  body: unknown;
  /** Unix milliseconds of the send. */
  at: number;
  state: 'held' | 'released' | 'blocked';
}

/** What the account does with a verdict. */
export interface HoldEffects {
  release(hold: Hold, withEvent: boolean): void;
  block(hold: Hold, withEvent: boolean): void;
}

/** setTimeout takes no more. */
const maxTimerMs = 2_147_483_647;
/** Holds that were decided and stay readable. */
const kept = 100_000;

/** The reviews of one account's template messages. */
export class Holds {
  options: HoldOptions;
  readonly #initial: HoldOptions;
  readonly #clock: SimulatedClock;
  readonly #effects: HoldEffects;
  readonly #seed: number;
  #random: () => number;
  #holds = new Map<number, Hold>();
  /** Those without a verdict, in the order of their sends. */
  #open = new Map<number, Hold>();
  #timer: NodeJS.Timeout | undefined;
  /** Goes up with every hold, verdict and reset, never down. */
  changes = 0;

  constructor(options: HoldOptions, clock: SimulatedClock, seed: number, effects: HoldEffects) {
    this.#initial = options;
    this.options = { ...options };
    this.#clock = clock;
    this.#effects = effects;
    this.#seed = seed;
    this.#random = randomSequence(seed32('holds', seed));
    clock.onMove(() => this.decideDue());
  }

  configure(options: Partial<HoldOptions>): void {
    Object.assign(this.options, options);
    this.decideDue();
  }

  /** Whether the message that is being sent is held. */
  strikes(openid: string): boolean {
    const { openids, share, next } = this.options;
    if (openids !== null && !openids.includes(openid)) return false;
    if (next > 0) {
      this.options.next--;
      return true;
    }
    return share > 0 && this.#random() < share;
  }

  add(hold: Hold): void {
    this.#holds.set(hold.msgid, hold);
    this.#open.set(hold.msgid, hold);
    this.changes++;
    if (this.#holds.size > kept)
      for (const [msgid, { state }] of this.#holds) {
        if (state !== 'held') this.#holds.delete(msgid);
        if (this.#holds.size <= kept / 2) break;
      }
    this.#arm();
  }

  /** Whether the message of that number is held, or was blocked: a repeat under its key gets the same answer. */
  isWithheld(msgid: number): boolean {
    const hold = this.#holds.get(msgid);
    return hold !== undefined && hold.state !== 'released';
  }

  list(): Hold[] {
    return [...this.#holds.values()];
  }

  /** How many have no verdict yet, of one person or of all. */
  openOf(index?: number): number {
    if (index === undefined) return this.#open.size;
    let open = 0;
    for (const hold of this.#open.values()) if (hold.index === index) open++;
    return open;
  }

  /** Gives held messages their verdict, of some people or of all; says of how many. */
  decide(verdict: 'release' | 'block', openids: readonly string[] | null, withEvent?: boolean): number {
    let decided = 0;
    for (const hold of [...this.#open.values()]) {
      if (openids !== null && !openids.includes(hold.openid)) continue;
      this.#decide(hold, verdict, withEvent);
      decided++;
    }
    return decided;
  }

  /** Ends the reviews whose time is over. */
  decideDue(): void {
    const { reviewMs, blockedShare } = this.options;
    if (reviewMs !== null) {
      const before = this.#clock.now() - reviewMs;
      for (const hold of [...this.#open.values()]) {
        if (hold.at > before) break;
        this.#decide(hold, this.#random() < blockedShare ? 'block' : 'release');
      }
    }
    this.#arm();
  }

  reset(): void {
    this.close();
    this.#holds.clear();
    this.#open.clear();
    this.changes++;
    this.options = { ...this.#initial };
    this.#random = randomSequence(seed32('holds', this.#seed));
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #decide(hold: Hold, verdict: 'release' | 'block', withEvent?: boolean): void {
    const { events } = this.options;
    this.#open.delete(hold.msgid);
    this.changes++;
    hold.state = verdict === 'release' ? 'released' : 'blocked';
    if (verdict === 'release') this.#effects.release(hold, withEvent ?? events !== 'none');
    else this.#effects.block(hold, withEvent ?? events === 'all');
  }

  #arm(): void {
    this.close();
    const { reviewMs } = this.options;
    const [first] = this.#open.values();
    if (first === undefined || reviewMs === null || this.#clock.frozen) return;
    const waitMs = first.at + reviewMs - this.#clock.now();
    this.#timer = setTimeout(() => this.decideDue(), Math.min(maxTimerMs, Math.max(1, waitMs)));
    this.#timer.unref();
  }
}
