import type { Words } from '../catalogue.ts';

export const messagesTexts = {
  'send.taken': {
    en: 'Message {id} is stored and will be sent once; see: hongyan messages show {id}',
    zh: '消息 {id} 已保存，只会发送一次；查看：hongyan messages show {id}',
  },
  'send.repeat': {
    en: 'The key was used before, for the same message: nothing new is sent.',
    zh: '该幂等键已用于同一条消息，不会再次发送。',
  },
  'messages.none': {
    en: 'No single messages yet. Send one with: hongyan send',
    zh: '还没有单条消息。发送一条：hongyan send',
  },
  'messages.noneSuch': { en: 'No such messages.', zh: '没有符合条件的单条消息。' },
  'messages.more': { en: 'More: --cursor {cursor}', zh: '还有更多：加 --cursor {cursor}' },
  'messages.number': { en: 'id', zh: '编号' },
  'messages.account': { en: 'account', zh: '账号' },
  'messages.channel': { en: 'channel', zh: '渠道' },
  'messages.state': { en: 'state', zh: '状态' },
  'messages.why': { en: 'why', zh: '原因' },
  'messages.receipt': { en: 'receipt', zh: '回执' },
  'messages.key': { en: 'key', zh: '幂等键' },
  'messages.created': { en: 'created', zh: '创建时间' },
  'messages.title': { en: 'Message {id} to {openid}: {state}', zh: '消息 {id} 发给 {openid}：{state}' },
  'messages.ref': { en: 'ref {ref}', zh: '业务单号 {ref}' },
  'messages.msgid': { en: 'msgid {msgid}', zh: '微信 msgid：{msgid}' },
  'messages.attempts': { en: 'attempts: {n}', zh: '尝试次数：{n}' },
  'messages.next': {
    en: 'tried again, or for the first time, from {at}',
    zh: '最早在 {at} 再次（或首次）尝试',
  },
  'messages.pruneWould': {
    en: 'Would remove {messages} messages with their outcomes.',
    zh: '将删除 {messages} 条单条消息及其结果。',
  },
  'messages.pruneAsk': {
    en: 'Remove {messages} messages with their outcomes for good? Their keys are then free: the same key would be sent again.',
    zh: '永久删除 {messages} 条单条消息及其结果？幂等键也随之失效：再用同一个键会再次发送。',
  },
  'messages.pruned': { en: 'Removed {messages} messages.', zh: '已删除 {messages} 条单条消息。' },
  'deliveries.none': { en: 'Nothing was found.', zh: '没有找到。' },
  'deliveries.what': { en: 'what', zh: '来源' },
  'deliveries.refHead': { en: 'ref', zh: '业务单号' },
  'deliveries.when': { en: 'when', zh: '时间' },
  'messages.waiting': { en: 'waiting', zh: '等待中' },
  'messages.accepted': { en: 'accepted by WeChat', zh: '微信已受理' },
  'messages.noReceipt': { en: 'no receipt: accepted is not yet delivered', zh: '无回执：已受理不等于已送达' },
  'messages.inferred': {
    en: 'It was unknown until this receipt came, which can be about nothing else (inferred)',
    zh: '原为结果未知，由唯一可能的回执推断',
  },
  'messages.rejected': { en: 'rejected by WeChat', zh: '被微信拒绝' },
  'messages.unknown': {
    en: 'unknown: it may have arrived, and is not sent again by itself',
    zh: '结果未知：可能已送达，不会自动重发',
  },
  'messages.held': {
    en: 'held for review: WeChat delivers or blocks it by itself, and it is never sent again',
    zh: '审核中：微信会自行下发或拦截，不会重发',
  },
  'messages.heldUntil': { en: 'WeChat decides by about {at}', zh: '微信约在 {at} 前审完' },
  'messages.unsent': { en: 'not sent', zh: '未发送' },
} as const satisfies Record<string, Words>;
