import { z } from 'zod';
import { changes, defineRoutes, reads } from '../route.ts';
import { accountKind, appid, time } from '../shapes.ts';

const ofAccount = z.object({ appid });
const mode = z.enum(['plain', 'compatible', 'secure']);
const format = z.enum(['xml', 'json']);

const settings = z
  .object({
    appid: z.string(),
    kind: accountKind,
    /** What WeChat is to call; null until the public address is known. */
    url: z.string().nullable(),
    publicUrl: z.string().nullable(),
    mode,
    format,
    /** Without its query, which may be a secret; null: nothing is relayed. */
    forwardTo: z.string().nullable(),
    /** To users' messages: `none`, `transfer`, or `text:` and a text. */
    reply: z.string(),
    /** Nothing but Hongyan sends for the account. */
    exclusive: z.boolean(),
    unsignedFrom: z.array(z.string()),
    /** Until then what comes under the Token, or the key, before the present one is taken; null: it has ended. */
    previousTokenUntil: time.nullable(),
    previousKeyUntil: time.nullable(),
  })
  .meta({ id: 'CallbackSettings' });

const change = z.strictObject({
  mode: mode.optional(),
  format: format.optional(),
  publicUrl: z.string().min(1).max(2048).optional(),
  forwardTo: z.string().min(1).max(2048).nullable().optional(),
  reply: z.string().min(1).max(4096).optional(),
  exclusive: z.boolean().optional(),
  unsignedFrom: z.array(z.string().min(1).max(64)).max(100).optional(),
  /** Of an existing server; default: made here, and never shown but by `…/callback/paste`. */
  token: z.string().optional(),
  aesKey: z.string().optional(),
  rotateKey: z.boolean().optional(),
  rotateToken: z.boolean().optional(),
  /** How long a Token or key that this replaces is still taken. Default 168; 0 ends it now. */
  oldForHours: z.number().int().min(0).max(720).optional(),
});

/** How an account's pushes come. */
export const callbackSettingsRoutes = defineRoutes({
  'GET /v1/accounts/{appid}/callback': {
    name: 'callback.show',
    summary: { en: "How an account's pushes come, without its keys.", zh: '账号的消息推送配置，不含密钥。' },
    permission: 'account.read',
    account: 'params.appid',
    ...reads,
    params: ofAccount,
    answers: { 200: settings },
  },
  'GET /v1/accounts/{appid}/callback/paste': {
    name: 'callback.read',
    summary: {
      en: "What to paste into WeChat's console, and where: Token and key included, so this is in the audit.",
      zh: '要填到微信后台的内容和位置，包含 Token 与密钥，因此记入审计。',
    },
    permission: 'account.manage',
    account: 'params.appid',
    audit: 'export',
    idempotency: 'safe',
    rate: 'normal',
    params: ofAccount,
    answers: {
      200: z.object({
        place: z.string(),
        lines: z.array(z.object({ label: z.string(), value: z.string() })),
      }),
    },
  },
  'PATCH /v1/accounts/{appid}/callback': {
    name: 'callback.change',
    summary: {
      en: "Changes how an account's pushes come; makes Token and key when there are none.",
      zh: '修改账号的消息推送配置；没有 Token 与密钥时自动生成。',
    },
    permission: 'account.manage',
    account: 'params.appid',
    audit: 'change',
    // A rotation that is done again ends the key that WeChat still uses; everything else is found done.
    idempotency: 'sealed-key',
    rate: 'normal',
    params: ofAccount,
    body: change,
    answers: { 200: settings },
  },
  'DELETE /v1/accounts/{appid}/callback': {
    name: 'callback.remove',
    summary: {
      en: 'Takes no more pushes for an account; its events stay.',
      zh: '不再接收账号的推送，已存储的事件保留。',
    },
    permission: 'account.manage',
    account: 'params.appid',
    ...changes,
    params: ofAccount,
    answers: { 200: z.object({ removed: z.boolean() }) },
  },
  'POST /v1/accounts/{appid}/callback/check': {
    name: 'callback.check',
    summary: {
      en: 'Verifies the URL and pushes a test event as WeChat would, then lets WeChat look at the URL itself.',
      zh: '按微信的方式验证 URL 并推送测试事件，再请微信检测该 URL。',
    },
    permission: 'account.manage',
    account: 'params.appid',
    audit: 'none',
    // Each check is one of its own.
    idempotency: 'none',
    rate: 'heavy',
    params: ofAccount,
    body: z.strictObject({ askWechat: z.boolean().default(true) }),
    answers: {
      200: z.object({
        url: z.string(),
        findings: z.array(
          z.object({
            check: z.enum(['verification', 'push', 'forgery', 'wechat']),
            ok: z.boolean(),
            answer: z.object({ status: z.number().int(), body: z.string() }).nullable(),
            code: z.string().nullable(),
            detail: z.string().nullable(),
            errcode: z.number().int().nullable(),
            errmsg: z.string().nullable(),
          }),
        ),
      }),
    },
  },
});
