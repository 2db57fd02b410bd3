import { randomInt } from 'node:crypto';
import type { CallbackSettings } from '../../store/events/callbacks.ts';
import { sniffFormat } from '../../wechat/callback/body.ts';
import { signCallback } from '../../wechat/callback/crypto.ts';
import type { CallbackKeys } from '../../wechat/callback/keys.ts';
import { type OpenedCallback, openCallback } from '../../wechat/callback/open-callback.ts';
import { readCallbackEvent } from '../../wechat/callback/read-event.ts';
import {
  type CallbackReply,
  type ReplyBody,
  sealMessage,
  writeCallbackReply,
} from '../../wechat/callback/reply.ts';
import { type UrlVerification, verifyCallbackUrl } from '../../wechat/callback/verify-url.ts';

/** A push that is WeChat's and can be read. */
export type Push = Extract<OpenedCallback, { kind: 'event' }>;

export function openVerification({ token }: CallbackSettings, rawQuery: string): UrlVerification {
  return verifyCallbackUrl({ query: new URLSearchParams(rawQuery), token });
}

export function openPush(settings: CallbackSettings, rawQuery: string, body: Buffer): OpenedCallback {
  return openCallback({ query: new URLSearchParams(rawQuery), body, keys: keysOf(settings) });
}

/** One whose sender was vouched for otherwise. */
export function openUnsignedPush(body: Buffer): OpenedCallback {
  const format = sniffFormat(body);
  if (format === undefined) return { kind: 'refused', reason: 'malformed' };
  return { kind: 'event', event: readCallbackEvent(body), mode: 'plain', format, keyIndex: null };
}

/** In the push's format, encrypted when the push was. */
export function writeReply(settings: CallbackSettings, opened: Push, reply: CallbackReply): ReplyBody {
  return writeCallbackReply({ reply, opened, keys: keysOf(settings) });
}

/** `none`, `transfer` or `text:…`, as it is stored. */
export function parseReply(stored: string): CallbackReply {
  if (stored === 'transfer') return { kind: 'transfer' };
  return stored.startsWith('text:') ? { kind: 'text', content: stored.slice(5) } : { kind: 'none' };
}

/** Query of a verification as WeChat makes it; for checking a URL. */
export function signedVerification({ token }: CallbackSettings, echo: string): string {
  return new URLSearchParams({ ...signedNow(token), echostr: echo }).toString();
}

/** Query and body of a push as WeChat makes it in the account's mode and format; for checking a URL. */
export function signedPush(
  settings: CallbackSettings,
  fields: Record<string, string>,
): { query: string; body: string } {
  const content = write(fields, settings.format);
  const signed = signedNow(settings.token);
  if (settings.mode === 'plain') return { query: new URLSearchParams(signed).toString(), body: content };
  const { timestamp, nonce } = signed;
  const sealed = sealMessage(content, keysOf(settings), { timestamp: Number(timestamp), nonce });
  const query = new URLSearchParams({
    ...signed,
    encrypt_type: 'aes',
    msg_signature: sealed.MsgSignature,
  });
  return { query: query.toString(), body: write({ Encrypt: sealed.Encrypt }, settings.format) };
}

function write(fields: Record<string, string>, format: 'xml' | 'json'): string {
  if (format === 'json') return JSON.stringify(fields);
  const elements = Object.entries(fields).map(([name, value]) => `<${name}><![CDATA[${value}]]></${name}>`);
  return `<xml>${elements.join('')}</xml>`;
}

function signedNow(token: string): { signature: string; timestamp: string; nonce: string } {
  const timestamp = String(Math.floor(Date.now() / 1000));
  const nonce = String(randomInt(100_000_000, 1_000_000_000));
  return { signature: signCallback(token, timestamp, nonce), timestamp, nonce };
}

function keysOf({ appid, token, aesKey, previousAesKey, mode }: CallbackSettings): CallbackKeys {
  const aesKeys = previousAesKey === null ? [aesKey] : [aesKey, previousAesKey];
  return { appid, token, aesKeys, requireEncryption: mode !== 'plain' };
}
