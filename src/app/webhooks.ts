import { failure } from '../base/errors.ts';
import { checkWebhookUrl, createGuard } from '../engine/webhooks/guard.ts';
import { WebhookSender } from '../engine/webhooks/sender.ts';
import { makeSecret, parseSecret } from '../engine/webhooks/sign.ts';
import { parseTopics, type WebhookTopic, webhookTopics } from '../engine/webhooks/topics.ts';
import { getAccount } from '../store/accounts/accounts.ts';
import {
  type Delivery,
  hasDelivery,
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

export type { Delivery, Webhook };
export { webhookTopics };

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
  { id: number; host: string; topics: WebhookTopic[]; secret: string | null }
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
    return { id, host: url.host, topics, secret: given === undefined ? secret : null };
  },
);

/** Those of an account, or (null) of all accounts that the caller may see. */
export const listWebhooks = action<{ appid: string | null }, { webhooks: Webhook[] }>(
  { name: 'webhooks.list', permission: 'webhook.manage', audit: 'none', appid: ({ appid }) => appid },
  async ({ store: { pool } }, { appid }, { actor }) => {
    if (appid !== null) await getAccount(pool, appid);
    const { accounts } = actor;
    const webhooks = await list(pool, appid);
    return { webhooks: webhooks.filter((one) => accounts === 'all' || accounts.has(one.appid)) };
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
  { id: number; state: Delivery['state'] | null; limit: number },
  { deliveries: Delivery[]; timeZone: string }
>(
  { name: 'webhooks.deliveries', permission: 'webhook.manage', audit: 'none', target: ({ id }) => id },
  async ({ store: { pool } }, { id, state, limit }, { require }) => {
    const { appid } = await getWebhook(pool, id);
    await require(appid);
    const { timeZone } = await getAccount(pool, appid);
    return { deliveries: await page(pool, id, state, limit), timeZone };
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
    const replayed = await replayDeliveries(pool, id, delivery);
    if (delivery !== null && replayed === 0) {
      const values = { id: String(id), delivery };
      throw (await hasDelivery(pool, id, delivery))
        ? failure('WEBHOOK_DELIVERY_NOT_FOUND/underWay', values)
        : failure('WEBHOOK_DELIVERY_NOT_FOUND', values);
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
    given: given.join(', '),
  });
}
