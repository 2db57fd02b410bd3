import { type AesKey, encrypt, sign } from './crypto.ts';
import type { EventExtra, EventName, EventStatus } from './event-log.ts';
import type { CallbackMode, EventOptions, TextForm } from './options.ts';

/** What the writer needs to know of an event. */
export interface WritableEvent {
  name: EventName;
  /** The account's original id, `gh_…`. */
  toUserName: string;
  openid: string;
  createTime: number;
  status: EventStatus;
  /** Decimal text; empty for none. */
  msgid: string;
  templateId: string | undefined;
  extra: EventExtra | undefined;
}

/** ErrorCode of a sent event. Only 0 is documented; the others are made up, their texts are those of 模板消息. */
const errorCodes: Readonly<Record<EventStatus, number>> = {
  '': 0,
  success: 0,
  'send success': 0,
  'failed:user block': 1,
  'failed: system failed': 2,
  'failed:freq limit': 3,
};

type Item = readonly (readonly [name: string, value: string, kind: 'text' | 'number'])[];

/** The plain body as XML, elements in WeChat's order and on lines of their own. */
export function writeXml(event: WritableEvent, { textForm }: Pick<EventOptions, 'textForm'>): string {
  return `<xml>${xmlMembers(event, textForm)}</xml>`;
}

/** The plain body as compact JSON. Only what a Mini Program gets; the documents have it for nothing else. */
export function writeJson(
  event: WritableEvent,
  { listShape, createTimeAs }: Pick<EventOptions, 'listShape' | 'createTimeAs'>,
): string {
  const { name, extra } = event;
  const createTime = createTimeAs === 'string' ? `"${event.createTime}"` : event.createTime;
  const head = `{"ToUserName":${JSON.stringify(event.toUserName)},"FromUserName":${JSON.stringify(event.openid)},"CreateTime":${createTime}`;
  if (name === 'text') {
    // MsgId is a bare number of 64 bits.
    return `${head},"MsgType":"text","Content":${JSON.stringify(extra?.content ?? '')},"MsgId":${extra?.messageId ?? '0'}}`;
  }
  const event2 = `${head},"MsgType":"event","Event":${JSON.stringify(name)}`;
  if (name === 'user_enter_tempsession') {
    return `${event2},"SessionFrom":${JSON.stringify(extra?.sessionFrom ?? '')}}`;
  }
  const items = listItems(event);
  if (items === undefined) return `${event2}}`;
  const objects = items.map((item) => JSON.stringify(Object.fromEntries(item)));
  const isArray = listShape === 'array' || objects.length !== 1;
  const list = `"List":${isArray ? `[${objects.join(',')}]` : objects[0]}`;
  return listShape === 'nested' ? `${event2},"${wrapper(name)}":{${list}}}` : `${event2},${list}}`;
}

export interface Envelope {
  mode: CallbackMode;
  isJson: boolean;
  appid: string;
  /** Of a plain body without them, e.g. to take `ToUserName` along. */
  toUserName: string;
  key: AesKey;
  /** 16 ASCII characters. */
  random: string;
}

/** What goes into the body in that mode, and the `Encrypt` inside it (empty in plain mode). */
export function seal(plain: string, envelope: Envelope): { body: string; encrypted: string } {
  const { mode, isJson, appid, toUserName, key, random } = envelope;
  if (mode === 'plain') return { body: plain, encrypted: '' };
  const encrypted = encrypt(key, random, plain, appid);
  if (isJson) {
    const last = `,"Encrypt":"${encrypted}"}`;
    const head = mode === 'secure' ? `{"ToUserName":${JSON.stringify(toUserName)}` : plain.slice(0, -1);
    return { body: head + last, encrypted };
  }
  const last = `<Encrypt>${cdata(encrypted)}</Encrypt>`;
  const head = mode === 'secure' ? `<ToUserName>${cdata(toUserName)}</ToUserName>\n` : plain.slice(5, -6);
  return { body: `<xml>${head}${last}</xml>`, encrypted };
}

/** The query of a push: signature, timestamp, nonce, openid, and in the encrypting modes the signature of the content. */
export function signedQuery(
  token: string,
  timestamp: string,
  nonce: string,
  openid: string,
  encrypted: string,
): string {
  const query = `signature=${sign(token, timestamp, nonce)}&timestamp=${timestamp}&nonce=${nonce}&openid=${encodeURIComponent(openid)}`;
  if (encrypted === '') return query;
  return `${query}&encrypt_type=aes&msg_signature=${sign(token, timestamp, nonce, encrypted)}`;
}

function xmlMembers(event: WritableEvent, textForm: TextForm): string {
  const { name, extra } = event;
  const head = `<ToUserName>${cdata(event.toUserName)}</ToUserName>\n<FromUserName>${cdata(event.openid)}</FromUserName>\n<CreateTime>${event.createTime}</CreateTime>\n`;
  if (name === 'text') {
    return `${head}<MsgType><![CDATA[text]]></MsgType>\n<Content>${words(extra?.content ?? '', textForm)}</Content>\n<MsgId>${extra?.messageId ?? '0'}</MsgId>\n`;
  }
  return `${head}<MsgType><![CDATA[event]]></MsgType>\n<Event>${cdata(name)}</Event>\n${xmlTail(event, textForm)}`;
}

function xmlTail(event: WritableEvent, textForm: TextForm): string {
  const { name, msgid, status, extra } = event;
  switch (name) {
    case 'TEMPLATESENDJOBFINISH':
      return `<MsgID>${msgid}</MsgID>\n<Status>${cdata(status)}</Status>\n`;
    case 'MASSSENDJOBFINISH': {
      const filtered = extra?.filterCount ?? 0;
      return `<MsgID>${msgid}</MsgID>\n<Status>${cdata(status)}</Status>\n<TotalCount>${extra?.totalCount ?? 0}</TotalCount>\n<FilterCount>${filtered}</FilterCount>\n<SentCount>${filtered}</SentCount>\n<ErrorCount>0</ErrorCount>\n`;
    }
    case 'subscribe':
    case 'unsubscribe':
    case 'SCAN': {
      const ticket = extra?.ticket === undefined ? '' : `<Ticket>${cdata(extra.ticket)}</Ticket>\n`;
      return `<EventKey>${cdata(extra?.eventKey ?? '')}</EventKey>\n${ticket}`;
    }
    case 'user_enter_tempsession':
      return `<SessionFrom>${words(extra?.sessionFrom ?? '', textForm)}</SessionFrom>\n`;
    default: {
      const lists = (listItems(event) ?? []).map((item) => {
        const members = item.map(
          ([key, value, kind]) => `<${key}>${kind === 'number' ? value : cdata(value)}</${key}>`,
        );
        return `<List>${members.join('')}</List>\n`;
      });
      return `<${wrapper(name)}>\n${lists.join('')}</${wrapper(name)}>\n`;
    }
  }
}

/** The entries of a subscription event, or undefined if it is none. */
function listItems({ name, extra, templateId, msgid, status }: WritableEvent): Item[] | undefined {
  if (name === 'subscribe_msg_sent_event') {
    const item: Item = [
      ['TemplateId', templateId ?? '', 'text'],
      ['MsgID', msgid, 'number'],
      ['ErrorCode', String(errorCodes[status]), 'number'],
      ['ErrorStatus', status, 'text'],
    ];
    return [item];
  }
  if (name !== 'subscribe_msg_popup_event' && name !== 'subscribe_msg_change_event') return undefined;
  return (extra?.choices ?? []).map(({ template_id: id, choice }): Item => {
    const both: Item = [
      ['TemplateId', id, 'text'],
      ['SubscribeStatusString', choice, 'text'],
    ];
    if (name === 'subscribe_msg_change_event') return both;
    return [...both, ['PopupScene', String(extra?.popupScene ?? 0), 'number']];
  });
}

function wrapper(name: EventName): string {
  if (name === 'subscribe_msg_sent_event') return 'SubscribeMsgSentEvent';
  return name === 'subscribe_msg_change_event' ? 'SubscribeMsgChangeEvent' : 'SubscribeMsgPopupEvent';
}

/** What a person wrote, which WeChat does not look into. */
function words(value: string, form: TextForm): string {
  if (form === 'bare') return value;
  return cdata(form === 'split' ? value.replaceAll(']]>', ']]]]><![CDATA[>') : value);
}

/** Of values that hold no `]]>`: WeChat's own, and people's words as it writes them. */
function cdata(value: string): string {
  return `<![CDATA[${value}]]>`;
}
