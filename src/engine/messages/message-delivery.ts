import { Background } from '../../base/background.ts';
import { type Clock, momentOf, systemClock } from '../../base/clock.ts';
import { errorCode, HongyanError } from '../../base/errors.ts';
import type { Logger } from '../../base/logger.ts';
import { untilDone } from '../../base/retry.ts';
import { Rounds } from '../../base/rounds.ts';
import { within } from '../../base/within.ts';
import { markUnfollowed } from '../../store/accounts/contacts.ts';
import { type Listener, listen } from '../../store/database/listen.ts';
import { fenceDeadNodes } from '../../store/database/nodes.ts';
import { findInserted, type NewMessage } from '../../store/messages/messages.ts';
import {
  claimMessages,
  doubtMessages,
  dueMessages,
  endExpiredMessages,
  lostOwners,
  type MessageFact,
  releaseBatches,
  releaseMessages,
  storeMessageFacts,
} from '../../store/messages/open-messages.ts';
import type { MessageReport } from '../../store/messages/reports.ts';
import type { Store } from '../../store/store.ts';
import { type Channel, channelNames, channels } from '../../wechat/channels.ts';
import { endForMessages, reserveForMessages, settleForMessages } from '../credits/message-credits.ts';
import { needsCredits } from '../credits/use-credits.ts';
import type { AccountClients } from '../sending/account-clients.ts';
import type { DatabaseClock } from '../sending/database-clock.ts';
import type { Measures } from '../sending/measures.ts';
import type { NodeLease } from '../sending/node-lease.ts';
import type { PaceUser } from '../sending/pace-users.ts';
import type { Pacing } from '../sending/pacing.ts';
import { type Batch, prepareBatch, storeBatch } from './batch.ts';
import { MessageFacts } from './facts.ts';
import { insertGroup } from './insert-group.ts';
import { MessageIntake } from './intake.ts';
import { claimedItem, type MessageItem } from './item.ts';
import { MessageOutcomes } from './outcomes.ts';
import { MessageChecks, type MessageRequest } from './prepare.ts';
import { type MessageHooks, MessageQueue } from './queue.ts';
import type { Submitted } from './submitted.ts';
import { storedInSpan } from './traces.ts';

const pollMs = 1_000;
/** A look for what was notified of follows after this time, ms. */
const gatherMs = 5;
/** How long a claiming statement whose answer was lost may still be running, ms. */
const unsureMs = 60_000;

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
  readonly #queues = new Map<string, MessageQueue>();
  readonly #opening = new Map<string, Promise<MessageQueue | null>>();
  /** Claiming statements whose answer was lost, with when they are forgotten. */
  readonly #unsure = new Map<number, { epoch: number; until: number }>();
  readonly #outcomes: MessageOutcomes;
  readonly #rounds: Rounds;
  readonly #background: Background;
  readonly #refilling = new Set<string>();
  #listener: Listener | null = null;
  #soon: NodeJS.Timeout | null = null;
  #soonAt = Number.POSITIVE_INFINITY;
  #batch = 0;
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
    this.#intake = new MessageIntake({
      clock,
      logger,
      lease,
      nodeId,
      hooks,
      nextBatch: () => ++this.#batch,
      history: () => store.installation.guard.history,
      insert: (claim, rows) => insertGroup(store.pool, claim, rows),
      find: (uuids) => findInserted(store.pool, uuids),
      onUnsure: (epoch, batch) => this.#unsure.set(batch, { epoch, until: clock.monotonic() + unsureMs }),
      release: (items) => this.#release(items),
    });
    pacing.join(this);
  }

  handBack(appid: string, path: string | null): void {
    const queue = this.#queues.get(appid);
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
    this.#intake.isClosing = true;
    const looking = this.#rounds.close();
    if (this.#soon !== null) clearTimeout(this.#soon);
    const queues = [...this.#queues.values()];
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
    const queue = this.#stopping ? null : await this.#queue(message.appid);
    return await storedInSpan(message, (one) => this.#intake.add(one, queue));
  }

  async #look(): Promise<void> {
    const { store, pacing } = this.#deps;
    for (const queue of this.#queues.values()) {
      queue.dropLost();
      // Nobody else looks at what a lease held up that was renewed too late, or a timer that was missed.
      if (!queue.isIdle) queue.pump();
    }
    await this.#takeOver();
    await this.#releaseUnsure();
    await endExpiredMessages(store.pool, endForMessages);
    const due = await dueMessages(store.pool, channelNames);
    for (const [appid, queue] of this.#queues)
      for (const path of queue.backlogs)
        if (!due.some((one) => one.appid === appid && channels[one.channel].path === path))
          queue.backlogs.delete(path);
    const busy = [...this.#queues].filter(([, queue]) => !queue.isIdle).map(([appid]) => appid);
    await pacing.refresh([...new Set([...busy, ...due.map(({ appid }) => appid)])]);
    // One account's failure must not hold up the others.
    for (const one of await Promise.allSettled(due.map(({ appid, channel }) => this.#claim(appid, channel))))
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

  async #releaseUnsure(): Promise<void> {
    const { store, nodeId, clock } = this.#deps;
    const batches = [...this.#unsure];
    for (const epoch of new Set(batches.map(([, one]) => one.epoch)))
      await releaseBatches(
        store.pool,
        nodeId,
        epoch,
        batches.filter(([, one]) => one.epoch === epoch).map(([batch]) => batch),
      );
    for (const [batch, { until }] of batches) if (until <= clock.monotonic()) this.#unsure.delete(batch);
  }

  /** @returns how many were taken */
  async #claim(appid: string, channel: Channel): Promise<number> {
    const { store, clients, nodeId, lease, clock, hooks } = this.#deps;
    const { path } = channels[channel];
    const credits = needsCredits(channel) ? reserveForMessages : null;
    const queue = await this.#queue(appid);
    if (queue === null || this.#stopping || store.installation.guard.isQuiet) return 0;
    if (queue.pace.messageQuota.isClosed(path) || !lease.isHeld(lease.epoch)) return 0;
    const room = queue.room;
    if (room <= 0) {
      queue.backlogs.add(path);
      return 0;
    }
    const admission = await queue.pace.admit(path, true);
    if (admission === 'closed') return 0;
    const probing = admission === 'probe';
    const limit = probing ? 1 : room;
    const claim = { owner: nodeId, epoch: lease.epoch, batch: ++this.#batch };
    const askedAt = momentOf(clock);
    let count = 0;
    let probes = 0;
    queue.reserved += limit;
    try {
      const { messages, denied } = await claimMessages(store.pool, claim, appid, channel, limit, credits);
      queue.sawClaim(clock.monotonic() - askedAt.monotonic);
      count = messages.length + denied.length;
      probes = messages.length;
      for (const id of denied) this.#outcomes.tell(id);
      if (messages.length > 0) await hooks?.reached('claimed');
      const info = { channel, epoch: claim.epoch, probing };
      queue.push(messages.map((row) => claimedItem(row, info, askedAt, clients.answerTimeoutMs)));
    } catch (error) {
      this.#unsure.set(claim.batch, { epoch: claim.epoch, until: askedAt.monotonic + unsureMs });
      throw error;
    } finally {
      queue.reserved -= limit;
      if (probes === 0 && probing) queue.pace.probeEnded(path);
    }
    if (count < limit) queue.backlogs.delete(path);
    else queue.backlogs.add(path);
    if (this.#stopping) queue.drain(null);
    else queue.pump();
    return count;
  }

  /** Claims more of what waits for the account, without the rest of a look: one statement for up to 100 messages. */
  #refill(appid: string): void {
    if (this.#stopping || this.#refilling.has(appid)) return;
    const queue = this.#queues.get(appid);
    if (queue === undefined) return;
    this.#refilling.add(appid);
    const due = channelNames.filter((channel) => queue.backlogs.has(channels[channel].path));
    this.#background.add(
      Promise.all(due.map((channel) => this.#claim(appid, channel)))
        .finally(() => this.#refilling.delete(appid))
        .then((counts) => {
          // All that was claimed may have left at once, and asked for more while this was under way.
          if (queue.isLow && counts.some((count) => count > 0)) this.#refill(appid);
        }),
    );
  }

  /** The queue of an account, with its pace and client as they are stored now; null when it cannot be used. */
  #queue(appid: string): Promise<MessageQueue | null> {
    const known = this.#queues.get(appid);
    if (known !== undefined && this.#deps.clock.monotonic() - known.readAt < pollMs)
      return Promise.resolve(known);
    let opening = this.#opening.get(appid);
    if (opening === undefined) {
      opening = this.#open(appid).finally(() => this.#opening.delete(appid));
      this.#opening.set(appid, opening);
    }
    return opening;
  }

  async #open(appid: string): Promise<MessageQueue | null> {
    const { clock, pacing, clients, logger, lease, store, hooks } = this.#deps;
    const readAt = clock.monotonic();
    try {
      await pacing.refresh([appid]);
      const pace = pacing.account(appid);
      if (pace === null) return null;
      const client = await clients.get(appid);
      let queue = this.#queues.get(appid);
      if (queue === undefined) {
        queue = new MessageQueue(client, {
          appid,
          clock,
          lease,
          pace,
          hooks,
          installation: store.installation.uuid,
          answerTimeoutMs: clients.answerTimeoutMs,
          note: (fact) => this.#facts.add(fact),
          release: (items) => this.#release(items),
          onClaimed: ({ id, attempt }) => store.installation.guard.acknowledged.claimed(id, attempt),
          onRoom: () => this.#refill(appid),
          onUnfollowed: (openid) => this.#background.add(markUnfollowed(store.pool, appid, [openid])),
        });
        this.#queues.set(appid, queue);
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

  #release(items: MessageItem[]): void {
    const { store, nodeId, clock, logger } = this.#deps;
    store.installation.guard.acknowledged.released(items.map(({ id }) => id));
    const until = clock.monotonic() + unsureMs;
    for (const epoch of new Set(items.map((item) => item.epoch))) {
      const ids = items.filter((item) => item.epoch === epoch).map((item) => item.id);
      this.#background.add(
        untilDone(() => releaseMessages(store.pool, nodeId, epoch, ids), {
          clock,
          goesOn: () => clock.monotonic() < until,
          onFailure: (error) =>
            logger.warn({ messages: ids.length, err: error }, 'single messages could not be handed back yet'),
        }),
      );
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
