import { same, type Words } from '../catalogue.ts';

export const eventsHelp = {
  callback: {
    en: 'the URL to which WeChat pushes events and messages (消息推送)',
    zh: '消息推送：微信把事件和用户消息推送到的 URL',
  },
  'callback config': {
    en: "show or change how an account's pushes come, and print what to paste into WeChat's console",
    zh: '查看或修改账号的消息推送配置，并给出要填到微信后台的内容',
  },
  'callback config <appid>': { en: 'the account', zh: '账号的 AppID' },
  'callback config --url': {
    en: 'address of this Hongyan as WeChat reaches it, e.g. https://push.example.com',
    zh: '微信能访问到的本服务地址，如 https://push.example.com',
  },
  'callback config --mode': {
    en: 'plain (明文), compatible (兼容), secure (安全); default secure, plain for a sandbox account',
    zh: 'plain 明文模式、compatible 兼容模式、secure 安全模式；默认 secure，测试号为 plain',
  },
  'callback config --format': {
    en: 'data format; only Mini Programs know json',
    zh: '数据格式，只有小程序支持 json',
  },
  'callback config --forward-to': {
    en: 'relay every push to the URL that had them before, and answer with its reply; none ends it',
    zh: '把每次推送转发给原来接收推送的 URL，并用它的应答回复微信；none 为停止转发',
  },
  'callback config --forward-to-file': {
    en: 'the same from a file (- is standard input), for a URL with something secret in it',
    zh: '从文件读取转发地址（- 为标准输入），用于地址中带有密钥的情况',
  },
  'callback config --reply': {
    en: "to users' messages: none, transfer (to customer service), or text:TEXT (not for Mini Programs)",
    zh: '如何回复用户消息：none 不回复，transfer 转客服，text:文本 回复文本（小程序不支持）',
  },
  'callback config --exclusive': {
    en: 'nothing but Hongyan sends messages for this account',
    zh: '该账号只由鸿雁发送消息',
  },
  'callback config --no-exclusive': {
    en: 'other programs send for it too (default)',
    zh: '该账号也由其他程序发送消息（默认）',
  },
  'callback config --unsigned-from': {
    en: "take unsigned pushes of WeChat's cloud from these internal addresses; none ends it",
    zh: '接受微信云托管从这些内网网段发来的未签名推送；none 为不接受',
  },
  'callback config --token-file': {
    en: 'take the Token (令牌) from a file instead of making one',
    zh: '从文件读取 Token（令牌），不自动生成',
  },
  'callback config --aes-key-file': {
    en: 'take the EncodingAESKey from a file instead of making one',
    zh: '从文件读取 EncodingAESKey，不自动生成',
  },
  'callback config --rotate-key': { en: 'make a new EncodingAESKey', zh: '更换 EncodingAESKey' },
  'callback config --rotate-token': { en: 'make a new Token', zh: '更换 Token（令牌）' },
  'callback config --old-for': {
    en: 'how long the Token or key before is still taken, in hours (default 168, a week; 0 ends it now)',
    zh: '旧的 Token 或密钥还能用多少小时（默认 168，即一周；0 为立即作废）',
  },
  'callback config example': same(
    '$ hongyan callback config wx0123456789abcdef --url https://push.example.com',
  ),
  'callback check': {
    en: 'verify the URL and push a test event as WeChat would, then let WeChat look at the URL itself',
    zh: '按微信的方式验证 URL、推送一个测试事件，再请微信检测该 URL',
  },
  'callback check <appid>': { en: 'the account', zh: '账号的 AppID' },
  'callback check --url': {
    en: 'address to check instead of the one of "callback config --url"',
    zh: '要检测的地址，默认为 callback config --url 所设的地址',
  },
  'callback check --local': { en: 'without asking WeChat', zh: '不请微信检测' },
  'callback check example': same('$ hongyan callback check wx0123456789abcdef --url http://127.0.0.1:8790'),
  'callback remove': {
    en: 'take no more pushes for an account; its stored events stay',
    zh: '不再接收账号的推送，已存储的事件保留',
  },
  'callback remove <appid>': { en: 'the account', zh: '账号的 AppID' },
  'callback remove example': same('$ hongyan callback remove wx0123456789abcdef'),
  events: { en: 'what WeChat pushed to the callback URL', zh: '微信推送来的事件和消息' },
  'events list': {
    en: 'the newest events and messages of an account, and what became of the requests',
    zh: '账号最近的事件和消息，以及推送请求的处理情况',
  },
  'events list <appid>': { en: 'the account', zh: '账号的 AppID' },
  'events list --type': {
    en: 'of one type only, e.g. follow, message, unknown or unreadable',
    zh: '只看一种类型，如 follow、message、unknown、unreadable',
  },
  'events list --limit': { en: 'how many', zh: '条数' },
  'events list example': same('$ hongyan events list wx0123456789abcdef --type unknown'),
  'events show': { en: 'one event, raw, and what followed from it', zh: '一个事件的原文及其后续处理' },
  'events show <appid>': { en: 'the account', zh: '账号的 AppID' },
  'events show <id>': { en: 'its id, as "events list" shows it', zh: '事件 id，见 events list' },
  'events show example': same('$ hongyan events show wx0123456789abcdef 1764000000-17'),
  'events keep': {
    en: 'show or change how many days events are kept',
    zh: '查看或修改事件保留的天数',
  },
  'events keep <days>': { en: 'the new number of days', zh: '新的天数' },
  'events keep example': same('$ hongyan events keep 180'),
} as const satisfies Record<string, Words>;
