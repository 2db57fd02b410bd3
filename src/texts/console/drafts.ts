import { defineWords } from './define.ts';

export const draftsWords = defineWords({
  title: { en: 'Drafts', zh: '草稿' },
  name: { en: 'Draft', zh: '草稿' },
  unnamed: { en: 'Without a template', zh: '未选模板' },
  changedBy: { en: 'Last changed by', zh: '最后修改人' },
  changedAt: { en: 'Changed', zh: '修改时间' },
  remove: { en: 'Remove', zh: '删除' },
  removeThis: { en: 'Remove the draft {name}', zh: '删除草稿“{name}”' },
  removeTitle: { en: 'Remove the draft {name}?', zh: '删除草稿“{name}”？' },
  removeHint: {
    en: 'What was written is gone for good. A campaign that was confirmed of it goes on.',
    zh: '删除后无法恢复；由它确认的推送不受影响。',
  },
});
