import { same, type Words } from '../catalogue.ts';

export const messagesHelp = {
  send: { en: 'send one message to one person', zh: '给一个人发一条消息' },
  'send --to': { en: 'who gets it', zh: '接收人的 openid' },
  'send --key': {
    en: 'makes repeats safe: the same key is the same message, sent once',
    zh: '幂等键：同一个键是同一条消息，只发一次',
  },
  'send --ref': { en: 'your own number for it; need not be unique', zh: '业务单号，可重复' },
  'send --valid-until': {
    en: 'if it cannot be sent by then, it is not sent at all',
    zh: '到时仍未发出就不再发送',
  },
  'send --include-no-credit': {
    en: 'also to somebody who is known to have no subscription left',
    zh: '已知没有订阅次数的人也发',
  },
  'send --wait': {
    en: 'wait for the outcome although workers send it (default 30 s; without workers always)',
    zh: '由其他节点发送时也等待结果（默认 30 秒；没有其他节点时总会等待）',
  },
  'send example': {
    en: `$ hongyan send --account wx0123456789abcdef --channel template --template TEMPLATE_ID \\
    --data keyword1=Title --data keyword2=Text --to OPENID --key order-1024`,
    zh: `$ hongyan send --account wx0123456789abcdef --channel template --template TEMPLATE_ID \\
    --data keyword1=标题 --data keyword2=内容 --to OPENID --key order-1024`,
  },
  messages: { en: 'single messages, and what became of them', zh: '单条消息及其结果' },
  'messages show': { en: 'one message', zh: '查看一条消息' },
  'messages show <id>': { en: 'its number', zh: '消息编号' },
  'messages show --account': { en: 'with --key: whose message it is', zh: '与 --key 同用：消息所属账号' },
  'messages show --key': { en: 'instead of its number: its key', zh: '不用编号时：消息的幂等键' },
  'messages show example': same('$ hongyan messages show 12'),
  'messages list': { en: 'the newest messages', zh: '列出最近的消息' },
  'messages list --account': { en: 'only of this account', zh: '只看这个账号' },
  'messages list --channel': { en: 'only of this channel', zh: '只看这个渠道' },
  'messages list --touser': { en: 'only to this openid', zh: '只看发给这个 openid 的' },
  'messages list --template': { en: 'only of this template', zh: '只看这个模板' },
  'messages list --state': { en: 'only in this state', zh: '只看这个状态' },
  'messages list --errcode': { en: 'only with this errcode', zh: '只看这个错误码' },
  'messages list --ref': { en: 'only with this number of your own', zh: '只看这个业务单号' },
  'messages list --from': {
    en: "created at this time or later, in the account's zone",
    zh: '只看此时起创建的（账号所在时区）',
  },
  'messages list --to': { en: 'created before this time', zh: '只看此时之前创建的' },
  'messages list --limit': { en: 'how many', zh: '条数' },
  'messages list --cursor': { en: 'the next page, as the one before says', zh: '下一页，值见上一页末尾' },
  'messages list example': {
    en: '$ hongyan messages list --limit 5\n$ hongyan messages list --account wx0123456789abcdef --state rejected --from 2026-11-20',
    zh: '$ hongyan messages list --limit 5\n$ hongyan messages list --account wx0123456789abcdef --state rejected --from 2026-11-20',
  },
  deliveries: {
    en: 'who got what, when, and what became of it: single messages and recipients of campaigns',
    zh: '查发送记录：谁在什么时候收到了什么、结果如何（单条消息与推送任务）',
  },
  'deliveries --touser': { en: 'to this openid', zh: '发给这个 openid 的' },
  'deliveries --ref': { en: 'with this number of your own', zh: '这个业务单号的' },
  'deliveries --msgid': { en: "with this msgid of WeChat's", zh: '微信消息号 msgid' },
  'deliveries --campaign': { en: 'of this campaign', zh: '这个推送任务的' },
  'deliveries --errcode': { en: 'that this errcode settled', zh: '以这个错误码告终的' },
  'deliveries --account': { en: 'only of this account', zh: '只看这个账号' },
  'deliveries --from': { en: "from this time on, in the account's zone", zh: '起始时间（账号所在时区）' },
  'deliveries --to': { en: 'before this time', zh: '截止时间（不含）' },
  'deliveries --limit': { en: 'how many', zh: '条数' },
  'deliveries --cursor': { en: 'the next page, as the one before says', zh: '下一页，值见上一页末尾' },
  'deliveries example': same(
    '$ hongyan deliveries --touser OPENID\n$ hongyan deliveries --errcode 43101 --from 2026-11-20',
  ),
  'messages prune': {
    en: 'remove messages that ended long ago, with their outcomes, receipts and keys',
    zh: '清理早已结束的消息，连同结果、回执和幂等键',
  },
  'messages prune --older-than': {
    en: "ended before so many days; default: each account's rule --keep-campaigns",
    zh: '结束超过多少天；默认按各账号的规则 --keep-campaigns',
  },
  'messages prune --account': { en: 'only of this account', zh: '只清理这个账号' },
  'messages prune --dry-run': { en: 'say how many would be removed', zh: '只显示将清理多少条' },
  'messages prune --yes': { en: 'do not ask', zh: '不再询问' },
  'messages prune example': same('$ hongyan messages prune --older-than 180 --dry-run'),
} as const satisfies Record<string, Words>;
