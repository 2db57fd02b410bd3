import { z } from 'zod';
import { changes, defineRoutes, reads } from './route.ts';
import { appid, idGiven, listQuery, page, time } from './shapes.ts';

const topics = z.array(z.string());

const webhook = z
  .object({
    id: z.number().int(),
    appid: z.string(),
    /** Of its URL; the rest may be secret and is never shown. */
    host: z.string(),
    topics,
    state: z.enum(['active', 'paused']),
    createdBy: z.string(),
    createdAt: time,
    /** Until then POSTs are signed with the secret before, too. */
    oldSecretUntil: time.nullable(),
    deliveredAt: time.nullable(),
    failedAt: time.nullable(),
    lastError: z.string().nullable(),
    /** Since when it takes nothing, and when one POST is tried next. */
    downSince: time.nullable(),
    probeAt: time.nullable(),
    /** Items that it has not taken yet, the oldest of which was stored then. */
    waiting: z.number().int(),
    waitingSince: time.nullable(),
    /** POSTs by state. */
    pending: z.number().int(),
    dead: z.number().int(),
  })
  .meta({ id: 'Webhook' });

const delivery = z
  .object({
    /** The header `webhook-id` of its POST. */
    id: z.uuid(),
    webhookId: z.number().int(),
    items: z.number().int(),
    state: z.enum(['pending', 'delivered', 'dead']),
    attempts: z.number().int(),
    lastError: z.string().nullable(),
    createdAt: time,
    nextAt: time.nullable(),
    endedAt: time.nullable(),
  })
  .meta({ id: 'WebhookDelivery' });

const oneWebhook = z.object({ id: idGiven });
/** Your own, `whsec_` and 24 to 64 bytes as base64; default: made here and shown once. */
const secret = z.string().min(1).max(256).optional();

const written = {
  permission: 'webhook.manage',
  account: 'found',
  ...changes,
} as const;
const read = {
  permission: 'webhook.manage',
  account: 'found',
  ...reads,
} as const;

/** URLs that are told of events and outcomes. */
export const webhooksRoutes = defineRoutes({
  'GET /v1/webhooks': {
    ...read,
    name: 'webhooks.list',
    summary: { en: 'The webhooks, and how their deliveries fare.', zh: 'Webhook 列表及其投递情况。' },
    account: 'filtered',
    query: listQuery({ appid: appid.optional() }),
    answers: { 200: page(webhook) },
  },
  'POST /v1/webhooks': {
    ...written,
    name: 'webhooks.add',
    summary: {
      en: 'Adds a webhook. This answer is the only one that shows its secret.',
      zh: '添加 Webhook。签名密钥只在本次应答中显示一次。',
    },
    account: 'body.appid',
    idempotency: 'sealed-key',
    body: z.strictObject({
      appid,
      url: z.string().min(1).max(2048),
      /** `receipt`, `follow`, `outcome`, `campaign`, … or `all`. */
      topics: z.array(z.string().min(1).max(64)).min(1).max(50),
      secret,
    }),
    answers: { 201: webhook.extend({ secret: z.string().nullable() }) },
  },
  'GET /v1/webhooks/{id}': {
    ...read,
    name: 'webhooks.read',
    summary: { en: 'One webhook.', zh: '一个 Webhook。' },
    params: oneWebhook,
    answers: { 200: webhook },
  },
  'PUT /v1/webhooks/{id}/state': {
    ...written,
    name: 'webhooks.state',
    summary: {
      en: 'Pauses a webhook, whose items then wait, or uses it again.',
      zh: '暂停 Webhook（内容保留）或恢复。',
    },
    params: oneWebhook,
    body: z.strictObject({ state: z.enum(['active', 'paused']) }),
    answers: { 200: z.object({ changed: z.boolean() }) },
  },
  'POST /v1/webhooks/{id}/rotate': {
    ...written,
    name: 'webhooks.rotate',
    summary: {
      en: 'Replaces the secret. For a while POSTs are signed with both; this answer is the only one that shows the new one.',
      zh: '更换签名密钥；一段时间内新旧密钥同时签名，新密钥只在本次应答中显示一次。',
    },
    // Done again, it is another secret, and the one before the first is taken no longer.
    idempotency: 'sealed-key',
    params: oneWebhook,
    body: z.strictObject({
      secret,
      /** For how long both sign. Default 24; 0 ends the old one now. */
      oldForHours: z.number().int().min(0).max(720).optional(),
    }),
    answers: { 200: z.object({ secret: z.string().nullable(), oldUntil: time.nullable() }) },
  },
  'POST /v1/webhooks/{id}/test': {
    ...written,
    name: 'webhooks.test',
    summary: {
      en: 'Sends one item of topic "test" now; a problem says what the receiver did otherwise.',
      zh: '立即发送一条测试；接收方未接收时返回原因。',
    },
    audit: 'none',
    // Each test is one of its own.
    idempotency: 'none',
    rate: 'heavy',
    params: oneWebhook,
    answers: { 200: z.object({ host: z.string() }) },
  },
  'DELETE /v1/webhooks/{id}': {
    ...written,
    name: 'webhooks.remove',
    summary: {
      en: 'Removes a webhook with its deliveries and with what it was still to be told.',
      zh: '删除 Webhook 及其投递记录和待通知的内容。',
    },
    params: oneWebhook,
    answers: { 204: null },
  },
  'GET /v1/webhooks/{id}/deliveries': {
    ...read,
    name: 'webhooks.deliveries',
    summary: { en: 'Its POSTs, the newest first.', zh: '它的投递，最新的在前。' },
    params: oneWebhook,
    query: listQuery({ state: z.enum(['pending', 'delivered', 'dead']).optional() }),
    answers: { 200: page(delivery) },
  },
  'GET /v1/webhooks/{id}/deliveries/{delivery}': {
    ...read,
    name: 'webhooks.delivery',
    summary: { en: 'One POST and what it holds.', zh: '一个投递及其内容。' },
    params: oneWebhook.extend({ delivery: z.string().min(1).max(64) }),
    answers: { 200: delivery.extend({ body: z.string() }) },
  },
  'POST /v1/webhooks/{id}/replay': {
    ...written,
    name: 'webhooks.replay',
    summary: {
      en: 'Sends all dead POSTs once more, or one of any state, under their old ids.',
      zh: '重新投递全部已放弃的，或任何状态的一个投递，id 不变。',
    },
    params: oneWebhook,
    body: z.strictObject({
      /** Default: all dead ones. */
      delivery: z.string().min(1).max(64).nullable().default(null),
    }),
    answers: { 200: z.object({ replayed: z.number().int() }) },
  },
});
