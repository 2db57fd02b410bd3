import { z } from 'zod';
import { changes, defineRoutes, reads } from './route.ts';
import { appid, channelName, accountKind as kind, listQuery, openid, page, time } from './shapes.ts';

const hour = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/);
const percent = z.number().int().min(1).max(100);

/** When and how often campaigns of an account may send, and what it keeps. */
const rules = {
  /** No campaign message in these hours of its zone. */
  quietHours: z.strictObject({ from: hour, to: hour }).nullable(),
  /** At most `limit` campaign messages per person in `days` days. */
  fatigue: z
    .strictObject({ limit: z.number().int().min(1).max(9_999), days: z.number().int().min(1).max(999) })
    .nullable(),
  /** Campaigns to more people need a second person. */
  approvalAbove: z.number().int().min(1).max(999_999_999).nullable(),
  /** So many per cent of the first thousand block, and a large template campaign pauses. */
  canaryBlockedPercent: percent.nullable(),
  /** So many per cent of the first thousand are held for review, and a large template campaign waits for the verdict. */
  canaryHeldPercent: percent.nullable(),
  /** Attempts after a −1 where WeChat drops no repeats; each may arrive twice. */
  retrySystemBusy: z.number().int().min(0).max(10),
  /** Recipients and outcomes of campaigns that ended so long ago are removed, and single messages. */
  keepDays: z.number().int().min(1).max(99_999).nullable(),
  /** Events and receipts of the account are removed after so many days; null: as `GET /v1/events/retention` says. */
  keepEventDays: z.number().int().min(1).max(99_999).nullable(),
  /** Its rows of the audit are removed after so many days; null: as the installation's are. */
  keepAuditDays: z.number().int().min(184).max(36_500).nullable(),
  timeZone: z.string().min(1).max(64).meta({ example: 'Asia/Shanghai' }),
  /** Whom test messages may go to. */
  testOpenids: z.array(openid).max(20),
  /** What a user's reject in the consent dialog does to the credits that were there before. */
  popupReject: z.enum(['wipes', 'ignored']),
  /** Programs that speak WeChat may use the account at `/wx/{appid}/…`, with a key that has `wx.relay`. Default false. */
  wxRelay: z.boolean(),
};

const ratePerS = z.number().int().min(1).max(9_999_999);
const messageSharePercent = z.number().int().min(0).max(90);

export const account = z
  .object({
    appid: z.string(),
    kind,
    name: z.string(),
    tokenSource: z.enum(['secret', 'url', 'none']),
    /** Null: https://api.weixin.qq.com. */
    baseUrl: z.string().nullable(),
    hasProxy: z.boolean(),
    /** Its callback is set up: `GET /v1/accounts/{appid}/callback` has something to show. */
    hasCallback: z.boolean(),
    /** The most messages per second, over all nodes. */
    ratePerS,
    /** Of the rate, kept for single messages while there are some. */
    messageSharePercent,
    /** Of a known daily limit, kept from campaigns. */
    quotaReservePercent: z.number().int(),
    /** When WeChat's day starts, HH:MM in Asia/Shanghai. */
    quotaReset: z.string(),
    state: z.enum(['active', 'paused']),
    /** `operator`, or why WeChat refused the account as a whole, such as `errcode:50007`. */
    stateReason: z.string().nullable(),
    createdAt: time,
    ...rules,
  })
  .meta({ id: 'Account' });

const secretText = z.string().min(16).max(64);
const address = z.url({ protocol: /^https?$/ }).max(2_048);

/** Where the access_token comes from. Secrets go in and never come out. */
const token = z.discriminatedUnion('source', [
  /** Fetched with the AppSecret. */
  z.strictObject({ source: z.literal('secret'), secret: secretText }),
  /** From an existing token server (令牌中控). */
  z.strictObject({ source: z.literal('url'), url: address }),
  /** None: inside WeChat's cloud (云调用). */
  z.strictObject({ source: z.literal('none') }),
]);

const credentials = {
  kind,
  token,
  /** Another address than https://api.weixin.qq.com, such as a simulator's. */
  baseUrl: address.nullable(),
  /** Outbound HTTP proxy; may hold a user and a password. */
  proxy: address.nullable(),
  /** Asks WeChat whether the credentials and the kind are right, and stores nothing if not. Default true. */
  check: z.boolean(),
};

const name = z.string().max(64);
const { kind: _kind, token: _token, ...optional } = credentials;

const accountRequest = z.strictObject({
  appid,
  kind,
  token,
  name: name.optional(),
  ratePerS: ratePerS.optional(),
  ...z.object(optional).partial().shape,
});

/**
 * What is not given stays. The secret was given for one kind, address, proxy and token source: a change of one of these
 * wants `token` again.
 */
const accountChanges = z
  .strictObject({ name, ratePerS, messageSharePercent, ...rules, ...credentials })
  .partial();

const params = z.object({ appid });
const resumed = z.object({
  /** False: it was not paused. */
  activated: z.boolean(),
  /** Its campaigns that are still paused. */
  pausedCampaigns: z.array(z.number().int()),
});

const quota = z
  .object({
    appid: z.string(),
    /** One for each send API that this kind of account has. */
    apis: z.array(
      z.object({
        path: z.string(),
        /** Null: neither WeChat nor its documents say. */
        limit: z.number().int().nullable(),
        /** `default`: WeChat's documents, for a new account. */
        source: z.enum(['operator', 'wechat', 'default']),
        /** Calls of today by the best knowledge. */
        used: z.number().int(),
        /** What campaigns may still use today; null without a limit. */
        left: z.number().int().nullable(),
        /** Calls of today by our own count. */
        ours: z.number().int(),
        /** WeChat said that it is used up: tried again then. */
        parkedUntil: time.nullable(),
        /** Only the reserve is left: campaigns go on then. */
        reservedUntil: time.nullable(),
      }),
    ),
    nextReset: time,
    reservePercent: z.number().int(),
    /** Calls of clear_quota that are left this month, by our own count. */
    clearsLeft: z.number().int(),
  })
  .meta({ id: 'Quota' });

const quotaChanges = z.strictObject({
  limit: z
    .strictObject({
      channel: channelName,
      /** Null takes WeChat's again. */
      daily: z.number().int().min(0).max(999_999_999).nullable(),
    })
    .optional(),
  reservePercent: z.number().int().min(0).max(99).optional(),
  reset: hour.optional(),
});

export const accountsRoutes = defineRoutes({
  'GET /v1/accounts': {
    name: 'accounts.list',
    summary: { en: 'The accounts that the caller may see.', zh: '可见的账号列表。' },
    permission: 'account.read',
    account: 'filtered',
    ...reads,
    query: listQuery({}),
    answers: { 200: page(account) },
  },
  // Without a key a repeat is refused, since there is one account of an appid.
  'POST /v1/accounts': {
    name: 'accounts.create',
    summary: {
      en: 'Adds an account, after WeChat has taken its credentials.',
      zh: '添加账号：先向微信核对凭证，再保存。',
    },
    permission: 'account.manage',
    account: 'body.appid',
    audit: 'change',
    idempotency: 'sealed-key',
    rate: 'normal',
    body: accountRequest,
    answers: { 201: account },
  },
  'GET /v1/accounts/{appid}': {
    name: 'accounts.show',
    summary: { en: 'One account, without its secrets.', zh: '单个账号（不含密钥）。' },
    permission: 'account.read',
    account: 'params.appid',
    ...reads,
    params,
    answers: { 200: account },
  },
  'PATCH /v1/accounts/{appid}': {
    name: 'accounts.change',
    summary: { en: 'Changes the settings that are named.', zh: '修改给出的设置项。' },
    permission: 'account.manage',
    account: 'params.appid',
    ...changes,
    params,
    body: accountChanges,
    answers: { 200: account },
  },
  'DELETE /v1/accounts/{appid}': {
    name: 'accounts.remove',
    summary: {
      en: 'Removes an account with its contacts, templates and campaigns, for good.',
      zh: '删除账号及其用户、模板和推送任务，无法恢复。',
    },
    permission: 'account.manage',
    account: 'params.appid',
    ...changes,
    params,
    answers: { 200: z.object({ contacts: z.number().int(), campaigns: z.number().int() }) },
  },
  'POST /v1/accounts/{appid}/check': {
    name: 'accounts.check',
    summary: {
      en: 'Asks WeChat whether the credentials work from here; an account that was paused for them is used again.',
      zh: '向微信核对凭证；因凭证暂停的账号随即恢复。',
    },
    permission: 'account.manage',
    account: 'params.appid',
    ...changes,
    params,
    answers: { 200: resumed },
  },
  'POST /v1/accounts/{appid}/pause': {
    name: 'accounts.pause',
    summary: { en: 'Stops the account and all its running campaigns.', zh: '暂停账号及其正在推送的任务。' },
    permission: 'account.manage',
    account: 'params.appid',
    ...changes,
    params,
    answers: { 200: account },
  },
  'POST /v1/accounts/{appid}/resume': {
    name: 'accounts.resume',
    summary: {
      en: 'Uses a paused account again; its campaigns stay paused until they are resumed.',
      zh: '恢复已暂停的账号；它的任务仍需逐个恢复。',
    },
    permission: 'account.manage',
    account: 'params.appid',
    ...changes,
    params,
    answers: { 200: resumed },
  },
  'GET /v1/accounts/{appid}/quota': {
    name: 'accounts.quota',
    summary: {
      en: 'Limit and use of the send APIs, from WeChat and by our own count.',
      zh: '发送接口的额度与用量（微信返回与本系统计数）。',
    },
    permission: 'account.read',
    account: 'params.appid',
    ...reads,
    params,
    answers: { 200: quota },
  },
  'PATCH /v1/accounts/{appid}/quota': {
    name: 'accounts.changeQuota',
    summary: { en: 'Sets what WeChat does not tell of the quota.', zh: '设置微信不告知的额度信息。' },
    permission: 'account.manage',
    account: 'params.appid',
    ...changes,
    params,
    body: quotaChanges,
    answers: { 204: null },
  },
  // Each call is one of WeChat's ten a month.
  'POST /v1/accounts/{appid}/quota/clear': {
    name: 'accounts.clearQuota',
    summary: {
      en: 'Lets WeChat set all daily counters of the account to zero; ten times a month.',
      zh: '请微信清零账号的全部每日调用次数，每月 10 次。',
    },
    permission: 'account.manage',
    account: 'params.appid',
    audit: 'change',
    idempotency: 'stored-key',
    rate: 'normal',
    params,
    answers: { 200: z.object({ left: z.number().int() }) },
  },
});
