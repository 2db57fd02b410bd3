import type { Words } from './catalogue.ts';

/** The kinds of accounts, as people call them. */
export const kindNames = {
  service: { en: 'service', zh: '服务号' },
  official: { en: 'official', zh: '公众号' },
  miniprogram: { en: 'miniprogram', zh: '小程序' },
  sandbox: { en: 'sandbox', zh: '测试号' },
} as const satisfies Record<string, Words>;

/** In place of an empty list. */
export const none: Words = { en: 'none', zh: '无' };
