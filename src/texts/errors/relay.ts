import { defineErrors } from '../catalogue.ts';

/** Calls of other programs that are passed on to WeChat. */
export const relayErrors = defineErrors({
  WX_RELAY_OFF: {
    about: {
      en: 'Calls of other programs (`/wx/{appid}/…`) are not passed on: they must be allowed for the installation and for the account. HTTP 409.',
      zh: '没有开启微信接口转发（`/wx/{appid}/…`）：须在安装级和账号级分别开启。HTTP 409。',
    },
    remedy: {
      en: 'Start `serve` with `HONGYAN_WX_RELAY=on`, and allow the account: `hongyan accounts rules APPID --wx-relay on`.',
      zh: '以 `HONGYAN_WX_RELAY=on` 启动 `serve`，并为账号开启：`hongyan accounts rules APPID --wx-relay on`。',
    },
    status: 409,
    texts: {
      installation: {
        en: 'this installation passes no calls on to WeChat',
        zh: '本安装没有开启微信接口转发',
        do: { en: 'start serve with HONGYAN_WX_RELAY=on', zh: '请以 HONGYAN_WX_RELAY=on 启动 serve' },
      },
      account: {
        en: 'no calls of other programs are passed on for {appid}',
        zh: '账号 {appid} 没有开启微信接口转发',
        do: {
          cli: {
            en: 'allow it: hongyan accounts rules {appid} --wx-relay on',
            zh: '开启：hongyan accounts rules {appid} --wx-relay on',
          },
          http: {
            en: 'allow it: PATCH /v1/accounts/{appid} with {"wxRelay": true}',
            zh: '开启：PATCH /v1/accounts/{appid}，内容为 {"wxRelay": true}',
          },
        },
      },
    },
  },
  WX_RELAY_REFUSED: {
    about: {
      en: 'A path that is not passed on: it gives or takes credentials, or is none of WeChat’s server API; or a message for an account that is paused or exclusive. HTTP 400.',
      zh: '不转发的接口：涉及凭证，或不是微信的服务端接口；或账号已暂停、设为独占时发消息。HTTP 400。',
    },
    remedy: {
      en: 'See which paths are passed on: [the API](api.md#programs-that-speak-wechat-already).',
      zh: '可转发的接口见 [API 文档](api.zh-CN.md#已在用微信-sdk-的程序)。',
    },
    texts: {
      unknown: {
        en: 'the path is none of those of WeChat’s server API that are passed on',
        zh: '该路径不在可转发的微信接口之列',
        do: { en: 'GET /docs says which there are', zh: '可转发的接口见 /docs' },
      },
      token: {
        en: '/{path} gives or takes credentials, which stay here',
        zh: '/{path} 涉及凭证，不转发',
        do: {
          en: 'no token is needed: each call gets the account’s own',
          zh: '无需自行获取 token：每次调用都会带上账号的 token',
        },
      },
      quota: {
        en: '/{path} may be called 10 times a month, for everybody',
        zh: '/{path} 每月共 10 次，不转发',
        do: {
          en: 'call POST /v1/accounts/{appid}/quota/clear, which counts them',
          zh: '请用 POST /v1/accounts/{appid}/quota/clear，它会计数',
        },
      },
      paused: {
        en: 'the account {appid} is paused, and nothing is sent for it',
        zh: '账号 {appid} 已暂停，不发送消息',
      },
      exclusive: {
        en: 'the account {appid} is exclusive: only Hongyan’s own messages are sent for it',
        zh: '账号 {appid} 已设为独占，只发送鸿雁自己的消息',
        do: {
          en: 'send it by POST /v1/messages, or take the account’s word back: hongyan callback config {appid} --no-exclusive',
          zh: '请改用 POST /v1/messages，或取消独占：hongyan callback config {appid} --no-exclusive',
        },
      },
    },
  },
  WX_RELAY_BUSY: {
    about: {
      en: 'A call was not passed on, since the account’s rate or the day’s limit of the path is used up. Nothing left. HTTP 429.',
      zh: '账号的速率或该接口的今日额度已用完，没有转发。HTTP 429。',
    },
    remedy: {
      en: 'Repeat it later; `hongyan quota show` and `hongyan rate` say what there is.',
      zh: '稍后重试；用 `hongyan quota show` 和 `hongyan rate` 查看额度与速率。',
    },
    status: 429,
    texts: {
      rate: {
        en: 'the rate of {appid} is used up for the next seconds; nothing was sent',
        zh: '账号 {appid} 未来几秒的速率已占满，没有发出',
        do: { en: 'repeat it after some seconds', zh: '请几秒后重试' },
      },
      quota: {
        en: 'the limit of {appid} for {path} is used up today; nothing was sent',
        zh: '账号 {appid} 的 {path} 今日额度已用完，没有发出',
        do: { en: 'repeat it tomorrow', zh: '请明天再试' },
      },
    },
  },
  WX_RELAY_LENGTH: {
    about: {
      en: 'A long body without `Content-Length`: WeChat refuses such uploads (41005). HTTP 411.',
      zh: '较大的请求体没有 `Content-Length`：微信不接受这样的上传（41005）。HTTP 411。',
    },
    remedy: { en: 'Send it with its length.', zh: '请带上 `Content-Length`。' },
    status: 411,
    texts: {
      default: {
        en: 'a body of over {bytes} bytes needs a Content-Length',
        zh: '超过 {bytes} 字节的请求体须带 Content-Length',
      },
    },
  },
});

/** What SDKs read in the place of WeChat's own words, which are in English. */
export const relayAnswers = {
  secret: 'invalid appsecret: Hongyan takes one of its API keys in the place of the AppSecret',
  appid: 'invalid appid: it is not the one in the address',
  token: 'invalid credential, access_token is over or was not given here: fetch one again',
} as const;
