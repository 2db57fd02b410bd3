import { fill, type Value, type Words } from './catalogue.ts';

/** Why a row of an imported file of credits cannot be used. */
const rowFaults = {
  'template-malformed': { en: '{value} is not a template_id', zh: '{value} 不是模板 ID' },
  'count-invalid': {
    en: '{value} is not a whole number from 0 to {most}',
    zh: '{value} 不是 0 到 {most} 的整数',
  },
  'time-invalid': { en: '{value} is not a time', zh: '{value} 不是时间' },
  'time-future': { en: '{value} lies in the future', zh: '{value} 在未来' },
  'kind-invalid': { en: '{value} is neither form nor prepay', zh: '{value} 既不是 form 也不是 prepay' },
  'form-id-mock': {
    en: 'the developer tools made it; it cannot be sent with',
    zh: '开发者工具生成的模拟值，不能用来发送',
  },
  'form-id-malformed': { en: 'it is no form_id', zh: '不是 form_id' },
  'form-id-expired': { en: 'it is older than 7 days', zh: '已超过 7 天' },
  'form-id-other-person': { en: "it is known as somebody else's", zh: '已登记在另一个用户名下' },
} as const satisfies Record<string, Words>;

/** What is wrong with a row, in both languages: who reads it is not known where it is found. */
export interface RowFault {
  code: keyof typeof rowFaults;
  detail: Words;
}

export function rowFault(code: RowFault['code'], value: Value = '', most = 0): RowFault {
  const said = (lang: 'en' | 'zh'): string => fill(rowFaults[code], lang, 'cli', { value, most });
  return { code, detail: { en: said('en'), zh: said('zh') } };
}
