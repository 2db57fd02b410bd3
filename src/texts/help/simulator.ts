import { same, type Words } from '../catalogue.ts';

export const simulatorHelp = {
  simulate: {
    en: 'run a WeChat to test against: tokens, followers, templates, sends, quotas, faults and events over HTTP',
    zh: '启动模拟微信，用于测试：token、关注者、模板、发送、额度、故障和事件，都走真实 HTTP',
  },
  'simulate --port': { en: 'port to listen on; 0 takes a free one', zh: '监听端口，0 为自动选择' },
  'simulate --host': { en: 'address to listen on', zh: '监听地址' },
  'simulate --followers': {
    en: 'people per account; they cost no memory (default: 1000)',
    zh: '每个账号的人数，不占内存（默认：1000）',
  },
  'simulate --seed': {
    en: 'same seed, same openids and template ids (default: 1)',
    zh: '随机种子，相同种子的 openid 和模板 ID 相同（默认：1）',
  },
  'simulate --latency': { en: 'time until an answer (default: 0)', zh: '应答延迟，毫秒（默认：0）' },
  'simulate --jitter': {
    en: 'up to so much more, at random (default: 0)',
    zh: '延迟的随机增量上限，毫秒（默认：0）',
  },
  'simulate --appid': {
    en: 'appid of the account (default: from the seed)',
    zh: '账号的 appid（默认：由种子生成）',
  },
  'simulate --secret': {
    en: 'made-up AppSecret, 32 hex digits; never a real one (default: from the seed)',
    zh: '虚构的 AppSecret，32 位十六进制，请勿使用真实的（默认：由种子生成）',
  },
  'simulate --kind': {
    en: 'service, official, miniprogram, sandbox (default: service)',
    zh: '账号类型：service（服务号）、official（公众号，即订阅号）、miniprogram（小程序）、sandbox（测试号）（默认：service）',
  },
  'simulate --accounts': { en: 'JSON file with several accounts', zh: '定义多个账号的 JSON 文件' },
  'simulate --legacy': {
    en: 'the retired form_id message works (kinds sandbox and miniprogram)',
    zh: '启用已下线的 form_id 模板消息（sandbox 和 miniprogram）',
  },
  'simulate --fault': { en: 'something that goes wrong; may be repeated', zh: '制造故障，可重复指定' },
  'simulate --hold': {
    en: 'template messages that are held for review, a share from 0 to 1 (default: 0)',
    zh: '进入审核的模板消息比例，0 到 1（默认：0）',
  },
  'simulate --hold-blocked': {
    en: 'of those, which the review blocks (default: 0)',
    zh: '其中被拦截的比例（默认：0）',
  },
  'simulate --hold-minutes': {
    en: 'how long the review takes; off: until it is commanded (default: 30)',
    zh: '审核时长，分钟；off 表示等待指令（默认：30）',
  },
  'simulate --hold-events': {
    en: 'none, released, all: of which verdicts an event tells (default: released)',
    zh: '哪些审核结果推送事件：none（不推送）、released（放行的）、all（全部）（默认：released）',
  },
  'simulate --callback-url': {
    en: 'push events there, as WeChat does (default: no events)',
    zh: '事件推送到此地址，同“消息推送”（默认：不推送）',
  },
  'simulate --callback-token': {
    en: 'Token, 3 to 32 letters or digits (default: from the seed)',
    zh: 'Token，3 到 32 位字母或数字（默认：由种子生成）',
  },
  'simulate --callback-aes-key': {
    en: 'EncodingAESKey, 43 letters or digits (default: from the seed)',
    zh: 'EncodingAESKey，43 位字母或数字（默认：由种子生成）',
  },
  'simulate --callback-mode': {
    en: 'plain, compatible, secure (default: plain)',
    zh: '加解密方式：plain（明文）、compatible（兼容）、secure（安全）（默认：plain）',
  },
  'simulate --callback-format': {
    en: 'xml, json; json for kind miniprogram (default: xml)',
    zh: '数据格式：xml、json，json 仅用于小程序（默认：xml）',
  },
  'simulate --callback-unverified': {
    en: 'take the callback URL without asking it',
    zh: '不验证回调 URL 直接使用',
  },
  'simulate notes': {
    en: `Faults (KIND=RATE, a share from 0 to 1): any errcode such as -1 or 45011; 502, 503 and 504, a gateway's HTML page;
reset, before the request is read; cut, after the message was accepted; slow, five seconds late.

--hold 0.25 holds a quarter of the template messages for review (40252). After --hold-minutes each is delivered, or with
--hold-blocked 0.1 a tenth of them blocked and listed by queryblocktmplmsg; or on command: POST …/holds/release, …/holds/block.

Events go to --callback-url, whose "{appid}" becomes the appid; any port will do (WeChat allows http:80 and https:443).
It is asked for the echostr at the start, as WeChat does; --callback-unverified leaves that out.

--accounts FILE is a JSON array of accounts, each with the keys of AccountOptions:
  [{"kind": "service", "followers": 20000}, {"kind": "miniprogram", "creditsPerUser": 2}]`,
    zh: `故障写作 类型=比例（0 到 1）：任意 errcode，如 -1 或 45011；502、503、504 返回网关的 HTML 页面；
reset 在读取请求前断开；cut 在受理消息后断开；slow 延迟五秒。

--hold 0.25 让四分之一的模板消息进入审核（40252）。--hold-minutes 之后逐条放行；加 --hold-blocked 0.1 则其中一成被拦截，
可用 queryblocktmplmsg 查到。也可手动处理：POST …/holds/release、…/holds/block。

事件推送到 --callback-url，其中的 {appid} 换成各账号的 appid；端口不限（微信只允许 http:80 和 https:443）。
启动时先按微信的方式请求 echostr 验证；--callback-unverified 跳过验证。

--accounts FILE 是 JSON 账号数组，各项的键同 AccountOptions：
  [{"kind": "service", "followers": 20000}, {"kind": "miniprogram", "creditsPerUser": 2}]`,
  },
  'simulate example': same(
    '$ hongyan simulate --port 8780 --followers 1000000 --latency 50 --jitter 100 --fault cut=0.001 --fault 45011=0.01',
  ),
  demo: {
    en: 'the whole job in a minute, against a simulated WeChat: token, followers, template, push',
    zh: '一分钟演示全流程（对接模拟微信）：token、关注者、模板、推送',
  },
  'demo --followers': { en: 'how many followers', zh: '关注者数量' },
  'demo --open': {
    en: 'leave the console, the simulator and its phone running afterwards, until ctrl-C',
    zh: '结束后保留控制台、模拟器和模拟手机，按 Ctrl-C 结束',
  },
  'demo --phone-port': {
    en: 'where the phone of --open is; 0 takes a free port. The console: HONGYAN_LISTEN',
    zh: '--open 的模拟手机端口，0 为自动选择；控制台地址由 HONGYAN_LISTEN 决定',
  },
  'demo example': same('$ hongyan demo --open'),
} as const satisfies Record<string, Words>;
