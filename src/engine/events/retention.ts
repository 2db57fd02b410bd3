import { type Clock, systemClock } from '../../base/clock.ts';
import type { Logger } from '../../base/logger.ts';
import { resting } from '../../base/resting.ts';
import type { Pool } from '../../store/database/pool.ts';
import {
  oldestOver,
  type RemovableTable,
  removeOver,
  shorterTerms,
} from '../../store/events/event-removal.ts';

/** Of one transaction: some 50 ms. */
const pageRows = 2_000;

/**
 * Removes events and receipts of accounts that keep them for a shorter time than the longest term of all: what nobody keeps
 * any longer goes by whole partitions. Can be stopped and killed anywhere; rests as long as it works. Gives how many went.
 */
export async function pruneEvents(
  deps: { pool: Pool; logger: Logger; clock?: Clock },
  signal?: AbortSignal,
): Promise<number> {
  const { pool, logger, clock = systemClock } = deps;
  const rested = resting(clock, signal);
  let all = 0;
  for (const { appid, days } of await shorterTerms(pool)) {
    const scope = { appid, days };
    const tables: readonly RemovableTable[] = ['events', 'receipts'];
    for (const table of tables) {
      let removed = 0;
      for (;;) {
        signal?.throwIfAborted();
        const from = await oldestOver(pool, table, scope);
        if (from === null) break;
        const before = removed;
        for (let gone = pageRows; gone === pageRows; ) {
          signal?.throwIfAborted();
          gone = await rested(removeOver(pool, table, scope, from, pageRows));
          removed += gone;
        }
        if (removed === before) break; // another process has removed them
      }
      if (removed > 0) logger.info({ appid, table, rows: removed }, 'old events removed');
      all += removed;
    }
  }
  return all;
}
