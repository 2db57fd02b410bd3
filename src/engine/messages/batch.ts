import { HongyanError } from '../../base/errors.ts';
import type { Pool } from '../../store/database/pool.ts';
import { findInserted, type NewMessage } from '../../store/messages/messages.ts';
import type { MessageChecks, MessageRequest } from './prepare.ts';
import { keyReused, type Submitted } from './submitted.ts';

/**
 * Checks the messages of a batch as each would be alone, and their keys against each other and those that are stored.
 * In their order: what may be stored, or what is wrong with it.
 */
export async function prepareBatch(
  checks: MessageChecks,
  pool: Pool,
  requests: readonly MessageRequest[],
): Promise<(NewMessage | HongyanError)[]> {
  const prepared = await Promise.all(requests.map((request) => checks.prepare(request).catch(expected)));
  const keyed = prepared.flatMap((one) => (one instanceof HongyanError || one.key === null ? [] : [one]));
  const stored =
    keyed.length === 0
      ? []
      : await findInserted(
          pool,
          keyed.map(({ uuid }) => uuid),
        );
  const known = new Map(stored.map(({ uuid, id, fingerprint }) => [uuid, { id, fingerprint }]));
  return prepared.map((one) => {
    if (one instanceof HongyanError || one.key === null) return one;
    const { id, fingerprint } = known.get(one.uuid) ?? { id: null, ...one };
    if (fingerprint !== one.fingerprint) return keyReused(one, id);
    known.set(one.uuid, { id: id ?? 0, fingerprint });
    return one;
  });
}

export interface Batch {
  /** False: one is wrong, and none was stored for its sake. */
  isStored: boolean;
  /** In their order: what was stored, or what is wrong; null for one that is right and was not stored. */
  items: (Submitted | HongyanError | null)[];
}

/**
 * Stores what is right of a batch.
 *
 * @param all only when each of them is
 */
export async function storeBatch(
  prepared: readonly (NewMessage | HongyanError)[],
  all: boolean,
  store: (message: NewMessage) => Promise<Submitted>,
): Promise<Batch> {
  if (all && prepared.some((one) => one instanceof HongyanError))
    return { isStored: false, items: prepared.map((one) => (one instanceof HongyanError ? one : null)) };
  const items = await Promise.all(
    prepared.map((one) => (one instanceof HongyanError ? one : store(one).catch(expected))),
  );
  return { isStored: true, items };
}

function expected(error: unknown): HongyanError {
  if (error instanceof HongyanError) return error;
  throw error;
}
