import { eventKey } from '../../../src/wechat/callback/event-key.ts';
import type { CallbackKeys } from '../../../src/wechat/callback/keys.ts';
import { type CallbackMode, openCallback } from '../../../src/wechat/callback/open-callback.ts';
import { eventXml, type PushedRequest, pushRequest, testKeys } from './request.ts';

export interface FuzzedRequest {
  /** Of the URL, as bytes that an HTTP request can carry. */
  rawQuery: string;
  body: Buffer;
  /** What was done to it, for the message of a failure and for counting. */
  mutation: string;
  /** Whether content of a stranger's was signed with the real keys, as hostile users' texts are. */
  isSigned: boolean;
}

export interface CallbackFuzz {
  next(): FuzzedRequest;
  /** `eventKey` of each event from which the requests are made; nothing else may come of an unsigned one. */
  known: Set<string>;
}

interface Original extends PushedRequest {
  content: string;
  mode: CallbackMode;
}

const modes = ['secure', 'compatible'] as const;

/** Pieces that mean something to one of the parsers. */
const pieces = [
  ...[
    '<',
    '>',
    '</',
    '/>',
    '<xml>',
    '</xml>',
    '<a>',
    '</a>',
    '<![CDATA[',
    ']]>',
    '<!--',
    '-->',
    '<?xml version="1.0"?>',
    '<?a b?>',
  ],
  ...[
    '<!DOCTYPE xml [<!ENTITY a "b">]>',
    '<!DOCTYPE xml SYSTEM "file:///etc/passwd">',
    '&a;',
    '&lt;',
    '&#0;',
    '&#x10ffff;',
    '&',
  ],
  ...[
    '{',
    '}',
    '[',
    ']',
    '"',
    ':',
    ',',
    '\\',
    '\\u0000',
    '\\ud800',
    'null',
    '1e999',
    '9223372036854775808',
    '-0',
  ],
  ...[
    '__proto__',
    'constructor',
    '"__proto__":{"Event":"subscribe"},',
    '<__proto__>x</__proto__>',
    'Encrypt',
    'MsgID',
    'List',
  ],
  ...[
    '<Encrypt>',
    '</Encrypt>',
    '"Encrypt":"',
    'A'.repeat(64),
    '=',
    '==',
    '\0',
    '\ufeff',
    '\u2028',
    '鸿雁',
    '🪿',
    '\r\n',
    ' ',
  ],
];

const times = ['1714112447', '0', '', '-1', '9999999999', '99999999999999999999', '1e9', 'x'];

/** Numbers from a seed (mulberry32), so that a failure can be repeated. */
function seeded(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below);
  };
}

/** One push of each kind, for both formats. */
function contents(): string[] {
  const envelope = {
    ToUserName: 'gh_123456789abc',
    FromUserName: 'otFpruAK8D-E6',
    CreateTime: '1714112445',
    MsgType: 'event',
  };
  const item = {
    TemplateId: 'VRR0UEO9VJOLs0MHlU0OilqX6MVFDwH3',
    SubscribeStatusString: 'accept',
    PopupScene: '0',
  };
  const sent = { TemplateId: 'T', MsgID: '1864323726461255680', ErrorCode: '0', ErrorStatus: 'success' };
  const text = { ...envelope, MsgType: 'text', Content: '你好 🪿', MsgId: '6074746557628292943' };
  const list = Object.entries(item)
    .map(([name, value]) => `<${name}>${value}</${name}>`)
    .join('');
  return [
    eventXml({
      ...envelope,
      Event: 'TEMPLATESENDJOBFINISH',
      MsgID: '3557254367693750277',
      Status: 'success',
    }),
    eventXml({ ...envelope, Event: 'subscribe', EventKey: 'qrscene_1', Ticket: 'T' }),
    eventXml({ ...envelope, Event: 'unsubscribe', EventKey: '' }),
    eventXml(
      { ...envelope, Event: 'subscribe_msg_popup_event' },
      `<SubscribeMsgPopupEvent><List>${list}</List></SubscribeMsgPopupEvent>`,
    ),
    eventXml(text),
    JSON.stringify({ ...envelope, Event: 'subscribe_msg_popup_event', List: [item, item] }),
    JSON.stringify({ ...envelope, Event: 'subscribe_msg_sent_event', List: sent }),
    JSON.stringify({
      ...envelope,
      CreateTime: 1714112446,
      Event: 'user_enter_tempsession',
      SessionFrom: 'x',
    }),
    JSON.stringify({ ...text, MsgId: '6074746557628292944' }),
  ];
}

/**
 * Requests made from real ones by what an attacker without the token can do (change the body, the query, or combine
 * parts of several), and now and then hostile content that is rightly signed. The same seed gives the same mutations;
 * the ciphertexts differ.
 */
export function callbackFuzz(seed: number, keys: CallbackKeys = testKeys): CallbackFuzz {
  const random = seeded(seed);
  const pick = <T>(list: readonly T[]): T => list[random(list.length)] as T; // never of an empty list
  const originals: Original[] = contents().flatMap((content, index) =>
    modes.map((mode) => ({
      ...pushRequest(content, mode, keys, String(415_670_741 + index)),
      content,
      mode,
    })),
  );
  const known = new Set(
    originals.map(({ query, body }) => {
      const opened = openCallback({ query, body, keys });
      if (opened.kind === 'refused') throw new Error(`a real request is refused: ${opened.reason}`);
      return eventKey(opened.event);
    }),
  );

  const body: Record<string, (original: Original, other: Original) => Buffer> = {
    none: ({ body }) => body,
    flip: ({ body }) => changed(body, 1 + random(4), () => random(256)),
    bit: ({ body }) => changed(body, 1, (byte) => byte ^ (1 << random(8))),
    digit: ({ body }) => changed(body, 1, () => 0x30 + random(10)),
    cut: ({ body }) => body.subarray(0, random(body.length)),
    head: ({ body }) => body.subarray(random(body.length)),
    drop: ({ body }) => splice(body, 1 + random(40), ''),
    insert: ({ body }) => splice(body, 0, pick(pieces).repeat(1 + random(3))),
    replace: ({ body }) => splice(body, random(20), pick(pieces)),
    twice: ({ body }) => Buffer.concat([body, body]),
    swap: (_, other) => other.body,
    mix: ({ body }, other) =>
      Buffer.concat([body.subarray(0, random(body.length)), other.body.subarray(random(other.body.length))]),
    clear: ({ content }) => Buffer.from(content),
    forge: ({ body }, other) => withEncrypt(body, other.body),
    beside: ({ body }) =>
      Buffer.from(body.toString().replaceAll('otFpruAK8D', 'oVICTIM').replaceAll('unsubscribe', 'subscribe')),
    dtd: ({ body }) => Buffer.concat([Buffer.from('<!DOCTYPE xml [<!ENTITY a "b">]>'), body]),
    wide: ({ body }) => Buffer.from(body.toString(), 'utf16le'),
    upper: ({ body }) => Buffer.from(body.toString().toUpperCase()),
    deep: ({ body }) =>
      Buffer.concat([Buffer.from(pick(['<a>', '{"a":', '[']).repeat(1 + random(5_000))), body]),
    noise: () => Buffer.from(Array.from({ length: random(300) }, () => random(256))),
    empty: () => Buffer.alloc(0),
  };
  const query: Record<string, (query: URLSearchParams, other: URLSearchParams) => string> = {
    none: (query) => query.toString(),
    drop: (query) => without(query, pick([...query.keys()])),
    plain: (query) => {
      query.delete('encrypt_type');
      return without(query, 'msg_signature');
    },
    twice: (query, other) => `${query}&${other}`,
    swap: (_, other) => other.toString(),
    one: (query, other) => {
      const name = pick([...query.keys()]);
      return withValue(query, name, other.get(name) ?? '');
    },
    digit: (query) => {
      const name = pick(['signature', 'msg_signature', 'timestamp', 'nonce']);
      const value = query.get(name) ?? '';
      const at = random(value.length + 1);
      return withValue(query, name, `${value.slice(0, at)}${random(10)}${value.slice(at + random(2))}`);
    },
    cross: (query) => withValue(query, 'msg_signature', query.get('signature') ?? ''),
    shift: (query) => {
      const [time, nonce] = [query.get('timestamp') ?? '', query.get('nonce') ?? ''];
      const joined = `${time}${nonce}`;
      const at = random(joined.length + 1);
      query.set('timestamp', joined.slice(0, at));
      return withValue(query, 'nonce', joined.slice(at));
    },
    case: (query) => query.toString().toUpperCase(),
    piece: (query) => withValue(query, pick([...query.keys()]), pick(pieces)),
    raw: (query) =>
      `${query}&${pick(['%', '%zz', '%00', '%ff%fe', ';', '&&&', '=', '?', `a=${'b'.repeat(3_000)}`])}`,
    type: (query) => withValue(query, 'encrypt_type', pick(['raw', 'AES', 'aes ', '', 'des'])),
    empty: () => '',
  };

  function changed(bytes: Buffer, times: number, change: (byte: number) => number): Buffer {
    const copy = Buffer.from(bytes);
    for (let n = 0; n < times; n++) {
      const at = random(copy.length);
      copy[at] = change(copy[at] ?? 0);
    }
    return copy;
  }
  function splice(bytes: Buffer, remove: number, insert: string): Buffer {
    const at = random(bytes.length + 1);
    return Buffer.concat([bytes.subarray(0, at), Buffer.from(insert), bytes.subarray(at + remove)]);
  }
  /** A user's text of such pieces, as WeChat would write it, or a body that is broken itself. */
  function hostileContent(original: Original): string {
    if (random(2) === 0) {
      const text = Array.from({ length: random(12) }, () => pick(pieces)).join('');
      const fields = {
        FromUserName: text,
        CreateTime: pick(times),
        MsgType: pick(['text', 'event']),
        Event: text,
      };
      if (random(2) === 0) return JSON.stringify({ ...fields, [text]: { [text]: [text] } });
      const escaped = text.replaceAll(']]>', ']]]]><![CDATA[>');
      return eventXml({ ...fields, FromUserName: escaped, Event: escaped });
    }
    let bytes: Buffer = Buffer.from(original.content);
    for (let n = random(4); n >= 0; n--) bytes = splice(bytes, random(12), pick(pieces));
    return bytes.toString();
  }

  function next(): FuzzedRequest {
    const original = pick(originals);
    const other = pick(originals);
    if (random(8) === 0) {
      const signed = pushRequest(hostileContent(original), pick(modes), keys, String(random(2 ** 31)));
      return { rawQuery: signed.query.toString(), body: signed.body, mutation: 'signed', isSigned: true };
    }
    const [bodyName, mutateBody] = pick(Object.entries(body));
    const [queryName, mutateQuery] =
      random(2) === 0 ? pick(Object.entries(query)) : (['none', query.none] as const);
    const raw = mutateQuery?.(new URLSearchParams(original.query), other.query) ?? '';
    return {
      rawQuery: raw.replace(/[^\x21-\x7e]|#/g, (char) => encodeURIComponent(char.toWellFormed())),
      body: mutateBody(original, other),
      mutation: `body ${bodyName}, query ${queryName}`,
      isSigned: false,
    };
  }
  return { next, known };
}

function without(query: URLSearchParams, name: string): string {
  query.delete(name);
  return query.toString();
}

function withValue(query: URLSearchParams, name: string, value: string): string {
  query.set(name, value);
  return query.toString();
}

const encrypted = /(?<=<Encrypt><!\[CDATA\[|"Encrypt":")[A-Za-z0-9+/=]+/;

/** Another request's ciphertext in this one's body. */
function withEncrypt(body: Buffer, other: Buffer): Buffer {
  return Buffer.from(body.toString().replace(encrypted, encrypted.exec(other.toString())?.[0] ?? ''));
}
