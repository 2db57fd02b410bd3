import type { Words } from './catalogue.ts';

/** What a person should know before a message is sent. */
export const warningTexts = {
  unchecked: {
    en: "WeChat refused the list of the account's templates ({errcode} {errmsg}), so the template and its fields are not checked beforehand; send a test message first.",
    zh: '微信拒绝返回该账号的模板列表（{errcode} {errmsg}），因此推送前无法校验模板和字段；请先发一条测试消息。',
  },
} as const satisfies Record<string, Words>;
