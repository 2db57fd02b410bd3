import type { Words } from '../catalogue.ts';

export const campaignsTexts = {
  'next.staging': {
    en: 'The process that read its recipients is gone, and nobody was messaged. Cancel it, and push again: {command}. By itself it is cancelled on {until}.',
    zh: '读取接收人的进程已不在，没有发送任何消息。请取消后重新推送：{command}。到 {until} 会自动取消。',
  },
  'next.planning': {
    en: 'Nobody is planning it at the moment. Plan, look and send with: {command}. If nobody does, it is cancelled on {until}.',
    zh: '目前没有进程在做计划。继续计划、查看并发送：{command}。否则到 {until} 自动取消。',
  },
  'next.planned': {
    en: 'Nobody has confirmed it. Send it to {n} recipients with: {command}; or end it with: hongyan campaigns cancel {id}. By itself it is cancelled on {until}.',
    zh: '尚无人确认。发送给 {n} 位接收人：{command}；或取消：hongyan campaigns cancel {id}。到 {until} 会自动取消。',
  },
  'prune.would': {
    en: 'Would remove {recipients} recipients and their outcomes of {campaigns} campaigns; their counts stay.',
    zh: '将清理 {campaigns} 个推送任务的 {recipients} 个接收人及其结果；计数保留。',
  },
  'prune.ask': {
    en: 'Remove {recipients} recipients and their outcomes of {campaigns} campaigns for good? They can be exported first; the counts stay.',
    zh: '永久清理 {campaigns} 个推送任务的 {recipients} 个接收人及其结果？可先导出；计数保留。',
  },
  'prune.done': {
    en: 'Removed {recipients} recipients of {campaigns} campaigns; their counts stay.',
    zh: '已清理 {campaigns} 个推送任务的 {recipients} 个接收人；计数保留。',
  },
  'watch.delivered': { en: '{n} delivered', zh: '已送达 {n}' },
  'campaigns.why': { en: 'Why: {reason}', zh: '原因：{reason}' },
  'campaigns.none': { en: 'No campaigns yet.', zh: '还没有推送任务。' },
  'campaigns.resumed': { en: 'Campaign {id} runs again.', zh: '推送任务 {id} 继续推送。' },
  'campaigns.rate': {
    en: "Campaign {id} sends at most {rate} messages/s, and never more than its account's rate.",
    zh: '推送任务 {id} 每秒至多 {rate} 条，且不超过账号的速率上限。',
  },
  'campaigns.rateOff': {
    en: "Campaign {id} has no rate of its own: its account's holds.",
    zh: '推送任务 {id} 没有单独的速率上限，以账号的为准。',
  },
  'campaigns.cancelled': {
    en: 'Campaign {id} is cancelled; whoever was not messaged stays so.',
    zh: '推送任务 {id} 已取消，尚未推送的不再推送。',
  },
  'campaigns.idle': {
    en: 'Nobody is sending it at the moment. Go on with: hongyan campaigns resume {id}',
    zh: '目前没有进程在推送。继续：hongyan campaigns resume {id}',
  },
  'campaigns.resendHeld': {
    en: 'Left out: {held} that WeChat holds for review; it delivers or blocks them by itself.',
    zh: '不含审核中的 {held} 个：微信会自行下发或拦截。',
  },
  'campaigns.resend': {
    en: 'Campaign {id} sends again to {recipients} recipients of campaign {from}.',
    zh: '推送任务 {id} 重发给任务 {from} 的 {recipients} 个接收人。',
  },
  'resend.failed': { en: '  {n} whom WeChat refused', zh: '  {n} 个被微信拒绝' },
  'resend.unknown': {
    en: '  {n} of unknown outcome: they may have it already, and get it twice',
    zh: '  {n} 个结果未知：可能已经收到，重发会收到两次',
  },
  'resend.unsent': { en: '  {n} who were not sent to', zh: '  {n} 个未发送' },
  'filters.none': {
    en: 'No filters of {appid}. Add one with: hongyan filters add {appid} NAME --tag ID …',
    zh: '{appid} 还没有筛选。添加：hongyan filters add {appid} 名称 --tag 编号 …',
  },
  'filters.one': {
    en: 'Filter {id} · {name}: {n} people at this moment, by {rules}. Send to them with: --to filter:{id}',
    zh: '筛选 {id} · {name}：此刻 {n} 人，规则 {rules}。推送对象写 --to filter:{id}',
  },
  'filters.unknown': {
    en: 'Not counted: {n} followers whose details nobody has fetched yet; with: hongyan followers sync {appid} --details',
    zh: '未计入 {n} 位尚未获取详情的关注者；获取：hongyan followers sync {appid} --details',
  },
  'filters.removed': { en: 'Filter {id} is removed.', zh: '已删除筛选 {id}。' },
  'drafts.none': {
    en: 'No drafts. They are written in the console, or over HTTP.',
    zh: '没有草稿。草稿在控制台编写，或通过 HTTP 保存。',
  },
  'drafts.planned': {
    en: 'Draft {id} is planned as campaign {campaign}; nobody is messaged yet. Look and send with: hongyan campaigns confirm {campaign}',
    zh: '草稿 {id} 已生成推送任务 {campaign}，尚未发送。查看并发送：hongyan campaigns confirm {campaign}',
  },
  'drafts.removed': { en: 'Draft {id} is removed.', zh: '已删除草稿 {id}。' },
  'schedules.added': {
    en: 'Schedule {id}: {cron} ({zone}). A running "hongyan serve" keeps it; see: hongyan schedules list',
    zh: '定时任务 {id}：{cron}（{zone}）。由运行中的 hongyan serve 执行；查看：hongyan schedules list',
  },
  'schedules.title': { en: 'Schedule {id} · {cron} ({zone})', zh: '定时任务 {id} · {cron}（{zone}）' },
  'schedules.minutes': { en: '{n} min', zh: '{n} 分钟' },
  'schedules.isPaused': { en: 'paused', zh: '已暂停' },
  'schedules.paused': {
    en: 'Schedule {id} is paused; campaigns that it started go on. Again with: hongyan schedules resume {id}',
    zh: '定时任务 {id} 已暂停；已启动的推送任务继续进行。恢复：hongyan schedules resume {id}',
  },
  'schedules.resumed': {
    en: 'Schedule {id} runs again, next at {next}. What came in between is not made up for.',
    zh: '定时任务 {id} 已恢复，下次执行：{next}。暂停期间的不补发。',
  },
  'schedules.none': {
    en: 'No schedules. Add one with: hongyan push … --cron "0 9 * * 1"',
    zh: '还没有定时任务。添加：hongyan push … --cron "0 9 * * 1"',
  },
  'schedules.removed': {
    en: 'Schedule {id} is removed; campaigns that it started go on.',
    zh: '已删除定时任务 {id}；它已启动的推送任务继续进行。',
  },
  'watch.rate': { en: '{rate} messages/s', zh: '{rate} 条/秒' },
  'watch.latency': { en: 'answers in {ms} ms', zh: '应答 {ms} 毫秒' },
  'watch.inFlight': {
    en: '{inFlight} in flight of {window} on {nodes} node(s)',
    zh: '并发 {inFlight} / {window}，{nodes} 个节点',
  },
  'watch.eta': { en: 'about {eta} left', zh: '约剩 {eta}' },
} as const satisfies Record<string, Words>;
