import { aesKey, decrypt, sign } from './crypto.ts';
import type { ResolvedCallback } from './options.ts';

/** What the receiver's body means: nothing to say, a reply to the person, or not an answer at all. */
export type ReplyCheck =
  | { kind: 'empty' }
  | { kind: 'reply'; body: string }
  | { kind: 'wrong'; problem: string };

export interface ReplyParties {
  appid: string;
  /** The account's original id, which the reply must come from. */
  originalId: string;
  /** The person, whom the reply must go to. */
  openid: string;
}

const needed = ['ToUserName', 'FromUserName', 'CreateTime', 'MsgType'] as const;

/**
 * Reads the answer to a push as WeChat does: empty or `success`, in clear in every mode, or a reply of the documented form,
 * which the encrypting modes want encrypted and signed. An encrypted one may be empty too.
 *
 * @see https://developers.weixin.qq.com/doc/offiaccount/Message_Management/Passive_user_reply_message.html
 */
export function checkReply(body: string, settings: ResolvedCallback, parties: ReplyParties): ReplyCheck {
  if (body === '' || body === 'success') return { kind: 'empty' };
  if (settings.mode === 'plain') return checkPlain(body, parties);
  const sealed = members(body, ['Encrypt', 'MsgSignature', 'TimeStamp', 'Nonce']);
  if (sealed === undefined) return wrong('not encrypted, though the mode asks for it');
  const [encrypted = '', signature, timestamp = '', nonce = ''] = sealed;
  if (sign(settings.token, timestamp, nonce, encrypted) !== signature) return wrong('MsgSignature is wrong');
  const plain = decrypt(aesKey(settings.encodingAESKey), encrypted, parties.appid);
  if (plain === undefined) return wrong('Encrypt cannot be opened');
  // Of programs that encrypt whatever they answer. Whether WeChat takes a `success` in this form is not known.
  return plain === '' ? { kind: 'empty' } : checkPlain(plain, parties);
}

function checkPlain(body: string, { originalId, openid }: ReplyParties): ReplyCheck {
  const found = members(body, needed);
  if (found === undefined) return wrong(`neither success nor a reply with ${needed.join(', ')}`);
  if (found[0] !== openid) return wrong('ToUserName is not the person');
  if (found[1] !== originalId) return wrong('FromUserName is not the account');
  return { kind: 'reply', body };
}

function wrong(problem: string): ReplyCheck {
  return { kind: 'wrong', problem };
}

/** The texts of all those members, of JSON or XML, or undefined if one is missing. */
function members(body: string, names: readonly string[]): string[] | undefined {
  const found = body.startsWith('{') ? jsonMembers(body, names) : xmlMembers(body.trim(), names);
  return found.length === names.length ? found : undefined;
}

function jsonMembers(body: string, names: readonly string[]): string[] {
  let value: Record<string, unknown>;
  try {
    // Text that begins with a brace is an object, if it is JSON.
    value = JSON.parse(body) as Record<string, unknown>;
  } catch {
    return [];
  }
  const texts = names.map((name) => value[name]);
  return texts.filter((text) => typeof text === 'string' || typeof text === 'number').map(String);
}

/** Enough XML for replies: WeChat's own members stand directly under the root and are not nested in themselves. */
function xmlMembers(body: string, names: readonly string[]): string[] {
  if (!body.startsWith('<xml>') || !body.endsWith('</xml>')) return [];
  const texts: string[] = [];
  for (const name of names) {
    const match = new RegExp(`<${name}>(?:<!\\[CDATA\\[([^]*?)\\]\\]>|([^<]*))</${name}>`).exec(body);
    if (match === null) return [];
    texts.push((match[1] ?? match[2] ?? '').trim());
  }
  return texts;
}
