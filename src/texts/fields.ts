import type { Words } from './catalogue.ts';

/** What is wrong with one field of a request, by rule. `{limit}` is what the rule allows, `{actual}` what was found. */
export const fieldTexts = {
  missing: { en: 'is missing', zh: '缺少该字段' },
  unknown: { en: 'there is no such field', zh: '没有该字段' },
  'unknown.meant': { en: 'there is no such field; it is {limit}', zh: '没有该字段，应为 {limit}' },
  type: { en: 'is {actual} and must be {limit}', zh: '类型应为 {limit}，收到的是 {actual}' },
  'type.number': { en: 'must be a number', zh: '应为数字' },
  'min.text': { en: 'must have at least {limit} characters', zh: '至少 {limit} 个字符' },
  'max.text': { en: 'must have at most {limit} characters', zh: '最多 {limit} 个字符' },
  'min.list': { en: 'must have at least {limit} entries', zh: '至少 {limit} 项' },
  'max.list': { en: 'must have at most {limit} entries', zh: '最多 {limit} 项' },
  'min.number': { en: 'must be at least {limit}', zh: '不得小于 {limit}' },
  'max.number': { en: 'must be at most {limit}', zh: '不得大于 {limit}' },
  'format.datetime': {
    en: 'must be a time such as 2026-12-01T09:00:00+08:00',
    zh: '应为带时区的时间，例如 2026-12-01T09:00:00+08:00',
  },
  format: { en: 'must be of the form {limit}', zh: '格式应为 {limit}' },
  choice: { en: 'must be one of {limit}', zh: '只能是 {limit} 之一' },
  none: { en: 'fits none of the forms that are allowed', zh: '不符合任何一种允许的形式' },
  deep: { en: 'is nested deeper than {limit} levels', zh: '嵌套超过 {limit} 层' },
  nul: {
    en: 'holds the character NUL (\\u0000), which cannot be stored',
    zh: '含有无法存储的字符 NUL（\\u0000）',
  },
  name: { en: 'may not have this name', zh: '不允许使用该字段名' },
  invalid: { en: 'is not valid', zh: '不符合要求' },
} as const satisfies Record<string, Words>;

export type FieldText = keyof typeof fieldTexts;
