import type { Words } from '../catalogue.ts';

export const eventsTexts = {
  'callback.switchesOffOa': {
    en: 'First: switching on {name} for an account switches off, in its console, the automatic replies and the custom menu that were made there (menus made over the API stay). Every message of a user comes here, and whoever it concerns must answer.',
    zh: '请先了解：启用{name}后，后台设置的自动回复和自定义菜单随即失效（用接口创建的菜单不受影响），用户的每条消息都推送到这里，须由接收方回复。',
  },
  'callback.backOa': {
    en: 'The way back: press "{stop}" at the same place; replies and menu of the console work again as they were, and nothing comes here any more.',
    zh: '如何恢复：在同一位置点击“{stop}”，后台的自动回复和菜单恢复原样，这里不再收到任何推送。',
  },
  'callback.switchesOffMp': {
    en: 'First: switching on {name} sends every customer-service message here instead of to the customer-service tools of WeChat; --reply transfer hands them back.',
    zh: '请先了解：启用{name}后，客服消息推送到这里，不再进入微信的客服工具；--reply transfer 可以转交客服。',
  },
  'callback.backMp': {
    en: 'The way back: press "{stop}" at the same place; messages go to the customer-service tools again, and no events come any more.',
    zh: '如何恢复：在同一位置点击“{stop}”，客服消息重新进入客服工具，这里不再收到事件。',
  },
  'callback.paste': { en: 'Paste into {place}:', zh: '请填写到 {place}：' },
  'callback.noUrl': {
    en: 'YOUR-HOST is where WeChat reaches this Hongyan, http on port 80 or https on port 443. Store it with: hongyan callback config {appid} --url https://YOUR-HOST',
    zh: 'YOUR-HOST 是微信能访问到本服务的域名（http 为 80 端口，https 为 443 端口）。保存：hongyan callback config {appid} --url https://YOUR-HOST',
  },
  'callback.plain': {
    en: 'Plain mode: the signature does not cover the content, so whoever sees one request can invent others. Where the console offers a secure mode, choose it there first and then here.',
    zh: '明文模式：签名不覆盖内容，看到一次请求的人就能伪造其他请求。后台若可选安全模式，请先在后台切换，再在这里切换。',
  },
  'callback.previousKey': {
    en: 'What comes under the key before this one is read until {until}, and refused from then on: paste the new one before.',
    zh: '旧密钥加密的推送在 {until} 之前仍可解密，此后一律拒绝；请在此之前到微信后台填写新密钥。',
  },
  'callback.previousToken': {
    en: 'What is signed with the Token before this one is taken until {until}, and refused from then on: paste the new one before.',
    zh: '旧 Token 签名的推送在 {until} 之前仍可接收，此后一律拒绝；请在此之前到微信后台填写新 Token。',
  },
  'callback.forward': {
    en: 'Every push is relayed to {url}, which must know the same Token and EncodingAESKey, and its reply is the answer.',
    zh: '每次推送都转发到 {url}，并以它的应答回复微信；它必须使用相同的 Token 和 EncodingAESKey。',
  },
  'callback.noForward': {
    en: 'Nothing is relayed. An existing URL keeps getting its pushes with: --forward-to URL',
    zh: '不转发。若已有服务在接收推送，可用 --forward-to URL 让它继续收到。',
  },
  'callback.reply': { en: 'When a user writes: {reply}', zh: '用户发来消息时：{reply}' },
  'reply.none': { en: 'no reply', zh: '不回复' },
  'reply.transfer': { en: 'handed to customer service', zh: '转接客服' },
  'reply.text': { en: 'the text "{words}"', zh: '回复“{words}”' },
  'callback.exclusive': { en: 'Nothing but Hongyan sends for this account.', zh: '该账号只由鸿雁发送消息。' },
  'callback.unsigned': {
    en: 'Unsigned pushes with the header x-wx-source are taken from {blocks}. If a reverse proxy has such an address, everybody does: do not use it then.',
    zh: '接受来自 {blocks} 且带 x-wx-source 请求头的未签名推送。若反向代理也在这些地址，则任何人都能伪造，请勿使用。',
  },
  'callback.next': {
    en: 'Run "hongyan serve", submit the settings in the console, then: hongyan callback check {appid}',
    zh: '运行 hongyan serve，在后台提交上述配置，然后执行：hongyan callback check {appid}',
  },
  'callback.removed': {
    en: 'No more pushes are taken for {appid}; its events stay.',
    zh: '不再接收 {appid} 的推送；已存储的事件保留。',
  },
  'callback.none': {
    en: '{appid} has no callback settings. Make them with: hongyan callback config {appid} --url https://YOUR-HOST',
    zh: '{appid} 尚未配置消息推送。配置：hongyan callback config {appid} --url https://你的域名',
  },
  'callback.ok': { en: 'ok  ', zh: '通过' },
  'callback.bad': { en: 'BAD ', zh: '异常' },
  'callback.urlOk': { en: 'the URL is verified as WeChat verifies it', zh: 'URL 按微信的方式验证通过' },
  'callback.pushOk': {
    en: 'a signed test event was taken (stored as hongyan_check)',
    zh: '已接收一个签名的测试事件（存为 hongyan_check）',
  },
  'callback.forgedOk': { en: 'a wrong signature is refused', zh: '错误的签名被拒绝' },
  'callback.wechatOk': {
    en: 'WeChat looked the host up and reached it: {detail}',
    zh: '微信已解析并连通该域名：{detail}',
  },
  'callback.wechatNotSet': {
    en: 'WeChat has no URL for this account yet: paste the settings into its console',
    zh: '微信后台还没有该账号的 URL：请先填写配置',
  },
  'callback.answered': {
    en: '{name}: it answered {status} {body}',
    zh: '{name}：应答为 {status} {body}',
  },
  'callback.unreached': { en: '{name}: it cannot be reached: {code}', zh: '{name}：无法连接（{code}）' },
  'events.head': { en: 'id|created|type|openid|fields', zh: 'id|时间|类型|openid|内容' },
  'effect.done': { en: '{name}: done', zh: '{name}：已处理' },
  'effect.pending': { en: '{name}: pending, tried again by itself', zh: '{name}：待处理，会自动重试' },
  'effect.given-up': { en: '{name}: given up after 10 tries', zh: '{name}：重试 10 次后已放弃' },
  'events.follows': { en: 'The person follows since then.', zh: '该用户自此关注。' },
  'events.left': { en: 'The person does not follow since then.', zh: '该用户自此取消关注。' },
  'events.credit': {
    en: 'Credits of {template}: {delta} more',
    zh: '模板 {template} 的订阅次数：增加 {delta}',
  },
  'events.creditSet': {
    en: 'Credits of {template}: {sets} left',
    zh: '模板 {template} 的订阅次数：剩 {sets}',
  },
  'events.pending': { en: '[pending: {effects}]', zh: '[待处理：{effects}]' },
  'events.none': {
    en: 'No such events of {appid} yet. Receipts are kept apart: see campaigns show, campaigns export and messages show.',
    zh: '{appid} 还没有此类事件。回执另行保存：见 campaigns show、campaigns export 与 messages show。',
  },
  'events.counters': { en: 'requests of {day}: {list}', zh: '{day} 的请求：{list}' },
  'events.raw': {
    en: '{fields} cannot be read, as it came ({bytes} bytes): {raw}',
    zh: '{fields} 无法解析，原文（{bytes} 字节）：{raw}',
  },
  'events.kept': { en: 'Events are kept for {days} days.', zh: '事件保留 {days} 天。' },
} as const satisfies Record<string, Words>;
