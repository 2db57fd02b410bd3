import {
  type FormIdHolder,
  type FormIdUse,
  type FormIdWish,
  leftFormReservations,
  lockFormCredits,
  removeExpiredFormCredits,
  removeExpiredFormReservations,
  reserveFormIds,
  settleFormIds,
} from '../../store/credits/form-credits.ts';
import { inTransaction, type Pool, type PoolClient } from '../../store/database/pool.ts';

/** Rows of one transaction of the upkeep. */
const pageRows = 5_000;

/**
 * Settles what was sent and sets aside what comes next, in the caller's transaction: the one that stores the outcomes
 * and moves the mark behind which messages may start. Gives the wishes that have a form_id; the others must not be sent.
 *
 * All form_ids of these people are locked first and in one order, so that several nodes and campaigns never wait for each
 * other in a circle, and none is given out twice.
 */
export async function useFormIds(
  client: PoolClient,
  appid: string,
  uses: FormIdUse[],
  wishes: FormIdWish[],
): Promise<FormIdHolder[]> {
  if (uses.length === 0 && wishes.length === 0) return [];
  await lockFormCredits(
    client,
    appid,
    [...uses, ...wishes].map((one) => one.openid),
  );
  if (uses.length > 0) await settleFormIds(client, appid, uses);
  return wishes.length === 0 ? [] : await reserveFormIds(client, appid, wishes);
}

/** Settles what campaigns left that were cancelled or ran out of time. Repeating it is harmless. */
export async function settleLeftFormIds(pool: Pool): Promise<number> {
  const left = await leftFormReservations(pool, pageRows);
  for (const [appid, mine] of Map.groupBy(left, (one) => one.appid)) {
    const uses = mine.map((one): FormIdUse => ({ ...one, outcome: one.maybeSent ? 'used' : 'back' }));
    await inTransaction(pool, (client) => useFormIds(client, appid, uses, []));
  }
  return left.length;
}

/** Removes what has expired, page by page; gives how many form_ids. */
export async function removeExpiredFormIds(pool: Pool, signal?: AbortSignal): Promise<number> {
  let removed = 0;
  for (;;) {
    signal?.throwIfAborted();
    const page = await removeExpiredFormCredits(pool, pageRows);
    removed += page;
    if (page < pageRows) break;
  }
  while ((await removeExpiredFormReservations(pool, pageRows)) === pageRows) signal?.throwIfAborted();
  return removed;
}
