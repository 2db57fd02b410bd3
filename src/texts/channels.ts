import type { NameByEntrance, Words } from './catalogue.ts';

/** The channels as people call them; the names that programs use stand in docs/glossary.md. */
export const channelWords = {
  'oa-template': { en: 'template message', zh: '模板消息' },
  'oa-subscribe': { en: 'subscribe notification', zh: '订阅通知' },
  'oa-once': { en: 'one-time subscription', zh: '一次性订阅消息' },
  'mp-subscribe': { en: 'Mini Program subscribe message', zh: '小程序订阅消息' },
  'mp-form': { en: 'Mini Program template message', zh: '小程序模板消息' },
  kf: { en: 'customer-service message', zh: '客服消息' },
} as const satisfies Record<string, Words>;

/** A channel in an error: programs, and whoever reads English at a terminal, know it by the name that they give. */
export function channelName(channel: keyof typeof channelWords): NameByEntrance {
  const { en, zh } = channelWords[channel];
  return { names: { cli: { en: channel, zh }, http: channel, console: { en, zh }, code: channel } };
}
