import { readFileSync } from 'node:fs';
import { signCallback } from '../../../src/wechat/callback/crypto.ts';
import type { CallbackKeys } from '../../../src/wechat/callback/keys.ts';
import type { CallbackMode } from '../../../src/wechat/callback/open-callback.ts';
import { sealMessage } from '../../../src/wechat/callback/reply.ts';

/** A public example of WeChat's encryption; `source` names where it stands. */
export interface CallbackVector {
  id: string;
  kind: 'url-verify' | 'plain-post' | 'decrypt' | 'reply-encrypt' | 'encrypt';
  source: string;
  verified: boolean;
  token?: string;
  /** EncodingAESKey. */
  key?: string;
  appid?: string;
  timestamp?: string;
  nonce?: string;
  echostr?: string;
  signature?: string;
  msg_signature?: string;
  encrypt?: string;
  plaintext?: string;
  random?: string;
}

export const callbackVectors = JSON.parse(
  readFileSync(new URL('./vectors.json', import.meta.url), 'utf8'),
) as CallbackVector[];

export const testKeys: CallbackKeys = {
  appid: 'wx0123456789abcdef',
  token: 'hongyan2026',
  aesKeys: ['abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG'],
};

export interface PushedRequest {
  query: URLSearchParams;
  body: Buffer;
}

/** A push as WeChat makes it from `content`, which begins with `<` or `{`. */
export function pushRequest(
  content: string,
  mode: CallbackMode,
  keys: CallbackKeys = testKeys,
  nonce = '415670741',
): PushedRequest {
  const timestamp = 1_714_112_445;
  const query = new URLSearchParams({
    signature: signCallback(keys.token, String(timestamp), nonce),
    timestamp: String(timestamp),
    nonce,
    openid: 'o9AgO5Kd5ggOC-bXrbNODIiE3bGY',
  });
  if (mode === 'plain') return { query, body: Buffer.from(content) };
  const sealed = sealMessage(content, keys, { timestamp, nonce });
  query.set('encrypt_type', 'aes');
  query.set('msg_signature', sealed.MsgSignature);
  return { query, body: Buffer.from(wrap(content, sealed.Encrypt, mode)) };
}

/** Encrypt as the last field: beside ToUserName alone, or beside everything in clear. */
function wrap(content: string, encrypted: string, mode: 'compatible' | 'secure'): string {
  if (content.startsWith('{')) {
    const head = mode === 'secure' ? '{"ToUserName":"gh_97417a04a28d"' : content.slice(0, -1);
    return `${head},"Encrypt":"${encrypted}"}`;
  }
  const head =
    mode === 'secure'
      ? '<xml><ToUserName><![CDATA[gh_97417a04a28d]]></ToUserName>'
      : content.slice(0, -'</xml>'.length);
  return `${head}<Encrypt><![CDATA[${encrypted}]]></Encrypt></xml>`;
}

/** `<xml>` of text fields, each in CDATA; `more` goes in as it is. */
export function eventXml(fields: Record<string, string>, more = ''): string {
  const elements = Object.entries(fields).map(([name, value]) => `<${name}><![CDATA[${value}]]></${name}>`);
  return `<xml>${elements.join('')}${more}</xml>`;
}
