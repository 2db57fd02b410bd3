import { type Clock, systemClock } from '../../base/clock.ts';
import { errorCode } from '../../base/errors.ts';
import type { Logger } from '../../base/logger.ts';
import type { Pool } from '../../store/database/pool.ts';
import type { Store } from '../../store/store.ts';
import { pruneDeliveries } from '../../store/webhooks/deliveries.ts';
import { removeOrphans } from '../../store/webhooks/items.ts';
import { listWebhooks, webhookWork } from '../../store/webhooks/webhooks.ts';
import { WebhookSender } from './sender.ts';
import { deliveryLeaseMs, type TargetDeps, WebhookLane } from './target.ts';
import { tellChanges } from './tell-changes.ts';

/** How often it is looked for something to tell: so long items gather into one POST. */
const tickMs = 250;
/** How often campaigns and messages are looked at: an open chunk is read as a whole each time. */
const tellMs = 500;
/** While a campaign runs, one step each time, and rests of so many times as long as the step took: who sends needs the machine. */
const restShare = 9;
/** Rounds at once in this process, each with a connection of the pool. */
const rounds = 3;
/** Delivered ones are kept so many days, to be looked at and replayed, and so many of one webhook. */
const keepDays = 7;
const keepMost = 100_000;
const pruneMs = 3_600_000;

export interface WebhooksDeps {
  store: Store;
  logger: Logger;
  nodeId: string;
  /** Addresses and networks that are exempt from the guard. */
  allow: readonly string[];
  clock?: Clock;
}

/**
 * Tells webhooks, on every node: makes items of what campaigns and messages did (events store theirs themselves), claims
 * them for POSTs, and sends these.
 *
 * A POST is on disk, with its id, before it leaves, and stays so until it was taken; a kill anywhere loses none.
 */
export class Webhooks {
  readonly #deps: WebhooksDeps & Pick<TargetDeps, 'clock' | 'limited'>;
  readonly #sender: WebhookSender;
  readonly #lanes = new Map<number, WebhookLane>();
  readonly #stop = new AbortController();
  readonly #timer: NodeJS.Timeout;
  #looking: Promise<void> | null = null;
  #telling: Promise<void> | null = null;
  #pruning: Promise<void> | null = null;
  #tellAt = Number.NEGATIVE_INFINITY;
  #prunedAt = Number.NEGATIVE_INFINITY;

  constructor(deps: WebhooksDeps) {
    this.#deps = { clock: systemClock, ...deps, limited: limitedTo(rounds) };
    this.#sender = new WebhookSender(deps.allow);
    this.#timer = setInterval(() => this.#tick(), tickMs);
  }

  /** Ends what is under way (at most `timeoutMs`, default 10 s); what is not taken by then is due for other nodes. */
  async stop(timeoutMs = 10_000): Promise<void> {
    clearInterval(this.#timer);
    this.#stop.abort();
    await this.#looking;
    await Promise.all([
      this.#telling,
      this.#pruning,
      ...[...this.#lanes.values()].map((lane) => lane.close(timeoutMs)),
    ]);
    await this.#sender.close();
  }

  #tick(): void {
    this.#looking ??= this.#attempt(() => this.#look()).finally(() => {
      this.#looking = null;
    });
    const { clock, store } = this.#deps;
    if (this.#pruning !== null || clock.monotonic() - this.#prunedAt < pruneMs) return;
    this.#prunedAt = clock.monotonic();
    this.#pruning = this.#attempt(() => prune(store.pool, this.#stop.signal)).finally(() => {
      this.#pruning = null;
    });
  }

  async #look(): Promise<void> {
    const { store, sender, ...deps } = { ...this.#deps, sender: this.#sender };
    const { hasChanges, isSending, webhookIds } = await webhookWork(store.pool, deliveryLeaseMs);
    if (this.#stop.signal.aborted) return;
    if (hasChanges && this.#telling === null && deps.clock.monotonic() >= this.#tellAt)
      this.#telling = this.#attempt(() => this.#tell(isSending)).finally(() => {
        this.#telling = null;
      });
    for (const id of webhookIds) {
      const lane = this.#lanes.get(id) ?? new WebhookLane({ store, sender, ...deps }, id);
      this.#lanes.set(id, lane);
      lane.look(true);
    }
    for (const [id, lane] of this.#lanes) {
      // The database was away when a POST ended.
      if (lane.hasEnded) lane.look(false);
      else if (lane.isIdle) this.#lanes.delete(id);
    }
  }

  async #tell(isSending: boolean): Promise<void> {
    const { clock, store } = this.#deps;
    const since = clock.monotonic();
    this.#tellAt = since + tellMs;
    await tellChanges(store.pool, isSending, this.#stop.signal);
    if (isSending)
      this.#tellAt = Math.max(this.#tellAt, since + (1 + restShare) * (clock.monotonic() - since));
  }

  async #attempt(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.#deps.logger.warn({ code: errorCode(error) }, 'webhooks could not be told yet; it is tried again');
    }
  }
}

/** In small steps: bodies lie in a table of their own, and nobody need wait for a statement that removes a million. */
async function prune(pool: Pool, signal: AbortSignal): Promise<void> {
  for (const { id } of await listWebhooks(pool, null))
    while (!signal.aborted && (await pruneDeliveries(pool, id, keepDays, keepMost, 1_000)) === 1_000);
  await removeOrphans(pool);
}

/** Runs at most `most` at once; the others wait in their order. */
function limitedTo(most: number): <T>(work: () => Promise<T>) => Promise<T> {
  let running = 0;
  const waiting: (() => void)[] = [];
  return async (work) => {
    if (running === most) await new Promise<void>((resolve) => waiting.push(resolve));
    else running++;
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      // Its place goes to the one who waits longest.
      if (next === undefined) running--;
      else next();
    }
  };
}
