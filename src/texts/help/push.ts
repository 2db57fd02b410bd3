import { same, type Words } from '../catalogue.ts';

/** Options of messages and files of people, which several commands share. */
const shared = {
  '--account': { en: 'appid of the account', zh: '账号的 appid' },
  '--channel': {
    en: "oa-template, oa-subscribe, oa-once, mp-subscribe, kf, mp-form, or WeChat's own name for it: template, bizsend, subscribe, custom",
    zh: '渠道：oa-template、oa-subscribe、oa-once、mp-subscribe、kf、mp-form，或微信的叫法：template、bizsend、subscribe、custom',
  },
  '--template': {
    en: 'template id, 43 characters; see: hongyan templates list APPID',
    zh: '模板 ID（43 位），可用 hongyan templates list APPID 查看',
  },
  '--data': {
    en: "a field of the template; repeat it; {{column}} is the recipient's",
    zh: '模板字段，可重复；{{column}} 取自名单中的同名列',
  },
  '--url': { en: 'link (oa-template)', zh: '跳转链接（oa-template）' },
  '--page': {
    en: 'page of the Mini Program, or link (oa-subscribe)',
    zh: '小程序页面，或跳转链接（oa-subscribe）',
  },
  '--mp-appid': {
    en: 'Mini Program that the message opens (with --mp-path)',
    zh: '点击后打开的小程序 appid（与 --mp-path 同用）',
  },
  '--mp-path': { en: 'its page', zh: '小程序页面路径' },
  '--form-id': {
    en: 'form_id, usually {{form_id}} (mp-form)',
    zh: 'form_id，通常写 {{form_id}}（mp-form）',
  },
  '--state': { en: 'version of the Mini Program that opens', zh: '打开的小程序版本' },
  '--message': {
    en: 'the whole wire body as JSON, with {{variables}}, instead of the options above',
    zh: '完整消息体（JSON 文件），可含 {{variables}} 变量，代替以上选项',
  },
  '--openid-column': { en: 'column with the openids', zh: 'openid 所在的列' },
  '--header-row': {
    en: 'row with the names of the columns, or none (default: found by the openids)',
    zh: '表头所在行，没有表头用 none（默认：根据 openid 判断）',
  },
  '--sheet': {
    en: 'sheet of an XLSX file (default: the first with openids)',
    zh: 'XLSX 的工作表（默认：第一个含 openid 的）',
  },
  '--visible-only': {
    en: 'leave out the rows of an XLSX file that are hidden or filtered out',
    zh: '跳过 XLSX 中隐藏或被筛选掉的行',
  },
  '--encoding': {
    en: 'of a text file, such as utf-8, gb18030, big5, windows-1252 (default: utf-8 or gb18030, found by the bytes)',
    zh: '文本文件的编码，如 utf-8、gb18030、big5、windows-1252（默认：utf-8 或 gb18030，自动判断）',
  },
  '--format': { en: 'of the file', zh: '文件格式' },
  '--yes': { en: 'do not ask', zh: '不询问' },
  '--dry-run': { en: 'plan and show, send nothing', zh: '试运行：只做计划并预览，不发送' },
  '--wait': {
    en: 'wait for the end although workers deliver',
    zh: '等到推送结束（即使由其他节点发送）',
  },
  '--key': {
    en: 'makes reruns safe: the same under the same key is sent once, anything else is refused',
    zh: '幂等键：同一键下内容相同只发一次，内容不同则拒绝',
  },
  '--include-no-credit': {
    en: 'send also to people who are known to have no subscription left (mp-subscribe, oa-subscribe)',
    zh: '也发给已知没有订阅次数的用户（mp-subscribe、oa-subscribe）',
  },
} as const satisfies Record<string, Words>;

export const pushHelp = {
  ...shared,
  push: {
    en: 'send one message to many: shows whom it would reach, asks, sends, reports',
    zh: '群发一条消息：先预览将发给谁，确认后发送，最后给出报告',
  },
  'push --to': {
    en: 'all, tag:ID, filter:ID, @file (CSV, TSV, XLSX, NDJSON, TXT), - for standard input, or openids with commas',
    zh: '推送对象：all、tag:标签编号、filter:筛选编号、@文件（CSV、TSV、XLSX、NDJSON、TXT）、-（标准输入）或逗号分隔的 openid',
  },
  'push --sync': {
    en: 'with --to all: fetch the follower list first',
    zh: '与 --to all 同用：先同步关注者列表',
  },
  'push --accept-loss': {
    en: 'with --sync: although over 5 % of the followers would be marked as gone',
    zh: '与 --sync 同用：即使超过 5% 的关注者将被标记为已取消关注，也继续',
  },
  'push --no-keep-columns': {
    en: 'do not keep the columns of the file with the campaign; exports cannot show them then',
    zh: '不保存文件中的各列；之后导出时不能再带上',
  },
  'push --dedupe': {
    en: 'openid, row, none or a column, whose empty cells equal nothing (default: row for files whose columns are used, else openid)',
    zh: '去重方式：openid、row、none 或列名（空单元格不算重复）；默认：用到文件的列时为 row，否则为 openid',
  },
  'push --on-invalid': {
    en: "what to do about rows that break a field's rule",
    zh: '遇到不合字段规则的行怎么办',
  },
  'push --test-to': {
    en: 'send one message to this openid and stop',
    zh: '只给这个 openid 发一条测试消息',
  },
  'push --key': {
    en: 'makes reruns safe: the same under the same key shows the campaign instead of sending, anything else is refused; a dry run does not use the key up',
    zh: '幂等键：同一键下内容相同时只显示原任务、不再发送，内容不同则拒绝；试运行不占用键',
  },
  'push --again': {
    en: 'although the same template went to the same audience within 24 hours',
    zh: '24 小时内已把同一模板推送给同一人群时，仍然推送',
  },
  'push --at': {
    en: 'send at this time, e.g. "2026-12-01 09:00" in the account\'s zone',
    zh: '定时发送，如 "2026-12-01 09:00"（账号所在时区）',
  },
  'push --cron': {
    en: 'send again and again, e.g. "0 9 * * 1" for Mondays at 9 in the account\'s zone (needs a running hongyan serve)',
    zh: '周期发送，如 "0 9 * * 1" 即每周一 9 点（账号所在时区；需有运行中的 hongyan serve）',
  },
  'push --rate': {
    en: "most messages per second of this campaign (default: the account's rate, which holds in any case)",
    zh: '本任务每秒至多条数（默认只受账号速率上限约束；账号上限始终有效）',
  },
  'push --valid-until': {
    en: 'what is not sent by then is not sent at all (default with --at: 6 hours after it)',
    zh: '截止时间，届时没发完的不再发送（用 --at 时默认为其后 6 小时）',
  },
  'push --valid-for': {
    en: 'with --cron: a run that could not begin in so many minutes is missed (default: 60)',
    zh: '与 --cron 同用：超过这么多分钟仍未能开始，本次就算错过（默认：60）',
  },
  'push --exclude': {
    en: 'leave out tag:ID, @file or campaign:ID; may be repeated',
    zh: '排除 tag:标签编号、@文件 或 campaign:任务编号，可重复',
  },
  'push --lang': {
    en: 'zh_CN, en_US, zh_HK or zh_TW (subscribe messages)',
    zh: '消息语言：zh_CN、en_US、zh_HK 或 zh_TW（订阅消息）',
  },
  'send --lang': {
    en: 'zh_CN, en_US, zh_HK or zh_TW (subscribe messages)',
    zh: '消息语言：zh_CN、en_US、zh_HK 或 zh_TW（订阅消息）',
  },
  'push --json': {
    en: 'print JSON; with --wait the last line is the report',
    zh: '以 JSON 输出；加 --wait 时最后一行是报告',
  },
  'push example': {
    en: `$ hongyan push --account wx0123456789abcdef --channel template --template TEMPLATE_ID \\
    --data keyword1=Title --data keyword2=Text --data keyword3=2026-11-22 --to all --dry-run
$ hongyan push --account wx0123456789abcdef --channel template --template TEMPLATE_ID \\
    --data 'thing1=Hello {{name}}' --url 'https://example.com/?order={{order}}' --to @orders.csv
$ mysql -B -e "select openid, name from users" | hongyan push … --to - --yes`,
    zh: `$ hongyan push --account wx0123456789abcdef --channel template --template TEMPLATE_ID \\
    --data keyword1=标题 --data keyword2=内容 --data keyword3=2026-11-22 --to all --dry-run
$ hongyan push --account wx0123456789abcdef --channel template --template TEMPLATE_ID \\
    --data 'thing1=您好，{{name}}' --url 'https://example.com/?order={{order}}' --to @orders.csv
$ mysql -B -e "select openid, name from users" | hongyan push … --to - --yes`,
  },
  'push notes': {
    en: "Rows that break a field's rule (--on-invalid): skip leaves them out and lists them, truncate shortens over-long thing fields and leaves out the rest, reject sends to nobody.",
    zh: '不合字段规则的行（--on-invalid）：skip 跳过并列出；truncate 截短过长的 thing 字段，其余跳过；reject 整批不发。',
  },
  schedules: {
    en: 'pushes that are repeated; add one with push --cron',
    zh: '定时任务：周期执行的推送，用 push --cron 添加',
  },
  'schedules list': {
    en: 'the schedules, when each runs next, the campaign that it made last and the time that it missed last',
    zh: '列出定时任务：下次执行时间、最近生成的任务、最近错过的时间',
  },
  'schedules list example': same('$ hongyan schedules list'),
  'schedules show': { en: 'one schedule', zh: '查看一个定时任务' },
  'schedules show example': same('$ hongyan schedules show 3'),
  'schedules pause': {
    en: 'nothing of it runs until it is resumed; campaigns that it started go on',
    zh: '暂停定时任务；已启动的推送任务继续进行',
  },
  'schedules pause example': same('$ hongyan schedules pause 3'),
  'schedules resume': {
    en: 'it runs again from its next time on',
    zh: '恢复定时任务，从下一个时间点起执行',
  },
  'schedules resume example': same('$ hongyan schedules resume 3'),
  'schedules edit': {
    en: 'change when it runs; what it sends stays',
    zh: '修改执行时间；推送内容不变',
  },
  'schedules edit --cron': { en: 'the new expression', zh: '新的 cron 表达式' },
  'schedules edit --valid-for': {
    en: 'a run that could not begin in so many minutes is missed',
    zh: '超过这么多分钟仍未能开始，本次就算错过',
  },
  'schedules edit example': same('$ hongyan schedules edit 3 --cron "30 9 * * 1"'),
  'schedules remove': {
    en: 'end a schedule; campaigns that it started go on',
    zh: '删除定时任务；已生成的推送任务继续进行',
  },
  'schedules remove example': same('$ hongyan schedules remove 3'),
} as const satisfies Record<string, Words>;
