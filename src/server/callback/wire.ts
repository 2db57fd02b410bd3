import type { CallbackSettings } from '../../store/events/callbacks.ts';
import { sniffFormat } from '../../wechat/callback/body.ts';
import type { CallbackKeys } from '../../wechat/callback/keys.ts';
import { type OpenedCallback, openCallback } from '../../wechat/callback/open-callback.ts';
import { readCallbackEvent } from '../../wechat/callback/read-event.ts';
import { type CallbackReply, type ReplyBody, writeCallbackReply } from '../../wechat/callback/reply.ts';
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

function keysOf({ appid, token, aesKey, previousAesKey, mode }: CallbackSettings): CallbackKeys {
  const aesKeys = previousAesKey === null ? [aesKey] : [aesKey, previousAesKey];
  return { appid, token, aesKeys, requireEncryption: mode !== 'plain' };
}
