import { defineErrors } from '../catalogue.ts';

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
    texts: {},
  },
  CREDIT_COLUMN_MISSING: {
    about: {
      en: 'The file for `credits import` lacks a column: `template_id`, `count` or `at`; or `at` in a file of form_ids.',
      zh: '导入的文件缺少列。',
    },
    remedy: { en: 'Add it, or `--template`, `--at`.', zh: '补上该列，或用 `--template`、`--at`。' },
    texts: {},
  },
});
