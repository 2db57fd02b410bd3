import { defineWords } from './define.ts';

export const templatesWords = defineWords({
  title: { en: 'Templates', zh: '模板' },
  about: { en: 'As WeChat has them for {name}.', zh: '“{name}”在微信后台的模板。' },
  noAccount: { en: 'Add an account first', zh: '请先添加账号' },
  sync: { en: 'Sync with WeChat', zh: '从微信同步' },
  synced: { en: '{stored} templates, {gone} gone.', zh: '已同步 {stored} 个模板，{gone} 个已不存在。' },
  empty: { en: 'No template yet', zh: '还没有模板' },
  emptyHint: {
    en: 'Add templates in WeChat’s console, then sync.',
    zh: '先在微信后台添加模板，再同步过来。',
  },
  name: { en: 'Template', zh: '模板' },
  fields: { en: 'Fields', zh: '字段' },
  'of.category': { en: 'Category template', zh: '类目模板' },
  'of.industry': { en: 'Industry template', zh: '行业模板' },
  'of.one-time': { en: 'One-time subscription', zh: '一次性订阅' },
  'of.long-term': { en: 'Long-term subscription', zh: '长期订阅' },
  gone: { en: 'WeChat no longer has it', zh: '微信后台已无此模板' },
  rule: { en: 'Rule', zh: '规则' },
  anyText: { en: 'any text', zh: '任意文字' },
  most: { en: 'at most {n} characters', zh: '最多 {n} 字' },
  oneOf: { en: 'one of: {values}', zh: '只能是：{values}' },
  use: { en: 'Use it', zh: '用它新建推送' },
});
