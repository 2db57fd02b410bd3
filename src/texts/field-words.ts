import type { Words } from './catalogue.ts';

/** What is wrong with a field before its value is looked at. */
export const fieldWords = {
  missing: (key: string): Words => ({ en: `${key} has no value`, zh: `${key} 没有值` }),
  unknown: (key: string): Words => ({ en: `the template has no field ${key}`, zh: `模板没有字段 ${key}` }),
} as const;
