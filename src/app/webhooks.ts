import { failure } from '../base/errors.ts';
import { checkWebhookUrl, createGuard } from '../engine/webhooks/guard.ts';
import { WebhookSender } from '../engine/webhooks/sender.ts';
import { makeSecret, parseSecret } from '../engine/webhooks/sign.ts';
import { parseTopics, type WebhookTopic, webhookTopics } from '../engine/webhooks/topics.ts';
import { getAccount } from '../store/accounts/accounts.ts';
import {
  type Delivery,
  findDelivery,
  listDeliveries as page,
  replayDeliveries,
} from '../store/webhooks/deliveries.ts';
import { rotateSecret } from '../store/webhooks/rotation.ts';
import {
  getWebhook,
  listWebhooks as list,
  openWebhook,
  removeWebhook as remove,
  setWebhookState,
  addWebhook as store,
  type Webhook,
} from '../store/webhooks/webhooks.ts';
import { webhookParts } from '../texts/parts.ts';
import { action } from './action.ts';
import { cursorOf, idOf, type Page, pageOf } from './page.ts';

export type { Delivery, Webhook };

/** As an id of a delivery is written. */
const deliveryForm = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Adds a webhook. `secret` is the one that was made for it, and is told this once; null when the caller gave its own. */
export const addWebhook = action<
  {
    appid: string;
    url: string;
    /** Topics, `outcome` for all outcomes, or `all`. */
    topics: readonly string[];
    /** `whsec_…` of the caller's own. */
    secret?: string | undefined;
  },
  Webhook & { secret: string | null }
>(
  {
    name: 'webhooks.add',
    permission: 'webhook.manage',
    audit: 'change',
    appid: ({ appid }) => appid,
    kept: ({ topics }) => ({ topics }),
  },
  async ({ store: { pool, sealer }, webhookAllow }, { appid, secret: given, ...input }, { actor, trail }) => {
    await getAccount(pool, appid);
    const url = checkWebhookUrl(input.url, createGuard(webhookAllow ?? []));
    const topics = topicsOf(input.topics);
    const secret = secretOf(given);
    const createdBy = actor.id;
    const id = await store(pool, sealer, { appid, url, secret, topics, createdBy });
    trail.target = id;
    trail.after = { host: url.host, topics };
    return { ...(await getWebhook(pool, id)), secret: given === undefined ? secret : null };
  },
);

/** Those of an account, or (null) of all accounts that the caller may see, in the order of their ids. */
export const listWebhooks = action<
  { appid: string | null; limit: number; cursor: string | null },
  Page<Webhook>
>(
  { name: 'webhooks.list', permission: 'webhook.manage', audit: 'none', appid: ({ appid }) => appid },
  async ({ store: { pool } }, { appid, limit, cursor }, { actor }) => {
    if (appid !== null) await getAccount(pool, appid);
    const seen = actor.accounts === 'all' ? null : [...actor.accounts];
    const after = idOf(cursor) ?? 0;
    const found = await list(pool, appid === null ? seen : [appid], after, limit + 1);
    const data = found.slice(0, limit);
    return pageOf(data, found.length > limit ? (data.at(-1)?.id ?? null) : null);
  },
);

/** Throws `WEBHOOK_NOT_FOUND`. */
export const readWebhook = action<{ id: number }, Webhook & { timeZone: string }>(
  { name: 'webhooks.read', permission: 'webhook.manage', audit: 'none', target: ({ id }) => id },
  async ({ store: { pool } }, { id }, { require }) => {
    const webhook = await getWebhook(pool, id);
    await require(webhook.appid);
    const { timeZone } = await getAccount(pool, webhook.appid);
    return { ...webhook, timeZone };
  },
);

/** Pauses a webhook, whose items then wait, or uses it again. `changed` is false when it was in that state already. */
export const changeWebhookState = action<{ id: number; state: Webhook['state'] }, { changed: boolean }>(
  {
    name: 'webhooks.state',
    permission: 'webhook.manage',
    audit: 'change',
    target: ({ id }) => id,
    kept: ({ state }) => ({ state }),
  },
  async ({ store: { pool } }, { id, state }, { require, trail }) => {
    const webhook = await getWebhook(pool, id);
    await require(webhook.appid);
    trail.before = { state: webhook.state };
    return { changed: await setWebhookState(pool, id, state) };
  },
);

/** A day, and a month. */
const defaultOldHours = 24;
const mostOldHours = 720;

/**
 * Replaces a webhook's secret. The one before signs beside it for `oldForHours` (default 24, at most 720; 0: it ends now), so
 * that no delivery is refused while receivers change over. `secret` is the one that was made, told this once; null when
 * the caller gave its own.
 */
export const rotateWebhookSecret = action<
  { id: number; secret?: string | undefined; oldForHours?: number | undefined },
  { secret: string | null; oldUntil: Date | null }
>(
  {
    name: 'webhooks.rotate',
    permission: 'webhook.manage',
    audit: 'change',
    target: ({ id }) => id,
    kept: ({ oldForHours }) => ({ oldForHours }),
  },
  async (
    { store: { pool, sealer } },
    { id, secret: given, oldForHours = defaultOldHours },
    { require, trail },
  ) => {
    const { appid } = await getWebhook(pool, id);
    await require(appid);
    if (!Number.isInteger(oldForHours) || oldForHours < 0 || oldForHours > mostOldHours)
      throw failure('WEBHOOK_OLD_FOR_INVALID', { name: webhookParts.oldFor, most: mostOldHours });
    const secret = secretOf(given);
    const oldUntil = await rotateSecret(pool, sealer, { id, appid }, secret, oldForHours);
    if (oldUntil === undefined) throw failure('WEBHOOK_NOT_FOUND', { id: String(id) });
    trail.after = { oldUntil };
    return { secret: given === undefined ? secret : null, oldUntil };
  },
);

/** Removes a webhook with its deliveries and with what it was still to be told. */
export const removeWebhook = action<{ id: number }, void>(
  { name: 'webhooks.remove', permission: 'webhook.manage', audit: 'change', target: ({ id }) => id },
  async ({ store: { pool } }, { id }, { require, trail }) => {
    const { appid, host, topics } = await getWebhook(pool, id);
    await require(appid);
    trail.before = { host, topics };
    await remove(pool, id);
  },
);

/** Sends one item of topic `test` now. Throws `WEBHOOK_FAILED` and `WEBHOOK_ADDRESS_REFUSED` unless it was taken. */
export const testWebhook = action<{ id: number; signal?: AbortSignal | undefined }, { host: string }>(
  { name: 'webhooks.test', permission: 'webhook.manage', audit: 'none', target: ({ id }) => id },
  async ({ store: { pool, sealer }, webhookAllow }, { id, signal }, { require }) => {
    const { appid, host } = await getWebhook(pool, id);
    await require(appid);
    const webhook = await openWebhook(pool, sealer, id);
    const sender = new WebhookSender(webhookAllow ?? []);
    const at = new Date();
    const body = JSON.stringify({ appid, items: [{ topic: 'test', at: at.toISOString() }] });
    const delivery = { ...webhook, id: `test-${at.getTime()}`, body };
    const result = await sender.send(delivery, signal).finally(() => sender.close());
    if (result.kind === 'taken') return { host };
    if (result.kind === 'failed' && result.error.startsWith('WEBHOOK_ADDRESS_REFUSED'))
      throw failure('WEBHOOK_ADDRESS_REFUSED', { host });
    throw failure('WEBHOOK_FAILED', { host, error: result.kind === 'gone' ? 'HTTP 410' : result.error });
  },
);

/** Its newest deliveries (of all states when `state` is null). */
export const listDeliveries = action<
  { id: number; state: Delivery['state'] | null; limit: number; cursor: string | null },
  Page<Delivery> & { timeZone: string }
>(
  { name: 'webhooks.deliveries', permission: 'webhook.manage', audit: 'none', target: ({ id }) => id },
  async ({ store: { pool } }, { id, state, limit, cursor }, { require }) => {
    const { appid } = await getWebhook(pool, id);
    await require(appid);
    const { timeZone } = await getAccount(pool, appid);
    const after = cursorOf(cursor, deliveryForm);
    const found = await page(pool, id, state, limit + 1, after);
    const data = found.slice(0, limit);
    return { ...pageOf(data, found.length > limit ? (data.at(-1)?.id ?? null) : null), timeZone };
  },
);

/** One delivery with what its POST holds. Throws `WEBHOOK_DELIVERY_NOT_FOUND`. */
export const readDelivery = action<{ id: number; delivery: string }, Delivery & { body: string }>(
  { name: 'webhooks.delivery', permission: 'webhook.manage', audit: 'none', target: ({ id }) => id },
  async ({ store: { pool } }, { id, delivery }, { require }) => {
    const { appid } = await getWebhook(pool, id);
    await require(appid);
    const found = deliveryForm.test(delivery) ? await findDelivery(pool, id, delivery) : null;
    if (found === null) throw failure('WEBHOOK_DELIVERY_NOT_FOUND', { id: String(id), delivery });
    return found;
  },
);

/**
 * Sends all dead deliveries (`delivery` null) once more, or one of any state, under their old ids. Throws
 * `WEBHOOK_DELIVERY_NOT_FOUND`.
 */
export const replayWebhook = action<{ id: number; delivery: string | null }, { replayed: number }>(
  {
    name: 'webhooks.replay',
    permission: 'webhook.manage',
    audit: 'change',
    target: ({ id }) => id,
    kept: ({ delivery }) => ({ delivery }),
  },
  async ({ store: { pool } }, { id, delivery }, { require, trail }) => {
    const { appid } = await getWebhook(pool, id);
    await require(appid);
    if (delivery !== null && !deliveryForm.test(delivery))
      throw failure('WEBHOOK_DELIVERY_NOT_FOUND', { id: String(id), delivery });
    const replayed = await replayDeliveries(pool, id, delivery);
    if (delivery !== null && replayed === 0) {
      const values = { id: String(id), delivery };
      throw (await findDelivery(pool, id, delivery)) === null
        ? failure('WEBHOOK_DELIVERY_NOT_FOUND', values)
        : failure('WEBHOOK_DELIVERY_NOT_FOUND/underWay', values);
    }
    trail.after = { replayed };
    return { replayed };
  },
);

function secretOf(given: string | undefined): string {
  if (given !== undefined && parseSecret(given) === null) throw failure('WEBHOOK_SECRET_INVALID', {});
  return given?.trim() ?? makeSecret();
}

function topicsOf(given: readonly string[]): WebhookTopic[] {
  const topics = parseTopics(given.join(','));
  if (topics !== null) return topics;
  throw failure('WEBHOOK_TOPICS_INVALID', {
    name: webhookParts.topics,
    topics: webhookTopics,
    given,
  });
}
