import type { Words } from '../catalogue.ts';

export const reportTexts = {
  'state.dryRun': { en: 'dry run', zh: '试运行' },
  'state.left': { en: 'reading was cut off', zh: '读取中断' },
  'state.awaitsApproval': { en: 'waiting for approval', zh: '待审批' },
  'wait.account': {
    en: 'waits: the account is paused. When WeChat accepts it again: hongyan accounts check {appid}',
    zh: '等待：账号已暂停。微信恢复接受后运行：hongyan accounts check {appid}',
  },
  'wait.start': { en: 'waits for its start, until {until}', zh: '等待开始时间：{until}' },
  'wait.quiet': {
    en: 'waits for the quiet hours of {appid} to end, until {until}',
    zh: '处于 {appid} 的免打扰时段，等到 {until}',
  },
  'wait.canary': {
    en: 'waits for the receipts of the first 1,000, at most a minute; the rest follows if few of them block',
    zh: '等待首批 1,000 条的回执（最多一分钟）；拒收不多则继续发送其余',
  },
  'wait.quota': {
    en: 'waits for the daily quota of WeChat, until {until}; or: hongyan quota clear {appid}',
    zh: '等待微信的每日额度，至 {until}；或运行：hongyan quota clear {appid}',
  },
  'wait.canary-held': {
    en: 'waits: WeChat holds {held} of the first {of} for review, which takes about 30 minutes; the rest follows if it blocks none, about {until}',
    zh: '等待审核：首批 {of} 条中有 {held} 条被微信转入审核，约需 30 分钟（至 {until}）；没有拦截则继续发送其余',
  },
  'wait.parked': { en: 'waits until {until}: {why}', zh: '等待至 {until}：{why}' },
  'wait.reserve': {
    en: 'waits until {until}: what is left of today’s quota is kept from campaigns; see: hongyan quota show {appid}',
    zh: '等待至 {until}：今日剩余额度已留给单条消息；查看：hongyan quota show {appid}',
  },
  'wait.minute': {
    en: 'waits for WeChat’s next minute, until {until}',
    zh: '等待微信的下一分钟，至 {until}',
  },
  'wait.ip': {
    en: 'waits: WeChat refuses the address of every node; it is asked again at {until}',
    zh: '等待：所有节点的 IP 都被微信拒绝；{until} 重试',
  },
  'wait.circuit': {
    en: 'waits: WeChat does not answer; it is asked again at {until}',
    zh: '等待：微信没有应答；{until} 重试',
  },
  'report.title': { en: 'Campaign {id} · {state}', zh: '推送任务 {id} · {state}' },
  'report.accepted': { en: 'accepted by WeChat', zh: '微信已受理' },
  'report.rejected': { en: 'rejected', zh: '被拒绝' },
  'report.unknown': { en: 'unknown', zh: '结果未知' },
  'report.held': { en: 'held for review', zh: '审核中' },
  'report.heldUntil': {
    en: 'WeChat decides of them by about {until}, and delivers or blocks them by itself',
    zh: '微信约在 {until} 前审完，自行下发或拦截',
  },
  'report.heldLate': {
    en: 'WeChat should have decided by {until}; whoever runs next (serve, worker, push) finds out what it says',
    zh: '微信应已在 {until} 前审完；下次运行 serve、worker 或 push 时查询结果',
  },
  'report.unsent': { en: 'not sent', zh: '未发送' },
  'report.maybeTwice': { en: 'possibly twice', zh: '可能重复' },
  'report.pruned': {
    en: 'Its recipients were removed on {at}; only the counts are left.',
    zh: '接收人明细已于 {at} 清理，仅保留计数。',
  },
  'report.rate': { en: '{rate} messages/s', zh: '{rate} 条/秒' },
  'report.ownRate': {
    en: 'at most {rate} messages/s, by its own rate',
    zh: '任务速率上限：每秒 {rate} 条',
  },
  'report.note': {
    en: 'Accepted means that WeChat took it; delivered is what a receipt says.',
    zh: '“已受理”只表示微信收下了消息；是否送达以回执为准。',
  },
  'report.noteChannel': {
    en: 'Accepted means that WeChat took it. For this channel ({channel}) WeChat sends no receipts: nobody can know more.',
    zh: '“已受理”只表示微信收下了消息。微信不推送{channel}的回执，无法得知是否送达。',
  },
  'report.noteCallback': {
    en: 'Accepted means that WeChat took it. No receipts are expected, because the pushes of {appid} do not come to Hongyan; set them up with: hongyan callback config {appid} --url https://YOUR-HOST',
    zh: '“已受理”只表示微信收下了消息。{appid} 的消息推送未接入鸿雁，不会有回执；接入：hongyan callback config {appid} --url https://你的域名',
  },
  'report.share': {
    en: 'sends at {percent} % of its rate until the callback keeps up with the receipts',
    zh: '消息推送处理跟不上回执，暂以速率的 {percent}% 发送',
  },
  'receipt.delivered': { en: 'delivered', zh: '已送达' },
  'receipt.blocked': { en: 'blocked by the user', zh: '用户拒收' },
  'receipt.failed-system': { en: 'failed: system', zh: '送达失败：系统原因' },
  'receipt.failed-frequency': { en: 'failed: frequency limit of the user', zh: '送达失败：用户接收频率限制' },
  'receipt.failed-other': { en: 'failed: other', zh: '送达失败：其他原因' },
  'receipt.waiting': { en: 'no receipt yet', zh: '等待回执' },
  'receipt.late': { en: 'no receipt after 24 h', zh: '24 小时内无回执' },
  'receipt.inferred': {
    en: '{n} of them were unknown until a receipt came that can be nobody else’s (inferred)',
    zh: '其中 {n} 条原为结果未知，由唯一可能的回执推断',
  },
  'state.staging': { en: 'reading recipients', zh: '读取中' },
  'state.planning': { en: 'planning', zh: '计划中' },
  'state.planned': { en: 'waiting for confirmation', zh: '待确认' },
  'state.running': { en: 'sending', zh: '推送中' },
  'state.waiting': { en: 'sending (waits)', zh: '推送中（等待）' },
  'state.paused': { en: 'paused', zh: '已暂停' },
  'state.done': { en: 'done', zh: '已完成' },
  'state.cancelled': { en: 'cancelled', zh: '已取消' },
  'state.failed': { en: 'failed', zh: '失败' },
} as const satisfies Record<string, Words>;
