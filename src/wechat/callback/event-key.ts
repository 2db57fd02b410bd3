import { hash } from 'node:crypto';
import { canonical } from '../../base/canonical.ts';
import type { CallbackEvent } from './event.ts';

const keyLength = 22;

/**
 * Which event it is among those of its account: WeChat's repeats (3 deliveries, each with a signature of its own) have
 * the same key, two different events of one user in one second do not. At most 22 characters.
 *
 * A user's message is known by its MsgId. Events have none, and WeChat's rule for them, FromUserName and CreateTime,
 * takes two events of one second for one: somebody who leaves and returns, consent to two templates, two receipts. A
 * list of further fields (EventKey, MsgID, TemplateId …) would lose what it does not name, e.g. accept and reject of
 * one template. A repeat brings the same body, so the digest of all decrypted fields is both exact and complete. The
 * order of the fields does not matter; what they are spelled like (CDATA, escapes, numbers or text) doesn't either.
 *
 * An unreadable body is known by its bytes, which a repeat brings again.
 *
 * If WeChat ever changed a field between two deliveries the event would count twice, not be lost.
 */
export function eventKey(event: CallbackEvent): string {
  // Not by a MsgId: whose words are not understood must not make another's message look like a repeat.
  if (event.type === 'unreadable') return hash('sha256', event.raw, 'base64url').slice(0, keyLength);
  if (event.type === 'message' && /^[1-9]\d{0,19}$/.test(event.msgId)) return `m${event.msgId}`;
  return hash('sha256', canonical(event.fields), 'base64url').slice(0, keyLength);
}
