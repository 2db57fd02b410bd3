import type { Pool } from '../database/pool.ts';
import { dropPartitionsBefore, makePartition, type Period } from '../database/range-partitions.ts';
import { eventTerms } from './event-terms.ts';

/**
 * Makes the partitions of this month and the next, and drops months that ended longer ago than anybody keeps
 * events: which recipient has which receipt is then still known (chunk_receipts), only its time and words are not.
 * By month, not by day as events are: the matcher looks into all of them every second. Repeating it is harmless, also
 * on several nodes at once.
 *
 * @returns how many partitions were made and dropped.
 */
export async function maintainReceiptPartitions(
  pool: Pool,
  now: number = Date.now(),
): Promise<{ made: number; dropped: number }> {
  let made = 0;
  const month = monthOf(now);
  for (const one of [month, month + 1]) if (await makePartition(pool, 'receipts', period(one))) made++;
  const { most } = await eventTerms(pool);
  const dropped = await dropPartitionsBefore(
    pool,
    'receipts',
    period(monthOf(now - most * 86_400_000)).digits,
  );
  await pool.query(
    'delete from receipts_default where received_at < clock_timestamp() - make_interval(days => $1)',
    [most],
  );
  return { made, dropped };
}

/** Months since the year 0. */
function monthOf(now: number): number {
  const date = new Date(now);
  return date.getUTCFullYear() * 12 + date.getUTCMonth();
}

function period(month: number): Period {
  const first = (n: number): Date => new Date(Date.UTC(Math.floor(n / 12), n % 12, 1));
  const [from, to] = [first(month), first(month + 1)];
  return { digits: from.toISOString().slice(0, 7).replace('-', ''), from, to };
}
