import { errorCode } from '../../base/errors.ts';
import type { Logger } from '../../base/logger.ts';
import { Rounds } from '../../base/rounds.ts';
import type { Pool } from '../../store/database/pool.ts';
import { maintainEventPartitions } from '../../store/events/event-partitions.ts';
import { maintainReceiptPartitions } from '../../store/events/receipt-partitions.ts';

/** Partitions are made well ahead: some failures in a row do no harm. */
const everyMs = 3_600_000;

/** Makes the partitions of events and receipts for the coming time and drops those that are too old, at once and every hour. */
export function keepPartitions(
  pool: Pool,
  logger: Logger,
): { /** Settles with the first run. */ ready: Promise<void>; close(): Promise<void> } {
  const { promise: ready, resolve: settleFirst } = Promise.withResolvers<void>();
  const maintain = async (): Promise<void> => {
    // One that is held up must not keep the other from being made.
    for (const [table, work] of Object.entries({
      events: maintainEventPartitions,
      receipts: maintainReceiptPartitions,
    })) {
      try {
        const { made, dropped } = await work(pool);
        if (made + dropped > 0) logger.info({ table, made, dropped }, 'partitions made and dropped');
      } catch (error) {
        logger.warn(
          { code: errorCode(error), table },
          'partitions cannot be changed now; it is tried again within the hour',
        );
      }
    }
  };
  const rounds = new Rounds(
    () => maintain().finally(() => settleFirst()),
    () => {}, // maintain tells of each table
  );
  rounds.start(everyMs);
  return { ready, close: () => rounds.close() };
}
