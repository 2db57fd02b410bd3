import { defineErrors } from '../catalogue.ts';

const allowPrivate = {
  en: 'if that is meant, allow it with HONGYAN_WEBHOOK_ALLOW (addresses or networks, comma-separated) wherever Hongyan runs',
  zh: '若确要使用，请在运行鸿雁的每台机器上用 HONGYAN_WEBHOOK_ALLOW 放行（IP 或网段，逗号分隔）',
};

export const eventsErrors = defineErrors({
  CALLBACK_NOT_SET: {
    about: { en: 'The account has no callback settings.', zh: '该账号尚未配置消息推送。' },
    remedy: {
      en: '`hongyan callback config APPID --url https://YOUR-HOST`.',
      zh: '执行 `hongyan callback config APPID --url https://你的域名`。',
    },
    status: 404,
    texts: {
      default: {
        en: '{appid} has no callback settings',
        zh: '{appid} 尚未配置消息推送',
        do: {
          cli: {
            en: 'make them with: hongyan callback config {appid} --url https://YOUR-HOST',
            zh: '配置：hongyan callback config {appid} --url https://你的域名',
          },
          http: {
            en: 'make them with PATCH /v1/accounts/{appid}/callback',
            zh: '请用 PATCH /v1/accounts/{appid}/callback 配置',
          },
          console: { en: 'set it up on the page of the account', zh: '请在账号页面配置' },
          code: { en: 'make them with changeCallback', zh: '请用 changeCallback 配置' },
        },
      },
    },
  },
  CALLBACK_SETTING_INVALID: {
    about: {
      en: 'A setting of the callback is not what WeChat takes, or would open a door: the message names it.',
      zh: '消息推送的某项配置不符合微信的要求，或有安全风险；提示中写明是哪一项。',
    },
    remedy: { en: 'Correct it as the message says.', zh: '按提示修改。' },
    texts: {
      format: {
        en: 'WeChat pushes XML to {kind} accounts; {name} json is for Mini Programs',
        zh: '微信只向该类账号（{kind}）推送 XML；{name} 的 json 仅用于小程序',
      },
      url: { en: '{name} takes an http or https URL', zh: '{name} 应为 http 或 https 地址' },
      urlParts: {
        en: '{name} takes an address without user, query and fragment',
        zh: '{name} 不能带用户名、查询参数或 # 片段',
      },
      urlPort: {
        en: 'WeChat calls http on port 80 and https on port 443 only; leave the port out of {name} and put a reverse proxy there',
        zh: '微信只访问 80 端口（http）和 443 端口（https）；请去掉 {name} 中的端口，用反向代理转发',
      },
      forwardAddress: {
        en: '{name} leads to {host}, where a cloud keeps the credentials of its machines; pushes are never relayed there',
        zh: '{name} 指向 {host}，这是云厂商存放主机凭证的地址，不会向它转发',
      },
      oldFor: {
        en: '{name} takes whole hours from 0 to {most}',
        zh: '{name} 应为 0 到 {most} 的整数小时',
      },
      reply: {
        en: '{name} takes none, transfer or text:TEXT, e.g. text:谢谢',
        zh: '{name} 可填 none、transfer 或 text:文本，例如 text:谢谢',
      },
      replyMiniprogram: {
        en: 'a Mini Program cannot answer a message with text at the callback; let {name} be transfer, or send a kf message',
        zh: '小程序不能在消息推送中直接回复文本；请把 {name} 设为 transfer，或发送客服消息',
      },
      replyLong: {
        en: 'the text of {name} has {bytes} bytes, and WeChat takes {most}',
        zh: '{name} 的文本有 {bytes} 字节，微信最多接受 {most} 字节',
      },
      block: {
        en: '{name} takes CIDR blocks such as 10.0.0.0/8, not "{block}"',
        zh: '{name} 应为 10.0.0.0/8 这样的网段，不能是“{block}”',
      },
      blockPublic: {
        en: '{name} {block} reaches beyond internal addresses; anybody there could invent events',
        zh: '{name} 的 {block} 超出了内网范围，那里的任何人都能伪造事件',
      },
    },
  },
  CALLBACK_TOKEN_INVALID: {
    about: {
      en: 'The Token of the callback (令牌) is not 3 to 32 letters and digits. With an empty one anybody could sign.',
      zh: '消息推送的 Token 不是 3 到 32 位的字母和数字；若为空，任何人都能伪造签名。',
    },
    remedy: { en: "Copy it from WeChat's console (服务器配置 / 消息推送).", zh: '从微信后台复制。' },
    texts: {
      default: {
        en: 'the Token of a callback has 3 to 32 letters and digits; this one has {length} characters, or others than these',
        zh: 'Token（令牌）有 {length} 个字符，或含有字母和数字以外的字符；应为 3 到 32 位的字母或数字',
      },
    },
  },
  CALLBACK_AES_KEY_INVALID: {
    about: {
      en: 'The EncodingAESKey is not 43 letters and digits, or a reply names a key that is not there.',
      zh: 'EncodingAESKey 不是 43 位的字母和数字，或回复所用的密钥不存在。',
    },
    remedy: { en: "Copy all 43 characters from WeChat's console.", zh: '从微信后台完整复制 43 个字符。' },
    texts: {
      default: {
        en: 'an EncodingAESKey has 43 letters and digits, without =; this one has {length} characters, or others than these',
        zh: 'EncodingAESKey 有 {length} 个字符，或含有字母和数字以外的字符；应为 43 位的字母或数字，末尾没有 =',
      },
    },
  },
  CALLBACK_REPLY_INVALID: {
    about: {
      en: "The text that would answer a user's message is empty or over 2,048 bytes (a Chinese character has 3).",
      zh: '回复用户消息的文本为空，或超过 2048 字节（一个汉字 3 字节）。',
    },
    remedy: { en: 'Shorten it, or reply `none`.', zh: '缩短文本，或不回复（`none`）。' },
    texts: {
      default: {
        en: 'the text of a reply needs 1 to {most} bytes that are not all blanks; this one has {bytes}',
        zh: '回复的文本有 {bytes} 字节；应为 1 到 {most} 字节，且不能全是空白',
        do: { en: 'reply "none" to answer nothing', zh: '不回复请用 none' },
      },
    },
  },
  EVENTS_BUSY: {
    about: {
      en: 'More events come than the database takes. The request is answered 503 and WeChat repeats it.',
      zh: '事件来得比数据库写得快；应答 503，微信会重试。',
    },
    remedy: { en: 'A faster disk, or fewer campaigns at once.', zh: '换更快的磁盘，或减少同时进行的任务。' },
    status: 503,
    texts: {
      default: {
        en: 'more events come than the database takes; WeChat repeats this one',
        zh: '事件来得比数据库写得快；微信会重新推送',
      },
    },
  },
  EVENTS_UNAVAILABLE: {
    about: {
      en: 'An event could not be stored within 4 s, because the database is away or slow. Answered 503; WeChat repeats it.',
      zh: '4 秒内未能写入（数据库不可用或过慢）；应答 503，微信会重试。',
    },
    remedy: {
      en: 'See to the database; what WeChat gave up after 3 deliveries is lost.',
      zh: '检查数据库；微信投递 3 次后放弃的推送会丢失。',
    },
    status: 503,
    texts: {
      default: {
        en: 'the event could not be stored in time; WeChat repeats it',
        zh: '未能及时存下该事件；微信会重新推送',
      },
    },
  },
  EVENT_UNSTORABLE: {
    about: {
      en: 'The database refuses an event itself. Answered 500; the log has the reason.',
      zh: '数据库拒绝该事件；应答 500，原因见日志。',
    },
    remedy: { en: 'Please report it with that log line.', zh: '请附上该行日志反馈。' },
    status: 500,
    texts: { default: { en: 'the database refuses this event', zh: '数据库拒绝了该事件' } },
  },
  EVENT_NOT_FOUND: {
    about: {
      en: 'The account has no event of that id: it was never there, or is older than events are kept.',
      zh: '该账号没有这个事件：id 不对，或已超过保留期。',
    },
    remedy: { en: 'List the events of the account.', zh: '查看该账号的事件列表。' },
    texts: {
      default: { en: 'there is no event {id}', zh: '没有事件 {id}' },
    },
  },
  EVENT_DAYS_INVALID: {
    about: { en: 'Events are kept from 1 to 99,999 days.', zh: '事件的保留天数应为 1 到 99,999。' },
    remedy: { en: 'Give a number of days in that range.', zh: '填写该范围内的天数。' },
    texts: {
      default: {
        en: 'events are kept for 1 to {most} days, not {days}',
        zh: '事件可保留 1 到 {most} 天，不能是 {days}',
      },
    },
  },
  STREAMS_BUSY: {
    about: {
      en: 'This node has as many live streams as it takes (2,000 in all, 1,000 of one key or person), or is stopping. HTTP 503.',
      zh: '本节点的实时连接已满（共 2000 个，单个密钥或成员 1000 个），或正在停止。HTTP 503。',
    },
    remedy: { en: 'Connect again after some seconds, or to another node.', zh: '几秒后重连，或换一个节点。' },
    status: 503,
    texts: {
      full: {
        en: 'this node has as many live streams as it takes',
        zh: '本节点的实时连接已满',
        do: { en: 'connect again after some seconds', zh: '请几秒后重连' },
      },
      own: {
        en: 'this caller has as many live streams as one may have on a node',
        zh: '该调用方在本节点的实时连接已达上限',
        do: { en: 'close some of them, or ask another node', zh: '请关闭一些，或连接其他节点' },
      },
    },
  },
  WEBHOOK_NOT_FOUND: {
    about: { en: 'There is no webhook of that number.', zh: '没有这个 Webhook。' },
    remedy: { en: '`hongyan webhooks list`.', zh: '用 `hongyan webhooks list` 查看。' },
    texts: {
      default: {
        en: 'there is no webhook {id}',
        zh: '没有编号为 {id} 的 Webhook',
        do: {
          cli: { en: 'see: hongyan webhooks list', zh: '查看全部：hongyan webhooks list' },
          http: { en: 'GET /v1/webhooks lists them', zh: '用 GET /v1/webhooks 查看全部' },
          code: { en: 'listWebhooks lists them', zh: '用 listWebhooks 查看全部' },
        },
      },
    },
  },
  WEBHOOK_DELIVERY_NOT_FOUND: {
    about: {
      en: 'The webhook has no such delivery: it was removed after 7 days, or it is under way right now.',
      zh: '该 Webhook 没有这个投递：可能已在 7 天后清除，或正在投递中。',
    },
    remedy: { en: '`hongyan webhooks deliveries ID`.', zh: '用 `hongyan webhooks deliveries ID` 查看。' },
    texts: {
      default: {
        en: 'the webhook {id} has no delivery {delivery}',
        zh: 'Webhook {id} 没有投递 {delivery}',
        do: {
          cli: {
            en: 'see: hongyan webhooks deliveries {id}',
            zh: '查看投递：hongyan webhooks deliveries {id}',
          },
          http: {
            en: 'GET /v1/webhooks/{id}/deliveries lists them',
            zh: '用 GET /v1/webhooks/{id}/deliveries 查看',
          },
        },
      },
      underWay: {
        en: 'the delivery {delivery} of the webhook {id} is under way; what comes of it shows within 20 s',
        zh: 'Webhook {id} 的投递 {delivery} 正在进行，20 秒内会有结果',
      },
    },
  },
  WEBHOOK_URL_INVALID: {
    about: {
      en: 'The URL is none, not http(s), or has user and password in it.',
      zh: 'URL 无效、不是 http(s)，或带有用户名密码。',
    },
    remedy: {
      en: 'Give an `http://` or `https://` URL; a token may stand in its query.',
      zh: '使用 http(s) 地址；令牌可放在查询参数里。',
    },
    texts: {
      default: {
        en: 'a webhook needs an http:// or https:// URL without user and password; put a token into its query instead',
        zh: 'Webhook 应为 http:// 或 https:// 地址，且不带用户名密码；令牌请放在查询参数里',
      },
    },
  },
  WEBHOOK_ADDRESS_REFUSED: {
    about: {
      en: 'The address is not public: this machine, a private network, link-local.',
      zh: '不是公网地址：本机、内网或链路本地地址。',
    },
    remedy: {
      en: 'Use a public one, or allow it with `HONGYAN_WEBHOOK_ALLOW`.',
      zh: '换用公网地址，或用 `HONGYAN_WEBHOOK_ALLOW` 放行。',
    },
    texts: {
      default: {
        en: '{host} is, or leads to, an address that is not public',
        zh: '{host} 不是公网地址，或会解析到非公网地址',
        do: {
          cli: {
            en: 'if that is meant, allow it with HONGYAN_WEBHOOK_ALLOW (addresses or networks, comma-separated), for this command and for every running serve and worker',
            zh: '若确要使用，请用 HONGYAN_WEBHOOK_ALLOW 放行（IP 或网段，逗号分隔），本命令和所有运行中的 serve、worker 都要设置',
          },
          http: allowPrivate,
          console: {
            en: 'if that is meant, whoever runs Hongyan allows it on the server with HONGYAN_WEBHOOK_ALLOW and starts it again',
            zh: '若确要使用，请联系管理员在服务器上用 HONGYAN_WEBHOOK_ALLOW 放行（IP 或网段，逗号分隔），然后重启',
          },
          code: allowPrivate,
        },
      },
    },
  },
  WEBHOOK_TOPICS_INVALID: {
    about: {
      en: 'A topic is none that a webhook can be told of.',
      zh: '主题写错，不在可通知的范围内。',
    },
    remedy: { en: 'The message lists them.', zh: '可用的主题见提示。' },
    texts: {
      default: {
        en: '{name} takes {topics}, outcome and all, not "{given}"',
        zh: '{name} 可填 {topics}，以及 outcome 和 all，不能是“{given}”',
      },
    },
  },
  WEBHOOK_OLD_FOR_INVALID: {
    about: {
      en: 'For how long an old secret signs beside the new one is a number of hours up to 720.',
      zh: '旧签名密钥的保留时间应为不超过 720 的小时数。',
    },
    remedy: { en: 'Give 0 to end it now.', zh: '填 0 则立即作废。' },
    texts: {
      default: {
        en: '{name} takes whole hours from 0 to {most}',
        zh: '{name} 应为 0 到 {most} 的整数小时',
      },
    },
  },
  WEBHOOK_SECRET_INVALID: {
    about: {
      en: 'The secret of a webhook is not `whsec_` and 24 to 64 bytes as base64.',
      zh: 'Webhook 的签名密钥不是 `whsec_` 加上 24 到 64 字节的 base64。',
    },
    remedy: { en: 'Leave it out and one is made.', zh: '不填则自动生成。' },
    texts: {
      default: {
        en: 'the secret of a webhook is whsec_ and 24 to 64 bytes as base64',
        zh: 'Webhook 的签名密钥应为 whsec_ 加上 24 到 64 字节的 base64',
      },
    },
  },
  WEBHOOK_FAILED: {
    about: {
      en: 'The receiver did not answer 2xx; the message says what it did.',
      zh: '接收方没有返回 2xx，提示中写明了它的应答。',
    },
    remedy: {
      en: 'Deliveries are tried again by themselves; see `hongyan webhooks deliveries ID`.',
      zh: '投递会自动重试；用 `hongyan webhooks deliveries ID` 查看。',
    },
    status: 502,
    texts: {
      default: {
        en: '{host} did not take the test: {error}',
        zh: '{host} 没有收下测试：{error}',
      },
    },
  },
});
