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

/** The same for any time, also one that is over; null when it is none. */
export function readTime(value: string, timeZone: string): Date | null {
  const local = /^(\d{4})-(\d{2})-(\d{2})[ T](\d{2}):(\d{2})(?::(\d{2}))?$/.exec(value.trim());
  const at =
    local === null
      ? /(?:Z|[+-]\d{2}:?\d{2})$/.test(value)
        ? new Date(value)
        : new Date(Number.NaN)
      : zoned(
          local.slice(1).map((part) => Number(part ?? 0)),
          timeZone,
        );
  return Number.isNaN(at.getTime()) ? null : at;
}

/** The instant at which clocks of the zone show these numbers. */
function zoned(parts: number[], timeZone: string): Date {
  const [year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0] = parts;
  const wanted = Date.UTC(year, month - 1, day, hour, minute, second);
  // Date.UTC turns the 13th month into the next January.
  if (new Date(wanted).getUTCMonth() !== month - 1 || hour > 23 || minute > 59 || second > 59)
    return new Date(Number.NaN);
  // Twice: the first guess may lie on the other side of a change of the clocks.
  let at = wanted;
  for (let i = 0; i < 2; i++)
    at = wanted - (Date.parse(`${clockTime(at, timeZone).replace(' ', 'T')}Z`) - at);
  const shown = Date.parse(`${clockTime(at, timeZone).replace(' ', 'T')}Z`);
  return shown === wanted ? new Date(at) : new Date(Number.NaN);
}
