import { same, type Words } from '../catalogue.ts';

export const campaignsHelp = {
  '<id>': { en: 'its number', zh: '编号' },
  campaigns: { en: 'what was pushed, and what became of it', zh: '推送任务：推送了什么，结果如何' },
  'campaigns list': { en: 'the newest campaigns', zh: '列出最近的推送任务' },
  'campaigns list --account': { en: 'only of this account', zh: '只看这个账号' },
  'campaigns list --limit': { en: 'how many', zh: '列出几个' },
  'campaigns list example': same('$ hongyan campaigns list --limit 5'),
  'campaigns show': { en: 'the report of one campaign', zh: '查看一个任务的报告' },
  'campaigns show --watch': {
    en: 'a live view until it ends: rate, latency, in flight, ETA, what it waits for',
    zh: '实时查看直到结束：速率、应答时间、并发、剩余时间、在等什么',
  },
  'campaigns show --json': {
    en: 'print JSON; with --watch a line each second',
    zh: '以 JSON 输出；加 --watch 时每秒一行',
  },
  'campaigns show example': same('$ hongyan campaigns show 12 --watch'),
  'campaigns export': {
    en: 'every recipient with its outcome, or every row that was left out',
    zh: '导出每个接收人的结果，或所有未列入的行',
  },
  'campaigns export --format': {
    en: 'CSV for spreadsheet programs, NDJSON or a workbook',
    zh: '表格软件用的 CSV、NDJSON 或工作簿',
  },
  'campaigns export --dropped': {
    en: 'the rows that the plan left out, with their reasons',
    zh: '导出未列入的行及原因',
  },
  'campaigns export --with-columns': {
    en: 'beside the columns of the file, in its order',
    zh: '带上原文件的各列，并按原顺序',
  },
  'campaigns export --out': {
    en: 'write there, for this user only, instead of to standard output',
    zh: '写入该文件（仅当前用户可读），不写到标准输出',
  },
  'campaigns export --plain': {
    en: 'CSV for programs: long numbers and formulas as they are',
    zh: '供程序读取的 CSV：长数字和公式原样输出',
  },
  'campaigns export example': same(
    '$ hongyan campaigns export 12 > outcomes.csv\n$ hongyan campaigns export 12 --with-columns --format xlsx --out outcomes.xlsx',
  ),
  'campaigns pause': {
    en: 'stop sending; what is in flight is finished, and nobody is forgotten',
    zh: '暂停推送；已发出的等到结果，其余保留',
  },
  'campaigns pause example': same('$ hongyan campaigns pause 12'),
  'campaigns cancel': {
    en: 'end a campaign for good; what is in flight is finished, the rest stays unsent',
    zh: '取消任务，不能恢复；已发出的等到结果，其余不再发送',
  },
  'campaigns cancel example': same('$ hongyan campaigns cancel 12'),
  'campaigns resume': {
    en: 'go on with a paused campaign; delivers here when no worker runs',
    zh: '继续已暂停的任务；没有运行中的节点时由本进程发送',
  },
  'campaigns resume example': same('$ hongyan campaigns resume 12'),
  'campaigns rate': {
    en: "change or show a campaign's own rate, also while it runs",
    zh: '修改或查看任务自己的速率上限，推送中也可以',
  },
  'campaigns rate <n>': {
    en: "messages per second, or off for only the account's rate; without it, shows the present one",
    zh: '每秒条数；off 表示只受账号上限约束；不写则查看当前值',
  },
  'campaigns rate example': same('$ hongyan campaigns rate 12 50'),
  'campaigns confirm': {
    en: 'start a planned campaign whose question nobody answered, a closed terminal’s for instance',
    zh: '确认并开始一个已做好计划、尚未确认的任务（例如终端被关掉了）',
  },
  'campaigns confirm --count': {
    en: 'do not ask: to so many recipients, as planned, and not if they are others',
    zh: '不询问：计划人数正好是这个数才开始',
  },
  'campaigns confirm example': same(
    '$ hongyan campaigns confirm 12\n$ hongyan campaigns confirm 12 --count 1500',
  ),
  'campaigns resend': {
    en: 'send the message of an ended campaign again, to some of its recipients, as a new campaign',
    zh: '把已结束任务的消息重发给其中一部分接收人（新建一个任务）',
  },
  'campaigns resend --what': {
    en: 'failed (refused), unknown (may have arrived already), unsent',
    zh: 'failed（被拒绝）、unknown（结果未知，可能已送出）、unsent（未发送）',
  },
  'campaigns resend --key': {
    en: 'makes it idempotent, as with push: one key is one resend',
    zh: '幂等键，同 push：一个键只重发一次',
  },
  'campaigns resend example': same('$ hongyan campaigns resend 12 --what failed unsent'),
  'campaigns approve': {
    en: "the second person's word for a campaign above the account's approval limit",
    zh: '审批：任务人数超过账号的审批上限时，须由另一人审批',
  },
  'campaigns approve notes': {
    en: 'Approval on the command line is a habit and no lock: whoever may run commands as another user of this machine can approve what they confirmed themselves.',
    zh: '命令行上的审批只是约定，不是锁：谁能以本机另一用户的身份运行命令，谁就能批准自己确认的任务。',
  },
  'campaigns approve example': same('$ hongyan campaigns approve 12'),
  'campaigns drafts': {
    en: 'campaigns that are still written, in the console or over HTTP',
    zh: '草稿：在控制台或通过 HTTP 编写、尚未生成计划的推送任务',
  },
  'campaigns drafts list': { en: 'the newest drafts', zh: '列出最近的草稿' },
  'campaigns drafts list --account': { en: 'only of this account', zh: '只看这个账号' },
  'campaigns drafts list --limit': { en: 'how many', zh: '列出几个' },
  'campaigns drafts list example': same('$ hongyan campaigns drafts list'),
  'campaigns drafts show': { en: 'one draft, as JSON', zh: '以 JSON 查看一个草稿' },
  'campaigns drafts show example': same('$ hongyan campaigns drafts show 4'),
  'campaigns drafts plan': {
    en: 'plan a campaign of it; nobody is messaged before it is confirmed',
    zh: '由草稿生成推送任务的计划；确认之前不会发送',
  },
  'campaigns drafts plan --again': {
    en: 'although the same went to the same people within 24 h',
    zh: '即使 24 小时内给同一人群推送过同样的内容',
  },
  'campaigns drafts plan example': same('$ hongyan campaigns drafts plan 4'),
  'campaigns drafts remove': {
    en: 'remove a draft; the campaign that was planned of it stays',
    zh: '删除草稿；由它生成的任务不受影响',
  },
  'campaigns drafts remove example': same('$ hongyan campaigns drafts remove 4'),
  'campaigns prune': {
    en: 'remove recipients and outcomes of campaigns that ended long ago; their counts stay',
    zh: '清理早已结束的任务的接收人明细和结果；计数保留',
  },
  'campaigns prune --older-than': {
    en: "ended before so many days; default: each account's rule --keep-campaigns",
    zh: '清理多少天前结束的；默认按各账号的 --keep-campaigns',
  },
  'campaigns prune --account': { en: 'only of this account', zh: '只清理这个账号' },
  'campaigns prune --dry-run': { en: 'say what would be removed', zh: '只显示将清理什么' },
  'campaigns prune example': same('$ hongyan campaigns prune --older-than 180 --dry-run'),
} as const satisfies Record<string, Words>;
