import type { NameByEntrance, Words } from './catalogue.ts';

function part(
  cli: string,
  http: string,
  console: { en: string; zh: string },
  code: string = http,
): NameByEntrance {
  return { names: { cli, http, console, code } };
}

/** What a message consists of, as each entrance calls it. */
export const messageParts = {
  templateId: part('--template', 'template_id', { en: 'the template', zh: '模板' }, 'templateId'),
  data: part('--data', 'data', { en: 'the fields', zh: '模板字段' }),
  url: part('--url', 'url', { en: 'the link', zh: '跳转链接' }),
  page: part('--page', 'page', { en: 'the page', zh: '跳转页面' }),
  mpAppid: part('--mp-appid', 'miniprogram.appid', { en: 'the Mini Program', zh: '跳转小程序' }, 'mpAppid'),
  mpPath: part(
    '--mp-path',
    'miniprogram.pagepath',
    { en: 'the page of the Mini Program', zh: '小程序页面' },
    'mpPath',
  ),
  lang: part('--lang', 'lang', { en: 'the language', zh: '语言' }),
  miniprogramState: part(
    '--state',
    'miniprogram_state',
    { en: 'the version of the Mini Program', zh: '小程序版本' },
    'miniprogramState',
  ),
  formId: part('--form-id', 'form_id', { en: 'the form_id', zh: 'form_id' }, 'formId'),
} as const satisfies Record<string, NameByEntrance>;

/** What is said of a single message beside its content. */
export const singleParts = {
  touser: part('--to', 'touser', { en: 'the recipient', zh: '接收人' }, 'openid'),
  key: part('--key', 'key', { en: 'the key', zh: '幂等键' }),
  ref: part('--ref', 'ref', { en: 'your own number', zh: '业务单号' }),
} as const satisfies Record<string, NameByEntrance>;

/** What is said of a campaign beside its message. */
export const campaignParts = {
  startAt: part('--at', 'startAt', { en: 'the start', zh: '开始时间' }),
  validUntil: part('--valid-until', 'validUntil', { en: 'the end', zh: '截止时间' }),
  to: part('--to', 'audience', { en: 'the recipients', zh: '推送对象' }),
  cron: part('--cron', 'cron', { en: 'the schedule', zh: '执行时间' }),
} as const satisfies Record<string, NameByEntrance>;

/** What a workbook may have too many of. */
export const workbookParts = {
  parts: { en: 'parts', zh: '内部文件' },
  sheets: { en: 'sheets', zh: '工作表' },
  styles: { en: 'cell styles', zh: '单元格样式' },
  formats: { en: 'number formats', zh: '数字格式' },
} as const satisfies Record<string, Words>;

/** By which two campaigns under one key are told apart. */
export const contentParts = {
  message: { en: 'message', zh: '消息' },
  recipients: { en: 'recipients', zh: '接收人' },
  exclusions: { en: 'exclusions', zh: '排除的人' },
  options: { en: 'options', zh: '选项' },
} as const satisfies Record<string, Words>;

/** The states of a campaign, as they stand in a sentence about it. */
export const campaignStates = {
  staging: { en: 'staging', zh: '正在读取接收人' },
  planning: { en: 'planning', zh: '正在做计划' },
  planned: { en: 'planned', zh: '等待确认' },
  running: { en: 'running', zh: '正在推送' },
  paused: { en: 'paused', zh: '已暂停' },
  done: { en: 'done', zh: '已完成' },
  cancelled: { en: 'cancelled', zh: '已取消' },
  failed: { en: 'failed', zh: '已失败' },
} as const satisfies Record<string, Words>;

/** The settings of an account's callback. */
export const callbackParts = {
  url: part('--url', 'publicUrl', { en: 'the public address', zh: '服务器地址' }),
  format: part('--format', 'format', { en: 'the data format', zh: '数据格式' }),
  forwardTo: part('--forward-to', 'forwardTo', { en: 'the address to relay to', zh: '转发地址' }),
  reply: part('--reply', 'reply', { en: 'the reply', zh: '回复' }),
  oldFor: part('--old-for', 'oldForHours', { en: 'the time of the old one', zh: '旧密钥的有效时间' }),
  unsignedFrom: part('--unsigned-from', 'unsignedFrom', { en: 'the unsigned sources', zh: '未签名来源' }),
} as const;

/** What a channel of alerts needs, by its kind. */
export const alertParts = {
  url: part('--url-file', 'url', { en: 'the address', zh: '地址' }),
  server: part('--server', 'host', { en: 'the mail server', zh: '邮件服务器' }),
  from: part('--from', 'from', { en: 'the sender', zh: '发件地址' }),
  to: part('--to', 'to', { en: 'the recipients', zh: '收件地址' }),
} as const;

export const webhookParts = {
  oldFor: part('--old-for', 'oldForHours', { en: 'the time of the old secret', zh: '旧密钥的有效时间' }),
  topics: part('--topics', 'topics', { en: 'the topics', zh: '主题' }),
} as const;

/** Names of the spans that are named after no route, path or command. Whoever searches for them has one language for all. */
export const spanNames = {
  createMessage: 'create message',
  createCampaign: 'create campaign',
  createSchedule: 'create schedule',
  planCampaign: 'plan campaign',
  runSchedule: 'run schedule',
  prune: 'prune',
  processReceipt: 'process receipt',
  sendMail: 'send e-mail',
  syncFollowers: 'sync followers',
} as const;

/** What the file system says, for whoever does not know its codes. */
const fileProblems: Readonly<Record<string, Words>> = {
  ENOENT: { en: 'no such file or directory', zh: '文件或目录不存在' },
  EACCES: { en: 'no permission', zh: '没有权限' },
  EPERM: { en: 'not permitted', zh: '不允许该操作' },
  EISDIR: { en: 'it is a directory', zh: '这是目录' },
  ENOTDIR: { en: 'a part of the path is no directory', zh: '路径中有一段不是目录' },
  EROFS: { en: 'the file system is read-only', zh: '文件系统只读' },
  ENOSPC: { en: 'the disk is full', zh: '磁盘已满' },
  EDQUOT: { en: 'the disk quota is used up', zh: '磁盘配额已用完' },
  EFBIG: { en: 'the file is too large', zh: '文件过大' },
  EIO: { en: 'the disk failed', zh: '磁盘读写出错' },
  ELOOP: { en: 'links that lead in a circle', zh: '符号链接成环' },
  ENAMETOOLONG: { en: 'the name is too long', zh: '文件名过长' },
  EMFILE: { en: 'this process has too many files open', zh: '进程打开的文件过多' },
  EBUSY: { en: 'it is in use', zh: '正被占用' },
  EXDEV: { en: 'on another file system', zh: '不在同一文件系统' },
};

/** A code of the file system in words, with the code; one without words alone. */
export function fileProblem(code: string | undefined): Words {
  const words = fileProblems[code ?? ''];
  if (words === undefined) return { en: code ?? 'I/O', zh: code ?? 'I/O' };
  return { en: `${words.en}, ${code}`, zh: `${words.zh}，${code}` };
}

/** Whether a code is one of a file, so that a failure with a path can be told by it. */
export function isFileProblem(code: string | undefined): boolean {
  return code !== undefined && Object.hasOwn(fileProblems, code);
}

/** Names from somebody's file: the first of them, each in quotation marks, and how many there are. */
export function quotedNames(names: readonly string[], most = 20): Words {
  const shown = names.slice(0, most);
  const hasMore = names.length > most;
  return {
    en: `${shown.map((name) => `"${name}"`).join(', ')}${hasMore ? `, … (${names.length})` : ''}`,
    zh: `${shown.map((name) => `“${name}”`).join('、')}${hasMore ? `等 ${names.length} 个` : ''}`,
  };
}

/** The sheets of a workbook, each with its first columns; without any where it has no cells. */
export function sheetsAndColumns(sheets: readonly { sheet: string; columns: readonly string[] }[]): Words {
  const shown = sheets.slice(0, 10).map(({ sheet, columns }) => ({ sheet, columns: columns.slice(0, 8) }));
  const hasMore = sheets.length > shown.length;
  const en = shown.map(({ sheet, columns }) => `"${sheet}" (${columns.join(', ') || 'empty'})`);
  const zh = shown.map(({ sheet, columns }) => `“${sheet}”（${columns.join('、') || '空'}）`);
  return {
    en: `${en.join(', ')}${hasMore ? `, … (${sheets.length})` : ''}`,
    zh: `${zh.join('、')}${hasMore ? `等 ${sheets.length} 个` : ''}`,
  };
}
