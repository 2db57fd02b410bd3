import type { Words } from '../catalogue.ts';

/** What `hongyan verify` asks WeChat, and what its answers mean. */
export const verifyTexts = {
  'verify.begin': {
    en: 'WeChat is asked what its documents leave open: at most {sends} sends, about 6 of them arrive. The report holds no secret and no openid.',
    zh: '向微信验证文档未说明的行为：最多 {sends} 次发送，约 6 条会送达。报告中不含密钥和 openid。',
  },
  'verify.ask': { en: '{what} ({sends} sends)', zh: '{what}（发送 {sends} 次）' },
  'verify.askFree': { en: '{what} (sends nothing)', zh: '{what}（不发送）' },
  'verify.line': { en: '{asked} → {verdict} [{observed}]', zh: '{asked} → {verdict} [{observed}]' },
  'verify.meaning': { en: '     {meaning}', zh: '     {meaning}' },
  'verify.end': {
    en: '{decided} of {count} questions are settled. The lines above are made to be shared: they help to correct the simulator.',
    zh: '{count} 个问题中 {decided} 个有了结论。以上内容可以公开分享，用于校正模拟微信。',
  },
  'verify.notAsked': {
    en: 'Not asked, because an account and a person cannot settle it in minutes: the hour at which quotas start again, repeats of pushes, clear_quota/v2, pre_auth_code, msgid of subscription messages, what -1 did, credits of refused sends, the lengths of short_thing and amount.',
    zh: '未验证（几分钟内无法确认）：额度重置时刻、推送重试、clear_quota/v2、pre_auth_code、订阅消息的 msgid、-1 是否已发送、被拒绝时是否消耗订阅次数、short_thing 与 amount 的长度。',
  },
  'verify.undecided': {
    en: 'settles nothing: another answer than was reckoned with',
    zh: '无法得出结论：返回与预期的几种都不同',
  },
  'verify.skipped': { en: 'not asked', zh: '未验证' },
  'asked.last-page': {
    en: 'What is next_openid on the last page of followers?',
    zh: '关注者列表最后一页的 next_openid 是什么？',
  },
  'verdict.last-page.openid': {
    en: 'the last openid, as the simulator has it (lastPageNextOpenid: openid)',
    zh: '最后一个 openid，与模拟微信默认一致（lastPageNextOpenid: openid）',
  },
  'verdict.last-page.empty': {
    en: 'empty (lastPageNextOpenid: empty)',
    zh: '空（lastPageNextOpenid: empty）',
  },
  'asked.foreign-openid': {
    en: 'Does one openid of nobody fail a whole user/info/batchget?',
    zh: '批量获取用户信息时，一个无效 openid 会让整个请求失败吗？',
  },
  'verdict.foreign-openid.fails-all': {
    en: 'yes, as the simulator has it (batchgetForeignOpenid: fail)',
    zh: '会，与模拟微信默认一致（batchgetForeignOpenid: fail）',
  },
  'verdict.foreign-openid.passed-over': {
    en: 'no, the others are answered (batchgetForeignOpenid: skip)',
    zh: '不会，其余照常返回（batchgetForeignOpenid: skip）',
  },
  'asked.blacklist-page': {
    en: 'How long is a page of the blacklist?',
    zh: '黑名单一页有多少个？',
  },
  'verdict.blacklist-page.thousand': {
    en: '1,000, as the simulator has it (blacklistPageSize: 1000)',
    zh: '1,000 个，与模拟微信默认一致（blacklistPageSize: 1000）',
  },
  'verdict.blacklist-page.larger': {
    en: 'more than 1,000 (blacklistPageSize: 10000)',
    zh: '超过 1,000 个（blacklistPageSize: 10000）',
  },
  'asked.order': {
    en: 'Are the values looked at before the link?',
    zh: '先检查字段内容，还是先检查跳转链接？',
  },
  'verdict.order.values-first': {
    en: 'the values first, as the simulator has it (sendCheckOrder)',
    zh: '先检查字段内容，与模拟微信默认一致（sendCheckOrder）',
  },
  'verdict.order.link-first': {
    en: 'the link first: put link before fields (sendCheckOrder)',
    zh: '先检查跳转链接：sendCheckOrder 中把 link 放在 fields 之前',
  },
  'asked.argument-text': {
    en: 'Is the text of 47003 cut to 48 characters?',
    zh: '47003 的文字会截断到 48 个字符吗？',
  },
  'verdict.argument-text.cut': {
    en: 'it is, as the simulator has it (argumentTextLimit: 48)',
    zh: '会，与模拟微信默认一致（argumentTextLimit: 48）',
  },
  'verdict.argument-text.whole': {
    en: 'it is not (argumentTextLimit: 0)',
    zh: '不会（argumentTextLimit: 0）',
  },
  'asked.retired': {
    en: 'What does the retired wxopen/template/send answer?',
    zh: '已下线的 wxopen/template/send 返回什么？',
  },
  'verdict.retired.code': {
    en: 'the errcode beside it (retiredErrcode)',
    zh: '上一行方括号中的错误码（retiredErrcode）',
  },
  'asked.emoji-length': {
    en: 'Is an emoji one character of the limit, or two?',
    zh: '一个 emoji 算 1 个字符还是 2 个？',
  },
  'verdict.emoji-length.code-points': {
    en: 'one, as the simulator and Hongyan count (lengthUnit: code-points)',
    zh: '算 1 个，与鸿雁和模拟微信一致（lengthUnit: code-points）',
  },
  'verdict.emoji-length.utf-16': {
    en: 'two (lengthUnit: utf16): Hongyan lets values pass that WeChat refuses',
    zh: '算 2 个（lengthUnit: utf16）：鸿雁放行的内容会被微信拒绝',
  },
  'asked.unicode-escapes': {
    en: 'Are \\uXXXX escapes taken in a body?',
    zh: '请求体中的 \\uXXXX 转义能用吗？',
  },
  'verdict.unicode-escapes.taken': {
    en: 'they are, as the simulator has it (refuseUnicodeEscapes: false); Hongyan sends none',
    zh: '能用，与模拟微信默认一致（refuseUnicodeEscapes: false）；鸿雁不使用转义',
  },
  'verdict.unicode-escapes.refused': {
    en: 'they are refused (refuseUnicodeEscapes: true); Hongyan sends none',
    zh: '会被拒绝（refuseUnicodeEscapes: true）；鸿雁不使用转义',
  },
  'asked.long-id': {
    en: 'Is a client_msg_id of 64 characters taken?',
    zh: '64 个字符的 client_msg_id 能用吗？',
  },
  'verdict.long-id.taken': {
    en: 'it is (clientMsgIdMax: 64 or more); Hongyan stays below 32',
    zh: '能用（clientMsgIdMax 至少 64）；鸿雁不超过 32 个字符',
  },
  'verdict.long-id.refused': {
    en: 'it is refused, as the simulator has it (clientMsgIdMax: 32)',
    zh: '会被拒绝，与模拟微信默认一致（clientMsgIdMax: 32）',
  },
  'asked.repeated-id': {
    en: 'What does the second send under one client_msg_id answer?',
    zh: '用同一个 client_msg_id 发第二次会返回什么？',
  },
  'verdict.repeated-id.same-msgid': {
    en: 'ok with the first msgid, as the simulator has it (duplicateClientMsgId: same-ok): a repeat after a crash is safe',
    zh: '成功并返回第一次的 msgid，与模拟微信默认一致（duplicateClientMsgId: same-ok）：崩溃后重发是安全的',
  },
  'verdict.repeated-id.other-msgid': {
    en: 'ok with another msgid: look whether the message came twice. If it did, client_msg_id protects nobody: tell us',
    zh: '成功但 msgid 不同：请看是否收到两条。若是两条，client_msg_id 不起去重作用，请告诉我们',
  },
  'verdict.repeated-id.refused': {
    en: 'the errcode beside it (duplicateClientMsgId): a repeat after a crash is safe',
    zh: '上一行方括号中的错误码（duplicateClientMsgId）：崩溃后重发是安全的',
  },
  'asked.identical-body': {
    en: 'Is the same body, sent twice within a minute without client_msg_id, refused?',
    zh: '不带 client_msg_id，一分钟内发两次相同内容会被拒绝吗？',
  },
  'verdict.identical-body.sent-again': {
    en: 'it is not, as the simulator has it (identicalWithin60s: false)',
    zh: '不会，与模拟微信默认一致（identicalWithin60s: false）',
  },
  'verdict.identical-body.refused': {
    en: 'it is (identicalWithin60s: true)',
    zh: '会（identicalWithin60s: true）',
  },
} as const satisfies Record<string, Words>;
