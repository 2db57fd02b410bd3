import { failure } from '../../base/errors.ts';
import type { RecordedReply } from '../callback/account-events.ts';
import type { EventFate, EventName, EventRow, EventStatus } from '../callback/event-log.ts';
import type { SenderCounts } from '../callback/event-sender.ts';
import type { CallbackSettings, EventOptions, ResolvedCallback } from '../callback/options.ts';
import { verifyUrl } from '../callback/verify-url.ts';
import { parseCallback, parseEvents } from '../resolve-options.ts';
import type { Account } from '../state/account.ts';
import { MsgidSource } from '../state/msgid.ts';

/** One event and what became of it: the truth that a report is compared with. */
export interface SimulatedEvent {
  /** 1 for the account's first event. */
  seq: number;
  event: EventName;
  openid: string;
  /** Unix seconds, as in the event. */
  createTime: number;
  /** What the receipt says; absent for events that are none. */
  status?: EventStatus;
  /** The message that the receipt is about; 64-bit, hence text. */
  msgid?: string;
  template_id?: string;
  /**
   * `delivered`: the receiver answered well at least once, even if WeChat was made not to see it. `given-up`: never, in
   * all deliveries (a receiver that answered too late may know the event all the same). `lost`: never sent.
   */
  fate: EventFate;
  /** HTTP requests made for it. */
  deliveries: number;
}

/** Counts over all events since the start or the last `clear`; reading them costs the same for a million. */
export interface EventSummary extends SenderCounts {
  /** Events that arose, those that were lost included. */
  events: number;
  pending: number;
  delivered: number;
  givenUp: number;
  lost: number;
  /** Receipts and other events by name, then by status (empty for events without one), then by fate. */
  byEvent: Partial<Record<EventName, Record<string, Partial<Record<EventFate, number>>>>>;
  /** Replies and wrong answers seen. */
  replies: number;
  paused: boolean;
  /** Milliseconds until MarkFail's pause ends; 0 for none. */
  markFailLeftMs: number;
}

/** The callback of one simulated account: its settings, how its events come, and what became of each. */
export class SimulatedEvents {
  readonly #account: Account;

  /** @internal Use `account.events`. */
  constructor(account: Account) {
    this.#account = account;
  }

  /** The settings in force, with the derived token and key; undefined without a URL. */
  get callback(): ResolvedCallback | undefined {
    return this.#account.events.settings;
  }

  /** `ToUserName` of the events, `gh_` and 12 hex digits. */
  get originalId(): string {
    return this.#account.events.originalId;
  }

  /** How events come now. */
  get options(): Readonly<EventOptions> {
    return this.#account.events.options;
  }

  /**
   * Saves the settings after asking the URL for the echostr, as WeChat does; `verify: false` saves them unasked, null
   * removes them (what waits is given up). What waits goes to the new URL.
   *
   * Throws `SIMULATOR_OPTIONS` for wrong settings, and `SIMULATOR_CALLBACK` if the URL does not answer exactly the
   * echostr with status 200 in time; the settings before then stay.
   */
  async setCallback(settings: CallbackSettings | null): Promise<void> {
    const { events, options, clock } = this.#account;
    if (settings === null) {
      events.settings = undefined;
      return;
    }
    const { verify, ...resolved } = parseCallback(settings, options);
    if (verify) await verifyUrl(resolved, clock.now(), events.options.timeoutMs);
    events.settings = resolved;
  }

  /** Changes how events come and what goes wrong from now on; keys that are left out stay. */
  configure(options: Partial<EventOptions>): void {
    this.#account.events.configure(parseEvents(options));
  }

  /** Sends nothing more until `resume`; deliveries under way end. */
  pause(): void {
    this.#account.events.sender.pause();
  }

  /** Sends again, also while MarkFail pauses. */
  resume(): void {
    this.#account.events.sender.resume();
  }

  /**
   * Waits until nothing waits and nothing is under way: every event is delivered, given up or lost. False after
   * `timeoutMs` (default 60,000).
   */
  async drained(timeoutMs = 60_000): Promise<boolean> {
    const { promise: late, resolve } = Promise.withResolvers<boolean>();
    const timer = setTimeout(() => resolve(false), timeoutMs);
    const drained = this.#account.events.sender.drained().then(() => true);
    try {
      return await Promise.race([drained, late]);
    } finally {
      clearTimeout(timer);
    }
  }

  /** Every event that is still known (see `keepEvents`), oldest first, of one person if given. */
  *all(openid?: string): Generator<SimulatedEvent> {
    const index = openid === undefined ? -1 : this.#find(openid);
    for (const row of this.#account.events.log.rows()) {
      if (index < 0 || row.index === index) yield this.#event(row);
    }
  }

  /** The receipt of a message by its msgid, or undefined if there is none. */
  byMsgid(msgid: string): SimulatedEvent | undefined {
    const { log } = this.#account.events;
    for (const number of [MsgidSource.parse(msgid), Number(msgid)]) {
      const row = Number.isNaN(number) ? undefined : log.byMsgid(number);
      const found = row === undefined ? undefined : this.#event(row);
      if (found?.msgid === msgid) return found;
    }
    return undefined;
  }

  summary(): EventSummary {
    const { log, sender, replyCount } = this.#account.events;
    const fates: Record<EventFate, number> = { pending: 0, delivered: 0, 'given-up': 0, lost: 0 };
    const byEvent: EventSummary['byEvent'] = {};
    for (const { name, status, fate, count } of log.counts()) {
      fates[fate] += count;
      const statuses = byEvent[name] ?? {};
      byEvent[name] = statuses;
      statuses[status] = { ...statuses[status], [fate]: count };
    }
    return {
      events: log.size,
      pending: fates.pending,
      delivered: fates.delivered,
      givenUp: fates['given-up'],
      lost: fates.lost,
      byEvent,
      ...sender.counts,
      failures: { ...sender.counts.failures },
      replies: replyCount,
      paused: sender.isPaused,
      markFailLeftMs: sender.markFailLeftMs,
    };
  }

  /** The last 1,000 replies and wrong answers, oldest first. */
  replies(): RecordedReply[] {
    return [...this.#account.events.replies()];
  }

  /** Forgets all events, those that wait included; settings, options and people stay. */
  clear(): void {
    this.#account.events.clear();
  }

  #event(row: EventRow): SimulatedEvent {
    const { events, followers } = this.#account;
    const msgid = events.msgid(row);
    return {
      seq: row.seq,
      event: row.name,
      openid: followers.openid(row.index),
      createTime: row.createTime,
      ...(row.status === '' ? {} : { status: row.status }),
      ...(msgid === '' ? {} : { msgid }),
      ...(row.templateId === undefined ? {} : { template_id: row.templateId }),
      fate: row.fate,
      deliveries: row.deliveries,
    };
  }

  #find(openid: string): number {
    const index = this.#account.followers.find(openid);
    if (index >= 0) return index;
    throw failure('SIMULATOR_OPENID/openid', { appid: this.#account.appid });
  }
}
