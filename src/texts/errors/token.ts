import { defineErrors } from '../catalogue.ts';

export const tokenErrors = defineErrors({
  TOKEN_REFRESH_TIMEOUT: {
    about: {
      en: "No process managed to refresh the account's token within 20 s.",
      zh: '20 秒内没有任何进程取得新的 access_token。',
    },
    remedy: { en: '`hongyan accounts check APPID`.', zh: '`hongyan accounts check APPID`.' },
    texts: {
      default: {
        en: 'no process managed to refresh the access_token of {appid} within {seconds} s',
        zh: '{seconds} 秒内没有任何进程取得 {appid} 的 access_token',
        do: {
          cli: {
            en: 'see why with: hongyan accounts check {appid}',
            zh: '查看原因：hongyan accounts check {appid}',
          },
          http: { en: 'check the account', zh: '请检查该账号' },
          console: { en: 'check the account', zh: '请检查该账号' },
        },
      },
    },
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
    texts: {
      default: {
        en: 'the token answer of {from} has no usable access_token and expires_in (seconds of life, above 0 and at most {most})',
        zh: '{from} 返回的内容里没有可用的 access_token 与 expires_in（剩余秒数，大于 0，最多 {most}）',
        do: {
          en: 'it must be {"access_token": "...", "expires_in": 7200}',
          zh: '应返回 {"access_token": "...", "expires_in": 7200}',
        },
      },
    },
  },
  TOKEN_URL_INVALID: {
    about: {
      en: 'The token URL is not http(s), or has a user and password in it.',
      zh: 'token URL 不是 http(s)，或带有用户名密码。',
    },
    remedy: { en: 'Put credentials into its query.', zh: '凭证放到查询参数里。' },
    texts: {
      default: {
        en: 'the token URL must be an http:// or https:// URL without user and password',
        zh: 'token URL 须为 http:// 或 https:// 地址，且不带用户名密码',
        do: {
          cli: { en: 'put credentials into its query', zh: '凭证请放到查询参数里' },
          http: { en: 'put credentials into its query', zh: '凭证请放到查询参数里' },
          console: { en: 'put credentials into its query', zh: '凭证请放到查询参数里' },
          code: { en: 'put credentials into headers or its query', zh: '凭证请放到请求头或查询参数里' },
        },
      },
    },
  },
  TOKEN_SOURCE_NONE: {
    about: {
      en: 'A token was wanted of an account that uses none.',
      zh: '账号设为不使用 token，却需要 token。',
    },
    remedy: {
      en: 'Add the account with its secret or `--token-url-file`.',
      zh: '改用 secret 或 `--token-url-file` 添加账号。',
    },
    texts: {
      default: {
        en: 'this account uses no access_token (token source "none"), so there is none to fetch',
        zh: '该账号设为不使用 access_token（token 来源为 none），没有可获取的',
        do: {
          cli: {
            en: 'give it its AppSecret or a token URL: hongyan accounts add',
            zh: '请补上 AppSecret 或 token URL：hongyan accounts add',
          },
          http: {
            en: 'give the account its AppSecret or a token URL',
            zh: '请给账号设置 AppSecret 或 token URL',
          },
          console: {
            en: 'give the account its AppSecret or a token URL',
            zh: '请给账号设置 AppSecret 或 token URL',
          },
          code: { en: 'choose the source "secret" or "url"', zh: '请改用来源 secret 或 url' },
        },
      },
    },
  },
  TOKEN_FORCE_UNSUPPORTED: {
    about: {
      en: 'A forced refresh of a token that WeChat does not issue to us.',
      zh: 'token 不是由本机向微信获取的，无法强制刷新。',
    },
    remedy: { en: 'Renew it where it is issued.', zh: '在签发处刷新。' },
    texts: {
      default: {
        en: 'the token of {appid} comes from the source "{source}", which cannot be forced',
        zh: '{appid} 的 token 来源为 {source}，无法强制刷新',
        do: { en: 'renew it where it is issued', zh: '请在签发处刷新' },
      },
    },
  },
  BASE_URL_INVALID: {
    about: {
      en: 'The base URL has another scheme, a user, a query or a fragment.',
      zh: '接口地址的协议不对，或带有用户名、查询参数、片段。',
    },
    remedy: {
      en: "`https://api.weixin.qq.com`, or the simulator's `http://127.0.0.1:8780`.",
      zh: '`https://api.weixin.qq.com`，或模拟器的 `http://127.0.0.1:8780`。',
    },
    texts: {
      default: {
        en: 'the base URL must be http:// or https://, a host and at most a path, without user, query or fragment, e.g. https://api.weixin.qq.com',
        zh: '接口地址须为 http:// 或 https:// 加主机名（可带路径），不带用户名、查询参数和片段，例如 https://api.weixin.qq.com',
      },
    },
  },
  PROXY_INVALID: {
    about: { en: 'The proxy is not an http(s) URL.', zh: '代理不是 http(s) 地址。' },
    remedy: {
      en: '`http://HOST:PORT` or `http://USER:PASSWORD@HOST:PORT`.',
      zh: '`http://主机:端口` 或 `http://用户:密码@主机:端口`。',
    },
    texts: {
      default: {
        en: 'the {setting} setting is not an http:// or https:// URL',
        zh: '代理设置（{setting}）不是 http:// 或 https:// 地址',
        do: {
          en: 'write it as http://HOST:PORT or http://USER:PASSWORD@HOST:PORT',
          zh: '写法：http://HOST:PORT 或 http://USER:PASSWORD@HOST:PORT',
        },
      },
    },
  },
});
