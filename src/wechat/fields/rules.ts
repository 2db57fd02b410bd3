/** The parameter classes that WeChat publishes for typed template fields, plus two that only OA templates have. */
export type FieldClass =
  | 'thing'
  | 'number'
  | 'letter'
  | 'symbol'
  | 'character_string'
  | 'time'
  | 'date'
  | 'amount'
  | 'phone_number'
  | 'car_number'
  | 'name'
  | 'phrase'
  | 'enum'
  | 'enum_string'
  | 'const'
  | 'short_thing';

/** Two languages of one sentence. */
export interface Bilingual {
  en: string;
  zh: string;
}

export interface FieldRule {
  /** What people call it. */
  label: Bilingual;
  /** What a value may look like, as the rest of a sentence. */
  form: Bilingual;
  /** Longest allowed value in characters; null where the form alone decides. */
  maxLength(value: string, family: 'mp' | 'oa'): number | null;
  /** The part of the value that `maxLength` counts; the whole value when absent. */
  counted?(value: string): string;
  /** The characters and their order; null where any text will do. */
  pattern: RegExp | null;
}

// Months and days are checked for range only: WeChat takes a bare month or a day without a year.
const month = '(?:0?[1-9]|1[0-2])';
const day = '(?:0?[1-9]|[12]\\d|3[01])';
const dateForm = `(?:\\d{4}年${month}月(?:${day}日)?|${month}月${day}日|\\d{4}[-/.]${month}(?:[-/.]${day})?|${month}[-/.]${day})`;
const timeForm = '(?:[01]?\\d|2[0-3]):[0-5]\\d(?::[0-5]\\d)?';
const moment = `(?:${dateForm} ?)?${timeForm}`;
const dateMoment = `${dateForm}(?: ?${timeForm})?`;

const hanOrAlphanumeric = '[\\p{Script=Han}A-Za-z0-9]';

const fixed = (maxLength: number | null) => () => maxLength;

/**
 * The published rules. Choices where WeChat is silent or its pages disagree:
 * amount 10 digits for Mini Programs, 12 for Official Accounts · the length of short_thing is unknown (see
 * `warnField`) · a time may be a bare date, as in WeChat's own bizsend example.
 *
 * @see https://developers.weixin.qq.com/miniprogram/dev/server/API/mp-message-management/subscribe-message/api_sendmessage.html
 */
export const fieldRules: Readonly<Record<FieldClass, FieldRule>> = {
  thing: {
    label: { en: 'thing', zh: '事物' },
    form: { en: 'any text of one line', zh: '汉字、数字、字母或符号，不能换行' },
    maxLength: fixed(20),
    pattern: null,
  },
  number: {
    label: { en: 'number', zh: '数字' },
    form: { en: 'digits, with decimals if wanted', zh: '只能是数字，可带小数' },
    maxLength: fixed(32),
    pattern: /^[+-]?\d+(\.\d+)?$/,
  },
  letter: {
    label: { en: 'letters', zh: '字母' },
    form: { en: 'English letters only', zh: '只能是英文字母' },
    maxLength: fixed(32),
    pattern: /^[A-Za-z]+$/,
  },
  symbol: {
    label: { en: 'symbols', zh: '符号' },
    form: { en: 'symbols only, no letters, digits or Chinese', zh: '只能是符号，不能含汉字、字母、数字' },
    maxLength: fixed(5),
    pattern: /^[^\p{L}\p{N}]+$/u,
  },
  character_string: {
    label: { en: 'character string', zh: '字符串' },
    form: { en: 'digits, English letters and symbols, no Chinese', zh: '数字、字母或符号，不能含汉字' },
    maxLength: fixed(32),
    pattern: /^[\x20-\x7E]+$/,
  },
  time: {
    label: { en: 'time', zh: '时间' },
    form: {
      en: '24-hour time such as 15:01, 2019-10-01 15:01 or 15:01~16:30',
      zh: '24 小时制时间，如 15:01、2019年10月1日 15:01、15:01~16:30',
    },
    maxLength: fixed(null),
    pattern: new RegExp(`^(?:${moment}(?:~${moment})?|${dateForm})$`),
  },
  date: {
    label: { en: 'date', zh: '日期' },
    form: {
      en: 'a date such as 2019-10-01, 2019年10月1日 or 2019-10-01 15:01',
      zh: '日期，如 2019年10月1日、2019-10-01、2019年10月1日 15:01',
    },
    maxLength: fixed(null),
    pattern: new RegExp(`^${dateMoment}(?:~${dateMoment})?$`),
  },
  amount: {
    label: { en: 'amount', zh: '金额' },
    form: {
      en: 'one currency sign if wanted, digits, decimals, 元 at the end if wanted, such as ￥100.00 or 12.5元',
      zh: '可带 1 个币种符号、小数，结尾可带“元”，如 ￥100.00、12.5元',
    },
    maxLength: (_, family) => (family === 'oa' ? 12 : 10),
    counted: (value) => value.match(/\d+/)?.[0] ?? '',
    pattern: /^[¥￥$€£]?\d+(\.\d+)?元?$/,
  },
  phone_number: {
    label: { en: 'phone number', zh: '电话' },
    form: { en: 'digits and + - ( ) only', zh: '只能是数字和 + - ( )' },
    maxLength: fixed(17),
    pattern: /^[0-9+\-() ]+$/,
  },
  car_number: {
    label: { en: 'number plate', zh: '车牌号' },
    form: {
      en: 'letters and digits; the first and the last may be Chinese, such as 粤A8Z888挂',
      zh: '字母和数字，首尾可为汉字，如 粤A8Z888挂',
    },
    maxLength: fixed(8),
    pattern: new RegExp(`^${hanOrAlphanumeric}(?:[A-Za-z0-9]*${hanOrAlphanumeric})?$`, 'u'),
  },
  name: {
    label: { en: 'name', zh: '姓名' },
    form: {
      en: 'up to 10 characters with Chinese, up to 20 without',
      zh: '含汉字最多 10 个字符，纯字母或符号最多 20 个',
    },
    maxLength: (value) => (/\p{Script=Han}/u.test(value) ? 10 : 20),
    pattern: null,
  },
  phrase: {
    label: { en: 'Chinese words', zh: '汉字' },
    form: { en: 'Chinese characters only', zh: '只能是汉字' },
    maxLength: fixed(5),
    pattern: /^\p{Script=Han}+$/u,
  },
  enum: {
    label: { en: 'choice', zh: '枚举值' },
    form: { en: 'one of the values of the template', zh: '只能是模板给出的枚举值' },
    maxLength: fixed(null),
    pattern: null,
  },
  enum_string: {
    label: { en: 'choice', zh: '枚举值' },
    form: { en: 'one of the values of the template', zh: '只能是模板给出的枚举值' },
    maxLength: fixed(null),
    pattern: null,
  },
  const: {
    label: { en: 'constant', zh: '常量' },
    form: { en: 'one of the approved values, or empty', zh: '只能是已审核通过的常量值，或留空' },
    maxLength: fixed(20),
    pattern: null,
  },
  short_thing: {
    label: { en: 'short thing', zh: '短事物' },
    form: { en: 'short text of one line', zh: '简短文字，不能换行' },
    maxLength: fixed(20),
    pattern: null,
  },
};
