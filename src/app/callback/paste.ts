import type { Lang } from '../../texts/catalogue.ts';
import { settingPlace } from '../../texts/wechat-settings.ts';
import type { CallbackView } from './callback.ts';

/** What is pasted into WeChat's console. The labels are the console's own words, in whatever language the rest is read. */
export interface CallbackPaste {
  /** The menu in which it is. */
  place: string;
  lines: { label: string; value: string }[];
}

export function callbackPaste(view: CallbackView, lang: Lang): CallbackPaste {
  return { place: settingPlace(view.kind, 'callback')[lang], lines: linesOf(view) };
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

const modeNames: Record<CallbackView['mode'], string> = {
  plain: '明文模式',
  compatible: '兼容模式',
  secure: '安全模式',
};
