import { defineErrors, type ErrorText } from '../catalogue.ts';

/** What is wrong with a single message; of `MESSAGE_INVALID`. */
export const singleMessageTexts = {
  'openid-missing': { en: '{part} is empty', zh: '{part} 为空' },
  'openid-malformed': {
    en: '{part}: {value} is not an openid, which has 28 letters, digits, "_" or "-"',
    zh: '{part}：{value} 不是 openid（应为 28 位字母、数字、_ 或 -）',
  },
  'template-malformed': {
    en: '{part} is not the id of a template',
    zh: '{part} 不是模板 ID',
    do: { cli: { en: 'see: hongyan templates list APPID', zh: '查看：hongyan templates list APPID' } },
  },
  'msgtype-missing': {
    en: 'a message of the channel kf needs a msgtype',
    zh: 'kf 渠道的消息需要 msgtype',
  },
  'too-large': {
    en: 'the message has {bytes} bytes, and more than {most} are not taken; WeChat takes far less',
    zh: '消息有 {bytes} 字节，超过上限 {most}；微信的上限远低于此',
  },
  ref: {
    en: '{part} has 1 to {most} characters, without control characters',
    zh: '{part} 应为 1 到 {most} 个字符，不含控制字符',
  },
  'own-client-msg-id': {
    en: 'client_msg_id is made by Hongyan; give your own word for the message as {part}',
    zh: 'client_msg_id 由鸿雁生成；自己的编号请放在 {part} 里',
    do: { en: 'take it out of the message', zh: '请从消息中去掉' },
  },
} as const satisfies Record<string, ErrorText>;

/** Of `USAGE`. */
export const messagesUsageTexts = {
  'message-number': {
    en: '"{value}" is not the number of a message',
    zh: '“{value}”不是单条消息的编号',
    do: { cli: { en: 'see: hongyan messages list', zh: '查看：hongyan messages list' } },
  },
  'message-named': {
    en: 'name one message: by its number, or by --account with --key',
    zh: '请用编号，或用 --account 加 --key，指明一条消息',
  },
  'single-variables': {
    en: 'a single message replaces nothing, and this one has {name} in it; give the value itself',
    zh: '单条消息不替换变量，而内容里有 {name}；请直接写入实际的值',
  },
  'number-between': {
    en: '{option} takes a number from {least} to {most}, not "{value}"',
    zh: '{option} 应为 {least} 到 {most} 的整数，不能是“{value}”',
  },
} as const satisfies Record<string, ErrorText>;

export const messagesErrors = defineErrors({
  MESSAGE_NOT_FOUND: {
    about: { en: 'No single message of this number. HTTP 404.', zh: '没有这个编号的单条消息。' },
    remedy: { en: '`hongyan messages list`.', zh: '`hongyan messages list`。' },
    texts: {
      default: {
        en: 'there is no message {id}',
        zh: '没有编号为 {id} 的单条消息',
        do: { cli: { en: 'see: hongyan messages list', zh: '查看全部：hongyan messages list' } },
      },
      key: { en: 'there is no message with the key "{key}"', zh: '没有键为“{key}”的单条消息' },
    },
  },
  SEARCH_INVALID: {
    about: { en: 'A search that says nothing of what is looked for.', zh: '搜索没有给出条件。' },
    remedy: {
      en: 'Give one of `touser`, `ref`, `msgid`, `campaign`, `errcode`.',
      zh: '给出 `touser`、`ref`、`msgid`、`campaign`、`errcode` 之一。',
    },
    texts: {
      default: {
        en: 'the search says nothing of what is looked for',
        zh: '搜索没有给出条件',
        do: {
          cli: {
            en: 'give one of --touser, --ref, --msgid, --campaign, --errcode',
            zh: '请给出 --touser、--ref、--msgid、--campaign、--errcode 之一',
          },
          http: {
            en: 'give one of touser, ref, msgid, campaign, errcode',
            zh: '请给出 touser、ref、msgid、campaign、errcode 之一',
          },
          console: { en: 'give one of the fields', zh: '请至少填写一项' },
          code: {
            en: 'give one of touser, ref, msgid, campaignId, errcode',
            zh: '请给出 touser、ref、msgid、campaignId、errcode 之一',
          },
        },
      },
    },
  },
  CURSOR_INVALID: {
    about: { en: 'The cursor of a list is none of that list.', zh: '列表的游标无效。' },
    remedy: { en: 'Give `next` of the page before as it is.', zh: '原样传入上一页的 `next`。' },
    texts: {
      default: {
        en: '"{value}" is no cursor of this list',
        zh: '“{value}”不是该列表的游标',
        do: { en: 'give what the page before says as it is', zh: '请原样使用上一页给出的值' },
      },
    },
  },
  BATCH_REFUSED: {
    about: {
      en: 'A batch in the mode `all` has a message that cannot be sent; nothing of it was stored. `fields` names each.',
      zh: '`all` 模式的一批中有不能发送的消息，整批均未入库；`fields` 列出每一条。',
    },
    remedy: { en: 'Correct them, or use the mode `valid`.', zh: '改正这些消息，或改用 `valid` 模式。' },
    texts: {
      default: {
        en: '{wrong} of {all} messages cannot be sent, so none was stored',
        zh: '{all} 条消息中有 {wrong} 条不能发送，因此整批均未入库',
        do: { en: 'correct them, or use the mode valid', zh: '改正这些消息，或改用 valid 模式' },
      },
    },
  },
  MESSAGE_IN_DOUBT: {
    about: {
      en: 'The database was restored or failed over while the message was being stored. It has no trace of it, but may have stored it before, and another node may have sent it. HTTP 409.',
      zh: '写入消息时数据库发生了恢复或主备切换：库中已没有这条消息，但此前可能已入库并由其他节点发出。HTTP 409。',
    },
    remedy: {
      en: 'Find out whether the person has it before you send it again; after a restore the same key protects only on `oa-template`, and for 10 minutes.',
      zh: '先核实对方是否收到，再决定是否重发。恢复之后，同一个键只在 `oa-template` 上、10 分钟内能防重。',
    },
    status: 409,
    texts: {
      default: {
        en: 'the database was restored or failed over while the message was being stored; it may have been sent, and the database has forgotten it',
        zh: '写入消息时数据库发生了恢复或主备切换：消息可能已经发出，而库中没有记录',
        do: {
          en: 'find out whether the person has it before you send it again',
          zh: '请先核实对方是否收到，再决定是否重发',
        },
      },
    },
  },
});
