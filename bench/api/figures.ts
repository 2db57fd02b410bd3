/** What the rows of `npm run bench:api` have found, as they are printed. */

/** Of a schedule of requests; times in ms, each from when its request was due. */
export interface Latencies {
  p50: number;
  p99: number;
  max: number;
}

/** One line of the table. */
export interface Row {
  /** `messages`, `batch` …: what --only names. */
  row: string;
  what: string;
  goal: string;
  /** Null: nothing of it is a goal. */
  ok: boolean | null;
  latencies: Latencies | null;
  /** Refused, failed, lost, or wrong. */
  errors: number;
  /** What else was measured, in the order in which it is said. */
  figures: Record<string, number | string>;
}

/** The value below which `part` of the sorted ones lie. */
export function quantile(sorted: ArrayLike<number>, part: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0;
}

/** @param times in any order */
export function latenciesOf(times: Float64Array): Latencies {
  const sorted = times.toSorted();
  return { p50: quantile(sorted, 0.5), p99: quantile(sorted, 0.99), max: sorted.at(-1) ?? 0 };
}

const columns = ['what', 'p50', 'p99', 'max', 'errors', 'also', 'goal', ''] as const;

export function table(rows: readonly Row[]): string {
  const ms = (value: number | undefined): string => (value === undefined ? '' : value.toFixed(1));
  const lines = rows.map((row) => [
    row.what,
    ms(row.latencies?.p50),
    ms(row.latencies?.p99),
    ms(row.latencies?.max),
    String(row.errors),
    Object.entries(row.figures)
      .map(([name, value]) => `${name} ${typeof value === 'number' ? value.toLocaleString('en') : value}`)
      .join(', '),
    row.goal,
    row.ok === null ? '' : row.ok ? 'yes' : 'NO',
  ]);
  const all = [[...columns], ...lines];
  const widths = columns.map((_, i) => Math.max(...all.map((line) => line[i]!.length))); // each line has all columns
  return all
    .map((line) =>
      line
        .map((cell, i) => (i > 0 && i < 5 ? cell.padStart(widths[i]!) : cell.padEnd(widths[i]!)))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
