import { fill, type Lang, type Words } from './catalogue.ts';
import { fileProblem } from './parts.ts';
import { standstillText } from './reasons.ts';

/** What a person is needed for: what happened, and what to do about it. `{why}` is a stored reason in words. */
export const incidentTexts = {
  'campaign-paused': {
    title: { en: 'Campaign {campaign} is paused', zh: '推送任务 {campaign} 已暂停' },
    why: { en: '{why}', zh: '原因：{why}' },
    do: { en: 'Mend the cause, then resume it.', zh: '排除原因后继续推送。' },
  },
  'campaign-failed': {
    title: { en: 'Campaign {campaign} failed', zh: '推送任务 {campaign} 失败' },
    why: { en: '{why}', zh: '原因：{why}' },
    do: {
      en: 'Nobody was messaged. Mend the cause and make it again.',
      zh: '没有发出任何消息。排除原因后重新创建。',
    },
  },
  'held-share': {
    title: {
      en: 'WeChat holds many messages of campaign {campaign}',
      zh: '推送任务 {campaign} 有较多消息被转入审核',
    },
    why: { en: '{held} of {of} are held for review', zh: '{of} 条中有 {held} 条在审核中' },
    do: {
      en: "See WeChat's console for what it says of the template and its content.",
      zh: '请到微信后台查看模板与内容是否有提示。',
    },
  },
  'account-paused': {
    title: { en: 'Account {account} is paused', zh: '账号 {account} 已暂停' },
    why: { en: '{why}', zh: '原因：{why}' },
    do: { en: 'Nothing is sent for it until it is used again.', zh: '恢复之前不会发送任何消息。' },
  },
  'address-refused': {
    title: { en: 'WeChat refuses an address for {account}', zh: '账号 {account} 的 IP 不在白名单' },
    why: { en: 'node {host}, address {ip} (40164)', zh: '节点 {host}，IP {ip}（40164）' },
    do: {
      en: "Add the address to the IP whitelist in WeChat's console; the node goes on by itself.",
      zh: '请在微信后台把该 IP 加入白名单，节点会自动恢复。',
    },
  },
  'quota-used-up': {
    title: { en: "Today's quota of {account} is used up", zh: '账号 {account} 当日额度已用完' },
    why: { en: '{path} (errcode {errcode})', zh: '{path}（errcode {errcode}）' },
    do: { en: 'It goes on by itself after the reset.', zh: '额度重置后自动继续。' },
  },
  'schedule-missed': {
    title: { en: 'Schedule {schedule} missed a run', zh: '定时任务 {schedule} 错过一次' },
    why: { en: 'the run of {time}', zh: '应于 {time} 执行' },
    do: {
      en: 'Push it by hand if it is still wanted; the next run comes by itself.',
      zh: '如仍需要，请手动推送；下一次照常执行。',
    },
  },
  'callback-silent': {
    title: { en: 'The callback of {account} is silent', zh: '账号 {account} 收不到消息推送' },
    why: {
      en: 'nothing that could be read for over {minutes} minutes, while at least {messages} messages were accepted',
      zh: '{minutes} 分钟以上没有收到有效推送，期间至少有 {messages} 条消息已受理',
    },
    do: {
      en: "Check the server address and token in WeChat's console, and whether it can be reached from outside.",
      zh: '请检查微信后台的服务器地址与令牌，以及该地址能否从外网访问。',
    },
  },
  'node-gone': {
    title: { en: 'A node on {host} is gone', zh: '节点 {host} 已失联' },
    why: {
      en: 'it was not stopped, and says nothing any more ({nodes} in all)',
      zh: '未正常停止，也没有心跳（共 {nodes} 个进程）',
    },
    do: {
      en: 'Others have taken over what it had. Start it again.',
      zh: '其任务已由其他节点接管，请重新启动。',
    },
  },
  'disk-low': {
    title: { en: 'The disk of the database is nearly full', zh: '数据库所在磁盘空间不足' },
    why: { en: '{free} MB of {total} MB are free', zh: '共 {total} MB，剩余 {free} MB' },
    do: {
      en: 'Make room: once it is full, sending stands still.',
      zh: '请清理空间；磁盘写满后推送会停止。',
    },
  },
  'database-log-kept': {
    title: { en: 'The database keeps its log for a reader that lags', zh: '数据库日志（WAL）堆积' },
    why: { en: 'replication slot {slot}: {megabytes} MB', zh: '复制槽 {slot} 保留了 {megabytes} MB' },
    do: {
      en: 'See what became of the standby, or drop the slot; else the disk fills up.',
      zh: '请检查备库或删除该复制槽，否则磁盘会被写满。',
    },
  },
  'database-connections': {
    title: { en: 'The database has few connections left', zh: '数据库连接数将用完' },
    why: { en: '{used} of {most} are taken', zh: '共 {most} 个，已用 {used} 个' },
    do: {
      en: 'Raise max_connections, or stop what else uses the server.',
      zh: '请调大 max_connections，或减少其他程序的占用。',
    },
  },
  'backup-failed': {
    title: { en: 'The daily backup failed', zh: '每日备份失败' },
    why: { en: '{path} on {host}: {code}', zh: '节点 {host}，{path}：{code}' },
    do: {
      en: 'Mend the cause (room, rights, the disk); it is tried again every 15 minutes.',
      zh: '请排除原因（空间、权限、磁盘）；每 15 分钟自动重试。',
    },
  },
  'backup-overdue': {
    title: { en: 'The daily backup is overdue', zh: '每日备份逾期未完成' },
    why: { en: 'due since {wanted}, and none is whole', zh: '自 {wanted} 起应备份，至今没有完整备份' },
    do: {
      en: 'See the log of the nodes that have HONGYAN_BACKUP_DIR, or make one by hand.',
      zh: '请查看设置了 HONGYAN_BACKUP_DIR 的节点日志，或手动备份。',
    },
  },
  'webhook-down': {
    title: { en: 'Webhook {webhook} takes nothing', zh: 'Webhook {webhook} 无法投递' },
    why: {
      en: '{host} does not take what it is told; what waits is kept',
      zh: '{host} 未接收通知，内容已保留',
    },
    do: { en: 'Mend the receiver; it is tried again by itself.', zh: '请修复接收方，之后会自动重试。' },
  },
  'webhook-given-up': {
    title: { en: 'Webhook {webhook} was not told everything', zh: 'Webhook {webhook} 有通知已放弃' },
    why: { en: '{host}: {count} deliveries are given up', zh: '{host}：已放弃 {count} 个投递' },
    do: { en: 'Replay them once the receiver takes them.', zh: '接收方恢复后请重新投递。' },
  },
  'channel-failing': {
    title: { en: 'Alerts do not arrive through {host}', zh: '告警渠道 {host} 无法送达' },
    why: { en: 'channel {channel}', zh: '渠道 {channel}' },
    do: { en: 'Send a test to see why.', zh: '请发送测试查看原因。' },
  },
} as const satisfies Record<string, { title: Words; why: Words; do: Words }>;

export type IncidentKind = keyof typeof incidentTexts;

export function isIncidentKind(kind: string): kind is IncidentKind {
  return Object.hasOwn(incidentTexts, kind);
}

/** In the order in which they are shown where they are listed. */
export const incidentKinds = Object.keys(incidentTexts).filter(isIncidentKind);

/** What was found, from which the words are made. */
export interface IncidentFacts {
  kind: string;
  details: Readonly<Record<string, string | number | null>>;
}

export interface IncidentWords {
  title: string;
  why: string;
  do: string;
}

/** A kind of a later version says its name. */
const unknownKind = { en: '{kind}', zh: '{kind}' } as const;

/**
 * An incident in words.
 *
 * @param errcode what an errcode of WeChat's means, in this language
 */
export function incidentWords(
  { kind, details }: IncidentFacts,
  lang: Lang,
  errcode: (code: number) => string,
): IncidentWords {
  const texts = isIncidentKind(kind) ? incidentTexts[kind] : { title: unknownKind, why: null, do: null };
  const values: Record<string, string | number> = { kind, why: whyText(details, lang, errcode) };
  for (const [name, value] of Object.entries(details)) values[name] = spelled(name, value, lang);
  const say = (words: Words | null): string => (words === null ? '' : fill(words, lang, 'console', values));
  return { title: say(texts.title), why: say(texts.why), do: say(texts.do) };
}

/** Ids are not counted by thousands; what is not known is a dash. */
function spelled(name: string, value: string | number | null, lang: Lang): string | number {
  if (value === null) return '-';
  if (name === 'code') return fileProblem(String(value))[lang];
  return ['campaign', 'schedule', 'webhook', 'channel', 'errcode'].includes(name)
    ? String(value)
    : typeof value === 'string'
      ? value.replace(/^(\d{4}-\d\d-\d\d)T/, '$1 ').slice(0, 200)
      : value;
}

function whyText(details: IncidentFacts['details'], lang: Lang, errcode: (code: number) => string): string {
  const { reason, invalid } = details;
  if (typeof reason !== 'string') return '-';
  const [, code] = /^errcode:(-?\d+)$/.exec(reason) ?? [];
  if (code !== undefined) return `${code} ${errcode(Number(code))}`;
  return standstillText({ reason, detail: null, invalid: Number(invalid ?? 0) }, lang);
}

/** Where in the console it is mended. */
export function incidentPath({ kind, details }: IncidentFacts): string {
  const id = (name: string): string => encodeURIComponent(String(details[name] ?? ''));
  switch (kind) {
    case 'campaign-paused':
    case 'campaign-failed':
    case 'held-share':
      return `/campaigns/${id('campaign')}`;
    case 'account-paused':
    case 'address-refused':
    case 'quota-used-up':
    case 'callback-silent':
      return `/accounts/${id('appid')}`;
    case 'schedule-missed':
      return '/schedules';
    case 'webhook-down':
    case 'webhook-given-up':
      return `/webhooks/${id('webhook')}`;
    case 'node-gone':
    case 'disk-low':
    case 'database-log-kept':
    case 'database-connections':
    case 'backup-failed':
    case 'backup-overdue':
      return '/nodes';
    default:
      return '/alerts';
  }
}

/** What stands around it in a message. */
export const alertTexts = {
  opened: { en: '🔴 {title}', zh: '🔴 {title}' },
  ended: { en: '🟢 Over: {title}', zh: '🟢 已恢复：{title}' },
  account: { en: 'Account: {account}', zh: '账号：{account}' },
  since: { en: 'Since {since}', zh: '开始：{since}' },
  lasted: { en: 'From {since} to {until}, {duration}', zh: '{since} 至 {until}，持续 {duration}' },
  link: { en: 'Open in the console', zh: '在控制台查看' },
  linkLine: { en: '{text}: {url}', zh: '{text}：{url}' },
  more: { en: '{title} and {count} more', zh: '{title}，另有 {count} 项' },
  sender: { en: 'Hongyan', zh: '鸿雁' },
  test: { en: '✅ Test of an alert channel', zh: '✅ 告警渠道测试' },
  testBody: {
    en: 'Whoever reads this is told when Hongyan needs a person.',
    zh: '收到本消息，说明渠道可用：鸿雁需要人工处理时会在此通知。',
  },
  seconds: { en: '{n} s', zh: '{n} 秒' },
  minutes: { en: '{n} min', zh: '{n} 分钟' },
  hours: { en: '{h} h {m} min', zh: '{h} 小时 {m} 分钟' },
  days: { en: '{d} d {h} h', zh: '{d} 天 {h} 小时' },
} as const satisfies Record<string, Words>;

export function durationText(ms: number, lang: Lang): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  const minutes = Math.floor(seconds / 60);
  const say = (words: Words, values: Record<string, number>): string => fill(words, lang, 'console', values);
  if (minutes < 1) return say(alertTexts.seconds, { n: seconds });
  if (minutes < 60) return say(alertTexts.minutes, { n: minutes });
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return say(alertTexts.hours, { h: hours, m: minutes % 60 });
  return say(alertTexts.days, { d: Math.floor(hours / 24), h: hours % 24 });
}
