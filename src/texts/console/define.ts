import type { Words } from '../catalogue.ts';

/** Gives a table of the console's words its type: literal texts, so that a missing `{value}` does not compile. */
export function defineWords<const T extends Readonly<Record<string, Words>>>(table: T): T {
  return table;
}
