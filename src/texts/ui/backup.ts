import type { Words } from '../catalogue.ts';

/** What `hongyan backup` and `restore` say. */
export const backupTexts = {
  'backup.done': {
    en: 'Backed up: {file}, {rows} rows of {tables} tables, as of {madeAt}.',
    zh: '已备份：{file}，{tables} 张表共 {rows} 行，截至 {madeAt}。',
  },
  'backup.keyOutside': {
    en: 'The secret key is not in it. Without {path} nobody can use this backup: keep a copy of it elsewhere.',
    zh: '备份不含密钥。没有 {path} 就无法使用该备份，请另行妥善保存。',
  },
  'backup.keyOfEnvironment': {
    en: 'The secret key is not in it. Without HONGYAN_SECRET_KEY nobody can use this backup: keep it elsewhere.',
    zh: '备份不含密钥。没有 HONGYAN_SECRET_KEY 就无法使用该备份，请另行妥善保存。',
  },
  'backup.keyInside': {
    en: 'The secret key is in it: whoever has this file has every AppSecret. Keep it as you keep those.',
    zh: '备份中含有密钥：得到该文件就等于得到所有 AppSecret，请按同等要求保管。',
  },
  'restore.done': {
    en: 'Restored: {rows} rows of {tables} tables, as of {madeAt}. What happened since is not known here.',
    zh: '已恢复：{tables} 张表共 {rows} 行，截至 {madeAt}。此后发生的事情这里并不知道。',
  },
  'restore.paused': {
    en: 'Paused: {count} running campaigns ({ids}). Whoever may have been messaged since counts as unknown and is not sent to again.',
    zh: '已暂停 {count} 个推送中的任务（{ids}）。此后可能已收到的人计为“结果未知”，不会再次发送。',
  },
  'restore.next': {
    en: 'Stop the old installation before you start this one: two would message the same people.',
    zh: '启动前请先停止原来的安装，否则两边会给同一批人发送。',
  },
} as const satisfies Record<string, Words>;
