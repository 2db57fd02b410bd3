import type { Words } from '../catalogue.ts';

export const webhooksTexts = {
  'webhooks.added': {
    en: 'Added the webhook {id}: {host} is told of {topics}.',
    zh: '已添加 Webhook {id}：{host} 将收到 {topics}。',
  },
  'webhooks.secret': {
    en: 'Its secret, shown this once; the receiver checks signatures with it: {secret}',
    zh: '签名密钥，仅显示这一次，接收方用它验签：{secret}',
  },
  'webhooks.oldUntil': {
    en: 'Each POST is signed with the old secret, too, until {until}: let the receiver change over before.',
    zh: '在 {until} 之前，每次投递同时用旧密钥签名；请在此之前让接收方换用新密钥。',
  },
  'webhooks.oldEnded': { en: 'The old secret signs nothing any more.', zh: '旧密钥已作废。' },
  'webhooks.none': {
    en: 'No webhooks. Add one with: hongyan webhooks add APPID URL --topics follow,receipt',
    zh: '还没有 Webhook。添加：hongyan webhooks add APPID URL --topics follow,receipt',
  },
  'webhooks.head': {
    en: 'id|account|host|topics|state|waiting|dead|last error',
    zh: '编号|账号|主机|主题|状态|待投递|已放弃|最近错误',
  },
  'webhooks.active': { en: 'active', zh: '正常' },
  'webhooks.paused': { en: 'paused', zh: '已暂停' },
  'webhooks.down': { en: 'down', zh: '无响应' },
  'webhooks.removed': {
    en: 'Removed the webhook {id} and its deliveries.',
    zh: '已删除 Webhook {id} 及其投递记录。',
  },
  'webhooks.nowPaused': {
    en: 'The webhook {id} is paused; what it is to be told waits.',
    zh: 'Webhook {id} 已暂停，待通知的内容会保留。',
  },
  'webhooks.nowActive': {
    en: 'The webhook {id} is used again; what waited is sent.',
    zh: 'Webhook {id} 已恢复，保留的内容将发出。',
  },
  'webhooks.alreadyPaused': { en: 'The webhook {id} was paused already.', zh: 'Webhook {id} 已是暂停状态。' },
  'webhooks.alreadyActive': {
    en: 'The webhook {id} was active already.',
    zh: 'Webhook {id} 未暂停，无需恢复。',
  },
  'webhooks.tested': { en: '{host} took the test.', zh: '{host} 已收下测试。' },
  'webhooks.noDeliveries': {
    en: 'No such deliveries. Pending ones are tried again by themselves.',
    zh: '没有这样的投递。待投递的会自动重试。',
  },
  'webhooks.deliveriesHead': {
    en: 'id|made|items|state|attempts|next attempt|last error',
    zh: 'id|生成时间|项数|状态|次数|下次重试|最近错误',
  },
  'webhooks.pending': { en: 'pending', zh: '待投递' },
  'webhooks.delivered': { en: 'delivered', zh: '已投递' },
  'webhooks.dead': { en: 'dead', zh: '已放弃' },
  'webhooks.replayed': {
    en: '{n} deliveries are sent once more, under their old ids.',
    zh: '{n} 个投递将以原 id 重新发出。',
  },
  'webhooks.removeAsk': {
    en: 'Remove the webhook {id} ({host}) with {waiting} items that it has not taken yet and {dead} dead deliveries?',
    zh: '删除 Webhook {id}（{host}）？还有 {waiting} 项内容未被接收，{dead} 个投递已放弃。',
  },
} as const satisfies Record<string, Words>;
