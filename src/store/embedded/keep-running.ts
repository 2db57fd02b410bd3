import { errorCode } from '../../base/errors.ts';
import type { Logger } from '../../base/logger.ts';
import type { EmbeddedPostgres } from './open.ts';

const lookEveryMs = 2_000;

/**
 * Looks every 2 s whether the embedded server still runs and starts it again if not: nobody else would, and a campaign's
 * outcomes wait in memory for it.
 *
 * @returns stops looking; resolves when no start is under way any more
 */
export function keepRunning(
  postgres: Pick<EmbeddedPostgres, 'revive' | 'pid'>,
  logger: Logger,
): () => Promise<void> {
  let looking: Promise<void> | null = null;
  let saidWhy = '';
  const look = async (): Promise<void> => {
    const before = postgres.pid;
    try {
      await postgres.revive();
      saidWhy = '';
      if (postgres.pid !== before)
        logger.warn({ pid: postgres.pid }, 'the embedded PostgreSQL had ended and was started again');
    } catch (error) {
      const code = errorCode(error) ?? 'UNKNOWN';
      if (code !== saidWhy)
        logger.error(
          { code, err: error },
          'the embedded PostgreSQL has ended and cannot be started yet; it is tried again',
        );
      saidWhy = code;
    }
  };
  const timer = setInterval(() => {
    looking ??= look().finally(() => {
      looking = null;
    });
  }, lookEveryMs);
  timer.unref();
  return async () => {
    clearInterval(timer);
    await looking;
  };
}
