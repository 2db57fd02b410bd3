import { type Clock, isOver, type Moment, momentOf, shifted } from '../../base/clock.ts';

/** The rate is that of so many milliseconds, and half of those before. */
const measureMs = 50;

/** Something with messages to send, in turn with others of its account. */
export interface LaneUser {
  /** Users of one group (a campaign) send in the order in which they joined, groups take turns. */
  readonly group: number;
  /** The API path of its messages; the same for all users of a group. Null: it has several, and counts its attempts itself. */
  readonly path: string | null;
  /** It has the lane's reserved share. At most one user of a lane. */
  readonly isReserved?: boolean;
  /**
   * Sends one message if it can now; false when it has nothing that may go.
   *
   * @param now monotonic ms
   */
  sendOne(now: number): boolean;
}

/** Says when the next message of the account may leave and where to; what it hands out comes from the database. */
export interface Gate {
  /** Takes one slot if one is due; otherwise false, and the gate has the lane pumped when to ask again. */
  take(now: number): boolean;
  /** Gives a slot back that was taken and not used. */
  untake(): void;
  /** Whether this node has attempts of today left for the path; if not, it has the lane pumped once it has. */
  isOpen(path: string): boolean;
  /** Counts one attempt of today. */
  use(path: string): void;
}

/** A gate that is always open. */
const openGate: Gate = { take: () => true, untake: () => {}, isOpen: () => true, use: () => {} };

/**
 * The sending of one account in this process: how many messages are in flight, to whom, and whose turn it is.
 *
 * The window never exceeds the connections, so that nothing waits in the HTTP pool after its deadline was checked.
 */
export class Lane {
  /** Most messages in flight. */
  window: number;
  readonly #gate: Gate;
  readonly #clock: Clock;
  #inFlight = 0;
  #answers = 0;
  #answersPerMs = 0;
  #measuredAt = 0;
  #groups: { group: number; users: LaneUser[] }[] = [];
  #turn = 0;
  #pumping = false;
  #heldUntil: Moment = { monotonic: 0, wall: 0 };
  #holdTimer: NodeJS.Timeout | null = null;
  #openids = new Set<string>();
  #reserved: LaneUser | null = null;
  #share = 0;
  #mostCredit = 1;
  #credit = 1;

  constructor(window: number, clock: Clock, gate: Gate = openGate) {
    this.window = window;
    this.#clock = clock;
    this.#gate = gate;
  }

  /** Answers per millisecond of the whole lane, lately; 0 before they are known. */
  get answersPerMs(): number {
    return this.#answersPerMs;
  }

  get inFlight(): number {
    return this.#inFlight;
  }

  /**
   * One user goes first with this share of all messages; beyond it takes its turn like the others.
   *
   * @param most messages that it may save up while it has none
   */
  reserve(share: number, most: number): void {
    this.#share = share;
    this.#mostCredit = share === 0 ? 0 : Math.max(1, most);
  }

  join(user: LaneUser): void {
    if (user.isReserved) this.#reserved = user;
    const found = this.#groups.find((one) => one.group === user.group);
    if (found === undefined) this.#groups.push({ group: user.group, users: [user] });
    else found.users.push(user);
  }

  leave(user: LaneUser): void {
    if (this.#reserved === user) this.#reserved = null;
    for (const one of this.#groups) one.users = one.users.filter((other) => other !== user);
    this.#groups = this.#groups.filter((one) => one.users.length > 0);
    this.pump();
  }

  /** Sends nothing for `ms`: WeChat asked the whole account to wait. */
  hold(ms: number): void {
    const now = momentOf(this.#clock);
    const until = shifted(now, ms);
    if (this.#isHeld(now) && until.monotonic <= this.#heldUntil.monotonic) return;
    this.#heldUntil = until;
    this.#wakeIn(ms);
  }

  /** A timer may come up to a millisecond early, and nobody else would look again. */
  #wakeIn(ms: number): void {
    if (this.#holdTimer !== null) clearTimeout(this.#holdTimer);
    this.#holdTimer = setTimeout(() => {
      const now = momentOf(this.#clock);
      if (this.#isHeld(now)) this.#wakeIn(this.#heldUntil.monotonic - now.monotonic);
      else this.pump();
    }, ms + 1);
  }

  /** WeChat's minute goes on while this machine sleeps. */
  #isHeld(now: Moment): boolean {
    return !isOver(this.#heldUntil, now);
  }

  /** False when a message to this openid is in flight: two that overlap are refused by WeChat (43108). */
  enter(openid: string): boolean {
    if (this.#openids.has(openid)) return false;
    this.#openids.add(openid);
    this.#inFlight++;
    return true;
  }

  /** @param now monotonic ms */
  exit(openid: string, now: number): void {
    this.#openids.delete(openid);
    this.#inFlight--;
    this.#answers++;
    this.#measure(now);
    this.pump();
  }

  #measure(now: number): void {
    const ms = now - this.#measuredAt;
    if (ms < measureMs) return;
    // After a silence the old rate says nothing.
    const rate = this.#answers / ms;
    this.#answersPerMs =
      ms > 10 * measureMs ? 0 : this.#answersPerMs === 0 ? rate : (this.#answersPerMs + rate) / 2;
    this.#answers = 0;
    this.#measuredAt = now;
  }

  /** Lets the groups send in turn until the window is full, the gate is closed or nobody has anything. */
  pump(): void {
    // A send that fails at once comes back here while the loop below is still running.
    if (this.#pumping || this.#inFlight >= this.window) return;
    let now = this.#clock.monotonic();
    if (now < this.#heldUntil.monotonic && this.#isHeld(momentOf(this.#clock))) return;
    this.#pumping = true;
    let idle = 0;
    while (this.#inFlight < this.window && idle < this.#groups.length) {
      if (!this.#gate.take(now)) break;
      const sent = this.#sendReserved(now) || this.#sendInTurn(now);
      if (sent) this.#credit = Math.min(this.#mostCredit, this.#credit + this.#share);
      else this.#gate.untake();
      idle = sent ? 0 : idle + 1;
      // One answer lets one message go, and one look at the clock serves for it.
      if (this.#inFlight < this.window) now = this.#clock.monotonic();
    }
    this.#pumping = false;
  }

  #sendReserved(now: number): boolean {
    if (this.#credit < 1 || this.#reserved === null || !this.#reserved.sendOne(now)) return false;
    this.#credit--;
    return true;
  }

  #sendInTurn(now: number): boolean {
    this.#turn = (this.#turn + 1) % this.#groups.length;
    return this.#sendOf(this.#groups[this.#turn]?.users ?? [], now);
  }

  #sendOf(users: LaneUser[], now: number): boolean {
    const path = users[0]?.path;
    if (path === undefined || (path !== null && !this.#gate.isOpen(path))) return false;
    for (const user of users) {
      if (!user.sendOne(now)) continue;
      if (path !== null) this.#gate.use(path);
      return true;
    }
    return false;
  }

  close(): void {
    if (this.#holdTimer !== null) clearTimeout(this.#holdTimer);
  }
}
