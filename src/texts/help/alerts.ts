import { same, type Words } from '../catalogue.ts';

const id = { en: 'number of the alert channel', zh: '告警渠道编号' };

export const alertsHelp = {
  alerts: {
    en: 'who is told when a person is needed: a campaign paused, an account refused, a node gone; a running serve or worker tells',
    zh: '告警：任务暂停、账号不可用、节点失联等需要人工处理时通知谁；由运行中的 serve 或 worker 发送',
  },
  'alerts add': {
    en: 'add a channel: the robot of a group, an e-mail, or a signed POST',
    zh: '添加渠道：群机器人、邮件或带签名的 Webhook',
  },
  'alerts add <kind>': {
    en: 'wecom (企业微信), dingtalk (钉钉), feishu (飞书), email or webhook',
    zh: 'wecom 企业微信、dingtalk 钉钉、feishu 飞书、email 邮件、webhook',
  },
  'alerts add <url>': {
    en: 'http:// or https:// of a webhook, without a query; others see it in the list of processes',
    zh: 'Webhook 的 http:// 或 https:// 地址，不带查询参数；同机用户可在进程列表中看到',
  },
  'alerts add --url-file': {
    en: 'the address from a file (- is standard input): that of a robot has its key in it',
    zh: '从文件读取地址（- 为标准输入）：机器人的地址带有密钥',
  },
  'alerts add --secret-file': {
    en: 'dingtalk and feishu: the signing secret (加签, 签名校验); webhook: a secret of your own (whsec_…)',
    zh: '钉钉、飞书：加签或签名校验的密钥；webhook：自己的签名密钥（whsec_…）',
  },
  'alerts add --keyword': {
    en: 'dingtalk and feishu: a word that each message must have (自定义关键词)',
    zh: '钉钉、飞书：自定义关键词',
  },
  'alerts add --server': {
    en: 'email: the mail server; port 465 (default) is TLS, any other STARTTLS, which is required',
    zh: '邮件：SMTP 服务器；465（默认）为 TLS，其他端口必须支持 STARTTLS',
  },
  'alerts add --user': { en: 'email: whom to sign in as', zh: '邮件：登录用户名' },
  'alerts add --password-file': {
    en: 'email: its password from a file (- is standard input)',
    zh: '邮件：从文件读取密码（- 为标准输入）',
  },
  'alerts add --from': { en: 'email: the sender', zh: '邮件：发件地址' },
  'alerts add --to': { en: 'email: who gets it, comma-separated', zh: '邮件：收件地址，逗号分隔' },
  'alerts add --name': { en: 'a name for people', zh: '名称' },
  'alerts add --tell': { en: 'the language of what it is told', zh: '告警的语言' },
  'alerts add --accounts': {
    en: 'only what is wrong with these accounts, comma-separated (default: all, and the installation)',
    zh: '只通知这些账号的告警，逗号分隔（默认全部账号及整个安装）',
  },
  'alerts add example': same(
    '$ hongyan alerts add wecom --url-file robot-url\n$ hongyan alerts add dingtalk --url-file robot-url --secret-file robot-secret\n$ hongyan alerts add email --server smtp.example.com:465 --user a@example.com --password-file pw --from a@example.com --to b@example.com',
  ),
  'alerts list': { en: 'the channels, and how telling them fares', zh: '列出渠道及其发送情况' },
  'alerts list example': same('$ hongyan alerts list'),
  'alerts show': { en: 'one channel', zh: '查看一个渠道' },
  'alerts show <id>': id,
  'alerts show example': same('$ hongyan alerts show 1'),
  'alerts test': {
    en: 'send a test through it now, and say what it answers',
    zh: '立即发送一条测试，并显示对方的应答',
  },
  'alerts test <id>': id,
  'alerts test example': same('$ hongyan alerts test 1'),
  'alerts pause': {
    en: 'tell it nothing for now; what it is to be told is kept',
    zh: '暂停发送，内容先保留',
  },
  'alerts pause <id>': id,
  'alerts pause example': same('$ hongyan alerts pause 1'),
  'alerts resume': { en: 'tell it again, first what was kept', zh: '恢复发送，先发出保留的内容' },
  'alerts resume <id>': id,
  'alerts resume example': same('$ hongyan alerts resume 1'),
  'alerts remove': { en: 'remove a channel', zh: '删除渠道' },
  'alerts remove <id>': id,
  'alerts remove --yes': { en: 'do not ask', zh: '不询问' },
  'alerts remove example': same('$ hongyan alerts remove 1'),
  'alerts incidents': {
    en: 'what a person is or was needed for, the newest first',
    zh: '列出需要或曾需要人工处理的事件，最新的在前',
  },
  'alerts incidents --state': { en: 'of one state only', zh: '只看一种状态' },
  'alerts incidents --limit': { en: 'at most so many', zh: '最多条数' },
  'alerts incidents example': same('$ hongyan alerts incidents --state open'),
} as const satisfies Record<string, Words>;
