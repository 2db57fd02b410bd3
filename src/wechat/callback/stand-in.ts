/** Stands in for open-callback, verify-url and reply until they are merged. */
import { createCipheriv, createDecipheriv, createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { SaxesParser } from 'saxes';
import type { CallbackEvent, CallbackFields, CallbackValue } from './event.ts';

export interface Keys {
  appid: string;
  token: string;
  /** EncodingAESKeys, the current one first. */
  aesKeys: string[];
  requireEncryption: boolean;
}
export type Opened =
  | { ok: true; event: CallbackEvent; format: 'xml' | 'json'; isEncrypted: boolean }
  | { ok: false; reason: string };

function sign(...parts: string[]): string {
  return createHash('sha1').update(parts.sort().join('')).digest('hex');
}
function same(a: string, b: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}
export function verifyUrl(token: string, query: URLSearchParams): string | null {
  const get = (name: string): string => query.get(name) ?? '';
  return same(sign(token, get('timestamp'), get('nonce')), get('signature')) ? get('echostr') : null;
}
export function openCallback(keys: Keys, query: URLSearchParams, body: Buffer): Opened {
  const get = (name: string): string => query.get(name) ?? '';
  const isSigned = same(sign(keys.token, get('timestamp'), get('nonce')), get('signature'));
  if (!query.has('msg_signature')) {
    if (keys.requireEncryption) return { ok: false, reason: 'not-encrypted' };
    if (!isSigned) return { ok: false, reason: 'signature' };
    return readPlain(body);
  }
  const outer = parse(body);
  const encrypted = typeof outer?.fields.Encrypt === 'string' ? outer.fields.Encrypt : '';
  if (!same(sign(keys.token, get('timestamp'), get('nonce'), encrypted), get('msg_signature')))
    return { ok: false, reason: 'signature' };
  for (const key of keys.aesKeys) {
    const plain = decrypt(key, keys.appid, encrypted);
    if (plain === null) continue;
    const read = readPlain(plain);
    return read.ok ? { ...read, isEncrypted: true } : read;
  }
  return { ok: false, reason: 'decrypt' };
}
export function readPlain(body: Buffer): Opened {
  const parsed = parse(body);
  if (parsed === null) return { ok: false, reason: 'malformed' };
  return { ok: true, event: toEvent(parsed.fields), format: parsed.format, isEncrypted: false };
}
function decrypt(encodingKey: string, appid: string, text: string): Buffer | null {
  try {
    const key = Buffer.from(`${encodingKey}=`, 'base64');
    const cipher = createDecipheriv('aes-256-cbc', key, key.subarray(0, 16)).setAutoPadding(false);
    const full = Buffer.concat([cipher.update(Buffer.from(text, 'base64')), cipher.final()]);
    const pad = full.at(-1) ?? 0;
    if (pad < 1 || pad > 32) return null;
    const length = full.readUInt32BE(16);
    const rest = full.subarray(20, full.length - pad);
    if (length > rest.length || rest.subarray(length).toString() !== appid) return null;
    return rest.subarray(0, length);
  } catch {
    return null;
  }
}
export function seal(
  keys: Keys,
  content: string,
  format: 'xml' | 'json',
  timestamp = String(Math.floor(Date.now() / 1000)),
): { body: string; timestamp: string; nonce: string; signature: string } {
  const key = Buffer.from(`${keys.aesKeys[0]}=`, 'base64');
  const message = Buffer.from(content);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(message.length);
  const bare = Buffer.concat([
    Buffer.from(randomBytes(8).toString('hex')),
    length,
    message,
    Buffer.from(keys.appid),
  ]);
  const pad = 32 - (bare.length % 32);
  const cipher = createCipheriv('aes-256-cbc', key, key.subarray(0, 16)).setAutoPadding(false);
  const encrypt = Buffer.concat([
    cipher.update(bare),
    cipher.update(Buffer.alloc(pad, pad)),
    cipher.final(),
  ]).toString('base64');
  const nonce = String(randomBytes(4).readUInt32BE());
  const signature = sign(keys.token, timestamp, nonce, encrypt);
  const body =
    format === 'json'
      ? JSON.stringify({
          Encrypt: encrypt,
          MsgSignature: signature,
          TimeStamp: Number(timestamp),
          Nonce: nonce,
        })
      : `<xml><Encrypt><![CDATA[${encrypt}]]></Encrypt><MsgSignature><![CDATA[${signature}]]></MsgSignature><TimeStamp>${timestamp}</TimeStamp><Nonce><![CDATA[${nonce}]]></Nonce></xml>`;
  return { body, timestamp, nonce, signature };
}
export function signPlain(token: string, timestamp: string, nonce: string): string {
  return sign(token, timestamp, nonce);
}
export function replyXml(
  event: CallbackEvent,
  reply: { kind: 'transfer' } | { kind: 'text'; content: string },
): string {
  const cdata = (text: string): string => `<![CDATA[${text.replaceAll(']]>', ']]]]><![CDATA[>')}]]>`;
  const head = `<ToUserName>${cdata(event.openid)}</ToUserName><FromUserName>${cdata(event.toUserName)}</FromUserName><CreateTime>${Math.floor(Date.now() / 1000)}</CreateTime>`;
  return reply.kind === 'transfer'
    ? `<xml>${head}<MsgType>${cdata('transfer_customer_service')}</MsgType></xml>`
    : `<xml>${head}<MsgType>${cdata('text')}</MsgType><Content>${cdata(reply.content)}</Content></xml>`;
}
function parse(body: Buffer): { fields: CallbackFields; format: 'xml' | 'json' } | null {
  const text = body
    .toString('utf8')
    .replace(/^\ufeff/, '')
    .trimStart();
  try {
    if (text.startsWith('{')) {
      const quoted = text.replace(/([:,[]\s*)(-?\d+)(?=\s*[,}\]])/g, '$1"$2"');
      return { fields: texts(JSON.parse(quoted)) as CallbackFields, format: 'json' };
    }
    const fields = parseXml(text);
    return fields === null ? null : { fields, format: 'xml' };
  } catch {
    return null;
  }
}
function texts(value: unknown): CallbackValue {
  if (Array.isArray(value)) return value.map(texts);
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, texts(one)]));
  return String(value ?? '');
}
function parseXml(text: string): CallbackFields | null {
  const parser = new SaxesParser();
  const stack: { name: string; text: string; fields: CallbackFields | null }[] = [];
  let root: CallbackFields | null = null;
  parser.on('doctype', () => {
    throw new Error('doctype');
  });
  parser.on('error', (error) => {
    throw error;
  });
  parser.on('opentag', ({ name }) => stack.push({ name, text: '', fields: null }));
  const add = (more: string): void => {
    const top = stack.at(-1);
    if (top !== undefined) top.text += more;
  };
  parser.on('text', add);
  parser.on('cdata', add);
  parser.on('closetag', () => {
    const done = stack.pop();
    if (done === undefined) return;
    const parent = stack.at(-1);
    const value: CallbackValue = done.fields ?? done.text;
    if (parent === undefined) {
      root = typeof value === 'string' ? {} : value;
      return;
    }
    parent.fields ??= {};
    const known = parent.fields[done.name];
    parent.fields[done.name] =
      known === undefined ? value : [...(Array.isArray(known) ? known : [known]), value];
  });
  parser.write(text).close();
  return root;
}
/** The typed event of stored fields. */
function toEvent(all: CallbackFields): CallbackEvent {
  const { Encrypt: _, ...fields } = all;
  const get = (name: string): string => (typeof fields[name] === 'string' ? fields[name] : '');
  const envelope = {
    openid: get('FromUserName'),
    toUserName: get('ToUserName'),
    createTime: Number(get('CreateTime')),
    name: get('MsgType') === 'event' ? get('Event') : null,
    fields,
  };
  if (envelope.name === null)
    return { ...envelope, type: 'message', msgType: get('MsgType'), msgId: get('MsgId') };
  switch (envelope.name.toLowerCase()) {
    case 'subscribe':
      return { ...envelope, type: 'follow', scene: get('EventKey').replace(/^qrscene_/, '') || null };
    case 'unsubscribe':
      return { ...envelope, type: 'unfollow' };
    case 'scan':
      return { ...envelope, type: 'scan', scene: get('EventKey') };
    case 'templatesendjobfinish':
      return {
        ...envelope,
        type: 'template-receipt',
        msgid: get('MsgID'),
        status: get('Status') === 'success' ? 'delivered' : 'failed-other',
        detail: get('Status'),
      };
    default:
      return { ...envelope, type: 'unknown' };
  }
}
export function readStoredEvent(fields: CallbackFields): CallbackEvent {
  return toEvent(fields);
}
