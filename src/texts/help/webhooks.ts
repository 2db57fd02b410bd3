import { same, type Words } from '../catalogue.ts';

const id = { en: 'number of the webhook', zh: 'Webhook 编号' };

export const webhooksHelp = {
  webhooks: {
    en: 'URLs that are told of events and outcomes; a running serve or worker sends',
    zh: 'Webhook：把事件和推送结果通知给你的 URL，由运行中的 serve 或 worker 发送',
  },
  'webhooks add': {
    en: 'add a webhook; prints its secret once',
    zh: '添加 Webhook，签名密钥只显示这一次',
  },
  'webhooks add <appid>': { en: 'the account', zh: '账号的 AppID' },
  'webhooks add <url>': {
    en: 'http:// or https://, without a query; others see it in the list of processes',
    zh: 'http:// 或 https:// 地址，不带查询参数；同机用户可在进程列表中看到',
  },
  'webhooks add --url-file': {
    en: 'the URL from a file (- is standard input), for one with something secret in it',
    zh: '从文件读取 URL（- 为标准输入），用于地址中带有密钥的情况',
  },
  'webhooks add --topics': {
    en: 'comma-separated: receipt, follow, unfollow, scan, credit, message, session, mass, other, outcome.accepted, outcome.rejected, outcome.unknown, outcome.held, outcome.unsent, campaign; "outcome" stands for all outcomes, "all" for everything',
    zh: '逗号分隔：receipt 回执、follow 关注、unfollow 取消关注、scan 扫码、credit 订阅、message 用户消息、session 客服会话、mass 群发、other 其他事件、outcome.accepted、outcome.rejected、outcome.unknown、outcome.held、outcome.unsent 发送结果、campaign 任务状态；outcome 为全部发送结果，all 为全部',
  },
  'webhooks add --secret-file': {
    en: 'a secret of your own (whsec_…) instead of a new one',
    zh: '从文件读取签名密钥（whsec_…），不自动生成',
  },
  'webhooks add example': same(
    '$ hongyan webhooks add wx0123456789abcdef https://example.com/hook --topics follow,outcome',
  ),
  'webhooks list': { en: 'the webhooks, and how their deliveries fare', zh: '列出 Webhook 及其投递情况' },
  'webhooks list <appid>': { en: 'of this account only', zh: '只看该账号' },
  'webhooks list example': same('$ hongyan webhooks list'),
  'webhooks pause': {
    en: 'send nothing to it for now; what it is to be told is kept',
    zh: '暂停发送，要通知的内容先保留',
  },
  'webhooks pause <id>': id,
  'webhooks pause example': same('$ hongyan webhooks pause 1'),
  'webhooks resume': { en: 'send again, first what was kept', zh: '恢复发送，先发出保留的内容' },
  'webhooks resume <id>': id,
  'webhooks resume example': same('$ hongyan webhooks resume 1'),
  'webhooks rotate': {
    en: 'make a new secret; the old one signs beside it for a while, so that receivers can change over',
    zh: '更换签名密钥；旧密钥在一段时间内同时签名，便于接收方切换',
  },
  'webhooks rotate <id>': id,
  'webhooks rotate --secret-file': {
    en: 'a secret of your own (whsec_…) instead of a new one',
    zh: '从文件读取签名密钥（whsec_…），不自动生成',
  },
  'webhooks rotate --old-for': {
    en: 'for how many hours each POST is signed with both (default 24; 0 ends the old one now)',
    zh: '新旧密钥同时签名多少小时（默认 24；0 为旧密钥立即作废）',
  },
  'webhooks rotate example': same('$ hongyan webhooks rotate 1 --old-for 48'),
  'webhooks remove': { en: 'remove a webhook and its deliveries', zh: '删除 Webhook 及其投递记录' },
  'webhooks remove <id>': id,
  'webhooks remove --yes': { en: 'do not ask', zh: '不询问' },
  'webhooks remove example': same('$ hongyan webhooks remove 1'),
  'webhooks test': {
    en: 'send it one item of topic "test" now, and say what it answers',
    zh: '立即发送一条主题为 test 的测试，并显示对方的应答',
  },
  'webhooks test <id>': id,
  'webhooks test example': same('$ hongyan webhooks test 1'),
  'webhooks deliveries': {
    en: 'its newest deliveries; --state dead is the dead-letter list',
    zh: '最近的投递；--state dead 列出已放弃的',
  },
  'webhooks deliveries <id>': id,
  'webhooks deliveries --state': { en: 'of one state only', zh: '只看一种状态' },
  'webhooks deliveries --limit': { en: 'at most so many', zh: '最多条数' },
  'webhooks deliveries example': same('$ hongyan webhooks deliveries 1 --state dead'),
  'webhooks replay': {
    en: 'send all dead deliveries of a webhook once more, or one delivery of any state',
    zh: '重新投递该 Webhook 全部已放弃的，或指定的一个（任何状态）',
  },
  'webhooks replay <id>': id,
  'webhooks replay <delivery>': {
    en: 'its id, as "webhooks deliveries" shows it',
    zh: '投递 id，见 webhooks deliveries',
  },
  'webhooks replay example': same('$ hongyan webhooks replay 1'),
} as const satisfies Record<string, Words>;
