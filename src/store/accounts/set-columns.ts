/**
 * The `set` list of an update that changes what is given and leaves the rest. Identifiers come from the allow-list alone.
 *
 * @param first the number of the first parameter
 */
export function setColumns<K extends string>(
  columns: Readonly<Record<K, string>>,
  changes: Readonly<Partial<Record<K, unknown>>>,
  first: number,
): { set: string[]; values: unknown[] } {
  const set: string[] = [];
  const values: unknown[] = [];
  // Object.keys gives what the type says, as the allow-list is a literal.
  for (const key of Object.keys(columns) as K[]) {
    const value = changes[key];
    if (value === undefined) continue;
    set.push(`${columns[key]} = $${first + values.length}`);
    values.push(value);
  }
  return { set, values };
}
