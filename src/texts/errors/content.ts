import { defineErrors } from '../catalogue.ts';

export const contentErrors = defineErrors({
  MESSAGE_INVALID: {
    about: {
      en: 'The message has a part that its channel does not have, lacks one, is not a JSON object, or names `touser` or `client_msg_id`; or a field of `data` is neither a text nor `{"value": a text}` (a number is to be written as a text). Nobody was sent to.',
      zh: '消息含有该渠道没有的部分，或缺少必需部分，或不是 JSON 对象，或自带 `touser`/`client_msg_id`；或 `data` 的某个字段既不是文本也不是 `{"value": 文本}`（数字请写成文本）。没有发送给任何人。',
    },
    remedy: { en: 'The message names the part.', zh: '按提示修改。' },
    texts: {
      'data-shape': {
        en: 'data is an object such as {"thing1": {"value": "…"}}, not {kind}',
        zh: 'data 应为 {"thing1": {"value": "…"}} 这样的对象，现为{kind}',
      },
      'data-field': {
        en: 'data.{key} is to be a text or {"value": a text}, not {kind}',
        zh: 'data.{key} 应为文本或 {"value": 文本}，现为{kind}',
      },
    },
  },
  MESSAGE_FILE_UNREADABLE: {
    about: { en: 'The file of `--message @file` cannot be read.', zh: '无法读取 `--message` 的文件。' },
    remedy: { en: 'Check the path.', zh: '检查路径。' },
    texts: {},
  },
  DATA_KEY_MISSING: {
    about: { en: 'A field of the template has no value.', zh: '模板的某个字段没有值。' },
    remedy: {
      en: 'Add `--data key=value`; the message lists the fields with their labels.',
      zh: '补上 `--data`。',
    },
    texts: {},
  },
  DATA_KEY_UNKNOWN: {
    about: { en: '`--data` has a key that the template does not have.', zh: '`--data` 中有模板没有的键。' },
    remedy: { en: "The message lists the template's fields.", zh: '错误信息列出了模板字段。' },
    texts: {},
  },
  FIELD_INVALID: {
    about: {
      en: "A value without variables breaks its field's rule; nobody could get it.",
      zh: '不含变量的字段值不合规则，谁都收不到。',
    },
    remedy: {
      en: 'The message says which field, how long it is and how long it may be; `--on-invalid truncate` shortens `thing` fields.',
      zh: '信息写明字段、长度与上限；`truncate` 可截短 `thing`。',
    },
    texts: {},
  },
  VARIABLE_UNKNOWN: {
    about: {
      en: 'The message uses `{{name}}` and the recipients have no such column.',
      zh: '消息用到的变量在接收人中没有对应的列。',
    },
    remedy: { en: 'The message lists the columns.', zh: '错误信息列出了现有的列。' },
    texts: {},
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
    texts: {},
  },
  TEMPLATE_VARIABLE_MISSING: {
    about: { en: 'A recipient has no value for a variable.', zh: '某接收人没有该变量的值。' },
    remedy: { en: 'Add the column, or take the variable out.', zh: '补上该列，或去掉变量。' },
    texts: {},
  },
  TEMPLATE_BODY_INVALID: {
    about: {
      en: 'The body cannot be written as JSON, or is nested more than 100 levels.',
      zh: '消息体无法写成 JSON，或嵌套超过 100 层。',
    },
    remedy: { en: 'Correct the body.', zh: '修正消息体。' },
    texts: {},
  },
});
