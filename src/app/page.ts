import { failure } from '../base/errors.ts';

/** One page of a list. */
export interface Page<T> {
  data: T[];
  /** The `cursor` of the next page; null after the last one. */
  next: string | null;
}

export function pageOf<T>(data: T[], next: string | number | null): Page<T> {
  return { data, next: next === null ? null : String(next) };
}

/** The id in a cursor; null without one. Throws `CURSOR_INVALID`. */
export function idOf(cursor: string | undefined): number | null {
  if (cursor === undefined) return null;
  if (!/^\d{1,15}$/.test(cursor)) throw failure('CURSOR_INVALID', { value: cursor.slice(0, 40) });
  return Number(cursor);
}
