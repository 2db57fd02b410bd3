/** One page of a list. */
export interface Page<T> {
  data: T[];
  /** The `cursor` of the next page; null after the last one. */
  next: string | null;
}

export function pageOf<T>(data: T[], next: string | number | null): Page<T> {
  return { data, next: next === null ? null : String(next) };
}
