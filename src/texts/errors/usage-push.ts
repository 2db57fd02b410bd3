import type { ErrorText } from '../catalogue.ts';

/** What is wrong with the command lines of pushes, campaigns, schedules and recipient files. */
export const pushUsageTexts = {
  'nobody-to-confirm': {
    en: 'there is nobody to ask',
    zh: '没有终端，无法确认',
    do: { cli: { en: 'run it in a terminal, or add --yes', zh: '请在终端中运行，或加上 --yes' } },
  },
  'nobody-to-count': {
    en: 'there is nobody to ask',
    zh: '没有终端，无法确认',
    do: {
      cli: {
        en: 'name the number of recipients that it is planned for, with --count',
        zh: '请用 --count 写明计划的接收人数',
      },
    },
  },
  'campaign-number': {
    en: '"{value}" is not a campaign\'s number',
    zh: '“{value}”不是推送任务的编号',
    do: { cli: { en: 'see: hongyan campaigns list', zh: '查看：hongyan campaigns list' } },
  },
  'schedule-number': {
    en: '"{value}" is not a schedule\'s number',
    zh: '“{value}”不是定时任务的编号',
    do: { cli: { en: 'see: hongyan schedules list', zh: '查看：hongyan schedules list' } },
  },
  'draft-number': {
    en: '"{value}" is not a draft\'s number',
    zh: '“{value}”不是草稿的编号',
    do: { cli: { en: 'see: hongyan campaigns drafts list', zh: '查看：hongyan campaigns drafts list' } },
  },
  'filter-number': {
    en: '"{value}" is not a filter\'s number',
    zh: '“{value}”不是筛选的编号',
    do: { cli: { en: 'see: hongyan filters list', zh: '查看：hongyan filters list' } },
  },
  'filter-time': {
    en: '"{value}" is not a day or a time with its zone, such as 2026-11-01 or 2026-11-01T09:00+08:00',
    zh: '“{value}”不是日期或带时区的时间，如 2026-11-01 或 2026-11-01T09:00+08:00',
  },
  'filter-credit': {
    en: '"{value}" is not a template_id, = and one of left, none, known, unknown',
    zh: '“{value}”应为 template_id=状态，状态为 left、none、known 或 unknown',
  },
  'number-between': {
    en: '{option} takes a number from {least} to {most}, not "{value}"',
    zh: '{option} 应为 {least} 到 {most} 的数字，不能是“{value}”',
  },
  'to-nothing': {
    en: '--to @ needs a file name, e.g. --to @users.csv',
    zh: '--to @ 后面要写文件名，如 --to @users.csv',
  },
  'to-file': {
    en: '--to {path} looks like a file; a file is written with an @: --to @{path}',
    zh: '--to {path} 像是文件名；文件要写成 --to @{path}',
  },
  'to-unknown': {
    en: '--to takes all, tag:ID, filter:ID, @file, - or openids of 28 characters; "{value}" is none of them',
    zh: '--to 可用 all、tag:ID、filter:ID、@文件、- 或 28 位的 openid；“{value}”都不是',
  },
  'openids-only': { en: 'give openids, @file or -', zh: '请给出 openid、@文件 或 -' },
  exclude: {
    en: '--exclude takes tag:ID, @file or campaign:ID, not "{value}"',
    zh: '--exclude 可用 tag:ID、@文件 或 campaign:ID，不能是“{value}”',
  },
  'header-row': {
    en: '--header-row takes the number of a row, or none, not "{value}"',
    zh: '--header-row 应为行号，没有表头用 none，不能是“{value}”',
  },
  encoding: {
    en: '--encoding takes {names}, not "{value}"',
    zh: '--encoding 可用 {names}，不能是“{value}”',
  },
  'data-pair': {
    en: '--data takes key=value, e.g. --data thing1=Hello; "{value}" has no key',
    zh: '--data 应写作 键=值，如 --data thing1=你好；“{value}”没有键',
  },
  'data-twice': { en: '--data {key} was given twice', zh: '--data {key} 写了两次' },
  'message-whole': {
    en: '--message is the whole body: leave out --template, --data, --url, --page and the like',
    zh: '--message 已是完整消息体，请去掉 --template、--data、--url、--page 等选项',
  },
  'message-file': {
    en: '--message takes a file: --message @body.json',
    zh: '--message 要写文件：--message @body.json',
  },
  'accept-loss': {
    en: '--accept-loss goes with --sync, and not with --cron: whether so many are really gone is for a person to say each time',
    zh: '--accept-loss 须与 --sync 同用，且不能与 --cron 同用：这么多人是否真的取消了关注，每次都须由人确认',
  },
  'valid-for': {
    en: '--valid-for is for --cron; a campaign that is sent once takes --valid-until',
    zh: '--valid-for 只用于 --cron；只发一次的任务请用 --valid-until',
  },
  'cron-times': {
    en: '--cron repeats by itself: it takes neither --at nor --valid-until; --valid-for says how late a run may begin',
    zh: '--cron 按表达式重复执行，不能与 --at 或 --valid-until 同用；--valid-for 指定最多可晚多久开始',
  },
  'workbook-terminal': {
    en: 'a workbook is no text for a terminal: add --out outcomes.xlsx',
    zh: '工作簿不能显示在终端里：请加 --out outcomes.xlsx',
  },
} as const satisfies Record<string, ErrorText>;
