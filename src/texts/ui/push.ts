import type { Words } from '../catalogue.ts';

export const pushTexts = {
  'error.line': { en: 'error: {what} [{code}]', zh: '错误：{what} [{code}]' },
  'push.readerGone': {
    en: 'The key "{key}" has campaign {id}, whose recipients were not read to their end, and whoever read them is gone: it is cancelled, and begun anew.',
    zh: '幂等键“{key}”对应的推送任务 {id} 未读完接收人，读取它的进程已不在：已取消，现重新开始。',
  },
  'ask.yes': { en: 'Yes', zh: '是' },
  'ask.no': { en: 'No', zh: '否' },
  'ask.cancelled': { en: 'Cancelled; nothing was changed.', zh: '已取消，未做任何改动。' },
  'push.contactsAge': {
    en: 'Recipients: {following} stored followers of {appid}, last synced {age}.',
    zh: '接收人：{appid} 已保存的 {following} 个关注者，上次同步于{age}。',
  },
  'push.contactsMp': {
    en: 'Recipients: {all} contacts of the Mini Program {appid} that were imported or messaged before; WeChat has no list of its users.',
    zh: '接收人：小程序 {appid} 导入或曾经推送过的 {all} 个用户；微信不提供小程序用户列表。',
  },
  'push.syncCalls': {
    en: 'Syncing takes about {calls} of the {limit} user/get calls a day ({used} used today).',
    zh: '同步约需每天 {limit} 次 user/get 中的 {calls} 次（今天已用 {used} 次）。',
  },
  'progress.line': { en: '{label}: {shown}', zh: '{label}：{shown}' },
  'push.staging': { en: 'reading recipients', zh: '读取接收人' },
  'push.planning': { en: 'planning', zh: '计划' },
  'push.sending': { en: 'sending', zh: '推送' },
  'push.warning': { en: 'Note: {message}', zh: '提示：{message}' },
  'push.planned': {
    en: 'Campaign {id} · {channel} · {appid}{name}',
    zh: '推送任务 {id} · {channel} · {appid}{name}',
  },
  'push.accountName': { en: ' ({name})', zh: '（{name}）' },
  'push.counts': {
    en: 'audience {audience} = to send {planned} + duplicate {duplicate} + invalid {invalid} + no credit {noCredit} + unfollowed {unfollowed} + excluded {excluded}',
    zh: '人群 {audience} = 将推送 {planned} + 重复 {duplicate} + 无效 {invalid} + 无订阅次数 {noCredit} + 未关注 {unfollowed} + 排除 {excluded}',
  },
  'push.credits': {
    en: 'credits: {reachable} reachable, {unknown} unknown, {noCredit} no credit, of {of}',
    zh: '订阅次数：可达 {reachable}，未知 {unknown}，无次数 {noCredit}，共 {of}',
  },
  'push.examples': { en: 'As it will be read ({n} shown):', zh: '收到的样子（显示 {n} 条）：' },
  'push.badRows': {
    en: 'Left out ({shown} of {total} shown):',
    zh: '未列入的行（显示 {shown} / {total}）：',
  },
  'push.badRow': { en: '  line {line}: {code} – {detail}', zh: '  第 {line} 行：{code} – {detail}' },
  'push.badCell': {
    en: '  line {line}, column "{column}": {code} – {detail}',
    zh: '  第 {line} 行“{column}”列：{code} – {detail}',
  },
  'push.badRowsMore': {
    en: '  all of them: hongyan campaigns export {id} --dropped',
    zh: '  查看全部：hongyan campaigns export {id} --dropped',
  },
  'push.ask': { en: 'Send to {planned} recipients?', zh: '推送给 {planned} 个接收人？' },
  'push.nobody': { en: 'Nobody is left to send to.', zh: '没有可推送的接收人。' },
  'push.quietHours': {
    en: 'Quiet hours {from}-{to}: it waits meanwhile, and goes on by itself.',
    zh: '免打扰时段 {from}-{to}：期间暂停，之后自动继续。',
  },
  'push.needsApproval': {
    en: 'It goes to more than {limit}: once confirmed, it waits for somebody else’s approval.',
    zh: '人数超过 {limit}：确认后还须由另一人审批。',
  },
  'card.to': { en: '  To {openid}: {title}', zh: '  发给 {openid}：{title}' },
  'card.line': { en: '{label}: {value}', zh: '{label}：{value}' },
  'card.opens': { en: 'opens {what}', zh: '点击打开 {what}' },
  'card.opensPage': { en: 'opens the page {page}', zh: '点击打开页面 {page}' },
  'card.opensProgram': { en: 'opens the Mini Program {appid} {page}', zh: '点击打开小程序 {appid} {page}' },
  'push.startsAt': { en: 'Starts at {at}.', zh: '开始时间：{at}。' },
  'push.validUntil': {
    en: 'What is not sent by {until} is not sent at all.',
    zh: '有效期至 {until}，届时尚未发送的不再发送。',
  },
  'push.cancelled': {
    en: 'Cancelled; nobody was messaged. The campaign {id} is kept in the list.',
    zh: '已取消，没有推送给任何人。任务 {id} 保留在列表中。',
  },
  'push.dryRun': { en: 'Dry run: nobody was messaged.', zh: '试运行：没有推送给任何人。' },
  'push.comparing': { en: 'comparing', zh: '比对' },
  'push.exists': {
    en: 'A repeat: the key "{key}" was used for the same, campaign {id} ({state}). Nothing new was started.',
    zh: '重复运行：幂等键“{key}”已用于内容相同的推送任务 {id}（{state}）。没有启动新的任务。',
  },
  'push.continues': {
    en: 'The key "{key}" has campaign {id}, which was not started yet: going on with it.',
    zh: '幂等键“{key}”对应的推送任务 {id} 尚未开始，继续该任务。',
  },
  'push.twin': {
    en: 'Campaign {id} sent the same template to the same audience {age}.',
    zh: '推送任务 {id} 在{age}已把同一模板推送给同一人群。',
  },
  'push.twinAsk': { en: 'Send it again?', zh: '再推送一次？' },
  'push.foreground': {
    en: 'No worker is running, so this process delivers. Ctrl-C pauses the campaign.',
    zh: '没有运行中的节点，由本进程推送。按 Ctrl-C 可暂停任务。',
  },
  'push.worker': {
    en: 'Campaign {id} runs on {nodes} node(s). Follow it with: hongyan campaigns show {id}',
    zh: '推送任务 {id} 正在 {nodes} 个节点上运行。查看：hongyan campaigns show {id}',
  },
  'push.parked': {
    en: 'Parked. Resume with: hongyan campaigns resume {id}',
    zh: '已暂停。继续：hongyan campaigns resume {id}',
  },
  'push.paused': { en: 'Paused: {reason}', zh: '已暂停：{reason}' },
  'push.resumeHint': {
    en: 'When that is mended: hongyan campaigns resume {id}',
    zh: '处理后继续：hongyan campaigns resume {id}',
  },
  'push.testSent': { en: 'Test message to {openid}: {outcome}', zh: '测试发送给 {openid}：{outcome}' },
  'push.withId': { en: '{what} ({name} {id})', zh: '{what}（{name} {id}）' },
  'push.seconds': {
    en: 'At {rate}/s this takes about {seconds} s.',
    zh: '按每秒 {rate} 条，约需 {seconds} 秒。',
  },
  'push.minutes': {
    en: 'At {rate}/s this takes about {minutes} min.',
    zh: '按每秒 {rate} 条，约需 {minutes} 分钟。',
  },
  'push.quota': {
    en: 'Calls needed: {needs}; left for campaigns today: {left} (limit from {source}).',
    zh: '需要 {needs} 次调用；今天推送任务还可用 {left} 次（额度来源：{source}）。',
  },
  'push.quotaShort': {
    en: 'The last {rest} wait for the next day of WeChat, from {until}, and then go on by themselves.',
    zh: '最后 {rest} 条将等到微信的次日额度（{until} 起）自动继续。',
  },
  'push.awaitsApproval': {
    en: 'Campaign {id} to {planned} recipients waits for a second person: hongyan campaigns approve {id}',
    zh: '推送任务 {id}（{planned} 个接收人）等待另一人审批：hongyan campaigns approve {id}',
  },
  'push.canary': {
    en: 'WeChat punishes unsolicited bulk template messages: the first 1,000 go alone (about 30 minutes if WeChat reviews them), and the rest only if WeChat intercepts none of them.',
    zh: '微信会处罚未经用户同意的批量模板消息：先发 1,000 条，若转入审核约需 30 分钟；微信没有拦截，才继续发送其余的。',
  },
} as const satisfies Record<string, Words>;
