import { readTime } from '../../app/time-zone.ts';
import { failure } from '../../base/errors.ts';

/** The time of an option, a date alone being its midnight. Throws `USAGE`. */
export function timeOf(option: string, value: string | undefined, zone: string): Date | undefined {
  if (value === undefined) return undefined;
  const at = readTime(/^\d{4}-\d{2}-\d{2}$/.test(value) ? `${value} 00:00` : value, zone);
  if (at === null) throw failure('USAGE/credit-time', { option, zone, value });
  return at;
}
