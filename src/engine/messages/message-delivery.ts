import { Background } from '../../base/background.ts';
import { type Clock, systemClock } from '../../base/clock.ts';
import type { Logger } from '../../base/logger.ts';
import { Rounds } from '../../base/rounds.ts';
import { within } from '../../base/within.ts';
import { type Listener, listen } from '../../store/database/listen.ts';
import { fenceDeadNodes } from '../../store/database/nodes.ts';
import { findInserted, type NewMessage } from '../../store/messages/messages.ts';
import {
  doubtMessages,
  dueMessages,
  endExpiredMessages,
  lostOwners,
  type MessageFact,
  storeMessageFacts,
} from '../../store/messages/open-messages.ts';
import type { MessageReport } from '../../store/messages/reports.ts';
import type { Store } from '../../store/store.ts';
import { channelNames, channels } from '../../wechat/channels.ts';
import { endForMessages, settleForMessages } from '../credits/message-credits.ts';
import type { AccountClients } from '../sending/account-clients.ts';
import type { DatabaseClock } from '../sending/database-clock.ts';
import type { Measures } from '../sending/measures.ts';
import type { NodeLease } from '../sending/node-lease.ts';
import type { PaceUser } from '../sending/pace-users.ts';
import type { Pacing } from '../sending/pacing.ts';
import { type Batch, prepareBatch, storeBatch } from './batch.ts';
import { MessageClaims } from './claims.ts';
import { MessageFacts } from './facts.ts';
import { insertGroup } from './insert-group.ts';
import { MessageIntake } from './intake.ts';
import { MessageOutcomes } from './outcomes.ts';
import { MessageChecks, type MessageRequest } from './prepare.ts';
import type { MessageHooks } from './queue.ts';
import { MessageQueues } from './queues.ts';
import type { Submitted } from './submitted.ts';
import { storedInSpan } from './traces.ts';

const pollMs = 1_000;
/** A look for what was notified of follows after this time, ms. */
const gatherMs = 5;

export interface MessageDeliveryDeps {
  store: Store;
  clients: AccountClients;
  logger: Logger;
  nodeId: string;
  lease: NodeLease;
  /** Of this node, shared with its campaigns. */
  pacing: Pacing;
  clock?: Clock;
  /** Says which leases of others may be over; without it the database alone does. */
  databaseClock?: Pick<DatabaseClock, 'leasesEndBy'> | undefined;
  leaseMs: number;
  hooks?: MessageHooks | undefined;
  measures?: Measures | undefined;
}

/**
 * The single messages of this node: takes them in, sends them on commit, claims those that wait, and takes over those of
 * nodes that died.
 */
export class MessageDelivery implements PaceUser {
  readonly usesReserve = true;
  readonly #deps: MessageDeliveryDeps & { clock: Clock };
  readonly #checks: MessageChecks;
  readonly #intake: MessageIntake;
  readonly #facts: MessageFacts;
  readonly #queues: MessageQueues;
  readonly #claims: MessageClaims;
  readonly #outcomes: MessageOutcomes;
  readonly #rounds: Rounds;
  readonly #background: Background;
  #listener: Listener | null = null;
  #soon: NodeJS.Timeout | null = null;
  #soonAt = Number.POSITIVE_INFINITY;
  #stopping = false;

  constructor(deps: MessageDeliveryDeps) {
    this.#deps = { ...deps, clock: deps.clock ?? systemClock };
    const { clock } = this.#deps;
    const { store, logger, lease, nodeId, hooks, pacing } = deps;
    this.#rounds = new Rounds(
      () => this.#look(),
      (error) => logger.warn({ err: error }, 'looking for single messages failed and is tried again'),
    );
    this.#background = new Background((error) =>
      logger.warn({ err: error }, 'storing a change of single messages failed'),
    );
    this.#checks = new MessageChecks({ ...deps, clock });
    this.#outcomes = new MessageOutcomes(store.pool, clock);
    this.#facts = new MessageFacts({
      clock,
      logger,
      hooks,
      measures: deps.measures,
      store: (facts, now) => storeMessageFacts(store.pool, nodeId, facts, now, settleForMessages(facts, now)),
      onStored: (facts) => this.#onStored(facts),
    });
    this.#queues = new MessageQueues({
      ...this.#deps,
      background: this.#background,
      note: (fact) => this.#facts.add(fact),
      release: (items) => this.#claims.release(items),
      onRoom: (appid) => this.#claims.refill(appid),
    });
    this.#claims = new MessageClaims({
      ...this.#deps,
      answerTimeoutMs: deps.clients.answerTimeoutMs,
      outcomes: this.#outcomes,
      background: this.#background,
      queues: this.#queues,
    });
    this.#intake = new MessageIntake({
      clock,
      logger,
      lease,
      nodeId,
      hooks,
      nextBatch: () => this.#claims.nextBatch(),
      history: () => store.installation.guard.history,
      insert: (claim, rows) => insertGroup(store.pool, claim, rows),
      find: (uuids) => findInserted(store.pool, uuids),
      onUnsure: (epoch, batch) => this.#claims.unsure(epoch, batch),
      release: (items) => this.#claims.release(items),
    });
    pacing.join(this);
  }

  handBack(appid: string, path: string | null): void {
    const queue = this.#queues.known(appid);
    if (queue === undefined) return;
    queue.drain(path);
    // Its client may be over.
    queue.readAt = Number.NEGATIVE_INFINITY;
  }

  onOpened(): void {
    this.wake();
  }

  async start(): Promise<void> {
    const { store, logger } = this.#deps;
    // Somebody who submits more than can be sent notifies with each group; one look serves several of them.
    this.#listener = await listen(store.pool, ['hongyan_message'], () => this.#wakeIn(gatherMs), logger);
    this.#rounds.start(pollMs);
  }

  /**
   * Stores one message and has it sent; resolves on commit, before anything is sent. Repeating it with the same key is
   * harmless, on any node: it gives the same message.
   *
   * Throws what `MessageChecks.prepare` throws, `KEY_REUSED`, and `DATABASE_UNREACHABLE` when it is not known whether it
   * was stored.
   */
  async submit(request: MessageRequest): Promise<Submitted> {
    return await this.#store(await this.#checks.prepare(request));
  }

  /** Checks all, and stores those that are right; with `all` only when each is. */
  async submitBatch(requests: readonly MessageRequest[], { all }: { all: boolean }): Promise<Batch> {
    const prepared = await prepareBatch(this.#checks, this.#deps.store.pool, requests);
    return await storeBatch(prepared, all, (message) => this.#store(message));
  }

  /** The message once it is settled, or as it is after `ms` (at most 10,000). Null when there is none. */
  async outcome(id: number, ms: number): Promise<MessageReport | null> {
    return await this.#outcomes.of(id, ms);
  }

  /** Looks for waiting and abandoned messages now instead of at the next poll. */
  wake(): void {
    this.#rounds.wake();
  }

  /**
   * Sends nothing new, waits for what is in flight, stores it and hands the rest back; at most `timeoutMs`. False when
   * that was not enough.
   */
  async stop(timeoutMs = 10_000): Promise<boolean> {
    this.#stopping = true;
    this.#claims.isClosing = true;
    this.#intake.isClosing = true;
    const looking = this.#rounds.close();
    if (this.#soon !== null) clearTimeout(this.#soon);
    const queues = [...this.#queues].map(([, queue]) => queue);
    const clean = async (): Promise<void> => {
      await looking;
      for (const queue of queues) queue.drain(null);
      await this.#intake.settled();
      await Promise.all(queues.map((queue) => queue.idle()));
      await this.#facts.settled();
      await this.#background.settled();
    };
    const isClean = await within(timeoutMs, clean());
    this.#facts.abandon();
    for (const queue of queues) queue.leave();
    this.#outcomes.tellAll();
    await this.#listener?.close();
    return isClean;
  }

  async #store(message: NewMessage): Promise<Submitted> {
    const queue = this.#stopping ? null : await this.#queues.of(message.appid);
    return await storedInSpan(message, (one) => this.#intake.add(one, queue));
  }

  async #look(): Promise<void> {
    const { store, pacing } = this.#deps;
    for (const [, queue] of this.#queues) {
      queue.dropLost();
      // Nobody else looks at what a lease held up that was renewed too late, or a timer that was missed.
      if (!queue.isIdle) queue.pump();
    }
    await this.#takeOver();
    await this.#claims.releaseUnsure();
    await endExpiredMessages(store.pool, endForMessages);
    const due = await dueMessages(store.pool, channelNames);
    for (const [appid, queue] of this.#queues)
      for (const path of queue.backlogs)
        if (!due.some((one) => one.appid === appid && channels[one.channel].path === path))
          queue.backlogs.delete(path);
    const busy = [...this.#queues].filter(([, queue]) => !queue.isIdle).map(([appid]) => appid);
    await pacing.refresh([...new Set([...busy, ...due.map(({ appid }) => appid)])]);
    // One account's failure must not hold up the others.
    for (const one of await Promise.allSettled(
      due.map(({ appid, channel }) => this.#claims.claim(appid, channel)),
    ))
      if (one.status === 'rejected')
        this.#deps.logger.warn({ err: one.reason }, 'claiming single messages failed and is tried again');
  }

  /** After a pause of the database all leases are over, so only a node that kept its own for a while judges the others. */
  async #takeOver(): Promise<void> {
    const { store, lease, leaseMs, clients, logger } = this.#deps;
    if (store.installation.guard.isQuiet) return;
    if (lease.heldMs < leaseMs / 2) return;
    await fenceDeadNodes(store.pool, this.#deps.databaseClock?.leasesEndBy ?? null);
    for (const lost of await lostOwners(store.pool)) {
      const messages = await doubtMessages(store.pool, lost, clients.answerTimeoutMs + leaseMs);
      if (messages > 0)
        logger.warn({ nodeId: lost.owner, messages }, 'single messages of a node that died are in doubt');
    }
  }

  #onStored(facts: MessageFact[]): void {
    for (const { id, waitMs } of facts) {
      if (waitMs !== null) this.#wakeIn(waitMs);
      this.#outcomes.tell(id);
    }
  }

  /** A retry is due then, or somewhat later. */
  #wakeIn(ms: number): void {
    const at = this.#deps.clock.monotonic() + ms;
    if (this.#stopping || ms >= pollMs || (this.#soon !== null && this.#soonAt <= at)) return;
    if (this.#soon !== null) clearTimeout(this.#soon);
    this.#soonAt = at;
    this.#soon = setTimeout(() => {
      this.#soon = null;
      this.wake();
    }, ms + 1);
  }
}
