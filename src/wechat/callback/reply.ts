import { randomInt } from 'node:crypto';
import { failure } from '../../base/errors.ts';
import type { CallbackFormat } from './body.ts';
import { decodeAesKey, encryptMessage, signCallback } from './crypto.ts';
import type { CallbackEvent } from './event.ts';
import type { CallbackKeys } from './keys.ts';
import { withoutControls } from './limits.ts';

/** What is answered to a user's message. */
export type CallbackReply =
  /** Nothing: WeChat shows the user nothing and does not repeat the message. */
  | { kind: 'none' }
  /** 1 to 2,048 bytes of UTF-8; a line feed is a line break. Official Accounts only. */
  | { kind: 'text'; content: string }
  /** Hands the message over to the customer service console (转接客服), to one of its accounts if named. */
  | { kind: 'transfer'; kfAccount?: string | undefined };

export interface ReplyRequest {
  reply: CallbackReply;
  /** What `openCallback` gave. */
  opened: { event: CallbackEvent; format: CallbackFormat; keyIndex: number | null };
  keys: CallbackKeys;
  /** Unix seconds; default now. */
  timestamp?: number | undefined;
  /** For tests: of the signature. Default: random digits. */
  nonce?: string | undefined;
  /** For tests: 16 bytes. */
  random?: Buffer | undefined;
}

export interface ReplyBody {
  contentType: string;
  body: string;
}

/** An encrypted message with its signature, as WeChat pushes it and as it takes replies. */
export interface SealedMessage {
  Encrypt: string;
  MsgSignature: string;
  TimeStamp: number;
  Nonce: string;
}

const maxTextBytes = 2048;

/**
 * The body to answer within WeChat's 5 s: `success` for none; else in the request's format, and encrypted with the key
 * that opened the request when it was encrypted. Send it with status 200 and `contentType`.
 *
 * Throws `CALLBACK_REPLY_INVALID` for a text that is empty or over 2,048 bytes.
 *
 * @see https://developers.weixin.qq.com/doc/offiaccount/Message_Management/Passive_user_reply_message.html
 */
export function writeCallbackReply(request: ReplyRequest): ReplyBody {
  const { reply, opened, keys, nonce, random, timestamp = Math.floor(Date.now() / 1000) } = request;
  if (reply.kind === 'none') return { contentType: 'text/plain', body: 'success' };
  const fields = replyFields(reply, opened.event, timestamp);
  const content = write(fields, opened.format);
  const { keyIndex, format } = opened;
  const contentType = format === 'xml' ? 'text/xml; charset=utf-8' : 'application/json; charset=utf-8';
  if (keyIndex === null) return { contentType, body: content };
  const sealed = sealMessage(content, keys, { timestamp, nonce, random, keyIndex });
  return { contentType, body: write({ ...sealed }, format) };
}

/**
 * Encrypts and signs a message under an account's keys. `TimeStamp` and `Nonce` go into a push's query, with
 * `MsgSignature` as `msg_signature`.
 *
 * @param options.keyIndex Which of `keys.aesKeys`; default the current one.
 * @param options.random 16 bytes; for tests.
 */
export function sealMessage(
  message: string,
  keys: CallbackKeys,
  options: {
    timestamp: number;
    nonce?: string | undefined;
    random?: Buffer | undefined;
    keyIndex?: number | undefined;
  },
): SealedMessage {
  const { timestamp, nonce = String(randomInt(100_000_000, 1_000_000_000)), random, keyIndex = 0 } = options;
  const key = decodeAesKey(keys.aesKeys[keyIndex] ?? '');
  const encrypted = encryptMessage(message, key, keys.appid, random);
  return {
    Encrypt: encrypted,
    MsgSignature: signCallback(keys.token, String(timestamp), nonce, encrypted),
    TimeStamp: timestamp,
    Nonce: nonce,
  };
}

type ReplyFields = Record<string, string | number | Record<string, string>>;

function replyFields(
  reply: Exclude<CallbackReply, { kind: 'none' }>,
  event: CallbackEvent,
  timestamp: number,
): ReplyFields {
  const head = { ToUserName: event.openid, FromUserName: event.toUserName, CreateTime: timestamp };
  if (reply.kind === 'text') {
    const content = checkText(reply.content);
    return { ...head, MsgType: 'text', Content: content };
  }
  const fields: ReplyFields = { ...head, MsgType: 'transfer_customer_service' };
  if (reply.kfAccount !== undefined) fields.TransInfo = { KfAccount: reply.kfAccount };
  return fields;
}

function checkText(content: string): string {
  const clean = withoutControls(content.toWellFormed());
  const bytes = Buffer.byteLength(clean);
  if (clean.trim() !== '' && bytes <= maxTextBytes) return clean;
  throw failure('CALLBACK_REPLY_INVALID', { bytes, most: maxTextBytes });
}

function write(fields: ReplyFields, format: CallbackFormat): string {
  return format === 'json' ? JSON.stringify(fields) : `<xml>${elements(fields)}</xml>`;
}

function elements(fields: ReplyFields): string {
  return Object.entries(fields)
    .map(([name, value]) => `<${name}>${element(value)}</${name}>`)
    .join('');
}

function element(value: ReplyFields[string]): string {
  if (typeof value === 'number') return String(value);
  if (typeof value === 'object') return elements(value);
  // A CDATA section ends at the first ]]>, which a text may hold: it goes on in another one.
  return `<![CDATA[${value.replaceAll(']]>', ']]]]><![CDATA[>')}]]>`;
}
