/** All entries of a list, page after page. */
export async function allPages<T>(
  page: (cursor: string | null) => Promise<{ data: readonly T[]; next: string | null }>,
): Promise<T[]> {
  const all: T[] = [];
  for (let cursor: string | null = null; ; ) {
    const { data, next } = await page(cursor);
    all.push(...data);
    if (next === null) return all;
    cursor = next;
  }
}
