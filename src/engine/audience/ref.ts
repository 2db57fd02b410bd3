/** The column of a file with the caller's own numbers. */
export const refColumn = 'ref';
export const longestRef = 64;

/** Whether a text can be somebody's own number of a message. */
export function isRef(ref: string): boolean {
  return ref !== '' && [...ref].length <= longestRef && !/\p{Cc}/u.test(ref);
}

/** The row's own number; null without one, false for one that is none. */
export function refOf(vars: Readonly<Record<string, string>>): string | null | false {
  const ref = Object.hasOwn(vars, refColumn) ? (vars[refColumn] ?? '').trim() : '';
  if (ref === '') return null;
  return isRef(ref) ? ref : false;
}
