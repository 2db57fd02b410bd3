import { type Clock, systemClock } from '../../base/clock.ts';
import type { Logger } from '../../base/logger.ts';
import { resting } from '../../base/resting.ts';
import { auditTerms, removeOldAudit } from '../../store/access/audit-removal.ts';
import type { Pool } from '../../store/database/pool.ts';

/** Actions of one transaction. */
const pageActions = 1_000;

/**
 * Removes what has been in the audit for longer than its account keeps it, or the installation where the account says nothing
 * and of what is of no account. Each removal is a row of the audit itself. Gives how many actions went.
 *
 * @param installationDays 184 at least: the table refuses less
 */
export async function pruneAudit(
  deps: { pool: Pool; logger: Logger; clock?: Clock },
  installationDays: number,
  signal?: AbortSignal,
): Promise<number> {
  const { pool, logger, clock = systemClock } = deps;
  const rested = resting(clock, signal);
  let all = 0;
  for (const { appid, days } of [{ appid: null, days: installationDays }, ...(await auditTerms(pool))]) {
    let removed = 0;
    for (let gone = pageActions; gone === pageActions; ) {
      signal?.throwIfAborted();
      gone = await rested(removeOldAudit(pool, { appid, days }, pageActions));
      removed += gone;
    }
    if (removed > 0) logger.info({ appid, actions: removed }, 'old rows of the audit removed');
    all += removed;
  }
  return all;
}
