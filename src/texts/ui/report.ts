import type { Words } from '../catalogue.ts';

export const reportTexts = {
  'state.dryRun': { en: 'dry run', zh: '空跑' },
  'state.left': { en: 'reading was cut off', zh: '读取中断' },
  'state.awaitsApproval': { en: 'waiting for approval', zh: '等待审批' },
  'reason.reader_gone': {
    en: 'its recipients were not read to their end, and the process that read them is gone',
    zh: '接收人没有读完，读取它的进程已不在',
  },
  'reason.never_confirmed': { en: 'nobody confirmed it within a day', zh: '一天内无人确认' },
  'reason.start_failed': {
    en: 'the process that made it failed before its start',
    zh: '创建它的进程在开始前失败',
  },
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
    zh: '等待至 {until}：今日剩余额度不给推送任务使用；查看：hongyan quota show {appid}',
  },
  'wait.minute': {
    en: 'waits for WeChat’s next minute, until {until}',
    zh: '等待微信的下一分钟，至 {until}',
  },
  'wait.ip': {
    en: 'waits: WeChat refuses the address of every node; it is asked again at {until}',
    zh: '等待：所有节点的 IP 都被微信拒绝；{until} 再次询问',
  },
  'wait.circuit': {
    en: 'waits: WeChat does not answer; it is asked again at {until}',
    zh: '等待：微信没有应答；{until} 再次尝试',
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
  'report.note': {
    en: 'Accepted means that WeChat took it; delivered is what a receipt says.',
    zh: '已受理指微信已接收；是否送达以回执为准。',
  },
  'report.noteChannel': {
    en: 'Accepted means that WeChat took it. For {channel} WeChat sends no receipts: nobody can know more.',
    zh: '已受理指微信已接收。微信不为 {channel} 推送回执，无法得知是否送达。',
  },
  'report.noteCallback': {
    en: 'Accepted means that WeChat took it. No receipts are expected, because the pushes of {appid} do not come to Hongyan; see: hongyan callback config {appid}',
    zh: '已受理指微信已接收。{appid} 的消息推送未接入鸿雁，不会有回执；接入方法：hongyan callback config {appid}',
  },
  'report.share': {
    en: 'sends at {percent} % of its rate until the callback keeps up with the receipts',
    zh: '回调处理跟不上回执，暂以速率的 {percent}% 发送',
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
  'reason.blocked-share': {
    en: 'too many of the first thousand refuse the messages of this account (blocked); look at audience and content before going on',
    zh: '首批一千条中用户拒收的比例过高；继续前请检查人群与内容',
  },
  'reason.held': {
    en: 'held for review, and no word from WeChat within 30 minutes: it may have been delivered',
    zh: '曾被微信转入审核，30 分钟内没有结论：可能已送达',
  },
  'reason.held-share': {
    en: 'WeChat held many of the first thousand for review and does not say what became of them; see its console before going on',
    zh: '首批一千条中有多条被微信转入审核，且无法得知结果；继续前请到微信后台查看',
  },
  'reason.timeout': { en: 'no answer in time: it may have arrived', zh: '超时未收到应答：可能已送出' },
  'reason.reset': {
    en: 'the connection broke before the answer: it may have arrived',
    zh: '应答前连接中断：可能已送出',
  },
  'reason.gateway': {
    en: "WeChat's gateway answered instead of WeChat: it may have arrived",
    zh: '网关代替微信应答：可能已送出',
  },
  'reason.FOLLOWER_LOSS': {
    en: 'FOLLOWER_LOSS, the follower list lost over 5 % at once',
    zh: 'FOLLOWER_LOSS，关注者列表一次减少了 5% 以上',
  },
  'reason.unparsable': {
    en: 'what answered was not WeChat: it may have arrived',
    zh: '应答不是微信返回的：可能已送出',
  },
  'reason.crash': {
    en: 'the process died before the answer was stored: it may have arrived',
    zh: '结果保存前进程中断：可能已送出',
  },
  'reason.connect': { en: 'no connection to WeChat: not sent', zh: '无法连接微信：未发送' },
  'reason.busy': { en: "WeChat's gateway was busy (503): not sent", zh: '微信网关繁忙（503）：未发送' },
  'reason.token': { en: 'no access token could be had: not sent', zh: '无法取得 access_token：未发送' },
  'reason.deadline': { en: 'stopped before it was sent', zh: '发送前已停止' },
  'reason.no-credit': {
    en: 'no subscription or form_id was left when its turn came: not sent',
    zh: '轮到时已无订阅次数或 form_id：未发送',
  },
  'reason.not-started': { en: 'not tried yet', zh: '尚未尝试' },
  'reason.interrupted': { en: 'stopped by ctrl-C', zh: '被 Ctrl-C 停止' },
  'reason.operator': { en: 'by an operator', zh: '由操作员停止' },
  'reason.dry_run': { en: 'it was a dry run', zh: '空跑' },
  'reason.nobody': { en: 'nobody was left to send to', zh: '没有可推送的接收人' },
  'reason.not_confirmed': { en: 'it was not confirmed', zh: '未确认' },
  'reason.audience_incomplete': { en: 'its recipients could not be read to the end', zh: '接收人未能读完' },
  'reason.invalid_rows': {
    en: '{rows} rows are not valid, and --on-invalid is reject',
    zh: '有 {rows} 行无效，而 --on-invalid 为 reject',
  },
  'state.staging': { en: 'reading recipients', zh: '读取接收人' },
  'state.planning': { en: 'planning', zh: '计划中' },
  'state.planned': { en: 'waiting for confirmation', zh: '等待确认' },
  'state.running': { en: 'sending', zh: '推送中' },
  'state.waiting': { en: 'sending (waits)', zh: '推送中（等待）' },
  'state.paused': { en: 'paused', zh: '已暂停' },
  'state.done': { en: 'done', zh: '已完成' },
  'state.cancelled': { en: 'cancelled', zh: '已取消' },
  'state.failed': { en: 'failed', zh: '失败' },
  'reason.expired': { en: 'its time was over before it could be sent', zh: '发送前已过有效期' },
  'reason.cancelled': { en: 'the campaign was cancelled first', zh: '任务已先被取消' },
  'reason.intercepted': {
    en: 'held for review, and blocked by WeChat: not delivered',
    zh: '审核未通过，被微信拦截：未送达',
  },
  'pause.intercepted': {
    en: 'WeChat intercepted messages of the first thousand; see the template and its content in the console before going on',
    zh: '微信拦截了首批 1000 条中的消息；请先在后台检查模板及内容，再继续',
  },
  'reason.restored': {
    en: 'the database was restored or failed over, and may have forgotten who was messaged; whoever may have been is unknown and is not sent to again',
    zh: '数据库曾被恢复或切换，可能丢失了推送记录；可能已收到的人记为结果未知，不会自动重发',
  },
  'reason.maybe-sent': {
    en: 'WeChat answered −1, and may have sent it all the same',
    zh: '微信返回 -1，但可能已送出',
  },
  'reason.handed-back': { en: 'handed back before it was sent', zh: '发送前已交回' },
  'reason.minute': {
    en: 'WeChat wants fewer calls per minute: not sent',
    zh: '微信要求降低每分钟调用次数：未发送',
  },
  'reason.park': { en: "the day's quota is used up: not sent", zh: '今日额度已用完：未发送' },
  'reason.node-ip': { en: "WeChat refuses this machine's address: not sent", zh: '微信拒绝本机 IP：未发送' },
  'reason.pause-account': { en: 'the account is paused: not sent', zh: '账号已暂停：未发送' },
} as const satisfies Record<string, Words>;
