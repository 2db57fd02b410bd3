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
  'webhooks.none': {
    en: 'No webhooks. Add one with: hongyan webhooks add APPID URL --topics follow,receipt',
    zh: '还没有 Webhook。添加：hongyan webhooks add APPID URL --topics follow,receipt',
  },
  'webhooks.removed': {
    en: 'Removed the webhook {id} and its deliveries.',
    zh: '已删除 Webhook {id} 及其投递记录。',
  },
  'webhooks.paused': {
    en: 'The webhook {id} is paused; what it is to be told waits.',
    zh: 'Webhook {id} 已暂停，待通知的内容会保留。',
  },
  'webhooks.resumed': {
    en: 'The webhook {id} is used again; what waited is sent.',
    zh: 'Webhook {id} 已恢复，等待中的投递将发出。',
  },
  'webhooks.unchanged': {
    en: 'The webhook {id} was {state} already.',
    zh: 'Webhook {id} 本来就是 {state}。',
  },
  'webhooks.tested': { en: '{host} took the test.', zh: '{host} 已接收测试。' },
  'webhooks.noDeliveries': {
    en: 'No such deliveries. Pending ones are tried again by themselves.',
    zh: '没有这样的投递。等待中的会自动重试。',
  },
  'webhooks.replayed': {
    en: '{n} deliveries are sent once more, under their old ids.',
    zh: '{n} 个投递将以原有 id 重新发出。',
  },
  'webhooks.removeAsk': {
    en: 'Remove the webhook {id} ({host}) with {waiting} items that it has not taken yet and {dead} dead deliveries?',
    zh: '删除 Webhook {id}（{host}）？还有 {waiting} 项内容未被接收，{dead} 个投递已进入死信。',
  },
} as const satisfies Record<string, Words>;
