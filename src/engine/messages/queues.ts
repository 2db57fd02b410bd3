import type { Background } from '../../base/background.ts';
import type { Clock } from '../../base/clock.ts';
import { errorCode, HongyanError } from '../../base/errors.ts';
import type { Logger } from '../../base/logger.ts';
import { markUnfollowed } from '../../store/accounts/contacts.ts';
import type { MessageFact } from '../../store/messages/open-messages.ts';
import type { Store } from '../../store/store.ts';
import type { AccountClients } from '../sending/account-clients.ts';
import type { NodeLease } from '../sending/node-lease.ts';
import type { Pacing } from '../sending/pacing.ts';
import type { MessageItem } from './item.ts';
import { type MessageHooks, MessageQueue } from './queue.ts';

/** An account is read again for its next message after this time, ms. */
const rereadMs = 1_000;

export interface MessageQueuesDeps {
  store: Store;
  clients: AccountClients;
  logger: Logger;
  clock: Clock;
  lease: NodeLease;
  pacing: Pacing;
  hooks?: MessageHooks | undefined;
  background: Background;
  /** Stores a fact, in a group with others. */
  note(fact: MessageFact): void;
  /** Hands messages back that were not started. */
  release(items: MessageItem[]): void;
  /** The account has room for more of those that wait in the database. */
  onRoom(appid: string): void;
}

/** The queues of this node's single messages, one for each account that had some. */
export class MessageQueues {
  readonly #deps: MessageQueuesDeps;
  readonly #known = new Map<string, MessageQueue>();
  readonly #opening = new Map<string, Promise<MessageQueue | null>>();

  constructor(deps: MessageQueuesDeps) {
    this.#deps = deps;
  }

  /** The account's, if it was ever opened; its pace and client may be those of before. */
  known(appid: string): MessageQueue | undefined {
    return this.#known.get(appid);
  }

  /** All of them, with their appids. */
  [Symbol.iterator](): MapIterator<[string, MessageQueue]> {
    return this.#known.entries();
  }

  /** The queue of an account, with its pace and client as they are stored now; null when it cannot be used. */
  of(appid: string): Promise<MessageQueue | null> {
    const known = this.#known.get(appid);
    if (known !== undefined && this.#deps.clock.monotonic() - known.readAt < rereadMs)
      return Promise.resolve(known);
    let opening = this.#opening.get(appid);
    if (opening === undefined) {
      opening = this.#open(appid).finally(() => this.#opening.delete(appid));
      this.#opening.set(appid, opening);
    }
    return opening;
  }

  async #open(appid: string): Promise<MessageQueue | null> {
    const { clock, pacing, clients, logger, lease, store, hooks, background } = this.#deps;
    const readAt = clock.monotonic();
    try {
      await pacing.refresh([appid]);
      const pace = pacing.account(appid);
      if (pace === null) return null;
      const client = await clients.get(appid);
      let queue = this.#known.get(appid);
      if (queue === undefined) {
        queue = new MessageQueue(client, {
          appid,
          clock,
          lease,
          pace,
          hooks,
          installation: store.installation.uuid,
          answerTimeoutMs: clients.answerTimeoutMs,
          note: (fact) => this.#deps.note(fact),
          release: (items) => this.#deps.release(items),
          onClaimed: ({ id, attempt }) => store.installation.guard.acknowledged.claimed(id, attempt),
          onRoom: () => this.#deps.onRoom(appid),
          onUnfollowed: (openid) => background.add(markUnfollowed(store.pool, appid, [openid])),
        });
        this.#known.set(appid, queue);
      }
      queue.client = client;
      queue.readAt = readAt;
      return queue;
    } catch (error) {
      // The message is stored all the same, and waits until the database is back or the account mended.
      const isAccount = error instanceof HongyanError;
      if (isAccount)
        logger.error({ appid, code: error.code }, 'single messages wait: their account is not usable');
      else logger.warn({ appid, code: errorCode(error) }, 'an account could not be read; it is tried again');
      return null;
    }
  }
}
