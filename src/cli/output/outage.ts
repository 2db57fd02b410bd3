import { HongyanError } from '../../base/errors.ts';
import { notLongAfter } from '../../base/within.ts';
import { explainDatabaseError } from '../../store/database/explain.ts';
import { text } from '../../texts/ui.ts';
import type { CliContext } from '../context.ts';

/** A restart or failover of the database is waited for so long, and a full disk for as long as it takes, ms. */
const patienceMs = 600_000;
const pauseMs = 250;
/** An interrupted process waits so long for one answer, ms. */
const lastAnswerMs = 1_500;

/** What the database's error means, if it is one. */
export const explained = explainDatabaseError;

/** Whether an error says that the database cannot be reached at this moment. */
export function isAway(error: unknown): boolean {
  const explained = explainDatabaseError(error);
  return (
    explained instanceof HongyanError &&
    [
      'DATABASE_UNREACHABLE',
      'DATABASE_CONNECTIONS_USED_UP',
      'DATABASE_READ_ONLY',
      'DATABASE_FAILING_OVER',
    ].includes(explained.code)
  );
}

/**
 * Repeats `work`, which must bear it, while the database is away, and says so. A command that gives up in the middle of a
 * campaign would throw away the outcomes that it has in memory.
 *
 * Rejects when the database stays away, and when the process is interrupted and there is no answer.
 */
export async function outlast<T>(
  context: CliContext,
  session: { whyAway(error: unknown): Promise<HongyanError | null> },
  work: () => Promise<T>,
): Promise<T> {
  let since: number | null = null;
  for (;;) {
    try {
      const result = await notLongAfter(context.signal, () => lastAnswerMs, work());
      if (since !== null) context.err(text(context.lang, 'database.back'));
      return result;
    } catch (error) {
      if (!isAway(error) || context.signal.aborted) throw error;
      if (since === null) context.err(text(context.lang, 'database.away'));
      since ??= performance.now();
      const isFull = (await session.whyAway(error))?.code === 'DISK_FULL';
      if (!isFull && performance.now() - since > patienceMs) throw error;
      await pause(context.signal, pauseMs);
    }
  }
}

/** Waits, or less when interrupted. */
export async function pause(signal: AbortSignal, ms: number): Promise<void> {
  if (signal.aborted) return;
  await new Promise<void>((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done);
  });
}
