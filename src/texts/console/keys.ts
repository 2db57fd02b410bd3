import { defineWords } from './define.ts';

export const keysWords = defineWords({
  title: { en: 'API keys', zh: '密钥' },
  about: {
    en: 'For programs that call the API. Give each one its own, with what it needs and no more.',
    zh: '供程序调用 API。每个程序单独一个密钥，只给它需要的权限。',
  },
  create: { en: 'New key', zh: '新建密钥' },
  empty: { en: 'No key yet', zh: '还没有密钥' },
  emptyHint: {
    en: 'A program sends messages and reads outcomes with a key.',
    zh: '有了密钥，程序才能通过 API 发消息、查结果。',
  },
  name: { en: 'Name', zh: '名称' },
  nameHint: {
    en: 'Which program uses it; the audit shows this name.',
    zh: '写明哪个程序在用，审计里会显示这个名称。',
  },
  permissions: { en: 'Permissions', zh: '权限' },
  accounts: { en: 'Accounts', zh: '账号' },
  allAccounts: { en: 'All, also those to come', zh: '全部账号（含以后添加的）' },
  accountsHint: {
    en: 'One appid a line. Empty: all accounts, also those to come.',
    zh: '每行一个 appid；留空表示全部账号，含以后添加的。',
  },
  expires: { en: 'Valid until', zh: '有效期至' },
  expiresHint: { en: 'Empty: until it is revoked.', zh: '留空则一直有效，直到吊销。' },
  never: { en: 'until revoked', zh: '长期有效' },
  lastUsed: { en: 'Last used', zh: '最近使用' },
  unused: { en: 'never', zh: '从未使用' },
  createdAt: { en: 'Made', zh: '创建时间' },
  createdBy: { en: 'by {name}', zh: '由 {name} 创建' },
  state: { en: 'State', zh: '状态' },
  'state.active': { en: 'Valid', zh: '有效' },
  'state.revoked': { en: 'Revoked', zh: '已吊销' },
  'state.expired': { en: 'Expired', zh: '已过期' },
  revoke: { en: 'Revoke', zh: '吊销' },
  revokeTitle: { en: 'Revoke {name}?', zh: '吊销“{name}”？' },
  revokeHint: {
    en: 'Programs that use it are refused within two seconds. It cannot be undone.',
    zh: '两秒内，使用它的程序将被拒绝。此操作无法撤销。',
  },
  revoked: { en: 'Revoked.', zh: '已吊销。' },
  shownOnce: { en: 'Copy the key now: it is shown this once', zh: '请立即复制密钥，它只显示这一次' },
  shownOnceHint: {
    en: 'Only a digest is stored. Whoever loses it makes a new one.',
    zh: '系统只保存摘要；遗失后只能重新创建。',
  },
  done: { en: 'I have copied it', zh: '我已复制' },
  needPermission: { en: 'Choose at least one', zh: '请至少选择一项' },
  make: { en: 'Make the key', zh: '创建密钥' },
});
