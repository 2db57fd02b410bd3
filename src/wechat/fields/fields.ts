import { type Bilingual, type FieldClass, fieldRules } from './rules.ts';

export type { Bilingual, FieldClass };

/** Which rule a value breaks. Stable; texts are for people. */
export type FieldRuleCode =
  | 'empty'
  | 'control-character'
  | 'charset'
  | 'format'
  | 'too-long'
  | 'not-in-enum'
  | 'not-in-const';

/** A value that WeChat would refuse with 47003. */
export interface FieldProblem {
  key: string;
  class: FieldClass;
  rule: FieldRuleCode;
  /** Characters of the value (of its integer digits for an amount); with `too-long`. */
  length?: number;
  /** Characters allowed, inclusive; with `too-long`. */
  maxLength?: number;
  message: Bilingual;
}

/** A value that WeChat takes, as far as is known, but may not show as it is. */
export interface FieldWarning {
  key: string;
  class: FieldClass | null;
  rule: 'shown-shortened' | 'line-break' | 'length-uncertain' | 'emoji-hidden';
  length: number;
  maxLength?: number;
  message: Bilingual;
}

export interface FieldContext {
  /** The template's values for this key (gettemplate's keywordEnumValueList). Unchecked when absent. */
  enumValues?: readonly string[];
  /** The values approved for this constant. Unchecked when absent. */
  constValues?: readonly string[];
  /** Mini Program (default) or Official Account; they differ in the digits of an amount. */
  family?: 'mp' | 'oa';
}

/** Where WeChat starts to shorten free text: characters per line. */
const shownFreeText = 20;
/** Community figure; WeChat publishes no limit for short_thing. */
const likelyShortThing = 5;

const isFieldClass = (text: string): text is FieldClass => Object.hasOwn(fieldRules, text);

/**
 * The parameter class of a template key: `thing1` → `thing`, `character_string9` → `character_string`.
 * Null for the free keys of old industry templates (`first`, `keyword1`, `remark`, `name` …).
 *
 * A free template may by chance have a key such as `time1`: ask `parseTemplateContent` whether the template is
 * typed, and check fields only then.
 */
export function fieldClass(key: string): FieldClass | null {
  const prefix = /^([a-z_]+)\d+$/.exec(key)?.[1];
  return prefix !== undefined && isFieldClass(prefix) ? prefix : null;
}

/**
 * Characters as Hongyan counts them: Unicode code points, so 𠮷 and 😀 are 1, a family emoji is 7.
 *
 * WeChat counts letters, digits and Chinese as 1 each. How it counts characters outside the basic plane is
 * not documented (code points or UTF-16 units); `warnField` names the values where that would matter.
 */
export function fieldLength(value: string): number {
  let length = 0;
  for (const _ of value) length++;
  return length;
}

/**
 * What WeChat would refuse about `value` in the field `key`, or null. Only the first problem is given.
 * Free keys have no rules: always null (see `warnField`).
 *
 * @see https://developers.weixin.qq.com/miniprogram/dev/server/API/mp-message-management/subscribe-message/api_sendmessage.html
 */
export function checkField(key: string, value: string, context: FieldContext = {}): FieldProblem | null {
  const type = fieldClass(key);
  if (type === null) return null;
  const rule = fieldRules[type];
  const base = { key, class: type };
  const name = { en: `${key} (${rule.label.en})`, zh: `${key}（${rule.label.zh}）` };
  const fail = (code: FieldRuleCode, en: string, zh: string): FieldProblem => ({
    ...base,
    rule: code,
    message: { en: `${name.en} ${en}`, zh: `${name.zh}${zh}` },
  });

  if (type === 'const' && value === '') return null;
  if (value.trim() === '') return fail('empty', 'is empty; fill it in.', '为空，请填写。');
  if (/[\p{Cc}\u2028\u2029]/u.test(value)) {
    return fail(
      'control-character',
      'contains a line break, a tab or another control character; remove it.',
      '含有换行、制表符等控制字符，请去掉。',
    );
  }
  // Half a surrogate pair would leave JSON as a \u escape, which WeChat refuses.
  if (!value.isWellFormed()) {
    return fail(
      'charset',
      'contains half of a character (broken text); type it again.',
      '含有残缺字符，请重新输入。',
    );
  }

  const allowed = type === 'const' ? context.constValues : isEnum(type) ? context.enumValues : undefined;
  if (allowed !== undefined && !allowed.includes(value)) {
    const list = allowed.slice(0, 5).join(' / ') + (allowed.length > 5 ? ' …' : '');
    return fail(
      type === 'const' ? 'not-in-const' : 'not-in-enum',
      `must be one of the template’s ${allowed.length} values: ${list}`,
      `只能是模板给出的 ${allowed.length} 个值之一：${list}`,
    );
  }
  if (allowed !== undefined) return null;

  if (rule.pattern !== null && !rule.pattern.test(value)) {
    const code = type === 'time' || type === 'date' || type === 'amount' ? 'format' : 'charset';
    return fail(code, `has the wrong form; allowed: ${rule.form.en}.`, `格式不符；要求：${rule.form.zh}。`);
  }
  const maxLength = rule.maxLength(value, context.family ?? 'mp');
  const length = fieldLength(rule.counted?.(value) ?? value);
  if (maxLength !== null && length > maxLength) {
    const unit = type === 'amount' ? { en: 'digits', zh: '位' } : { en: 'characters', zh: '个字符' };
    return {
      ...fail(
        'too-long',
        `has ${length} ${unit.en}; at most ${maxLength} are allowed.`,
        `有 ${length} ${unit.zh}，最多 ${maxLength} ${unit.zh}。`,
      ),
      length,
      maxLength,
    };
  }
  return null;
}

const isEnum = (type: FieldClass): boolean => type === 'enum' || type === 'enum_string';

/**
 * What WeChat probably takes but may show otherwise, or null: free text over 20 characters (shown with …) or
 * with line breaks, emoji in Official Account templates (hidden since May 2023), lengths that fit only by one
 * of the two ways of counting, short_thing over 5 characters (no published limit).
 *
 * @see https://developers.weixin.qq.com/doc/offiaccount/Message_Management/Template_Message_Interface.html
 */
export function warnField(key: string, value: string, context: FieldContext = {}): FieldWarning | null {
  const type = fieldClass(key);
  const length = fieldLength(value);
  const warn = (rule: FieldWarning['rule'], en: string, zh: string, maxLength?: number): FieldWarning => ({
    key,
    class: type,
    rule,
    length,
    ...(maxLength === undefined ? {} : { maxLength }),
    message: { en: `${key} ${en}`, zh: `${key} ${zh}` },
  });

  if (type === null) {
    if (/[\r\n\u2028\u2029]/.test(value)) {
      return warn(
        'line-break',
        'contains a line break, which WeChat no longer shows.',
        '含换行，微信已不再支持换行显示。',
      );
    }
    if (length > shownFreeText) {
      return warn(
        'shown-shortened',
        `has ${length} characters; WeChat shortens it after ${shownFreeText}.`,
        `有 ${length} 个字符，超过 ${shownFreeText} 个后微信会用省略号截断。`,
        shownFreeText,
      );
    }
  } else {
    const rule = fieldRules[type];
    const maxLength = rule.maxLength(value, context.family ?? 'mp');
    const counted = rule.counted?.(value) ?? value;
    if (maxLength !== null && fieldLength(counted) <= maxLength && counted.length > maxLength) {
      return warn(
        'length-uncertain',
        `has ${length} characters but ${counted.length} UTF-16 units (emoji or rare characters); WeChat may count the units and refuse it over ${maxLength}.`,
        `有 ${length} 个字符，但含表情或生僻字，按 UTF-16 计为 ${counted.length}，微信可能按超过 ${maxLength} 拒绝。`,
        maxLength,
      );
    }
    if (type === 'short_thing' && length > likelyShortThing) {
      return warn(
        'length-uncertain',
        `has ${length} characters; WeChat publishes no limit, reports say ${likelyShortThing}.`,
        `有 ${length} 个字符；微信未公布上限，据反馈为 ${likelyShortThing} 个。`,
        likelyShortThing,
      );
    }
  }
  if (context.family === 'oa' && /\p{Extended_Pictographic}/u.test(value)) {
    return warn(
      'emoji-hidden',
      'contains emoji, which WeChat no longer shows here.',
      '含表情，微信已不再显示。',
    );
  }
  return null;
}

const graphemes = new Intl.Segmenter('zh', { granularity: 'grapheme' });

/**
 * A `thing` as WeChat would show it: unchanged up to 20 characters, else as much as fits into 19 characters
 * plus `…`, never cutting an emoji in two. Null for every other key: an order number, an amount or a phone
 * number that is cut is a wrong one.
 */
export function truncateField(key: string, value: string): string | null {
  if (fieldClass(key) !== 'thing') return null;
  if (fieldLength(value) <= 20) return value;
  let kept = '';
  let length = 0;
  for (const { segment } of graphemes.segment(value)) {
    length += fieldLength(segment);
    if (length > 19) break;
    kept += segment;
  }
  // One grapheme of 20 and more (stacked accents): cut inside it rather than show nothing.
  return `${kept === '' ? [...value].slice(0, 19).join('') : kept}…`;
}
