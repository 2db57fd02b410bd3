/** Something with messages to send, in turn with others of its account. */
export interface LaneUser {
  /** Sends one message if it can now; false when it has nothing that may go. */
  sendOne(): boolean;
}

/**
 * The sending of one account in this process: how many messages are in flight, to whom, and whose turn it is.
 *
 * The window never exceeds the connections, so that nothing waits in the HTTP pool after its deadline was checked.
 */
export class Lane {
  readonly window: number;
  #inFlight = 0;
  #users: LaneUser[] = [];
  #turn = 0;
  #pumping = false;
  #openids = new Set<string>();

  constructor(window: number) {
    this.window = window;
  }

  get inFlight(): number {
    return this.#inFlight;
  }

  join(user: LaneUser): void {
    this.#users.push(user);
  }

  leave(user: LaneUser): void {
    this.#users = this.#users.filter((other) => other !== user);
    this.pump();
  }

  /** False when a message to this openid is in flight: two that overlap are refused by WeChat (43108). */
  enter(openid: string): boolean {
    if (this.#openids.has(openid)) return false;
    this.#openids.add(openid);
    this.#inFlight++;
    return true;
  }

  exit(openid: string): void {
    this.#openids.delete(openid);
    this.#inFlight--;
    this.pump();
  }

  /** Lets the users send in turn until the window is full or nobody has anything. */
  pump(): void {
    if (this.#pumping) return;
    this.#pumping = true;
    let idle = 0;
    while (this.#inFlight < this.window && idle < this.#users.length) {
      this.#turn = (this.#turn + 1) % this.#users.length;
      idle = this.#users[this.#turn]?.sendOne() ? 0 : idle + 1;
    }
    this.#pumping = false;
  }
}
