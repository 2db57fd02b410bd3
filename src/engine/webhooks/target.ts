import { randomUUID } from 'node:crypto';
import type { Clock } from '../../base/clock.ts';
import { errorCode } from '../../base/errors.ts';
import type { Logger } from '../../base/logger.ts';
import { inTransaction, type PoolClient } from '../../store/database/pool.ts';
import type { Store } from '../../store/store.ts';
import {
  type Attempt,
  type ClaimedDelivery,
  claimDue,
  claimOldestTried,
  countOpen,
  lockWebhook,
  makeDeliveries,
  settleAttempts,
} from '../../store/webhooks/deliveries.ts';
import { freeSubjects, receiptHolders, type WaitingItem, waitingItems } from '../../store/webhooks/items.ts';
import {
  noteFailed,
  noteTaken,
  setWebhookState,
  type WebhookTarget as Target,
  webhookTarget,
} from '../../store/webhooks/webhooks.ts';
import { type BatchItem, formBatches, mostItems } from './batches.ts';
import { withHolder } from './item.ts';
import { answerMs, type WebhookSender } from './sender.ts';

/** POSTs under way to one webhook, from all nodes; and so many that failed, with none taken since, make it down. */
const window = 8;
/** A claimed POST belongs to its node for so long: to begin it, to get its answer, and to store that. */
export const deliveryLeaseMs = 20_000;
/** Rounds of one webhook are at least so far apart: what ends meanwhile shares one. 8 POSTs in each are 32,000 items a second. */
const roundGapMs = 25;
/** So long a receipt waits for the answer of its message to be stored, to name the campaign: a flush is 20 ms behind. */
const holderMs = 500;

export interface TargetDeps {
  store: Store;
  sender: WebhookSender;
  logger: Logger;
  clock: Clock;
  nodeId: string;
  /** Runs some of these at once: targets share the database with those who send messages. */
  limited<T>(work: () => Promise<T>): Promise<T>;
}

interface Claimed {
  target: Target;
  deliveries: ClaimedDelivery[];
}

/**
 * One webhook in this process: settles the POSTs that ended and begins others, in rounds of one transaction. Nodes take
 * turns at a webhook; what each has under way counts for all.
 */
export class WebhookLane {
  readonly #deps: TargetDeps;
  readonly #webhookId: number;
  readonly #stop = new AbortController();
  readonly #underWay = new Set<Promise<void>>();
  #ended: Attempt[] = [];
  #round: Promise<void> | null = null;
  /** Another round follows; `partial`: it may make a POST of fewer items than one can hold. */
  #next: { partial: boolean } | null = null;
  #closing = false;

  constructor(deps: TargetDeps, webhookId: number) {
    this.#deps = deps;
    this.#webhookId = webhookId;
  }

  /** Nothing is under way, and nothing has to be stored. */
  get isIdle(): boolean {
    return this.#round === null && this.#underWay.size === 0 && this.#ended.length === 0;
  }

  get hasEnded(): boolean {
    return this.#ended.length > 0;
  }

  /** Looks for work. One look follows all that are asked for while one is under way. */
  look(partial: boolean): void {
    this.#next = { partial: partial || this.#next?.partial === true };
    this.#round ??= this.#look().finally(() => {
      this.#round = null;
      if (this.#next !== null) this.look(false);
    });
  }

  /** Ends what is under way, at the latest after `timeoutMs`, and hands back the rest. */
  async close(timeoutMs: number): Promise<void> {
    this.#closing = true;
    const timer = setTimeout(() => this.#stop.abort(), timeoutMs);
    while (this.#round !== null || this.#underWay.size > 0)
      await Promise.all([this.#round, ...this.#underWay]);
    clearTimeout(timer);
    if (this.#ended.length === 0) return;
    this.look(false);
    await this.#round;
  }

  async #look(): Promise<void> {
    while (this.#next !== null) {
      const { partial } = this.#next;
      this.#next = null;
      const ended = this.#ended;
      this.#ended = [];
      const { clock, logger } = this.#deps;
      const [since, wallSince] = [clock.monotonic(), clock.now()];
      try {
        const claimed = await this.#deps.limited(() => this.#transact(ended, partial));
        // On both clocks: a machine that slept must not send what others have taken over.
        const isLate = (): boolean =>
          Math.max(clock.monotonic() - since, clock.now() - wallSince) > deliveryLeaseMs - answerMs;
        for (const delivery of claimed?.deliveries ?? []) this.#begin(claimed!.target, delivery, isLate); // it has deliveries
        await clock.sleep(roundGapMs);
      } catch (error) {
        // Whether it was committed or not: repeating it settles the same, and what it claimed is due again in 20 s.
        this.#ended.unshift(...ended);
        logger.warn(
          { webhookId: this.#webhookId, code: errorCode(error) },
          'webhooks could not be told yet; it is tried again',
        );
        return;
      }
    }
  }

  #begin(target: Target, delivery: ClaimedDelivery, isLate: () => boolean): void {
    const { id, body, attempt } = delivery;
    const post = async (): Promise<void> => {
      const ended: Attempt = { id, attempt, kind: 'unsent', error: null };
      if (!isLate() && !this.#stop.signal.aborted) {
        const { url, secrets } = target;
        const result = await this.#deps.sender.send({ id, body, url, secrets }, this.#stop.signal);
        ended.kind = result.kind;
        ended.error = result.kind === 'failed' ? result.error : result.kind === 'gone' ? 'HTTP 410' : null;
        // It may have arrived all the same. Repeated under its id, it is no attempt that the receiver refused.
        if (this.#stop.signal.aborted && result.kind === 'failed') ended.kind = 'unsent';
      }
      this.#ended.push(ended);
    };
    const running = post().finally(() => {
      this.#underWay.delete(running);
      this.look(false);
    });
    this.#underWay.add(running);
  }

  async #transact(ended: Attempt[], partial: boolean): Promise<Claimed | null> {
    const { store } = this.#deps;
    return await inTransaction(store.pool, async (client) => {
      if (!(await lockWebhook(client, this.#webhookId, ended.length > 0))) return null;
      if (ended.length > 0) await this.#settle(client, ended);
      if (this.#closing) return null;
      const target = await webhookTarget(client, store.sealer, this.#webhookId);
      return target === null ? null : { target, deliveries: await this.#claim(client, target, partial) };
    });
  }

  async #settle(client: PoolClient, ended: Attempt[]): Promise<void> {
    const { logger, nodeId } = this.#deps;
    const webhookId = this.#webhookId;
    const over = await settleAttempts(client, webhookId, nodeId, ended);
    if (over.length > 0)
      await freeSubjects(
        client,
        webhookId,
        over.map((one) => one.id),
      );
    for (const { id, state } of over)
      if (state === 'dead')
        logger.warn(
          { webhookId, deliveryId: id },
          'a delivery is given up; see: hongyan webhooks deliveries',
        );
    const failed = ended.findLast((one) => one.kind === 'failed' || one.kind === 'gone');
    if (ended.some((one) => one.kind === 'taken')) {
      if (await noteTaken(client, webhookId))
        logger.info({ webhookId }, 'the receiver takes deliveries again');
    } else if (failed !== undefined) {
      const error = failed.error ?? '';
      if (await noteFailed(client, webhookId, error, window))
        logger.warn(
          { webhookId, error },
          'the receiver takes nothing; one delivery at a time is tried until it does',
        );
    }
    if (ended.some((one) => one.kind === 'gone') && (await setWebhookState(client, webhookId, 'paused')))
      logger.warn({ webhookId }, 'the receiver says 410 Gone; this webhook is paused');
  }

  async #claim(client: PoolClient, target: Target, partial: boolean): Promise<ClaimedDelivery[]> {
    const webhookId = this.#webhookId;
    const { nodeId } = this.#deps;
    const { underWay, failed } = await countOpen(client, webhookId, deliveryLeaseMs, window);
    if (target.down !== null) {
      if (!target.down.isDue || underWay > 0) return [];
      // In turns with something new: what the receiver refuses for its content must not look like a receiver that is down.
      const isNew = target.down.probes % 2 === 1;
      const fresh = isNew ? await this.#make(client, target, 1, true) : [];
      return fresh.length > 0 ? fresh : await claimOldestTried(client, webhookId, deliveryLeaseMs, nodeId);
    }
    const room = window - underWay;
    if (room <= 0) return [];
    const due = await claimDue(client, webhookId, deliveryLeaseMs, nodeId, room);
    // Not more new ones than may fail until it is down: else a receiver that refuses connections spends its whole queue.
    const more = room - due.length - failed;
    return more <= 0 ? due : [...due, ...(await this.#make(client, target, more, partial))];
  }

  /** New deliveries. Each look gets on: what cannot leave for long is put aside, so that it hides nothing behind it. */
  async #make(
    client: PoolClient,
    target: Target,
    most: number,
    partial: boolean,
  ): Promise<ClaimedDelivery[]> {
    const limit = most * mostItems;
    for (;;) {
      const waiting = await waitingItems(client, this.#webhookId, limit);
      const items = await this.#withHolders(client, target.appid, waiting);
      const isAll = waiting.length < limit;
      const { deliveries, blocked } = formBatches(target.appid, items, { most, partial }, randomUUID);
      await makeDeliveries(client, this.#webhookId, deliveryLeaseMs, this.#deps.nodeId, deliveries, blocked);
      if (deliveries.length > 0 || isAll || blocked.length === 0)
        return deliveries.map(({ id, body }) => ({ id, body, attempt: 1 }));
    }
  }

  async #withHolders(client: PoolClient, appid: string, items: WaitingItem[]): Promise<BatchItem[]> {
    const receipts = items.flatMap(({ msgid, subject, busyWith }, place) =>
      msgid === null || busyWith !== null ? [] : [{ msgid, openid: subject, place }],
    );
    if (receipts.length === 0) return items.map((item) => ({ ...item, ready: true }));
    const holders = await receiptHolders(client, appid, receipts);
    const placeOf = new Map(receipts.map(({ place }, i) => [place, i]));
    return items.map((item, place) => {
      const i = placeOf.get(place);
      if (i === undefined) return { ...item, ready: true };
      const holder = holders.get(i);
      return {
        ...item,
        ready: holder !== undefined || item.ageMs > holderMs,
        body: withHolder(item.body, holder),
      };
    });
  }
}
