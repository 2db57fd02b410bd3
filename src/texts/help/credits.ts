import { same, type Words } from '../catalogue.ts';

export const creditsHelp = {
  credits: {
    en: 'how many subscribe messages people may still be sent, and why we think so',
    zh: '订阅次数：每个人还能收几条订阅消息，依据是什么',
  },
  'credits import': {
    en: 'set balances from a file with the columns openid, template_id, count and at; or enter form_ids: openid, form_id, kind, at',
    zh: '从文件导入余额（列：openid、template_id、count、at），或登记 form_id（列：openid、form_id、kind、at）',
  },
  'credits import <appid>': { en: 'the account', zh: '账号' },
  'credits import <file>': {
    en: 'CSV, TSV, XLSX or NDJSON, or - for standard input',
    zh: 'CSV、TSV、XLSX 或 NDJSON 文件；- 表示标准输入',
  },
  'credits import --template': {
    en: 'for a file without the column template_id',
    zh: '文件没有 template_id 列时用它',
  },
  'credits import --at': {
    en: 'for a file without the column at: when the counts were true, e.g. "2026-11-20 00:00" in the account\'s zone',
    zh: '文件没有 at 列时用它：余额的时间，如 "2026-11-20 00:00"（账号所在时区）',
  },
  'credits import notes': {
    en: `Each row says: at that time this person had so many credits, whatever came before. The same file again changes nothing.
With a column form_id each row is a right to send one message, or three where kind is prepay, for 7 days from at.`,
    zh: `每行表示：此人在该时间的余额就是这么多，不论之前如何。重复导入同一文件不会改变任何内容。
有 form_id 列时，每行是自 at 起 7 天内发一条消息的权利；kind 为 prepay 时是三条。`,
  },
  'credits import example': same('$ hongyan credits import wx0123456789abcdef credits.csv'),
  'credits show': { en: "one person's balances, and what they come from", zh: '查看一个人的余额及其来源' },
  'credits show <appid>': { en: 'the account', zh: '账号' },
  'credits show <openid>': { en: 'the person', zh: '用户的 openid' },
  'credits show example': same('$ hongyan credits show wx0123456789abcdef OPENID'),
  'credits rule': {
    en: 'limit a long-term template to so many messages per person',
    zh: '限制长期订阅模板每人的条数',
  },
  'credits rule <appid>': { en: 'the account', zh: '账号' },
  'credits rule <template_id>': { en: 'the template', zh: '模板 ID' },
  'credits rule <n/days>': {
    en: 'at most N messages per person in D days, e.g. 1/7; off ends it',
    zh: '每人 D 天内至多 N 条，如 1/7；off 取消限制',
  },
  'credits rule example': same('$ hongyan credits rule wx0123456789abcdef TEMPLATE_ID 1/7'),
  'credits rules': { en: "the account's limits by template", zh: '列出账号各模板的条数限制' },
  'credits rules <appid>': { en: 'the account', zh: '账号' },
  'credits rules example': same('$ hongyan credits rules wx0123456789abcdef'),
} as const satisfies Record<string, Words>;
