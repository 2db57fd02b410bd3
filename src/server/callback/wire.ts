import { randomInt } from 'node:crypto';
import type { CallbackSettings } from '../../store/callbacks.ts';
import type { CallbackEvent } from '../../wechat/callback/event.ts';
import {
  type Keys,
  openCallback,
  readPlain,
  replyXml,
  seal,
  signPlain,
  verifyUrl,
} from '../../wechat/callback/stand-in.ts';

/** What is answered to a user's message: nothing, a text, or a hand-over to customer service (转接客服). */
export type CallbackReply = { kind: 'none' } | { kind: 'text'; content: string } | { kind: 'transfer' };

/** A push that is WeChat's and can be read. */
export interface Push {
  event: CallbackEvent;
  format: 'xml' | 'json';
  isEncrypted: boolean;
}

export interface ReplyBody {
  contentType: string;
  body: string;
}

/** echostr when the signature is right, else null. */
export function openVerification(settings: CallbackSettings, rawQuery: string): string | null {
  return verifyUrl(settings.token, new URLSearchParams(rawQuery));
}

export function openPush(
  settings: CallbackSettings,
  rawQuery: string,
  body: Buffer,
): Push | { refused: string } {
  const opened = openCallback(keysOf(settings), new URLSearchParams(rawQuery), body);
  return opened.ok ? opened : { refused: opened.reason };
}

export function openUnsignedPush(body: Buffer): Push | { refused: string } {
  const opened = readPlain(body);
  return opened.ok ? opened : { refused: opened.reason };
}

/** The bytes of a reply, in the push's format, encrypted when the push was. */
export function writeReply(settings: CallbackSettings, push: Push, reply: CallbackReply): ReplyBody {
  if (reply.kind === 'none') return { contentType: 'text/plain', body: 'success' };
  const content = replyXml(push.event, reply);
  if (!push.isEncrypted) return { contentType: 'text/xml', body: content };
  return { contentType: 'text/xml', body: seal(keysOf(settings), content, push.format).body };
}

/** `none`, `transfer` or `text:…`, as it is stored. */
export function parseReply(stored: string): CallbackReply {
  if (stored === 'transfer') return { kind: 'transfer' };
  return stored.startsWith('text:') ? { kind: 'text', content: stored.slice(5) } : { kind: 'none' };
}

function keysOf({ appid, token, aesKey, previousAesKey, mode }: CallbackSettings): Keys {
  const aesKeys = previousAesKey === null ? [aesKey] : [aesKey, previousAesKey];
  return { appid, token, aesKeys, requireEncryption: mode !== 'plain' };
}

/** Query of a verification as WeChat makes it; for checking a URL. */
export function signedVerification({ token }: CallbackSettings, echo: string): string {
  const [timestamp, nonce] = [String(Math.floor(Date.now() / 1000)), randomDigits()];
  const signature = signPlain(token, timestamp, nonce);
  return new URLSearchParams({ signature, timestamp, nonce, echostr: echo }).toString();
}

/** Query and body of a push as WeChat makes it in the account's mode and format; for checking a URL. */
export function signedPush(
  settings: CallbackSettings,
  fields: Record<string, string>,
): { query: string; body: string } {
  const content =
    settings.format === 'json'
      ? JSON.stringify(fields)
      : `<xml>${Object.entries(fields)
          .map(([name, value]) => `<${name}><![CDATA[${value}]]></${name}>`)
          .join('')}</xml>`;
  const [timestamp, nonce] = [String(Math.floor(Date.now() / 1000)), randomDigits()];
  const plain = { signature: signPlain(settings.token, timestamp, nonce), timestamp, nonce };
  if (settings.mode === 'plain')
    return { query: new URLSearchParams({ ...plain }).toString(), body: content };
  const sealed = seal(keysOf(settings), content, settings.format);
  const query = new URLSearchParams({
    signature: signPlain(settings.token, sealed.timestamp, sealed.nonce),
    timestamp: sealed.timestamp,
    nonce: sealed.nonce,
    encrypt_type: 'aes',
    msg_signature: sealed.signature,
  });
  return { query: query.toString(), body: sealed.body };
}

function randomDigits(): string {
  return String(randomInt(100_000_000, 1_000_000_000));
}
