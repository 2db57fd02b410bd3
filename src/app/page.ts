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
export function idOf(cursor: string | null | undefined): number | null {
  const given = cursorOf(cursor, /^\d{1,15}$/);
  return given === null ? null : Number(given);
}

/** A cursor as its list writes it; null without one. Throws `CURSOR_INVALID`: another one would begin the list anew, without end. */
export function cursorOf(cursor: string | null | undefined, form: RegExp): string | null {
  if (cursor === undefined || cursor === null) return null;
  if (!form.test(cursor)) throw failure('CURSOR_INVALID', { value: cursor.slice(0, 40).toWellFormed() });
  return cursor;
}
