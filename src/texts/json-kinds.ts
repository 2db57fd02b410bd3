import type { Words } from './catalogue.ts';

/** What somebody wrote where a text was wanted. */
export const jsonKinds = {
  missing: { en: 'missing', zh: '缺失' },
  null: { en: 'null', zh: 'null' },
  list: { en: 'a list', zh: '数组' },
  object: { en: 'an object', zh: '对象' },
  number: { en: 'a number: write it as a text', zh: '数字（请写成文本）' },
  boolean: { en: 'a boolean', zh: '布尔值' },
  objectWith: (kind: Words): Words => ({
    en: `an object whose value is ${kind.en}`,
    zh: `value 为${kind.zh}的对象`,
  }),
} as const;
