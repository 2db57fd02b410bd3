import type { Words } from './catalogue.ts';

/** What an operator has to find on WeChat's side. */
export type WechatSetting = 'callback' | 'secret' | 'ipList';
type Kind = 'service' | 'official' | 'miniprogram' | 'sandbox';

/** WeChat's pages exist in Chinese alone, so the names stand in both languages as they are there. */
function path(before: Words, names: string): Words {
  return { en: before.en + names, zh: before.zh + names };
}

const platform: Words = {
  en: 'WeChat developer platform (微信开发者平台, developers.weixin.qq.com/platform) → 我的业务 → 基础信息 → ',
  zh: '微信开发者平台（developers.weixin.qq.com/platform）→ 我的业务 → 基础信息 → ',
};
const sandbox: Words = {
  en: 'sandbox page (mp.weixin.qq.com/debug/cgi-bin/sandbox) → ',
  zh: '测试号管理页（mp.weixin.qq.com/debug/cgi-bin/sandbox）→ ',
};
const settings: Words = {
  en: 'mp.weixin.qq.com → 管理 → 开发管理 → 开发设置',
  zh: 'mp.weixin.qq.com → 管理 → 开发管理 → 开发设置',
};

const official = {
  callback: path(platform, '域名与消息推送配置'),
  secret: path(platform, '开发密钥'),
  ipList: path(platform, '开发密钥'),
};

/**
 * Where each setting is, as of WeChat's pages of 2025-12-01: since then 公众号 and 服务号 have them on 微信开发者平台 and no longer
 * under 开发接口管理 of mp.weixin.qq.com; Mini Programs stayed there.
 *
 * @see https://developers.weixin.qq.com/doc/service/guide/dev/migration.html
 */
const places: Readonly<Record<Kind, Readonly<Record<WechatSetting, Words>>>> = {
  service: official,
  official,
  miniprogram: { callback: path(settings, ' → 消息推送'), secret: settings, ipList: settings },
  sandbox: {
    callback: path(sandbox, '接口配置信息'),
    secret: path(sandbox, '测试号信息'),
    ipList: path(sandbox, '测试号信息'),
  },
};

export function settingPlace(kind: Kind, setting: WechatSetting): Words {
  return places[kind][setting];
}

/** What to do about 40164, of any kind of account. */
export const ipListAdvice = {
  en: 'Add the address named in the message: Official Accounts on the WeChat developer platform (developers.weixin.qq.com/platform), Mini Programs on mp.weixin.qq.com. At most 10 entries, ranges such as 203.0.113.0/24 included; it takes some minutes.',
  zh: `请把错误信息里的 IP 加入白名单：公众号、服务号在${official.ipList.zh}，小程序在 ${settings.zh}；最多 10 条，可填网段（如 203.0.113.0/24），几分钟后生效。`,
} as const;
