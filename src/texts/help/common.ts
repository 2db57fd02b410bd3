import type { Words } from '../catalogue.ts';

/** The program itself, and what means the same in every command. */
export const commonHelp = {
  hongyan: {
    en: 'Self-hosted push service for WeChat. Nobody messaged twice, nobody forgotten.',
    zh: '自托管的微信消息推送服务：不重发，不漏发。',
  },
  help: { en: 'show the help of a command', zh: '显示命令的帮助' },
  '--help': { en: 'show this help', zh: '显示帮助' },
  '--version': { en: 'print the version', zh: '显示版本号' },
  '--data-dir': {
    en: 'where database, key and config live (default: ~/.hongyan)',
    zh: '数据目录，存放数据库、密钥和配置（默认：~/.hongyan）',
  },
  '--lang': { en: 'language of what is printed', zh: '输出语言' },
  '--log-level': { en: 'level of the log on standard error', zh: '日志级别（日志写到标准错误）' },
  '--json': { en: 'print JSON', zh: '以 JSON 输出' },
} as const satisfies Record<string, Words>;

/** What the frame of every help says. */
export const helpWords = {
  usage: { en: 'Usage:', zh: '用法：' },
  arguments: { en: 'Arguments:', zh: '参数：' },
  options: { en: 'Options:', zh: '选项：' },
  commands: { en: 'Commands:', zh: '命令：' },
  example: { en: 'Example:', zh: '示例：' },
  anyOptions: { en: '[options]', zh: '[选项]' },
  anyCommand: { en: '[command]', zh: '[命令]' },
  choices: { en: 'one of: {choices}', zh: '可选：{choices}' },
  default: { en: 'default: {value}', zh: '默认：{value}' },
  extra: { en: '{what} ({extra})', zh: '{what}（{extra}）' },
} as const satisfies Record<string, Words>;
