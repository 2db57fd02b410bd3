import { fill, type Lang, type NamesIn, type Value, type Words } from './catalogue.ts';

/**
 * Why a row of a list is not sent to. The key's part before `/` is its code, which is stored and exported; values are
 * shortened, and an openid is never whole.
 */
export const rowTexts = {
  'openid-missing': { en: 'the openid is empty', zh: 'openid 为空' },
  'openid-malformed': {
    en: '{value} is not an openid: expected 28 letters, digits, "_" or "-"',
    zh: '{value} 不是 openid：应为 28 位字母、数字、“_”或“-”',
  },
  'column-count': {
    en: '{cells} cells where {expected} were expected',
    zh: '有 {cells} 个单元格，应为 {expected} 个',
  },
  'column-count/most': {
    en: '{cells} cells, and at most {most} are read',
    zh: '有 {cells} 个单元格，最多读取 {most} 个',
  },
  'quote-broken': {
    en: 'a quoted cell is not closed, or goes on after its closing quote',
    zh: '带引号的单元格没有闭合，或闭合后还有内容',
  },
  'quote-ambiguous': {
    en: 'a cell starts with a quote, none before did: it may be quoted or contain the quote',
    zh: '单元格以引号开头，而前面的都没有：无法确定引号是否属于内容',
  },
  'control-character': { en: 'control character {character}', zh: '含控制字符 {character}' },
  'damaged-text': {
    en: 'characters lost in an earlier conversion (U+FFFD)',
    zh: '有字符在之前的转码中丢失（U+FFFD）',
  },
  'invalid-encoding': {
    en: 'the line is not valid {encoding}, unlike the rest of the file',
    zh: '该行不是有效的 {encoding}，与文件其余部分不同',
  },
  'line-too-long': { en: 'the line is longer than {most} bytes', zh: '该行超过 {most} 字节' },
  'line-too-long/row': { en: 'the row is longer than {most} characters', zh: '该行超过 {most} 个字符' },
  'number-too-long': {
    en: 'a number of more than 15 digits, which spreadsheets round: format the column as text',
    zh: '超过 15 位的数字会被表格软件舍入：请把该列设为文本格式',
  },
  'number-invalid': { en: 'the cell is not a number', zh: '单元格不是数字' },
  'cell-error': { en: 'the cell shows the error {error}', zh: '单元格显示错误 {error}' },
  'cell-error/text': {
    en: 'the cell refers to a text that the workbook does not have',
    zh: '单元格引用的文本在工作簿中不存在',
  },
  'formula-not-calculated': {
    en: 'a formula without a stored result: open and save the file',
    zh: '公式没有保存结果：请打开文件后另存',
  },
  'date-out-of-range': {
    en: 'the date is negative or after the year 9999',
    zh: '日期为负，或晚于 9999 年',
  },
  'date-out-of-range/format': {
    en: 'no part of the format {format} is for this number, and the cell shows ####',
    zh: '格式 {format} 不适用于这个数字，单元格显示 ####',
  },
  'format-unsupported': {
    en: 'the format {format} cannot be shown as Excel shows it',
    zh: '格式 {format} 无法按 Excel 的样子显示',
  },
  'format-unsupported/republic': {
    en: 'a year before the first of the Republic',
    zh: '早于民国元年的年份',
  },
  'json-invalid': { en: 'the line is not valid JSON', zh: '该行不是有效的 JSON' },
  'json-invalid/object': { en: 'the line is not a JSON object', zh: '该行不是 JSON 对象' },
  'value-not-scalar': { en: 'an object or a list, not a text', zh: '是对象或数组，不是文本' },
  'variable-missing': { en: 'no value for {variable}', zh: '没有 {variable} 的值' },
  'variable-empty': {
    en: 'empty, and {variable} has no fallback such as {example}',
    zh: '为空，且 {variable} 没有备用值（如 {example}）',
  },
  'ref-invalid': {
    en: 'longer than {most} characters, or with control characters',
    zh: '超过 {most} 个字符，或含有控制字符',
  },
  duplicate: { en: 'same {what} as an earlier row', zh: '与前面某行的 {what} 相同' },
  'no-credit': {
    en: '{left} left, and {planned} planned before',
    zh: '剩 {left} 次，前面已计划 {planned} 次',
  },
  erased: { en: 'was erased', zh: '信息已删除' },
  suppressed: { en: 'on the suppression list', zh: '在禁发名单中' },
  'excluded-file': { en: 'in an excluded file', zh: '在排除的文件中' },
  'excluded-tag': { en: 'has an excluded tag', zh: '带有排除的标签' },
  'excluded-campaign': { en: 'got an excluded campaign', zh: '收过排除的推送任务' },
  fatigue: { en: 'got {recent} campaign messages lately', zh: '近期已收到 {recent} 条任务消息' },
  unfollowed: { en: 'does not follow the account', zh: '未关注该账号' },
  field: { en: '{problem}', zh: '{problem}' },
} as const satisfies Record<string, Words>;

export type RowKey = keyof typeof rowTexts;
export type RowValues<K extends RowKey> = {
  readonly [name in NamesIn<(typeof rowTexts)[K]['en']>]: Value;
};

/** Words of a row, as they are stored with it. */
export interface RowWords {
  key: string;
  values: Readonly<Record<string, Value>>;
}

/** What is wrong with a row, in the reader's language; null for words that this version does not have. */
export function rowText({ key, values }: RowWords, lang: Lang): string | null {
  const words = Object.hasOwn(rowTexts, key) ? rowTexts[key as RowKey] : undefined; // looked up just now
  return words === undefined ? null : fill(words, lang, 'cli', values);
}

/** The same as a value of another text. */
export function rowWords(words: RowWords): Words {
  return { en: rowText(words, 'en') ?? words.key, zh: rowText(words, 'zh') ?? words.key };
}
