import type { Words } from './catalogue.ts';

/** What a person should know before a message is sent. */
export const warningTexts = {
  unchecked: {
    en: "WeChat refused the list of the account's templates ({errcode} {errmsg}), so the template and its fields are not checked beforehand; send a test message first.",
    zh: '微信拒绝返回该账号的模板列表（{errcode} {errmsg}），因此推送前无法校验模板和字段；请先发一条测试消息。',
  },
  rateAbove: {
    en: "The campaign may send {wanted} messages/s, but its account sends at most {most}/s; the account's rate holds.",
    zh: '任务速率设为每秒 {wanted} 条，但账号上限为每秒 {most} 条，以账号上限为准。',
  },
} as const satisfies Record<string, Words>;
