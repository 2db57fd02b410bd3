import { defineErrors } from '../catalogue.ts';

export const campaignsErrors = defineErrors({
  KEY_INVALID: {
    about: {
      en: 'A key is not 1 to 128 visible ASCII characters, or header and body give different ones.',
      zh: '幂等键不是 1 到 128 个可见 ASCII 字符，或请求头与请求体不一致。',
    },
    remedy: { en: "Use for example the order's number.", zh: '例如使用订单号。' },
    texts: {},
  },
  KEY_REUSED: {
    about: {
      en: 'The key belongs to another campaign or message: another person, channel or content. The text says which, and of a campaign what differs: `message`, `recipients`, `exclusions` or `options` ([what belongs to it](../README.md#keys)). HTTP 409; nothing was sent.',
      zh: '该键已属于另一个推送任务或另一条消息（不同的人、渠道或内容）。错误信息写明是哪一个；对推送任务还写明不同之处：消息 `message`、接收人 `recipients`、排除 `exclusions` 或选项 `options`。没有发送。',
    },
    remedy: { en: 'A new key for a new campaign or message.', zh: '新的任务或消息用新的键。' },
    texts: {},
  },
  CAMPAIGN_NOT_FOUND: {
    about: { en: 'No campaign of this number.', zh: '没有这个编号的任务。' },
    remedy: { en: '`hongyan campaigns list`.', zh: '`hongyan campaigns list`.' },
    texts: {},
  },
  CAMPAIGN_TWIN: {
    about: {
      en: 'The same template went to the same audience within 24 h, and `--yes` cannot ask. The text of the message does not count.',
      zh: '24 小时内同一模板已推送给同一人群，而 `--yes` 无法询问（与消息文字无关）。',
    },
    remedy: {
      en: '`--again` on purpose; `--key` to make reruns safe.',
      zh: '确需重发用 `--again`；要让重跑安全用 `--key`。',
    },
    texts: {},
  },
  APPROVAL_OWN: {
    about: {
      en: "A campaign above the account's approval limit was approved by the person who confirmed it.",
      zh: '超过批准上限的任务不能由确认者本人批准。',
    },
    remedy: {
      en: 'Somebody else runs `hongyan campaigns approve ID`.',
      zh: 'Somebody else runs `hongyan campaigns approve ID`.',
    },
    texts: {},
  },
  EXCLUSION_UNREADABLE: {
    about: {
      en: 'A file of people to leave out has a row that cannot be read; nobody was messaged.',
      zh: '排除名单文件中有无法读取的行，没有推送给任何人。',
    },
    remedy: { en: 'Mend the line that the message names.', zh: 'Mend the line that the message names.' },
    texts: {},
  },
  WEBHOOK_NOT_FOUND: {
    about: { en: 'There is no webhook of that number.', zh: '没有这个 Webhook。' },
    remedy: { en: '`hongyan webhooks list`.', zh: '`hongyan webhooks list`.' },
    texts: {},
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
    texts: {},
  },
  WEBHOOK_ADDRESS_REFUSED: {
    about: {
      en: 'The address is not public: this machine, a private network, link-local.',
      zh: '不是公网地址。',
    },
    remedy: {
      en: 'Use a public one, or allow it with `HONGYAN_WEBHOOK_ALLOW`.',
      zh: '换用公网地址，或用 `HONGYAN_WEBHOOK_ALLOW` 放行。',
    },
    texts: {},
  },
  WEBHOOK_FAILED: {
    about: {
      en: 'The receiver did not answer 2xx; the message says what it did.',
      zh: '接收方没有返回 2xx。',
    },
    remedy: {
      en: 'Deliveries are tried again by themselves; see `hongyan webhooks deliveries ID`.',
      zh: '投递会自动重试。',
    },
    texts: {},
  },
  SCHEDULE_NOT_FOUND: {
    about: { en: 'There is no schedule of that number.', zh: '没有这个定时任务。' },
    remedy: { en: '`hongyan schedules list`.', zh: '`hongyan schedules list`.' },
    texts: {},
  },
  CAMPAIGN_STATE: {
    about: {
      en: 'The campaign is in another state than this step needs; usually somebody else acted first.',
      zh: '任务状态不符，多半是别人先操作了。',
    },
    remedy: { en: '`hongyan campaigns show ID`.', zh: '`hongyan campaigns show ID`.' },
    texts: {},
  },
  COLUMNS_NOT_KEPT: {
    about: {
      en: '`campaigns export --with-columns` of a campaign whose recipients came from no file, that was pushed with `--no-keep-columns`, or whose recipients were removed.',
      zh: '任务的接收人不是来自文件、推送时加了 `--no-keep-columns`，或明细已清理，无法用 `--with-columns` 导出。',
    },
    remedy: {
      en: 'Export without `--with-columns`; the column `line` says where each row stood.',
      zh: '去掉 `--with-columns` 导出；`line` 列是原文件的行号。',
    },
    texts: {},
  },
  CAMPAIGN_PRUNED: {
    about: {
      en: "Its recipients and outcomes were removed after the account's `--keep-campaigns`; only its counts are left.",
      zh: '接收人明细已按账号规则 `--keep-campaigns` 清理，只剩计数。',
    },
    remedy: {
      en: 'To leave those people out: `--exclude @file`. Export before the time is over, or keep longer.',
      zh: '需排除这些人时用 `--exclude @文件`；到期前先导出，或延长保留天数。',
    },
    texts: {},
  },
  CAMPAIGN_UNFINISHED: {
    about: {
      en: 'Another process reads the recipients of the campaign with this `--key`, or was killed within the last minute.',
      zh: '另一个进程正在读取使用该 `--key` 的任务的接收人，或在一分钟内刚被杀死。',
    },
    remedy: {
      en: 'Wait a minute and run it again: if the reader is gone, the campaign is cancelled and begun anew. `hongyan campaigns cancel ID` gives it up.',
      zh: '等一分钟后重新运行：若读取进程已不在，会取消并重新开始。放弃：`hongyan campaigns cancel ID`。',
    },
    texts: {},
  },
  PLAN_FAILED: {
    about: {
      en: 'The plan cannot be made: WeChat refused the audience, or `--on-invalid reject` met invalid rows.',
      zh: '无法完成计划：微信拒绝了人群查询，或 `reject` 模式遇到无效行。',
    },
    remedy: {
      en: 'The reason is in the message; nobody was messaged.',
      zh: '原因见信息；没有推送给任何人。',
    },
    texts: {},
  },
});
