import { sniffFormat } from './body.ts';
import type { UnreadableEvent } from './event.ts';

/** What WeChat writes into the fields of the envelope; anything else is not taken for it. */
const forms = {
  ToUserName: /^[\w@.-]{1,64}$/,
  FromUserName: /^[\w@.-]{1,64}$/,
  CreateTime: /^\d{1,10}$/,
  MsgType: /^\w{1,32}$/,
  Event: /^\w{1,64}$/,
  MsgId: /^\d{1,20}$/,
};
type Name = keyof typeof forms;
type Envelope = Partial<Record<Name, string>>;

const headXml = /^\ufeff?\s*<xml>/;
const fieldXml = /\s*<(\w{1,32})>(?:<!\[CDATA\[([^<>&[\]]{0,128})\]\]>|([^<>&[\]]{0,128}))<\/\1>/y;
/** What WeChat has been seen to write behind a user's words; a text itself ends in `</Content>`, which is none of these. */
const tailXml =
  /((?:<(MsgId|MsgDataId|Idx|bizmsgmenuid)>(?:<!\[CDATA\[\w{0,64}\]\]>|\w{0,64})<\/\2>\s*){1,4})<\/xml>\s*$/;
const msgIdXml = /<MsgId>(?:<!\[CDATA\[(\d{1,20})\]\]>|(\d{1,20}))<\/MsgId>/g;
const headJson = /^\ufeff?\s*\{/;
const fieldJson = /\s*"(\w{1,32})"\s*:\s*(?:"([^"\\]{0,128})"|(\d{1,20}))\s*[,}]/y;
/** A bare number: what stands in quotes could be the end of a user's words. */
const tailJson = /,\s*"MsgId"\s*:\s*(\d{1,20})\s*\}\s*$/;

/** Of a body this much is looked at, at each end: the patterns above match no more. */
const lookedAt = 2_048;

/**
 * The event of a body that cannot be read as a whole, with as much of its envelope as nobody but WeChat can have written.
 *
 * WeChat writes the envelope first, a user's words after it, and the MsgId last. So what stands before the first other
 * field counts, and the MsgId at the very end; nothing in between does, whatever it looks like: a text that ends its own
 * CDATA section can say anything there. A name that comes twice makes the whole envelope doubtful.
 */
export function unreadableEvent(raw: Buffer): UnreadableEvent {
  const format = sniffFormat(raw);
  const start = raw.toString('utf8', 0, lookedAt);
  const end = raw.toString('latin1', Math.max(0, raw.length - lookedAt));
  const envelope = format === undefined ? {} : headOf(start, format);
  const isEvent = envelope.MsgType?.toLowerCase() === 'event';
  if (envelope.MsgType !== undefined && !isEvent) {
    const msgId = format === 'json' ? tailJson.exec(end)?.[1] : tailIdOfXml(end);
    if (msgId !== undefined) envelope.MsgId ??= msgId;
  }
  return {
    type: 'unreadable',
    openid: envelope.FromUserName ?? '',
    toUserName: envelope.ToUserName ?? '',
    createTime: Number(envelope.CreateTime ?? 0),
    name: envelope.Event ?? null,
    fields: { ...envelope },
    raw,
  };
}

/** The fields of the envelope with which the body begins. */
function headOf(text: string, format: 'xml' | 'json'): Envelope {
  const head = (format === 'xml' ? headXml : headJson).exec(text);
  if (head === null) return {};
  const field = format === 'xml' ? fieldXml : fieldJson;
  const found: Envelope = {};
  field.lastIndex = head[0].length;
  for (let match = field.exec(text); match !== null; match = field.exec(text)) {
    const [, name = '', quoted, bare = ''] = match;
    const value = quoted ?? bare;
    if (!isName(name) || !forms[name].test(value)) break;
    if (found[name] !== undefined) return {};
    // Only an event has one; in front of the words of a message it is not WeChat's.
    if (name === 'Event' && found.MsgType?.toLowerCase() !== 'event') break;
    found[name] = value;
  }
  return found;
}

function isName(name: string): name is Name {
  return Object.hasOwn(forms, name);
}

function tailIdOfXml(text: string): string | undefined {
  const found = [...(tailXml.exec(text)?.[1] ?? '').matchAll(msgIdXml)];
  return found.length === 1 ? (found[0]?.[1] ?? found[0]?.[2]) : undefined;
}
