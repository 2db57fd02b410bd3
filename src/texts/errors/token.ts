import { defineErrors } from '../catalogue.ts';

export const tokenErrors = defineErrors({
  TOKEN_REFRESH_TIMEOUT: {
    about: {
      en: "No process managed to refresh the account's token within 20 s.",
      zh: '20 秒内没有任何进程取得新的 access_token。',
    },
    remedy: { en: '`hongyan accounts check APPID`.', zh: '`hongyan accounts check APPID`.' },
    texts: {},
  },
  TOKEN_ANSWER_INVALID: {
    about: {
      en: 'The token answer has no usable `access_token` and `expires_in` (seconds of life, at most a day, not a point of time; only a token URL may leave it out).',
      zh: '应答里没有可用的 `access_token` 与 `expires_in`（剩余秒数，最长一天，不是时间戳；仅 token URL 可省略）。',
    },
    remedy: {
      en: 'Let the token server answer `{"access_token": "...", "expires_in": 7200}`, the same inside `data`, or the bare token.',
      zh: '中控服务器应返回上述 JSON（或包在 `data` 里，或只返回 token）。',
    },
    texts: {},
  },
  TOKEN_URL_INVALID: {
    about: {
      en: 'The token URL is not http(s), or has a user and password in it.',
      zh: 'token URL 不是 http(s)，或带有用户名密码。',
    },
    remedy: { en: 'Put credentials into its query.', zh: '凭证放到查询参数里。' },
    texts: {},
  },
  TOKEN_SOURCE_NONE: {
    about: {
      en: 'A token was wanted of an account that uses none.',
      zh: '账号设为不使用 token，却需要 token。',
    },
    remedy: {
      en: 'Add the account with its secret or `--token-url`.',
      zh: '改用 secret 或 `--token-url` 添加账号。',
    },
    texts: {},
  },
  TOKEN_FORCE_UNSUPPORTED: {
    about: {
      en: 'A forced refresh of a token that WeChat does not issue to us.',
      zh: 'token 不是由本机向微信获取的，无法强制刷新。',
    },
    remedy: { en: 'Renew it where it is issued.', zh: '在签发处刷新。' },
    texts: {},
  },
  BASE_URL_INVALID: {
    about: {
      en: 'The base URL has another scheme, a user, a query or a fragment.',
      zh: 'base URL 协议不对，或带有用户、查询、片段。',
    },
    remedy: {
      en: "`https://api.weixin.qq.com`, or the simulator's `http://127.0.0.1:8780`.",
      zh: "`https://api.weixin.qq.com`, or the simulator's `http://127.0.0.1:8780`.",
    },
    texts: {},
  },
  PROXY_INVALID: {
    about: { en: 'The proxy is not an http(s) URL.', zh: '代理不是 http(s) 地址。' },
    remedy: {
      en: '`http://HOST:PORT` or `http://USER:PASSWORD@HOST:PORT`.',
      zh: '`http://HOST:PORT` or `http://USER:PASSWORD@HOST:PORT`.',
    },
    texts: {},
  },
});
