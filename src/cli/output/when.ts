import { readTime } from '../../app/time-zone.ts';
import { failure } from '../../base/errors.ts';
import { campaignParts } from '../../texts/parts.ts';
import { clockTime } from '../../texts/times.ts';

export { formatTime } from '../../texts/times.ts';

/**
 * A time as people write it: `2026-12-01 09:00` in the account's zone, or ISO 8601 with an offset.
 * Throws `TIME_INVALID` for anything else, and for times that are over.
 */
export function parseWhen(
  part: 'startAt' | 'validUntil',
  value: string,
  timeZone: string,
  now = Date.now(),
): Date {
  const at = readTime(value, timeZone);
  const values = { part: campaignParts[part], value, zone: timeZone };
  if (at === null) throw failure('TIME_INVALID/format', values);
  if (at.getTime() <= now) throw failure('TIME_INVALID/over', { ...values, now: clockTime(now, timeZone) });
  return at;
}
