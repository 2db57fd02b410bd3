import { z } from 'zod';
import { changes, defineRoutes, reads } from '../route.ts';
import { appid, idGiven, listQuery, page, time } from '../shapes.ts';

const channel = z
  .object({
    id: z.number().int(),
    /** A robot in a group of 企业微信, 钉钉 or 飞书, an e-mail, or a signed POST. */
    kind: z.enum(['wecom', 'dingtalk', 'feishu', 'email', 'webhook']),
    name: z.string(),
    /** Of what it is told. */
    lang: z.enum(['en', 'zh']),
    /** Only what is wrong with these accounts; null: all accounts, and the installation. */
    appids: z.array(z.string()).nullable(),
    /** Of its address; the rest may be secret and is never shown. */
    host: z.string(),
    state: z.enum(['active', 'paused']),
    createdBy: z.string(),
    createdAt: time,
    /** When it last took something, and when it last did not. */
    toldAt: time.nullable(),
    failedAt: time.nullable(),
    /** Since when it takes nothing. */
    failingSince: time.nullable(),
    lastError: z.string().nullable(),
    /** What it is still to be told. */
    waiting: z.number().int(),
    /** What it could not be told for a day. */
    givenUp: z.number().int(),
  })
  .meta({ id: 'AlertChannel' });

const telling = z.object({
  channelId: z.number().int(),
  /** That it began, or that it is over. */
  what: z.enum(['opened', 'ended']),
  state: z.enum(['waiting', 'told', 'given-up']),
  attempts: z.number().int(),
  toldAt: time.nullable(),
  lastError: z.string().nullable(),
});

const incident = z
  .object({
    id: z.number().int(),
    /** `campaign-paused`, `account-paused`, `node-gone`, …; later versions may have more. */
    kind: z.string(),
    /** What it is about, unique within its kind while it is open. */
    subject: z.string(),
    /** Null: the installation. */
    appid: z.string().nullable(),
    details: z.record(z.string(), z.union([z.string(), z.number(), z.null()])),
    state: z.enum(['open', 'ended']),
    /** Since when it was seen; it is open once it has lasted. */
    since: time,
    openedAt: time,
    endedAt: time.nullable(),
    /** What happened, why, and what to do, in the language of Accept-Language. */
    title: z.string(),
    why: z.string(),
    do: z.string(),
    /** Where in the console it is mended. */
    path: z.string(),
    tellings: z.array(telling),
  })
  .meta({ id: 'Incident' });

const common = {
  /** For people who have several. */
  name: z.string().max(64).default(''),
  lang: z.enum(['en', 'zh']).default('zh'),
  appids: z.array(appid).min(1).max(100).nullable().default(null),
};
const url = z.string().min(1).max(2048);
const robot = {
  /** As the group shows it; whoever has it can write there. */
  url,
  /** With which messages are signed (加签, 签名校验), where the group asks for it. */
  secret: z.string().min(1).max(256).nullable().default(null),
  /** One that each message must have (自定义关键词). */
  keyword: z.string().min(1).max(64).nullable().default(null),
};

/** Where it leads, by kind. */
const newChannel = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('wecom'), ...common, url }),
  z.strictObject({ kind: z.literal('dingtalk'), ...common, ...robot }),
  z.strictObject({ kind: z.literal('feishu'), ...common, ...robot }),
  z.strictObject({
    kind: z.literal('email'),
    ...common,
    /** The mail server. */
    host: z.string().min(1).max(255),
    port: z.number().int().min(1).max(65_535).default(465),
    /** TLS from the first byte, as on 465; else STARTTLS, without which nothing is sent. Default: on port 465. */
    secure: z.boolean().nullable().default(null),
    user: z.string().min(1).max(255).nullable().default(null),
    password: z.string().min(1).max(1024).nullable().default(null),
    from: z.string().min(3).max(254),
    to: z.array(z.string().min(3).max(254)).min(1).max(50),
  }),
  z.strictObject({
    kind: z.literal('webhook'),
    ...common,
    url,
    /** Your own, `whsec_` and 24 to 64 bytes as base64; default: made here and shown once. */
    secret: z.string().min(1).max(256).nullable().default(null),
  }),
]);

const oneChannel = z.object({ id: idGiven });
const written = { permission: 'alert.manage', account: 'found', ...changes } as const;
const read = { permission: 'alert.manage', account: 'found', ...reads } as const;

/** Who is told when a person is needed, and what of. */
export const alertsRoutes = defineRoutes({
  'GET /v1/alerts': {
    ...read,
    name: 'alerts.list',
    summary: { en: 'The alert channels, and how telling them fares.', zh: '告警渠道列表及其发送情况。' },
    account: 'filtered',
    query: listQuery({}),
    answers: { 200: page(channel) },
  },
  'POST /v1/alerts': {
    ...written,
    name: 'alerts.add',
    summary: {
      en: 'Adds an alert channel. Of a webhook, this answer is the only one that shows its secret.',
      zh: '添加告警渠道。Webhook 的签名密钥只在本次应答中显示一次。',
    },
    idempotency: 'sealed-key',
    body: newChannel,
    answers: { 201: channel.extend({ secret: z.string().nullable() }) },
  },
  'GET /v1/alerts/{id}': {
    ...read,
    name: 'alerts.read',
    summary: { en: 'One alert channel.', zh: '一个告警渠道。' },
    params: oneChannel,
    answers: { 200: channel },
  },
  'PUT /v1/alerts/{id}/state': {
    ...written,
    name: 'alerts.state',
    summary: {
      en: 'Pauses an alert channel, which is then told later, or uses it again.',
      zh: '暂停告警渠道（内容保留）或恢复。',
    },
    params: oneChannel,
    body: z.strictObject({ state: z.enum(['active', 'paused']) }),
    answers: { 200: z.object({ changed: z.boolean() }) },
  },
  'POST /v1/alerts/{id}/test': {
    ...written,
    name: 'alerts.test',
    summary: {
      en: 'Sends a test through it now; a problem says what it answered otherwise.',
      zh: '立即发送一条测试；未被接收时返回原因。',
    },
    audit: 'none',
    // Each test is one of its own.
    idempotency: 'none',
    rate: 'heavy',
    params: oneChannel,
    answers: { 200: z.object({ host: z.string() }) },
  },
  'DELETE /v1/alerts/{id}': {
    ...written,
    name: 'alerts.remove',
    summary: {
      en: 'Removes an alert channel with what it was still to be told.',
      zh: '删除告警渠道及其待发送的内容。',
    },
    params: oneChannel,
    answers: { 204: null },
  },
  'GET /v1/incidents': {
    ...reads,
    name: 'incidents.list',
    summary: {
      en: 'What a person is or was needed for, the newest first, and who was told.',
      zh: '需要或曾需要人工处理的事件，最新的在前，以及通知情况。',
    },
    permission: 'account.read',
    account: 'filtered',
    query: listQuery({ state: z.enum(['open', 'ended']).optional() }),
    answers: {
      200: page(incident).extend({
        /** When a node last looked; null: never. More than a minute ago: nothing runs that would. */
        lookedAt: time.nullable(),
      }),
    },
  },
});
