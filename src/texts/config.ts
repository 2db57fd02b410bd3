import type { Words } from './catalogue.ts';

const notEmpty: Words = { en: 'must not be empty', zh: '不能为空' };
const addresses: Words = {
  en: 'takes addresses and networks such as 10.0.0.5 or 10.1.0.0/16, comma-separated',
  zh: '应为 IP 或网段，如 10.0.0.5、10.1.0.0/16，用逗号分隔',
};

/** What each setting takes, for one that has something else. */
export const settingForms: Readonly<Record<string, Words>> = {
  dataDir: notEmpty,
  stateDir: notEmpty,
  databaseUrl: {
    en: 'must start with postgres:// or postgresql://',
    zh: '应以 postgres:// 或 postgresql:// 开头',
  },
  secretKey: notEmpty,
  proxy: { en: 'must be an address such as http://10.0.0.2:3128', zh: '应为地址，如 http://10.0.0.2:3128' },
  noProxy: { en: 'must be a text', zh: '应为文本' },
  webhookAllow: addresses,
  publicUrl: {
    en: 'must be an address such as https://push.example.com',
    zh: '应为地址，如 https://push.example.com',
  },
  trustProxy: addresses,
  auditKeepDays: { en: 'is a number of days from 184 to 36500', zh: '应为 184 到 36500 的天数' },
  backupDir: notEmpty,
  backupAt: { en: 'is a time of day, HH:MM', zh: '应为时刻 HH:MM' },
  backupKeep: { en: 'is a number from 1 to 3650', zh: '应为 1 到 3650 的份数' },
  simulator: { en: 'is auto, on or off', zh: '应为 auto、on 或 off' },
  lang: { en: 'is en or zh', zh: '应为 en 或 zh' },
  logLevel: {
    en: 'is one of fatal, error, warn, info, debug, trace, silent',
    zh: '应为 fatal、error、warn、info、debug、trace、silent 之一',
  },
  listen: {
    en: 'must be HOST:PORT or [IPV6]:PORT with a port up to 65535, or off',
    zh: '应为 主机:端口 或 [IPv6]:端口（端口最大 65535），或 off',
  },
  drainSeconds: { en: 'is a number of seconds from 0 to 60', zh: '应为 0 到 60 的秒数' },
  uploadMaxBytes: { en: 'is a number of bytes from 1024', zh: '应为字节数，至少 1024' },
  wxRelay: { en: 'is on or off', zh: '应为 on 或 off' },
  tlsCert: notEmpty,
  tlsKey: notEmpty,
  apiToken: { en: 'must be ASCII without spaces', zh: '应为不含空格的 ASCII 字符' },
};

/** A key that is no setting. */
export const unknownSetting: Words = { en: 'is no setting', zh: '不是配置项' };
