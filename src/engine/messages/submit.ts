import { randomUUID } from 'node:crypto';
import { insertMessages, type NewMessage } from '../../store/messages/messages.ts';
import type { Store } from '../../store/store.ts';
import type { AccountClients } from '../sending/account-clients.ts';
import { type Batch, prepareBatch, storeBatch } from './batch.ts';
import { MessageChecks, type MessageRequest } from './prepare.ts';
import { keyReused, type Submitted } from './submitted.ts';
import { storedInSpan } from './traces.ts';

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
  return await storeMessage(deps.store, await new MessageChecks(deps).prepare(request));
}

/** As `MessageDelivery.submitBatch`, for whichever node is running. */
export async function submitBatch(
  deps: { store: Store; clients: AccountClients },
  requests: readonly MessageRequest[],
  { all }: { all: boolean },
): Promise<Batch> {
  const prepared = await prepareBatch(new MessageChecks(deps), deps.store.pool, requests);
  return await storeBatch(prepared, all, (message) => storeMessage(deps.store, message));
}

async function storeMessage(store: Store, message: NewMessage): Promise<Submitted> {
  return await storedInSpan(message, (one) => insertUnclaimed(store, one));
}

async function insertUnclaimed({ pool, installation }: Store, message: NewMessage): Promise<Submitted> {
  const { history } = installation.guard;
  const nobody = { owner: randomUUID(), epoch: 0, batch: 0, history };
  const [row] = await insertMessages(pool, nobody, [{ ...message, claim: false }]);
  if (row === undefined) throw new Error('the stored message was not found'); // removed in the same moment, with its account
  if (row.fingerprint !== message.fingerprint) throw keyReused(message, row.id);
  return { id: row.id, isRepeat: !row.isNew };
}
