import { defineErrors } from '../catalogue.ts';
import { singleMessageTexts } from './messages.ts';

export const contentErrors = defineErrors({
  MESSAGE_INVALID: {
    about: {
      en: 'The message has a part that its channel does not have, lacks one, is not a JSON object, or names `touser` or `client_msg_id`; or a field of `data` is neither a text nor `{"value": a text}` (a number is to be written as a text). Nobody was sent to.',
      zh: '消息含有该渠道没有的部分，或缺少必需部分，或不是 JSON 对象，或自带 `touser`/`client_msg_id`；或 `data` 的某个字段既不是文本也不是 `{"value": 文本}`（数字请写成文本）。没有发送给任何人。',
    },
    remedy: { en: 'The message names the part.', zh: '按提示修改。' },
    texts: {
      ...singleMessageTexts,
      'data-shape': {
        en: 'data is an object such as {"thing1": {"value": "…"}}, not {kind}',
        zh: 'data 应为 {"thing1": {"value": "…"}} 这样的对象，现为{kind}',
      },
      'data-field': {
        en: 'data.{key} is to be a text or {"value": a text}, not {kind}',
        zh: 'data.{key} 应为文本或 {"value": 文本}，现为{kind}',
      },
      'own-shape': {
        en: 'a message of the channel {channel} has a shape of its own',
        zh: '{channel} 有自己的消息格式，不能由模板和字段拼成',
        do: {
          cli: {
            en: 'give its whole body: --message @body.json',
            zh: '请用 --message @body.json 给出完整消息体',
          },
          http: {
            en: "send WeChat's whole body in the request",
            zh: '请按微信文档给出完整消息体',
          },
          console: { en: 'write the whole body', zh: '请填写完整消息体' },
          code: { en: 'give its whole wire body', zh: '请给出完整消息体' },
        },
      },
      'no-such-part': {
        en: 'the channel {channel} has no {part}',
        zh: '{channel} 没有 {part}',
      },
      'link-is': {
        en: 'the channel {channel} has no {part}; its link is {link}',
        zh: '{channel} 没有 {part}，跳转请用 {link}',
      },
      'link-is-or': {
        en: 'the channel {channel} has no {part}; its link is {link}, or {appid} with {path}',
        zh: '{channel} 没有 {part}，跳转请用 {link}，或 {appid} 加 {path}',
      },
      'template-missing': {
        en: 'a message of the channel {channel} needs {part}',
        zh: '{channel} 需要 {part}',
        do: {
          cli: { en: 'see: hongyan templates list APPID', zh: '查看：hongyan templates list APPID' },
        },
      },
      'mini-program-half': {
        en: 'a link to a Mini Program needs both {appid} and {path}',
        zh: '跳转小程序需要同时给出 {appid} 和 {path}',
      },
      'form-id-missing': {
        en: 'a single message on mp-form brings its form_id, as {part} or in its body; only campaigns take one of those that were reported',
        zh: 'mp-form 单条消息须自带 form_id（{part} 或消息体中的 form_id）；只有推送任务会取用已上报的 form_id',
      },
      'client-msg-id': {
        en: 'the message has a client_msg_id, which Hongyan makes for each recipient',
        zh: '消息自带 client_msg_id，而它由鸿雁为每个接收人生成',
        do: { en: 'take it out of the message', zh: '请从消息中去掉' },
      },
      touser: {
        en: 'the message has a touser; who gets it is said by {part}',
        zh: '消息自带 touser，而接收人由 {part} 指定',
        do: { en: 'take it out of the message', zh: '请从消息中去掉' },
      },
      'not-json': {
        en: 'the message file {path} is not JSON: {why}',
        zh: '消息文件 {path} 不是 JSON：{why}',
      },
      'not-object': {
        en: 'the message file {path} does not hold one JSON object, the body without touser',
        zh: '消息文件 {path} 应为一个 JSON 对象，即不含 touser 的消息体',
      },
      'variables-changed': {
        en: 'the variables of the stored message are not those that its recipients were planned with',
        zh: '已保存消息的变量与生成接收人时不一致',
      },
    },
  },
  MESSAGE_FILE_UNREADABLE: {
    about: { en: 'The file of `--message @file` cannot be read.', zh: '无法读取 `--message` 的文件。' },
    remedy: { en: 'Check the path.', zh: '检查路径。' },
    texts: {
      default: {
        en: 'the message file {path} cannot be read ({problem})',
        zh: '无法读取消息文件 {path}（{problem}）',
      },
    },
  },
  DATA_KEY_MISSING: {
    about: { en: 'A field of the template has no value.', zh: '模板的某个字段没有值。' },
    remedy: {
      en: 'Add `--data key=value`; the message lists the fields with their labels.',
      zh: '用 `--data 键=值` 补上；错误信息列出了各字段及其名称。',
    },
    texts: {
      default: {
        en: 'the message has no value for {missing}; the template "{title}" wants: {fields}',
        zh: '消息缺少字段 {missing}；模板“{title}”的字段：{fields}',
        do: {
          cli: { en: 'add it with --data key=value', zh: '请用 --data 键=值 补上' },
        },
      },
    },
  },
  DATA_KEY_UNKNOWN: {
    about: {
      en: '`--data` has a key that the template does not have.',
      zh: '`--data` 中有模板没有的字段。',
    },
    remedy: { en: "The message lists the template's fields.", zh: '错误信息列出了模板字段。' },
    texts: {
      default: {
        en: 'the template "{title}" has no field {unknown}; it has: {fields}',
        zh: '模板“{title}”没有字段 {unknown}；它的字段：{fields}',
      },
    },
  },
  FIELD_INVALID: {
    about: {
      en: "A value without variables breaks its field's rule; nobody could get it.",
      zh: '不含变量的字段值不合规则，谁都收不到。',
    },
    remedy: {
      en: 'The message says which field, how long it is and how long it may be; `--on-invalid truncate` shortens `thing` fields.',
      zh: '错误信息写明字段、长度与上限；`--on-invalid truncate` 可截短 `thing` 字段。',
    },
    texts: {
      default: { en: '{problem}', zh: '{problem}' },
    },
  },
  VARIABLE_UNKNOWN: {
    about: {
      en: 'The message uses `{{name}}` and the recipients have no such column.',
      zh: '消息用到的变量，接收人名单中没有对应的列。',
    },
    remedy: { en: 'The message lists the columns.', zh: '错误信息列出了现有的列。' },
    texts: {
      'no-columns': {
        en: 'the message uses {names}, but these recipients bring no columns',
        zh: '消息用到 {names}，但这些接收人不带任何列',
        do: {
          cli: {
            en: 'variables need a file: --to @file',
            zh: '使用变量须由文件提供接收人：--to @文件',
          },
          http: {
            en: 'variables need an uploaded file as the audience',
            zh: '使用变量须上传名单文件',
          },
          console: { en: 'variables need an uploaded file', zh: '使用变量须上传名单文件' },
          code: { en: 'variables need a file of recipients', zh: '使用变量须由文件提供接收人' },
        },
      },
      'no-such-column': {
        en: 'the message uses {names}, but the recipients have the columns: {columns}',
        zh: '消息用到 {names}，而名单中的列为：{columns}',
      },
      scheduled: {
        en: 'a schedule sends to people without columns: the message can only use {openid}',
        zh: '定时任务的接收人不带列，消息中只能使用 {openid}',
      },
    },
  },
  TEMPLATE_VARIABLE_INVALID: {
    about: {
      en: "An empty or unclosed `{{…}}`, or WeChat's own `{{thing1.DATA}}` in a value.",
      zh: '变量为空、未闭合，或把微信的 `{{thing1.DATA}}` 写进了值里。',
    },
    remedy: {
      en: 'Write `{{column}}`; `\\{{` is two plain braces.',
      zh: '写 `{{列名}}`；`\\{{` 表示普通的两个花括号。',
    },
    texts: {
      'no-name': {
        en: '"{found}" is not a variable: it has no name',
        zh: '“{found}”不是变量：没有列名',
        do: {
          en: 'write {braces} with the name of a column in it, or \\{{ for two plain braces',
          zh: '请在 {braces} 中写列名；两个普通花括号写作 \\{{',
        },
      },
      'wechat-mark': {
        en: '"{found}" is how WeChat\'s template text marks a field, and not a value',
        zh: '“{found}”是微信模板里的字段标记，不是字段的值',
        do: {
          en: 'give the field {key} a value instead; {braces} with the name of a column in it is the value of that column',
          zh: '请直接给字段 {key} 填值；要取名单中的列，写 {braces}，括号内为列名',
        },
      },
      'bad-name': {
        en: '"{found}" is not a variable: a name holds no braces or line ends',
        zh: '“{found}”不是变量：列名中不能有花括号或换行',
        do: { en: 'write \\{{ for two plain braces', zh: '两个普通花括号写作 \\{{' },
      },
      unclosed: {
        en: '"{found}" is not a variable: its }} is missing',
        zh: '“{found}”不是变量：缺少 }}',
        do: { en: 'write \\{{ for two plain braces', zh: '两个普通花括号写作 \\{{' },
      },
    },
  },
  TEMPLATE_VARIABLE_MISSING: {
    about: { en: 'A recipient has no value for a variable.', zh: '某接收人没有该变量的值。' },
    remedy: { en: 'Add the column, or take the variable out.', zh: '补上该列，或去掉变量。' },
    texts: {
      default: {
        en: 'the recipient has no value for {variable}',
        zh: '该接收人没有 {variable} 的值',
        do: {
          en: 'add the column to the recipient list, or take the variable out',
          zh: '请在名单中补上该列，或去掉这个变量',
        },
      },
    },
  },
  TEMPLATE_BODY_INVALID: {
    about: {
      en: 'The body cannot be written as JSON, or is nested more than 100 levels.',
      zh: '消息体无法写成 JSON，或嵌套超过 100 层。',
    },
    remedy: { en: 'Correct the body.', zh: '修正消息体。' },
    texts: {
      depth: {
        en: 'the message body is nested more than 100 levels deep',
        zh: '消息体嵌套超过 100 层',
      },
      kind: {
        en: 'the message body holds a {kind}, which JSON does not have',
        zh: '消息体中有 JSON 不支持的 {kind}',
      },
    },
  },
});
