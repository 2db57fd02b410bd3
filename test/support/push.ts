/**
 * What WeChat sends to a callback URL, written a second time: nothing of the sources is used, so that a mistake in them
 * does not check itself.
 */
import { createCipheriv, createDecipheriv, createHash, randomBytes, randomInt } from 'node:crypto';
import { request } from 'undici';
import type { CallbackSettings } from '../../src/store/events/callbacks.ts';

type Fields = Record<string, string | number>;

export interface RawPush {
  query: string;
  body: string;
  contentType: string;
}

export interface PushAnswer {
  status: number;
  body: string;
  contentType: string | undefined;
}

const sha1 = (...parts: string[]): string => createHash('sha1').update(parts.sort().join('')).digest('hex');

/** Settings with keys of their own. */
export function callbackSettings(appid: string, more: Partial<CallbackSettings> = {}): CallbackSettings {
  return {
    appid,
    token: `T${randomBytes(8).toString('hex')}`,
    aesKey: `${randomBytes(30).toString('hex').slice(0, 42)}A`,
    ...{ previousToken: null, previousTokenUntil: null, previousAesKey: null, previousAesKeyUntil: null },
    mode: 'secure',
    format: 'xml',
    publicUrl: null,
    forwardTo: null,
    reply: 'none',
    exclusive: false,
    unsignedFrom: [],
    ...more,
  };
}

export function encrypt(aesKey: string, appid: string, text: string, padTo = 32): string {
  const key = Buffer.from(`${aesKey}=`, 'base64');
  const message = Buffer.from(text);
  const head = Buffer.concat([randomBytes(16), Buffer.alloc(4)]);
  head.writeUInt32BE(message.length, 16);
  const bare = Buffer.concat([head, message, Buffer.from(appid)]);
  const pad = padTo - (bare.length % padTo);
  const cipher = createCipheriv('aes-256-cbc', key, key.subarray(0, 16)).setAutoPadding(false);
  return Buffer.concat([cipher.update(bare), cipher.update(Buffer.alloc(pad, pad)), cipher.final()]).toString(
    'base64',
  );
}

export function decrypt(aesKey: string, text: string): { message: string; appid: string } {
  const key = Buffer.from(`${aesKey}=`, 'base64');
  const cipher = createDecipheriv('aes-256-cbc', key, key.subarray(0, 16)).setAutoPadding(false);
  const all = Buffer.concat([cipher.update(Buffer.from(text, 'base64')), cipher.final()]);
  const length = all.readUInt32BE(16);
  const end = all.length - (all.at(-1) ?? 0);
  return { message: all.toString('utf8', 20, 20 + length), appid: all.toString('utf8', 20 + length, end) };
}

/** Names in the order given; numbers stay numbers in JSON. */
export function write(fields: Fields, format: 'xml' | 'json'): string {
  if (format === 'json') {
    const parts = Object.entries(fields).map(
      ([name, value]) =>
        `${JSON.stringify(name)}:${typeof value === 'number' || /^\d{17,}$/.test(value) ? value : JSON.stringify(value)}`,
    );
    return `{${parts.join()}}`;
  }
  const elements = Object.entries(fields).map(([name, value]) =>
    typeof value === 'number' ? `<${name}>${value}</${name}>` : `<${name}><![CDATA[${value}]]></${name}>`,
  );
  return `<xml>${elements.join('')}</xml>`;
}

/** A request as WeChat makes it under these settings; `fresh` signature at each call. */
export function makePush(
  settings: CallbackSettings,
  content: Fields | string,
  seconds = Math.floor(Date.now() / 1000),
): RawPush {
  const { appid, token, aesKey, mode, format } = settings;
  const text = typeof content === 'string' ? content : write(content, format);
  const [timestamp, nonce] = [String(seconds), String(randomInt(1e9))];
  const query = new URLSearchParams({
    signature: sha1(token, timestamp, nonce),
    timestamp,
    nonce,
    openid: 'o1',
  });
  const contentType = format === 'json' ? 'application/json' : 'text/xml';
  if (mode === 'plain') return { query: query.toString(), body: text, contentType };
  const sealed = encrypt(aesKey, appid, text);
  query.set('encrypt_type', 'aes');
  query.set('msg_signature', sha1(token, timestamp, nonce, sealed));
  const bare = typeof content === 'string' || mode === 'secure' ? { ToUserName: 'gh_0123456789ab' } : content;
  return { query: query.toString(), body: write({ ...bare, Encrypt: sealed }, format), contentType };
}

export function makeVerification(token: string, echostr: string): string {
  const [timestamp, nonce] = [String(Math.floor(Date.now() / 1000)), String(randomInt(1e9))];
  return new URLSearchParams({
    signature: sha1(token, timestamp, nonce),
    timestamp,
    nonce,
    echostr,
  }).toString();
}

/** Sends it; the answer, or throws what the socket says. */
export async function send(
  url: string,
  appid: string,
  push: RawPush,
  headers: Record<string, string> = {},
): Promise<PushAnswer> {
  const answer = await request(`${url}/callback/${appid}?${push.query}`, {
    method: 'POST',
    body: push.body,
    headers: { 'content-type': push.contentType, 'user-agent': 'Mozilla/4.0', ...headers },
  });
  const type = answer.headers['content-type'];
  return {
    status: answer.statusCode,
    body: await answer.body.text(),
    contentType: Array.isArray(type) ? type[0] : type,
  };
}

let serial = 0;

/** An event of its own: another openid at each call. */
export function makeEvent(event: string, more: Fields = {}): Fields {
  serial++;
  return {
    ToUserName: 'gh_0123456789ab',
    FromUserName: `o${randomBytes(10).toString('hex')}${String(serial).padStart(7, '0')}`,
    CreateTime: Math.floor(Date.now() / 1000),
    MsgType: 'event',
    Event: event,
    ...more,
  };
}
