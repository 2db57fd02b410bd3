import { randomUUID } from 'node:crypto';
import { failure, type HongyanError } from '../../base/errors.ts';
import { insertMessages, type NewMessage } from '../../store/messages/messages.ts';
import type { Store } from '../../store/store.ts';
import type { AccountClients } from '../sending/account-clients.ts';
import { MessageChecks, type MessageRequest } from './prepare.ts';

/** What became of the wish to send a message. */
export interface Submitted {
  id: number;
  /** The key was used before, for the same message: nothing new will be sent. */
  isRepeat: boolean;
}

/**
 * Stores one single message for whichever node is running; resolves on commit. A program that is a node itself submits
 * through its engine, which sends at once.
 *
 * Throws for a message that cannot be sent (unknown account, channel or template, a field over its limit), and
 * `KEY_REUSED`. Repeating it with the same key is harmless.
 */
export async function submitMessage(
  deps: { store: Store; clients: AccountClients },
  request: MessageRequest,
): Promise<Submitted> {
  const message = await new MessageChecks(deps).prepare(request);
  const { history } = deps.store.installation.guard;
  const nobody = { owner: randomUUID(), epoch: 0, batch: 0, history };
  const [row] = await insertMessages(deps.store.pool, nobody, [{ ...message, claim: false }]);
  if (row === undefined) throw new Error('the stored message was not found'); // removed in the same moment, with its account
  if (row.fingerprint !== message.fingerprint) throw keyReused(message, row.id);
  return { id: row.id, isRepeat: !row.isNew };
}

export function keyReused(message: NewMessage, id: number): HongyanError {
  return failure('KEY_REUSED/message', { key: message.key ?? '', id: String(id) }, { details: { id } });
}
