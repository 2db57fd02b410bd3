import { defineErrors } from '../catalogue.ts';

export const serverErrors = defineErrors({
  ADDRESS_IN_USE: {
    about: {
      en: '`hongyan serve` cannot listen: another process has the port, perhaps another `serve`.',
      zh: '端口已被占用，可能是另一个 `serve`。',
    },
    remedy: {
      en: 'Set `HONGYAN_LISTEN` to another `HOST:PORT`, or to `off` for a node that only delivers.',
      zh: '换一个 `HONGYAN_LISTEN`，或设为 `off` 只推送不监听。',
    },
    texts: {},
  },
  LISTEN_FAILED: {
    about: {
      en: 'The address is none of this machine, or the port needs more rights.',
      zh: '地址不属于本机，或端口需要更高权限。',
    },
    remedy: {
      en: 'Check `HONGYAN_LISTEN`; ports under 1024 are usually left to a reverse proxy.',
      zh: '检查 `HONGYAN_LISTEN`；1024 以下的端口通常交给反向代理。',
    },
    texts: {},
  },
  API_TOKEN_TOO_SHORT: {
    about: {
      en: 'An API token under 32 characters, and an address that other machines can reach.',
      zh: 'API token 不足 32 个字符，而监听地址可被其他机器访问。',
    },
    remedy: {
      en: 'Set `HONGYAN_API_TOKEN` to the output of `openssl rand -base64 32`, or remove it: `api.token` is made.',
      zh: '设置更长的 token，或删去该项以自动生成 `api.token`。',
    },
    texts: {},
  },
  UNAUTHORIZED: {
    about: {
      en: 'No `Authorization: Bearer …`, or not the right token. HTTP 401.',
      zh: '没有携带 API token，或 token 不对。',
    },
    remedy: {
      en: 'It is `HONGYAN_API_TOKEN`, or the file `api.token` in the data directory.',
      zh: 'token 即 `HONGYAN_API_TOKEN`，或数据目录下的 `api.token`。',
    },
    texts: {},
  },
  FORBIDDEN: {
    about: {
      en: 'Who asks may not do this, or not for this account; it is a line of the audit. HTTP 403.',
      zh: '没有此项权限，或无权操作该账号；已记入审计。',
    },
    remedy: {
      en: 'Ask an administrator for the permission that is named.',
      zh: '请管理员授予所提示的权限。',
    },
    status: 403,
    texts: {
      default: {
        en: '{actor} has no permission {permission} here',
        zh: '{actor} 没有权限 {permission}',
        do: { en: 'an administrator can give it', zh: '请管理员授予' },
      },
    },
  },
  ROUTE_NOT_FOUND: {
    about: { en: 'There is no such path or method. HTTP 404.', zh: '没有该路径或方法。' },
    remedy: { en: 'Check path and method.', zh: '检查路径与方法。' },
    texts: {},
  },
  REQUEST_INVALID: {
    about: {
      en: 'The request does not fit the contract; the message names the place. HTTP 400.',
      zh: '请求不符合约定，消息指出位置。',
    },
    remedy: { en: 'Correct it.', zh: '按提示修改。' },
    texts: {},
  },
  BODY_TOO_LARGE: {
    about: {
      en: 'The body is larger than the route takes (1 MB unless it says otherwise). HTTP 413.',
      zh: '请求体超过上限（默认 1 MB）。',
    },
    remedy: { en: 'Send it in parts.', zh: '分批发送。' },
    texts: {},
  },
  INTERNAL: {
    about: { en: 'A defect; the log of the server has it. HTTP 500.', zh: '程序缺陷，详见服务端日志。' },
    remedy: { en: 'Please report it with that log line.', zh: '请附上该行日志反馈。' },
    texts: {},
  },
});
