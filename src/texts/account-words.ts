import type { NameByEntrance, Words } from './catalogue.ts';

/** The kinds of accounts, as people call them. */
export const kindNames = {
  service: { en: 'service', zh: '服务号' },
  official: { en: 'official', zh: '公众号（订阅号）' },
  miniprogram: { en: 'miniprogram', zh: '小程序' },
  sandbox: { en: 'sandbox', zh: '测试号' },
} as const satisfies Record<string, Words>;

/** What an account's own APIs say that it is. */
export const seenKinds = {
  oa: { en: 'an Official Account: it has tags of followers', zh: '公众号或服务号（有用户标签）' },
  'template-oa': {
    en: 'a service or sandbox account: it has template messages',
    zh: '服务号或测试号（有模板消息）',
  },
  miniprogram: {
    en: 'a Mini Program, or not verified (认证): it has subscribe templates and no tags of followers',
    zh: '小程序，或尚未认证的账号（有订阅消息模板，没有用户标签）',
  },
} as const satisfies Record<string, Words>;

/** The account that `serve` simulates, and what one of its people writes to it. */
export const simulatedAccount = {
  name: { en: 'Simulated account', zh: '模拟服务号' },
  hello: { en: 'Hello', zh: '你好' },
} as const satisfies Record<string, Words>;

/** The account of the demo, and what it sends. */
export const demo = {
  name: { en: 'Demo account', zh: '演示服务号' },
  title: { en: 'Member day', zh: '会员日提醒' },
  content: { en: 'Your benefits for this month have arrived', zh: '您本月的会员权益已到账' },
} as const satisfies Record<string, Words>;

/** In place of an empty list. */
export const none: Words = { en: 'none', zh: '无' };

/** What can be set of an account: what each entrance calls it, and what it takes. */
interface SettingWords {
  name: NameByEntrance;
  wanted: NameByEntrance;
}

function setting(
  option: string | Words,
  field: string,
  label: Words,
  cli: Words,
  http: Words = cli,
): SettingWords {
  return {
    name: { names: { cli: option, http: field, code: field, console: label } },
    wanted: { names: { cli, http, code: http, console: http } },
  };
}

const address: Words = { en: 'an http:// or https:// address', zh: 'http:// 或 https:// 地址' };
const percentOrOff: Words = { en: 'a number from 1 to 100, or off', zh: '1 到 100，或 off' };
const percentOrNull: Words = { en: 'a whole number from 1 to 100, or null', zh: '1 到 100 的整数，或 null' };

export const accountSettings = {
  name: setting(
    '--name',
    'name',
    { en: 'Name', zh: '名称' },
    {
      en: 'at most 64 characters',
      zh: '最多 64 个字符',
    },
  ),
  baseUrl: setting('--base-url', 'baseUrl', { en: 'Address of WeChat', zh: '接口地址' }, address),
  plainBaseUrl: setting(
    '--base-url',
    'baseUrl',
    { en: 'Address of WeChat', zh: '接口地址' },
    {
      en: 'an address without user and password, ? and #',
      zh: '不带用户名密码、? 和 # 的地址',
    },
  ),
  tokenUrl: setting('--token-url-file', 'token.url', { en: 'Token URL', zh: 'token URL' }, address),
  proxy: setting('--proxy-file', 'proxy', { en: 'Proxy', zh: '代理' }, address),
  ratePerS: setting(
    { en: 'the rate', zh: '速率上限' },
    'ratePerS',
    { en: 'Rate', zh: '速率上限' },
    {
      en: 'a whole number from 1 to 9999999',
      zh: '1 到 9999999 的整数',
    },
  ),
  messageSharePercent: setting(
    '--message-share',
    'messageSharePercent',
    { en: 'Message share', zh: '单条消息份额' },
    { en: 'a percentage from 0 to 90', zh: '0 到 90 的百分比' },
  ),
  quietHours: setting(
    '--quiet',
    'quietHours',
    { en: 'Quiet hours', zh: '免打扰时段' },
    { en: 'hours such as 22:00-08:00, or off', zh: '22:00-08:00 这样的时段，或 off' },
    {
      en: '{ from, to } as HH:MM, two different times, or null',
      zh: '{ from, to }（HH:MM，起止不同），或 null',
    },
  ),
  fatigue: setting(
    '--fatigue',
    'fatigue',
    { en: 'Fatigue cap', zh: '频次上限' },
    { en: 'messages/days such as 3/7, or off', zh: '条数/天数，如 3/7，或 off' },
    { en: '{ limit, days } as whole numbers, or null', zh: '{ limit, days } 两个整数，或 null' },
  ),
  approvalAbove: setting(
    '--approval-above',
    'approvalAbove',
    { en: 'Approval above', zh: '超过多少人须审批' },
    { en: 'a positive whole number, or off', zh: '正整数，或 off' },
    { en: 'a positive whole number, or null', zh: '正整数，或 null' },
  ),
  canaryBlockedPercent: setting(
    '--canary-blocked',
    'canaryBlockedPercent',
    { en: 'Canary: blocked', zh: '试发拒收率' },
    percentOrOff,
    percentOrNull,
  ),
  canaryHeldPercent: setting(
    '--canary-held',
    'canaryHeldPercent',
    { en: 'Canary: held', zh: '试发审核率' },
    percentOrOff,
    percentOrNull,
  ),
  retrySystemBusy: setting(
    '--retry-system-busy',
    'retrySystemBusy',
    { en: 'Repeats of −1', zh: '-1 重试次数' },
    { en: 'a whole number from 0 to 10', zh: '0 到 10 的整数' },
  ),
  keepDays: setting(
    '--keep-campaigns',
    'keepDays',
    { en: 'Keep campaigns', zh: '任务保留天数' },
    { en: 'days from 1 to 99999, or off', zh: '1 到 99999 天，或 off' },
    { en: 'days from 1 to 99999, or null', zh: '1 到 99999 天，或 null' },
  ),
  keepEventDays: setting(
    '--keep-events',
    'keepEventDays',
    { en: 'Keep events', zh: '事件保留天数' },
    { en: 'days from 1 to 99999, or off', zh: '1 到 99999 天，或 off' },
    { en: 'days from 1 to 99999, or null', zh: '1 到 99999 天，或 null' },
  ),
  keepAuditDays: setting(
    '--keep-audit',
    'keepAuditDays',
    { en: 'Keep audit', zh: '审计保留天数' },
    { en: 'days from 184 to 36500, or off', zh: '184 到 36500 天，或 off' },
    { en: 'days from 184 to 36500, or null', zh: '184 到 36500 天，或 null' },
  ),
  timeZone: setting(
    '--time-zone',
    'timeZone',
    { en: 'Time zone', zh: '时区' },
    {
      en: 'a time zone such as Asia/Shanghai',
      zh: '时区名，如 Asia/Shanghai',
    },
  ),
  dailyLimit: setting(
    '--daily',
    'daily',
    { en: 'Daily limit', zh: '每日额度' },
    { en: 'a whole number or auto', zh: '整数或 auto' },
    { en: 'a whole number up to 999999999, or null', zh: '不超过 999999999 的整数，或 null' },
  ),
  reservePercent: setting(
    '--reserve',
    'reservePercent',
    { en: 'Reserve', zh: '预留比例' },
    {
      en: 'a percentage from 0 to 99',
      zh: '0 到 99 的百分比',
    },
  ),
  reset: setting(
    '--reset',
    'reset',
    { en: 'Start of the day', zh: '额度重置时间' },
    {
      en: 'a time such as 08:00',
      zh: '08:00 这样的时间',
    },
  ),
} as const satisfies Record<string, SettingWords>;

export type AccountSetting = keyof typeof accountSettings;
