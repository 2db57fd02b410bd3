import type { Pool } from '../database/pool.ts';
import { dropPartitionsBefore, makePartition, type Period } from '../database/range-partitions.ts';
import { removeOldStreamRows } from '../stream/log.ts';
import { removeOldSignatures } from './callback-signatures.ts';
import { eventTerms } from './event-terms.ts';
import { maxEffectTries } from './events.ts';

const dayMs = 86_400_000;
/** Partitions are made for yesterday (repeats) until so many days ahead. */
const daysAhead = 7;

/**
 * Makes the partitions of the coming days and drops those whose events nobody keeps any longer and from which nothing must
 * follow any more: nodes that stood still for months come back to events that a webhook was not told of yet. Repeating it is harmless, also on several nodes at once.
 *
 * @returns how many partitions were made and dropped.
 */
export async function maintainEventPartitions(
  pool: Pool,
  now: number = Date.now(),
): Promise<{ made: number; dropped: number }> {
  let made = 0;
  const today = Math.floor(now / dayMs);
  for (let day = today - 1; day <= today + daysAhead; day++) {
    if (await makePartition(pool, 'events', period(day))) made++;
  }
  const { most } = await eventTerms(pool);
  // A whole day more, because a partition ends a day after it begins.
  const dropped = await dropPartitionsBefore(
    pool,
    'events',
    period(today - most - 1).digits,
    `pending is not null and tries < ${maxEffectTries}`,
  );
  await pool.query(
    `delete from events_default where received_at < clock_timestamp() - make_interval(days => $1)
       and (pending is null or tries >= $2)`,
    [most, maxEffectTries],
  );
  // A day more than a push may be old: it would be seen for the first time again.
  await removeOldSignatures(pool, most + 1);
  await removeOldStreamRows(pool);
  return { made, dropped };
}

/** @param day days since 1970 */
function period(day: number): Period {
  const [from, to] = [new Date(day * dayMs), new Date((day + 1) * dayMs)];
  return { digits: from.toISOString().slice(0, 10).replaceAll('-', ''), from, to };
}
