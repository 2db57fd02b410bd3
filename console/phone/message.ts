import type { PhoneAccount, PhoneEvent, ReceivedMessage } from '../../src/simulator/index.ts';

/** Something that stands in a chat. */
export type Item =
  | { kind: 'card'; key: string; at: number; card: Card; account: PhoneAccount }
  | { kind: 'said'; key: string; at: number; text: string; byPerson: boolean };

export interface Card {
  title: string;
  rows: { label: string; value: string }[];
  /** What a press opens; without it the card does not react. */
  target: { kind: 'page' | 'miniprogram'; text: string } | null;
  templateId: string;
  /** The receipt of this message, once the simulator has made it. */
  receipt: PhoneEvent | null;
}

/** What stands in the place of an emoji: the card's font has none. */
const emoji = /\p{Extended_Pictographic}\uFE0F?/gu;
/** Characters of a value that are shown. */
const shownCharacters = 20;

/** A value as a card shows it: one line, no emoji, cut at 20 characters. */
function shownValue(value: string): string {
  const characters = [...value.replaceAll(/\s*\n\s*/g, ' ').replaceAll(emoji, '□')];
  return characters.length <= shownCharacters
    ? characters.join('')
    : `${characters.slice(0, shownCharacters).join('')}…`;
}

const isCard = (message: ReceivedMessage): boolean => message.channel !== 'kf' && message.channel !== 'mass';

/** Whether it lies in 服务通知 and not in the account's own chat: of Mini Programs always, of accounts without a follow. */
function isNotice(message: ReceivedMessage, account: PhoneAccount): boolean {
  return message.channel.startsWith('mp-') || (message.channel === 'oa-subscribe' && !account.follows);
}

/** A chat's items, oldest first. */
export function itemsOf(account: PhoneAccount, which: 'notices' | 'own'): Item[] {
  const items: Item[] = [];
  const receipts = new Map(
    account.events.filter(({ msgid }) => msgid !== undefined).map((one) => [one.msgid, one]),
  );
  for (const message of account.messages) {
    if (isNotice(message, account) !== (which === 'notices')) continue;
    const key = `${account.appid} ${message.seq}`;
    if (isCard(message)) {
      const receipt = receipts.get(message.msgid) ?? null;
      items.push({ kind: 'card', key, at: message.at, account, card: readCard(message, account, receipt) });
    } else {
      items.push({ kind: 'said', key, at: message.at, text: readText(message.body), byPerson: false });
    }
  }
  if (which === 'own') {
    for (const { seq, event, createTime, content = '' } of account.events) {
      if (event !== 'text') continue;
      items.push({ kind: 'said', key: `text ${seq}`, at: createTime * 1000, text: content, byPerson: true });
    }
    for (const { at, body } of account.replies) {
      const text = /<Content><!\[CDATA\[([\s\S]*?)\]\]><\/Content>/.exec(body)?.[1];
      if (text !== undefined) items.push({ kind: 'said', key: `reply ${at}`, at, text, byPerson: false });
    }
  }
  return items.sort((a, b) => a.at - b.at);
}

/** 服务通知: what came from every account there, oldest first. */
export function noticesOf(accounts: readonly PhoneAccount[]): Item[] {
  return accounts.flatMap((one) => itemsOf(one, 'notices')).sort((a, b) => a.at - b.at);
}

/** Which account's templates word it: the rows of a card are the lines of its template, with the values put in. */
function readCard(message: ReceivedMessage, account: PhoneAccount, receipt: PhoneEvent | null): Card {
  const body = asRecord(message.body);
  const data = asRecord(body.data);
  const template = account.templates.find((one) => one.template_id === message.template_id);
  const rows: Card['rows'] = [];
  for (const line of (template?.content ?? '').split('\n')) {
    const [whole, key] = /\{\{(\w+)\.DATA\}\}/.exec(line) ?? [];
    if (whole === undefined || key === undefined) continue;
    const label = line.slice(0, line.indexOf(whole)).replace(/[:：]\s*$/, '');
    rows.push({ label, value: shownValue(text(asRecord(data[key]).value)) });
  }
  return {
    title: text(body.title) || (template?.title ?? ''),
    rows,
    target: readTarget(body),
    templateId: message.template_id ?? '',
    receipt,
  };
}

/** A Mini Program goes before a page; subscribe messages of Mini Programs name their own page. */
function readTarget(body: Record<string, unknown>): Card['target'] {
  const { appid, pagepath } = asRecord(body.miniprogram);
  if (text(appid) !== '') return { kind: 'miniprogram', text: `${text(appid)} ${text(pagepath)}`.trim() };
  if (text(body.page) !== '') {
    const isWeb = /^https?:/.test(text(body.page));
    return { kind: isWeb ? 'page' : 'miniprogram', text: text(body.page) };
  }
  return text(body.url) === '' ? null : { kind: 'page', text: text(body.url) };
}

function readText(body: unknown): string {
  const { msgtype, text: content, msgmenu, news } = asRecord(body);
  if (typeof content === 'object') return text(asRecord(content).content);
  if (typeof msgmenu === 'object') return text(asRecord(msgmenu).head_content);
  if (typeof news === 'object') {
    const [first] = asRecord(news).articles as unknown[]; // a list, as the simulator's checks demand
    return text(asRecord(first).title);
  }
  return `[${text(msgtype)}]`;
}

function asRecord(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}; // any keys, unknown values
}

function text(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}
