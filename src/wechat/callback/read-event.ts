import { type CallbackBody, parseCallbackBody } from './body.ts';
import type { CallbackEvent } from './event.ts';
import { mayBeEncrypted } from './find-encrypted.ts';
import { parseEvent } from './parse-event.ts';
import { unreadableEvent } from './unreadable.ts';

const envelope = ['ToUserName', 'FromUserName', 'CreateTime', 'MsgType', 'Event', 'MsgId'];

/**
 * The event of a body that is WeChat's: typed, or `unreadable` where it is not well-formed, or says two things at once.
 * Never throws, and never gives nothing: what WeChat signed is not thrown away.
 *
 * @returns `hasEncrypt`: it can be read, and among its fields is one that only an encrypted push has.
 */
export function readEvent(content: Buffer): { event: CallbackEvent; hasEncrypt: boolean } {
  const parsed = parseCallbackBody(content);
  if (parsed === undefined || isBrokenOut(parsed)) {
    return { event: unreadableEvent(content), hasEncrypt: false };
  }
  return { event: parseEvent(parsed.fields), hasEncrypt: Object.hasOwn(parsed.fields, 'Encrypt') };
}

/**
 * The event of a body without signature and encryption, whose sender was vouched for otherwise. It is `unreadable` where
 * the body is not well-formed, or says two things at once. Never throws.
 */
export function readCallbackEvent(body: Buffer): CallbackEvent {
  return readEvent(body).event;
}

/**
 * Whether a user's words may have become fields. WeChat puts them into one CDATA section whatever is in them, so a text
 * with `]]></Content><Event>…<Content><![CDATA[` inside gives well-formed XML. It cannot do so without a second `Content`,
 * or fields inside of it, and a user's message of WeChat's is flat. Words in JSON that were not escaped may have become an
 * `Encrypt`, for which the message would be refused.
 */
function isBrokenOut({ format, fields }: CallbackBody): boolean {
  const isText = (name: string): boolean => !Object.hasOwn(fields, name) || typeof fields[name] === 'string';
  if (!envelope.every(isText)) return true;
  const { MsgType: type, Encrypt: encrypted } = fields;
  const isMessage = typeof type === 'string' && type.trim() !== '' && type.trim().toLowerCase() !== 'event';
  if (!isMessage) return false;
  if (format === 'xml') return !Object.keys(fields).every(isText);
  return Object.hasOwn(fields, 'Encrypt') && !(typeof encrypted === 'string' && mayBeEncrypted(encrypted));
}
