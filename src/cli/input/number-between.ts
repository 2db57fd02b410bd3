import { failure } from '../../base/errors.ts';

/** A whole number of an option. Throws `USAGE`. */
export function numberBetween(option: string, value: string, least: number, most: number): number {
  const number = /^-?\d{1,9}$/.test(value) ? Number(value) : Number.NaN;
  if (number >= least && number <= most) return number;
  throw failure('USAGE/number-between', { option, least: String(least), most: String(most), value });
}
