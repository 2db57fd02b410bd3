import type { CallbackView } from './callback.ts';

/** What is pasted into WeChat's console, under the console's own words, in whatever language the rest is read. */
export interface CallbackPaste {
  /** The menu in which it is. */
  place: string;
  lines: { label: string; value: string }[];
}

export function callbackPaste(view: CallbackView): CallbackPaste {
  return { place: places[view.kind], lines: linesOf(view) };
}

/** While nobody has said the public address, with a host to be replaced. */
export function pastedUrl({ url, appid }: Pick<CallbackView, 'url' | 'appid'>): string {
  return url ?? `https://YOUR-HOST/callback/${appid}`;
}

/** A sandbox has two lines, and knows plain mode only. */
function linesOf(view: CallbackView): CallbackPaste['lines'] {
  const url = pastedUrl(view);
  const { token, encodingAesKey, mode, format } = view;
  if (view.kind === 'sandbox') {
    return [
      { label: 'URL', value: url },
      { label: 'Token', value: token },
    ];
  }
  return [
    { label: '服务器地址(URL)', value: url },
    { label: '令牌(Token)', value: token },
    { label: '消息加解密密钥(EncodingAESKey)', value: encodingAesKey },
    { label: '消息加解密方式', value: modeNames[mode] },
    { label: '数据格式', value: format.toUpperCase() },
  ];
}

/** Where each kind of account has these settings, since 2025-12-01. */
const places: Record<CallbackView['kind'], string> = {
  service: '微信开发者平台 developers.weixin.qq.com/platform → 我的业务 → 基础信息 → 域名与消息推送配置',
  official: '微信开发者平台 developers.weixin.qq.com/platform → 我的业务 → 基础信息 → 域名与消息推送配置',
  miniprogram: 'mp.weixin.qq.com → 管理 → 开发管理 → 开发设置 → 消息推送',
  sandbox: '测试号管理 → 接口配置信息',
};

const modeNames: Record<CallbackView['mode'], string> = {
  plain: '明文模式',
  compatible: '兼容模式',
  secure: '安全模式',
};
