import { same, type Words } from '../catalogue.ts';

/** accounts, rate, quota. */
export const accountsHelp = {
  accounts: { en: 'the WeChat accounts that Hongyan sends for', zh: '管理公众号、小程序账号' },
  'accounts add': {
    en: 'add an account, or change its settings; the AppSecret is asked for without echo',
    zh: '添加账号或修改其设置；AppSecret 在终端询问，输入不显示',
  },
  'accounts add --appid': { en: 'AppID, wx and 16 hex digits', zh: 'AppID，wx 加 16 位十六进制' },
  'accounts add --kind': {
    en: 'service (服务号), official (公众号), miniprogram (小程序) or sandbox (测试号)',
    zh: '账号类型：service 服务号，official 公众号（订阅号），miniprogram 小程序，sandbox 测试号',
  },
  'accounts add --secret-file': {
    en: 'file with the AppSecret; - reads standard input',
    zh: '存有 AppSecret 的文件；- 表示标准输入',
  },
  'accounts add --token-url-file': {
    en: 'file with the address of an existing token server (中控), from which access tokens are fetched instead of from WeChat',
    zh: '存有令牌中控地址的文件；access_token 从中控获取，不向微信获取',
  },
  'accounts add --without-token': {
    en: "inside WeChat's cloud, where calls carry no token",
    zh: '在微信云托管内使用，调用不带 token',
  },
  'accounts add --base-url': {
    en: 'another address than https://api.weixin.qq.com, such as a simulator',
    zh: '微信接口地址，默认 https://api.weixin.qq.com，可填模拟器的地址',
  },
  'accounts add --proxy-file': {
    en: 'file with the address of the outbound HTTP proxy of this account',
    zh: '存有该账号 HTTP 代理地址的文件',
  },
  'accounts add --name': { en: 'what you call it', zh: '名称，方便自己人辨认' },
  'accounts add --rate': {
    en: 'ceiling in messages per second (default 100)',
    zh: '每秒最多条数（默认 100）',
  },
  'accounts add --no-check': {
    en: 'store it without asking WeChat whether the credentials and the kind are right',
    zh: '不向微信核对凭证和账号类型，直接保存',
  },
  'accounts add notes': {
    en: 'The address, the proxy and the token URL decide where the AppSecret goes, so it is asked for again whenever one of them changes.',
    zh: '接口地址、代理和 token URL 决定 AppSecret 发往哪里，改动其中任何一项都要重新填写 AppSecret。',
  },
  'accounts add example': same(
    '$ hongyan accounts add --appid wx0123456789abcdef --kind sandbox --secret-file secret.txt',
  ),
  'accounts list': { en: 'the accounts', zh: '列出账号' },
  'accounts list example': same('$ hongyan accounts list'),
  'accounts show': {
    en: 'all settings of an account, without its secrets',
    zh: '查看账号的全部设置（不含密钥）',
  },
  'accounts show example': same('$ hongyan accounts show wx0123456789abcdef'),
  'accounts check': {
    en: 'ask WeChat whether the credentials work from this machine',
    zh: '向微信核对凭证，并检查本机 IP 是否在白名单',
  },
  'accounts check example': same('$ hongyan accounts check wx0123456789abcdef'),
  'accounts pause': {
    en: 'stop the account and all its running campaigns until it is resumed',
    zh: '暂停账号及其正在推送的任务，直到恢复',
  },
  'accounts pause example': same('$ hongyan accounts pause wx0123456789abcdef'),
  'accounts resume': {
    en: 'use an account again that was paused, by hand or because WeChat refused it as a whole',
    zh: '恢复已暂停的账号（人工暂停，或因被微信整体拒绝而暂停）',
  },
  'accounts resume example': same('$ hongyan accounts resume wx0123456789abcdef'),
  'accounts remove': {
    en: 'remove an account with its contacts, templates and campaigns',
    zh: '删除账号及其用户、模板和推送任务',
  },
  'accounts remove --yes': { en: 'do not ask', zh: '不再询问' },
  'accounts remove example': same('$ hongyan accounts remove wx0123456789abcdef'),
  'accounts rules': {
    en: 'show or change when and how often campaigns of an account may send',
    zh: '查看或修改推送规则：什么时段、多久、多少条',
  },
  'accounts rules --quiet': {
    en: 'no campaign messages in these hours, e.g. 22:00-08:00; off ends it',
    zh: '免打扰时段，如 22:00-08:00；off 取消',
  },
  'accounts rules --fatigue': {
    en: 'at most N campaign messages per person in D days, e.g. 3/7; off ends it',
    zh: '频次上限，每人 D 天内最多 N 条，如 3/7；off 取消',
  },
  'accounts rules --approval-above': {
    en: 'larger campaigns need a second person; off ends it',
    zh: '超过此人数的任务须由另一人审批；off 取消',
  },
  'accounts rules --canary-blocked': {
    en: 'so many of the first 1,000 of a large template campaign block: it pauses; off ends it',
    zh: '模板消息大任务试发的 1,000 条中拒收达到此比例即暂停；off 取消',
  },
  'accounts rules --canary-held': {
    en: 'so many of the first 1,000 of a large template campaign are held for review: it waits for the verdict; off ends it',
    zh: '模板消息大任务试发的 1,000 条中转入审核达到此比例即等待结果；off 取消',
  },
  'accounts rules --retry-system-busy': {
    en: 'attempts after a −1 where WeChat drops no repeats (all channels but oa-template), 0 to 10; each may arrive twice',
    zh: '微信不去重的渠道（oa-template 除外）遇 -1 再试几次，0 到 10；每次重试都可能让用户收到两条',
  },
  'accounts rules --keep-campaigns': {
    en: 'remove recipients and outcomes of campaigns that ended so long ago, their counts stay, and single messages; off keeps them for ever',
    zh: '任务结束多少天后清除接收人和结果（统计数保留），单条消息同样清除；off 永久保留',
  },
  'accounts rules --keep-events': {
    en: 'remove events, messages of users and receipts of the account after so many days; off: as events keep says',
    zh: '该账号的事件、用户消息与回执保留多少天；off 按 events keep 的设置',
  },
  'accounts rules --keep-audit': {
    en: 'remove rows of the audit about the account after so many days, 184 at least; off: as HONGYAN_AUDIT_KEEP_DAYS says',
    zh: '该账号的审计记录保留多少天，至少 184；off 按 HONGYAN_AUDIT_KEEP_DAYS',
  },
  'accounts rules --time-zone': {
    en: 'of quiet hours and schedules, e.g. Asia/Shanghai',
    zh: '免打扰时段和定时任务的时区，如 Asia/Shanghai',
  },
  'accounts rules --test-openids': {
    en: 'whom test messages may go to: up to 20 openids, separated by commas; off empties the list',
    zh: '测试名单：测试消息只能发给这些 openid，逗号分隔，最多 20 个；off 清空',
  },
  'accounts rules --popup-reject': {
    en: "what a user's reject in the consent dialog does to credits",
    zh: '用户在订阅弹窗点拒绝时，之前的订阅次数是否清零',
  },
  'accounts rules --wx-relay': {
    en: 'on: programs that speak WeChat may use the account at /wx/APPID of serve, with a key that has wx.relay',
    zh: 'on：已在用微信 SDK 的程序可经 serve 的 /wx/APPID 使用该账号，密钥须有 wx.relay 权限',
  },
  'accounts rules example': same(
    '$ hongyan accounts rules wx0123456789abcdef --quiet 22:00-08:00 --fatigue 3/7',
  ),

  rate: {
    en: 'the most messages per second of an account, over all nodes; counts within a second',
    zh: '账号每秒最多发送条数，所有节点合计，一秒内生效',
  },
  'rate <n>': {
    en: 'messages per second; without it, shows the present one',
    zh: '每秒条数；不写则查看当前值',
  },
  'rate --message-share': {
    en: 'of the rate, kept for single messages while there are some (default 20)',
    zh: '有单条消息时为其留出的百分比（默认 20）',
  },
  'rate example': same('$ hongyan rate wx0123456789abcdef 500'),

  quota: { en: 'how many messages WeChat lets an account send today', zh: '账号今日的接口额度' },
  'quota show': {
    en: 'limit and use of the send APIs, from WeChat and by our own count',
    zh: '查看发送接口的额度与用量（微信返回与本系统计数）',
  },
  'quota show example': same('$ hongyan quota show wx0123456789abcdef'),
  'quota set': {
    en: 'what WeChat does not tell: a limit, the reserve kept from campaigns, when the day starts',
    zh: '设置微信不提供的内容：额度、留给单条消息的比例、每日重置时间',
  },
  'quota set --channel': { en: 'the channel whose limit is set', zh: '设置哪个渠道的额度' },
  'quota set --daily': {
    en: 'daily limit of that channel; "auto" takes WeChat’s again',
    zh: '该渠道的每日额度；auto 改回以微信返回的为准',
  },
  'quota set --reserve': {
    en: 'share of a known limit that campaigns leave alone (default 5)',
    zh: '已知额度中留给单条消息的百分比，推送任务不用（默认 5）',
  },
  'quota set --reset': {
    en: 'when WeChat’s day starts, Asia/Shanghai (default 00:00)',
    zh: '额度每日重置时间，北京时间（默认 00:00）',
  },
  'quota set example': same('$ hongyan quota set wx0123456789abcdef --channel oa-template --daily 1000000'),
  'quota clear': {
    en: 'let WeChat set all daily counters of the account to zero (clear_quota, 10 times a month)',
    zh: '请微信清零该账号的全部每日调用次数（clear_quota，每月 10 次）',
  },
  'quota clear --yes': { en: 'do not ask', zh: '不再询问' },
  'quota clear example': same('$ hongyan quota clear wx0123456789abcdef'),
} as const satisfies Record<string, Words>;
