import { z } from 'zod';
import { bytes, defineRoutes } from './route.ts';
import { appid } from './shapes.ts';

/** The largest body that is passed on; WeChat's own limit for a file is 10 MB. */
const mostBodyBytes = 16 * 1024 * 1024;

const params = z.object({
  appid,
  /** WeChat's own, e.g. `cgi-bin/user/get`. */
  path: z.string().min(1).max(512),
});
/** WeChat's own; an access_token among them is replaced. */
const query = z.looseObject({});

/** As WeChat answers, also where it refuses: with status 200 and an errcode. */
const tokenAnswer = z.union([
  z.object({ access_token: z.string(), expires_in: z.number().int() }),
  z.object({ errcode: z.number().int(), errmsg: z.string() }),
]);
/** With `appid` and `grant_type`, as SDKs send it. The one of the address counts, so it is not named: a generated client would have two. */
const tokenRequest = z.looseObject({
  /** A key of Hongyan's, in the place of the AppSecret. */
  secret: z.string().max(256).optional(),
});

/** The door for programs that speak WeChat already: https://HOST/wx/APPID in the place of https://api.weixin.qq.com. */
export const relayRoutes = defineRoutes({
  'GET /wx/{appid}/cgi-bin/token': {
    name: 'wx.token',
    summary: {
      en: 'What SDKs ask for first. The secret is an API key; the answer is no access_token of WeChat’s, and works here only.',
      zh: 'SDK 首先请求的接口。secret 填 API 密钥；返回的不是微信的 access_token，只在此处有效。',
    },
    // The secret is looked at by the handler, and refused as WeChat refuses one.
    permission: 'public',
    account: null,
    audit: 'none',
    idempotency: 'safe',
    rate: 'sign-in',
    params: z.object({ appid }),
    query: tokenRequest,
    answers: { 200: tokenAnswer },
  },
  'POST /wx/{appid}/cgi-bin/stable_token': {
    name: 'wx.stableToken',
    summary: { en: 'The same, as stable_token asks for it.', zh: '同上，对应 stable_token。' },
    permission: 'public',
    account: null,
    audit: 'none',
    idempotency: 'repeatable',
    rate: 'sign-in',
    params: z.object({ appid }),
    anyQuery: true,
    body: tokenRequest,
    answers: { 200: tokenAnswer },
  },
  'GET /wx/{appid}/{path}': {
    name: 'wx.get',
    summary: {
      en: 'A call to WeChat with the account’s token, which is added here; answered as WeChat answers.',
      zh: '以账号的 token 调用微信接口（token 由鸿雁加上），按微信的原样应答。',
    },
    permission: 'wx.relay',
    account: 'params.appid',
    speaks: 'wechat',
    audit: 'hourly',
    // Some of WeChat's paths change something by GET (menu/delete). Nothing is kept of the answer, so it is asked again.
    idempotency: 'none',
    rate: 'normal',
    params,
    query,
    // Any other status of WeChat's too, with what came.
    answers: { 200: bytes('*/*') },
  },
  'POST /wx/{appid}/{path}': {
    name: 'wx.post',
    summary: {
      en: 'The same by POST, uploads included. Paths that message people want `message.send` as well.',
      zh: '同上，POST 方式，含素材上传。发消息的接口还需要 `message.send` 权限。',
    },
    permission: 'wx.relay',
    account: 'params.appid',
    speaks: 'wechat',
    audit: 'hourly',
    // WeChat's calls have no key by which a repeat could be known; client_msg_id passes through as it is.
    idempotency: 'none',
    rate: 'normal',
    params,
    query,
    body: { ...bytes('*/*'), maxBytes: mostBodyBytes },
    answers: { 200: bytes('*/*') },
  },
});
