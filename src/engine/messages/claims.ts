import type { Background } from '../../base/background.ts';
import { type Clock, momentOf } from '../../base/clock.ts';
import type { Logger } from '../../base/logger.ts';
import { untilDone } from '../../base/retry.ts';
import { claimMessages, releaseBatches, releaseMessages } from '../../store/messages/open-messages.ts';
import type { Store } from '../../store/store.ts';
import { type Channel, channelNames, channels } from '../../wechat/channels.ts';
import { reserveForMessages } from '../credits/message-credits.ts';
import { needsCredits } from '../credits/use-credits.ts';
import type { NodeLease } from '../sending/node-lease.ts';
import { claimedItem, type MessageItem } from './item.ts';
import type { MessageOutcomes } from './outcomes.ts';
import type { MessageHooks } from './queue.ts';
import type { MessageQueues } from './queues.ts';

/** How long a claiming statement whose answer was lost may still be running, ms. */
const unsureMs = 60_000;

export interface MessageClaimsDeps {
  store: Store;
  logger: Logger;
  clock: Clock;
  nodeId: string;
  lease: NodeLease;
  answerTimeoutMs: number;
  hooks?: MessageHooks | undefined;
  outcomes: Pick<MessageOutcomes, 'tell'>;
  background: Background;
  queues: Pick<MessageQueues, 'of' | 'known'>;
}

/**
 * Which waiting messages become this node's, and which it gives back. Each claiming statement has a number, by which what it
 * took is handed back when its answer was lost.
 */
export class MessageClaims {
  /** Claims nothing any more. */
  isClosing = false;
  readonly #deps: MessageClaimsDeps;
  /** Claiming statements whose answer was lost, with when they are forgotten. */
  readonly #unsure = new Map<number, { epoch: number; until: number }>();
  readonly #refilling = new Set<string>();
  #batch = 0;

  constructor(deps: MessageClaimsDeps) {
    this.#deps = deps;
  }

  /** The number of the next claiming statement. */
  nextBatch(): number {
    return ++this.#batch;
  }

  /** The answer of a claiming statement was lost: it may have claimed, and may still do so. */
  unsure(epoch: number, batch: number, since = this.#deps.clock.monotonic()): void {
    this.#unsure.set(batch, { epoch, until: since + unsureMs });
  }

  /** Hands back what the statements took whose answer was lost. */
  async releaseUnsure(): Promise<void> {
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
  async claim(appid: string, channel: Channel): Promise<number> {
    const { store, queues, nodeId, lease, clock, hooks, outcomes } = this.#deps;
    const { path } = channels[channel];
    const credits = needsCredits(channel) ? reserveForMessages : null;
    const queue = await queues.of(appid);
    if (queue === null || this.isClosing || store.installation.guard.isQuiet) return 0;
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
    const claim = { owner: nodeId, epoch: lease.epoch, batch: this.nextBatch() };
    const askedAt = momentOf(clock);
    let count = 0;
    let probes = 0;
    queue.reserved += limit;
    try {
      const { messages, denied } = await claimMessages(store.pool, claim, appid, channel, limit, credits);
      queue.sawClaim(clock.monotonic() - askedAt.monotonic);
      count = messages.length + denied.length;
      probes = messages.length;
      for (const id of denied) outcomes.tell(id);
      if (messages.length > 0) await hooks?.reached('claimed');
      const info = { channel, epoch: claim.epoch, probing };
      queue.push(messages.map((row) => claimedItem(row, info, askedAt, this.#deps.answerTimeoutMs)));
    } catch (error) {
      this.unsure(claim.epoch, claim.batch, askedAt.monotonic);
      throw error;
    } finally {
      queue.reserved -= limit;
      if (probes === 0 && probing) queue.pace.probeEnded(path);
    }
    if (count < limit) queue.backlogs.delete(path);
    else queue.backlogs.add(path);
    if (this.isClosing) queue.drain(null);
    else queue.pump();
    return count;
  }

  /** Claims more of what waits for the account, without the rest of a look: one statement for up to 100 messages. */
  refill(appid: string): void {
    if (this.isClosing || this.#refilling.has(appid)) return;
    const queue = this.#deps.queues.known(appid);
    if (queue === undefined) return;
    this.#refilling.add(appid);
    const due = channelNames.filter((channel) => queue.backlogs.has(channels[channel].path));
    this.#deps.background.add(
      Promise.all(due.map((channel) => this.claim(appid, channel)))
        .finally(() => this.#refilling.delete(appid))
        .then((counts) => {
          // All that was claimed may have left at once, and asked for more while this was under way.
          if (queue.isLow && counts.some((count) => count > 0)) this.refill(appid);
        }),
    );
  }

  /** Hands messages back that were not started; while the database is away it is tried for a minute. */
  release(items: MessageItem[]): void {
    const { store, nodeId, clock, logger, background } = this.#deps;
    store.installation.guard.acknowledged.released(items.map(({ id }) => id));
    const until = clock.monotonic() + unsureMs;
    for (const epoch of new Set(items.map((item) => item.epoch))) {
      const ids = items.filter((item) => item.epoch === epoch).map((item) => item.id);
      background.add(
        untilDone(() => releaseMessages(store.pool, nodeId, epoch, ids), {
          clock,
          goesOn: () => clock.monotonic() < until,
          onFailure: (error) =>
            logger.warn({ messages: ids.length, err: error }, 'single messages could not be handed back yet'),
        }),
      );
    }
  }
}
