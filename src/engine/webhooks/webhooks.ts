import { randomUUID } from 'node:crypto';
import { errorCode } from '../../base/errors.ts';
import type { Logger } from '../../base/logger.ts';
import type { Jobs } from '../../store/jobs.ts';
import { inTransaction, type PoolClient } from '../../store/pool.ts';
import type { Store } from '../../store/store.ts';
import {
  buryDelivery,
  openDelivery,
  pruneDeliveries,
  recordAttempt,
  storeDeliveries,
  takeUnqueued,
} from '../../store/webhook-deliveries.ts';
import { chunkOutcomes, takeMessageOutcomes, takeOutbox } from '../../store/webhook-outbox.ts';
import { setWebhookState, webhooksFor } from '../../store/webhooks.ts';
import { campaignItem, deliveriesOf, messageOutcomeItem, outcomeItem, type WebhookItem } from './item.ts';
import { WebhookSender } from './sender.ts';

const pumpMs = 500;
/** Changes and deliveries taken by one round. */
const mostChanges = 20;
const mostMessages = 1_000;
const mostJobs = 200;
/** Deliveries under way in this process, and of one webhook: a slow one must not take all. */
const concurrency = 8;
const perWebhook = 2;
/** Delivered ones are kept so many days, to be looked at and replayed. */
const keepDays = 7;
const pruneMs = 3_600_000;

export interface Webhooks {
  /** Waits for the round under way; deliveries under way end with the jobs. */
  stop(): Promise<void>;
}

/**
 * Tells webhooks: a pump makes deliveries of what campaigns did and jobs of the deliveries; the jobs POST them.
 *
 * Each step is one transaction, so a kill anywhere neither loses nor invents a delivery; a POST whose answer was
 * lost is repeated under its id.
 */
export async function startWebhooks(deps: {
  store: Store;
  jobs: Jobs;
  logger: Logger;
  /** Addresses and networks that are exempt from the guard. */
  allow: readonly string[];
}): Promise<Webhooks> {
  const { store, jobs, logger } = deps;
  const sender = new WebhookSender(deps.allow);
  await jobs.work('webhook', ({ deliveryId }, signal) => deliver(store, sender, logger, deliveryId, signal), {
    concurrency,
    perGroup: perWebhook,
  });
  await jobs.work('webhook-dead', ({ deliveryId }) => buryDelivery(store.pool, deliveryId));
  let prunedAt = 0;
  let round: Promise<void> | null = null;
  const pump = (): void => {
    round ??= pumpRound(store, jobs)
      .then(async () => {
        if (performance.now() - prunedAt < pruneMs && prunedAt > 0) return;
        prunedAt = performance.now();
        await pruneDeliveries(store.pool, keepDays, 10_000);
      })
      .catch((error: unknown) => {
        logger.warn({ code: errorCode(error) }, 'webhooks could not be told yet; it is tried again');
      })
      .then(() => {
        round = null;
      });
  };
  const timer = setInterval(pump, pumpMs);
  return {
    async stop() {
      clearInterval(timer);
      await round;
      await sender.close();
    },
  };
}

/** Goes on while there is a full load, so that a large campaign's outcomes do not wait for the timer. */
async function pumpRound(store: Store, jobs: Jobs): Promise<void> {
  for (;;) {
    const taken = await inTransaction(store.pool, async (client) => {
      const changes = await tellChanges(client);
      const messages = await tellMessages(client);
      const queued = await takeUnqueued(client, mostJobs);
      for (const { id, webhookId } of queued)
        await jobs.send(client, 'webhook', { deliveryId: id }, randomUUID(), { group: String(webhookId) });
      return changes === mostChanges || messages === mostMessages || queued.length === mostJobs;
    });
    if (!taken) return;
  }
}

async function tellChanges(client: PoolClient): Promise<number> {
  const changes = await takeOutbox(client, mostChanges);
  if (changes.length === 0) return 0;
  const appids = [...new Set(changes.map((one) => one.appid))];
  const webhooks = await webhooksFor(client, appids);
  const items = new Map<string, WebhookItem[]>(appids.map((appid) => [appid, []]));
  for (const change of changes) {
    const list = items.get(change.appid);
    if (change.firstNo === null) list?.push(campaignItem(change));
    else
      for (const one of await chunkOutcomes(client, change.campaignId, change.firstNo))
        list?.push(outcomeItem(change.campaignId, one));
  }
  await storeDeliveries(
    client,
    webhooks.flatMap((webhook) => deliveriesOf(webhook, items.get(webhook.appid) ?? [])),
  );
  return changes.length;
}

async function tellMessages(client: PoolClient): Promise<number> {
  const outcomes = await takeMessageOutcomes(client, mostMessages);
  if (outcomes.length === 0) return 0;
  const byAccount = Map.groupBy(outcomes, ({ appid }) => appid);
  const webhooks = await webhooksFor(client, [...byAccount.keys()]);
  await storeDeliveries(
    client,
    webhooks.flatMap((webhook) =>
      deliveriesOf(webhook, (byAccount.get(webhook.appid) ?? []).map(messageOutcomeItem)),
    ),
  );
  return outcomes.length;
}

/** One attempt. Throws when it is to be made again; pg-boss knows when, and how often. */
async function deliver(
  store: Store,
  sender: WebhookSender,
  logger: Logger,
  id: string,
  signal: AbortSignal,
): Promise<void> {
  const delivery = await openDelivery(store.pool, store.sealer, id);
  if (delivery === null) return;
  const { webhookId, appid } = delivery;
  const result = await sender.send(delivery, signal);
  if (result.kind === 'gone') {
    await recordAttempt(store.pool, id, 'HTTP 410');
    await setWebhookState(store.pool, webhookId, 'paused');
    logger.warn({ webhookId, appid }, 'the receiver says 410 Gone; this webhook is paused');
    return;
  }
  await recordAttempt(store.pool, id, result.kind === 'taken' ? null : result.error);
  if (result.kind === 'failed') throw new WebhookFailed(result.error);
}

/** pg-boss stores what is thrown; this has nothing but a code. */
class WebhookFailed extends Error {
  readonly code = 'WEBHOOK_FAILED';
}
