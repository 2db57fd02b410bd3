import { defineErrors } from '../catalogue.ts';

export const simulatorErrors = defineErrors({
  SIMULATOR_OPTIONS: {
    about: { en: 'An option or an admin request is wrong.', zh: '选项或管理请求有误。' },
    remedy: { en: 'The message names it.', zh: '按提示修改。' },
    texts: {
      value: { en: 'wrong value in {what}: {problems}', zh: '{what}有误：{problems}' },
      'same-appid': {
        en: 'two simulated accounts have the appid {appid}',
        zh: '两个模拟账号的 appid 相同：{appid}',
        do: { en: 'give each its own', zh: '请各用各的 appid' },
      },
      ip: {
        en: '"{entry}" is not an IP address or a CIDR block like 10.0.0.0/8',
        zh: '“{entry}”不是 IP 地址，也不是 10.0.0.0/8 这样的网段',
      },
      'callback-url': {
        en: 'the callback URL of {appid} must be http:// or https:// without user and fragment, not "{url}"',
        zh: '{appid} 的回调 URL 必须以 http:// 或 https:// 开头，不含用户名和 # 片段，不能是“{url}”',
      },
      'callback-format': {
        en: 'account {appid} is of kind {kind}, whose events are XML only; JSON is for Mini Programs',
        zh: '账号 {appid} 的类型是 {kind}，事件只有 XML；JSON 仅用于小程序',
      },
      'kind-has-no': { en: '{kind} has no {what}', zh: '{kind}没有{what}' },
      template: {
        en: 'account {appid} has no subscribe template "{id}"',
        zh: '账号 {appid} 没有订阅模板“{id}”',
      },
      'not-json': { en: 'the request is not JSON', zh: '请求不是 JSON' },
    },
  },
  SIMULATOR_LISTEN: {
    about: { en: 'The port is in use or cannot be had.', zh: '端口被占用或不可用。' },
    remedy: { en: 'Another `--port`, or `0`.', zh: '换端口，或用 `0`。' },
    texts: {
      'in-use': {
        en: 'port {port} on {host} is in use',
        zh: '{host} 的端口 {port} 已被占用',
        do: { en: 'choose another, or 0 for a free one', zh: '换一个端口，或用 0 自动选择' },
      },
      unusable: { en: 'port {port} on {host} cannot be used', zh: '{host} 的端口 {port} 不可用' },
    },
  },
  SIMULATOR_ENDED: {
    about: {
      en: 'The simulated WeChat that Hongyan starts beside itself ended.',
      zh: '由鸿雁启动的模拟微信已退出。',
    },
    remedy: {
      en: 'Its own message is on the standard error of the process that started it.',
      zh: '原因见启动它的进程的标准错误输出。',
    },
    status: 503,
    texts: {
      default: {
        en: 'the simulator ended with code {code} before it was ready',
        zh: '模拟器未就绪即退出，退出码 {code}',
      },
      account: { en: 'the simulator has no account', zh: '模拟器没有账号' },
      refused: {
        en: 'the simulator refused {path}: {reason}',
        zh: '模拟器拒绝了 {path}：{reason}',
      },
    },
  },
  SIMULATION_OFF: {
    about: {
      en: 'This server runs no simulated WeChat.',
      zh: '此服务未开启模拟微信。',
    },
    remedy: {
      en: '`HONGYAN_SIMULATOR=on` allows it; not for production.',
      zh: '设置 `HONGYAN_SIMULATOR=on` 后可用；生产环境请勿开启。',
    },
    status: 409,
    texts: {
      default: {
        en: 'this server runs no simulated WeChat',
        zh: '此服务未开启模拟微信',
        do: {
          en: 'set HONGYAN_SIMULATOR to on and start the server again; not in production',
          zh: '把 HONGYAN_SIMULATOR 设为 on 后重启服务；生产环境请勿开启',
        },
      },
    },
  },
  SIMULATOR_ACCOUNT: {
    about: { en: 'The simulator has no such account.', zh: '模拟器没有该账号。' },
    remedy: { en: '`GET /_simulator` lists them.', zh: '用 `GET /_simulator` 列出。' },
    texts: {
      default: { en: 'the simulator has no account {appid}', zh: '模拟器没有账号 {appid}' },
    },
  },
  SIMULATOR_CALLBACK: {
    about: {
      en: "The callback URL did not answer WeChat's verification with exactly the echostr.",
      zh: '回调 URL 未按微信的验证要求原样返回 echostr。',
    },
    remedy: {
      en: 'The message says what came instead; start the receiver first, compare Token and URL.',
      zh: '按提示检查；先启动接收端，核对 Token 与 URL。',
    },
    texts: {
      status: {
        en: 'the callback URL {url} was not accepted: it answered with status {status}',
        zh: '回调 URL {url} 未通过验证：应答状态码为 {status}',
        do: { en: 'is the Token the same on both sides?', zh: '两边的 Token 一致吗？' },
      },
      wrapped: {
        en: 'the callback URL {url} was not accepted: the echostr came back with a BOM, quotes or white space around it',
        zh: '回调 URL {url} 未通过验证：返回的 echostr 前后多了 BOM、引号或空白',
        do: { en: 'answer nothing but its characters', zh: '只返回 echostr 本身' },
      },
      answer: {
        en: 'the callback URL {url} was not accepted: it answered "{answer}" and not the echostr {echostr}',
        zh: '回调 URL {url} 未通过验证：返回的是“{answer}”，不是 echostr {echostr}',
      },
      timeout: {
        en: 'the callback URL {url} was not accepted: it did not answer within {seconds} s',
        zh: '回调 URL {url} 未通过验证：{seconds} 秒内没有应答',
      },
      unreachable: {
        en: 'the callback URL {url} was not accepted: it cannot be reached ({code})',
        zh: '回调 URL {url} 未通过验证：无法连接（{code}）',
      },
    },
  },
  SIMULATOR_OPENID: {
    about: { en: 'The account has no such person.', zh: '该账号没有此人。' },
    remedy: {
      en: 'Take an openid of `user/get`, or an index below the number of followers.',
      zh: '使用 `user/get` 里的 openid。',
    },
    texts: {
      nobody: {
        en: 'no account has such an openid',
        zh: '没有账号有这个 openid',
        do: { en: 'take one of its user/get', zh: '请使用 user/get 里的 openid' },
      },
      number: {
        en: 'there are {people} people, counted from 0',
        zh: '共有 {people} 人，从 0 数起',
        do: { en: 'take a smaller number', zh: '请换一个更小的序号' },
      },
      openid: {
        en: 'account {appid} has no such openid',
        zh: '账号 {appid} 没有这个 openid',
        do: { en: 'take one of its user/get', zh: '请使用 user/get 里的 openid' },
      },
      index: {
        en: 'account {appid} has people 0 to {last}, not {index}',
        zh: '账号 {appid} 的用户编号为 0 到 {last}，没有 {index}',
      },
    },
  },
  SIMULATOR_FOREIGN: {
    about: {
      en: "A request to the admin API under a foreign name, or from another page's script.",
      zh: '管理接口收到来自外部域名或其他网页脚本的请求。',
    },
    remedy: {
      en: 'Call it by address or by a name without dots; from a browser only by its own pages.',
      zh: '用 IP 或不带点的主机名访问；浏览器中只能由它自己的页面调用。',
    },
    status: 403,
    texts: {
      host: {
        en: 'the admin API is not called by the name {host}',
        zh: '不能用主机名 {host} 访问管理接口',
        do: {
          en: 'use an address, or a name without dots',
          zh: '请用 IP 地址，或不带点的主机名',
        },
      },
      origin: {
        en: 'the admin API takes no request from {origin}',
        zh: '管理接口不接受来自 {origin} 的请求',
      },
    },
  },
  SIMULATOR_PATH: {
    about: { en: 'The admin API has no such path.', zh: '管理接口没有该路径。' },
    remedy: {
      en: 'See [simulator](simulator.md#admin-api).',
      zh: '见 [simulator](simulator.md#admin-api)。',
    },
    texts: {
      default: { en: 'the simulator has no {method} {path}', zh: '模拟器没有 {method} {path}' },
    },
  },
  SIMULATOR_FAILED: {
    about: {
      en: 'The simulator itself failed (only in answers of the admin API).',
      zh: '模拟器自身出错（仅见于管理接口的应答）。',
    },
    remedy: { en: 'Please report it.', zh: '请反馈。' },
    texts: {},
  },
});
