import { parseHolds } from '../resolve-options.ts';
import type { Account } from '../state/account.ts';
import type { HoldOptions } from '../state/holds.ts';

/** A template message that was held for review. */
export interface SimulatedHold {
  openid: string;
  template_id: string;
  /** Of its receipt, should it be released: no answer had it. */
  msgid: string;
  /** Unix milliseconds of the send, on the simulator's clock. */
  at: number;
  state: 'held' | 'released' | 'blocked';
}

/** Whom a verdict is about, and whether an event tells of it; without `openids` all that are held. */
export interface HoldChoice {
  openids?: readonly string[];
  /** Default: as `HoldOptions.events` says. */
  event?: boolean;
}

/** The reviews of an account's template messages (40252). */
export class SimulatedHolds {
  readonly #account: Account;

  /** @internal Use `account.holds`. */
  constructor(account: Account) {
    this.#account = account;
  }

  get options(): HoldOptions {
    return { ...this.#account.holds.options };
  }

  /** Changes which messages are held from now on, and what becomes of those that are. */
  configure(options: Partial<HoldOptions>): void {
    this.#account.holds.configure(parseHolds(options));
  }

  /** Every message that was held, in the order of the sends; those with a verdict at least 50,000 long. */
  list(): SimulatedHold[] {
    const { holds, msgids } = this.#account;
    holds.decideDue();
    return holds.list().map(({ openid, templateId, msgid, at, state }) => ({
      openid,
      template_id: templateId,
      msgid: msgids.text(msgid),
      at,
      state,
    }));
  }

  /** The review passes: the messages are received. Says how many. */
  release(choice: HoldChoice = {}): number {
    return this.#account.holds.decide('release', choice.openids ?? null, choice.event);
  }

  /** The review does not pass: the messages are listed by queryblocktmplmsg. Says how many. */
  block(choice: HoldChoice = {}): number {
    return this.#account.holds.decide('block', choice.openids ?? null, choice.event);
  }
}
