import { failure } from '../../base/errors.ts';

/** A whole number of an option or argument, from 1 to `most`. Throws `USAGE`. */
export function wholeNumber(option: string, value: string, most: number): number {
  const number = /^[1-9]\d*$/.test(value) ? Number(value) : Number.NaN;
  if (number <= most) return number;
  throw failure('USAGE/whole-number', { option, most, value });
}

/** Hours, 0 included; how many are too many is for the action to say. Throws `USAGE`. */
export function hours(option: string, value: string): number {
  if (/^\d{1,6}$/.test(value)) return Number(value);
  throw failure('USAGE/hours', { option, value });
}
