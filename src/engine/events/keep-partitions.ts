import { errorCode } from '../../base/errors.ts';
import type { Logger } from '../../base/logger.ts';
import { maintainEventPartitions } from '../../store/event-partitions.ts';
import type { Pool } from '../../store/pool.ts';

/** Partitions are made a week ahead: some failures in a row do no harm. */
const everyMs = 3_600_000;

/** Makes the partitions of the coming days and drops those of events that are too old, at once and every hour. */
export function keepPartitions(
  pool: Pool,
  logger: Logger,
): { /** Settles with the first run. */ ready: Promise<void>; stop(): Promise<void> } {
  let running: Promise<void> = Promise.resolve();
  const run = (): void => {
    running = maintainEventPartitions(pool).then(
      ({ made, dropped }) => {
        if (made + dropped > 0) logger.info({ made, dropped }, 'event partitions made and dropped');
      },
      (error: unknown) =>
        logger.warn({ code: errorCode(error) }, 'event partitions cannot be changed now; it is tried again'),
    );
  };
  run();
  const timer = setInterval(run, everyMs);
  return {
    ready: running,
    async stop() {
      clearInterval(timer);
      await running;
    },
  };
}
