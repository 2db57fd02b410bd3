import type { CallbackSettings } from '../../store/events/callbacks.ts';
import { sniffFormat } from '../../wechat/callback/body.ts';
import type { CallbackKeys } from '../../wechat/callback/keys.ts';
import { type OpenedCallback, openCallback } from '../../wechat/callback/open-callback.ts';
import { readCallbackEvent } from '../../wechat/callback/read-event.ts';
import { type CallbackReply, type ReplyBody, writeCallbackReply } from '../../wechat/callback/reply.ts';
import { checkSignedQuery, type SignedBy } from '../../wechat/callback/signed-query.ts';
import { type UrlVerification, verifyCallbackUrl } from '../../wechat/callback/verify-url.ts';

/** A push that is WeChat's and can be read. */
export type Push = Extract<OpenedCallback, { kind: 'event' }>;

/** Whose signature the query has, or why it is nobody's: what can be known before a body comes. */
export function checkQuery(settings: CallbackSettings, rawQuery: string): SignedBy | string {
  return checkSignedQuery(new URLSearchParams(rawQuery), tokensOf(settings));
}

export function openVerification(settings: CallbackSettings, rawQuery: string): UrlVerification {
  const query = new URLSearchParams(rawQuery);
  const signed = checkSignedQuery(query, tokensOf(settings));
  if (typeof signed === 'string') return { kind: 'refused', reason: signed };
  return verifyCallbackUrl({ query, token: signed.token });
}

/** @param token the one that the query was signed with */
export function openPush(
  settings: CallbackSettings,
  token: string,
  rawQuery: string,
  body: Buffer,
): OpenedCallback {
  return openCallback({ query: new URLSearchParams(rawQuery), body, keys: keysOf(settings, token) });
}

/** One whose sender was vouched for otherwise. */
export function openUnsignedPush(body: Buffer): OpenedCallback {
  const format = sniffFormat(body);
  if (format === undefined) return { kind: 'refused', reason: 'malformed' };
  return { kind: 'event', event: readCallbackEvent(body), mode: 'plain', format, keyIndex: null };
}

/** In the push's format, encrypted when the push was, under the Token and the key of the push. */
export function writeReply(
  settings: CallbackSettings,
  token: string,
  opened: Push,
  reply: CallbackReply,
): ReplyBody {
  return writeCallbackReply({ reply, opened, keys: keysOf(settings, token) });
}

/** `none`, `transfer` or `text:…`, as it is stored. */
export function parseReply(stored: string): CallbackReply {
  if (stored === 'transfer') return { kind: 'transfer' };
  return stored.startsWith('text:') ? { kind: 'text', content: stored.slice(5) } : { kind: 'none' };
}

function tokensOf({ token, previousToken, previousTokenUntil }: CallbackSettings): string[] {
  return previousToken !== null && isAhead(previousTokenUntil) ? [token, previousToken] : [token];
}

function keysOf(settings: CallbackSettings, token: string): CallbackKeys {
  const { appid, aesKey, previousAesKey, previousAesKeyUntil, mode } = settings;
  const isRead = previousAesKey !== null && isAhead(previousAesKeyUntil);
  const aesKeys = isRead ? [aesKey, previousAesKey] : [aesKey];
  return { appid, token, aesKeys, requireEncryption: mode !== 'plain' };
}

function isAhead(until: Date | null): boolean {
  return until !== null && until.getTime() > Date.now();
}
