import { defineErrors, type ErrorText } from '../catalogue.ts';

/** Of `USAGE`. */
export const creditsUsageTexts = {
  'credit-time': {
    en: '{option} takes a time such as "2026-11-20 00:00" (in {zone}) or 2026-11-20T00:00:00+08:00, not "{value}"',
    zh: '{option} 应为 "2026-11-20 00:00"（{zone} 时间）或 2026-11-20T00:00:00+08:00 这样的时间，不能是“{value}”',
  },
  'credit-rule': {
    en: 'a rule is messages/days such as 1/7, or off; not "{value}"',
    zh: '规则写作 条数/天数，如 1/7，或 off；不能是“{value}”',
  },
} as const satisfies Record<string, ErrorText>;

export const creditsErrors = defineErrors({
  CREDIT_REPORT_INVALID: {
    about: {
      en: 'A client report of credits that cannot be used: no key, no template, a time in the future, a value that is no choice, form_ids of an account that is no Mini Program.',
      zh: '客户端的订阅次数上报不可用：缺少 key、没有模板、时间在未来、值无法识别，或非小程序账号上报 form_id。',
    },
    remedy: {
      en: 'The message says which; see [credits](credits.md#report-each-accept-from-your-mini-program).',
      zh: '错误信息已说明；见[订阅次数](credits.zh-CN.md#从小程序上报每一次同意)。',
    },
    texts: {
      'no-template': {
        en: 'the report of credits names no template',
        zh: '上报中没有模板',
        do: {
          http: {
            en: 'send `results` (the `res` of wx.requestSubscribeMessage) or `subscribeDetails`',
            zh: '请发送 `results`（wx.requestSubscribeMessage 的 `res`）或 `subscribeDetails`',
          },
        },
      },
      'templates-too-many': {
        en: 'the report of credits names {n} templates; WeChat asks for at most 5 at once',
        zh: '上报中有 {n} 个模板，而微信一次最多 5 个',
      },
      'template-twice': {
        en: 'the report of credits names the template {template} twice',
        zh: '上报中模板 {template} 出现了两次',
      },
      'template-malformed': {
        en: 'the report of credits has "{value}", which is not a template_id',
        zh: '上报中的“{value}”不是模板 ID',
      },
      choice: {
        en: 'the value of {template} is neither a word such as accept nor an object with a status',
        zh: '{template} 的值既不是 accept 这样的文本，也不是带 status 的对象',
      },
      'not-json': { en: '{name} is not JSON', zh: '{name} 不是 JSON' },
      'not-object': { en: '{name} must be an object', zh: '{name} 应为对象' },
      openid: {
        en: '{value} is not an openid, which has 28 letters, digits, "_" or "-"',
        zh: '{value} 不是 openid（应为 28 位字母、数字、_ 或 -）',
      },
      'key-missing': {
        en: 'a report of credits needs a key for each tap: without one a repeated request would count twice',
        zh: '每次点击的上报都需要自己的键，否则重复请求会多计一次',
        do: {
          http: {
            en: 'send it as the header Idempotency-Key, or as `key`',
            zh: '放在请求头 Idempotency-Key 或 `key` 中',
          },
        },
      },
      'time-invalid': { en: 'the time `at` of the report is not a time', zh: '上报的 `at` 不是时间' },
      'time-future': {
        en: 'the time {at} lies in the future',
        zh: '时间 {at} 在未来',
        do: { en: "send your server's time, not the phone's", zh: '请用服务器的时间，而不是手机的时间' },
      },
      'no-mini-program': {
        en: 'form_ids are of Mini Programs, and {appid} is none',
        zh: 'form_id 只属于小程序，而 {appid} 不是小程序',
      },
      'form-ids-too-many': {
        en: 'the report has {n} form_ids; send at most {most} at once',
        zh: '上报中有 {n} 个 form_id，一次最多 {most} 个',
      },
    },
  },
  CREDIT_COLUMN_MISSING: {
    about: {
      en: 'The file for `credits import` lacks a column: `template_id`, `count` or `at`; or `at` in a file of form_ids.',
      zh: '导入的文件缺少列：`template_id`、`count` 或 `at`；form_id 文件缺少 `at`。',
    },
    remedy: { en: 'Add it, or `--template`, `--at`.', zh: '补上该列，或用 `--template`、`--at`。' },
    texts: {
      default: {
        en: 'the file of credits has no column {missing}; it has: {columns}',
        zh: '次数文件缺少列 {missing}，现有：{columns}',
        do: {
          cli: {
            en: 'add it; --template and --at stand in for template_id and at',
            zh: '请补上；template_id 和 at 也可用 --template、--at 给出',
          },
        },
      },
      'form-ids': {
        en: 'the file of form_ids has no column {missing}; it has: {columns}',
        zh: 'form_id 文件缺少列 {missing}，现有：{columns}',
        do: {
          cli: {
            en: 'add it; --at stands in for at, the time at which each was made',
            zh: '请补上；at（取得 form_id 的时间）也可用 --at 给出',
          },
        },
      },
    },
  },
});
