import { promisify } from 'node:util';
import zlib from 'node:zlib';
import { replaceSourcePage, type SourcePage, sourcePageOf } from '../../store/campaigns/source-pages.ts';
import type { Pool, PoolClient } from '../../store/database/pool.ts';
import { cellAt, type SourceCells } from '../formats/record.ts';

const pack = promisify(zlib.zstdCompress);

// Enough for the packing to find what repeats, few enough to unpack one for a single row.
const pageRows = 500;
const pageChars = 1024 * 1024;

/** A row as it is packed: line, cells, and those far behind them. */
type PackedRow = [line: number, cells: readonly string[], far?: [number, string][]];

/** Gathers rows of a file into packed pages: a row of five columns takes some 20 bytes. */
export class SourcePacker {
  private rows: PackedRow[] = [];
  private chars = 0;
  private full: Promise<SourcePage>[] = [];

  /** Lines ascend; a line with several records has the first. */
  add(line: number, { cells, far }: SourceCells): void {
    const last = this.rows.at(-1);
    if (last !== undefined && last[0] >= line) return;
    this.rows.push(far === undefined ? [line, cells] : [line, cells, [...far]]);
    for (const cell of cells) this.chars += cell.length + 3;
    if (this.rows.length >= pageRows || this.chars >= pageChars) this.finish();
  }

  private finish(): void {
    const [first, last] = [this.rows[0], this.rows.at(-1)];
    if (first === undefined || last === undefined) return;
    const text = Buffer.from(JSON.stringify(this.rows));
    // On a thread of its own. Told how much comes, it makes room for that alone: for an unknown length it costs five times as much.
    const page = pack(text, { pledgedSrcSize: text.length }).then((rows) => ({
      firstLine: first[0],
      lastLine: last[0],
      rows,
    }));
    // Its failure is seen when it is taken, if it is.
    page.catch(() => {});
    this.full.push(page);
    this.rows = [];
    this.chars = 0;
  }

  /** The pages that are full, or all that is left. */
  async take(all: boolean): Promise<SourcePage[]> {
    if (all) this.finish();
    const pages = this.full;
    this.full = [];
    return await Promise.all(pages);
  }
}

/** The page without the cells of these lines, and of those in which one of the texts stands; null: it has none of them. */
function withoutRows(packed: Buffer, lines: ReadonlySet<number>, texts: readonly string[]): Buffer | null {
  // Written by `SourcePacker`.
  const rows = JSON.parse(zlib.zstdDecompressSync(packed).toString()) as PackedRow[];
  let found = false;
  const kept = rows.map((row): PackedRow => {
    const [line, cells] = row;
    if (!lines.has(line) && !texts.some((text) => JSON.stringify(row).includes(text))) return row;
    found ||= cells.length > 0;
    return [line, []];
  });
  return found ? zlib.zstdCompressSync(JSON.stringify(kept)) : null;
}

/** Empties the rows of these lines, and of those beside them in which one of the texts stands. Says how many pages it wrote. */
export async function eraseFromPages(
  client: PoolClient,
  lines: readonly { campaignId: number; line: number }[],
  texts: readonly string[],
): Promise<number> {
  let written = 0;
  for (const campaignId of new Set(lines.map((one) => one.campaignId))) {
    const own = new Set(lines.flatMap((one) => (one.campaignId === campaignId ? [one.line] : [])));
    const seen = new Set<number>();
    for (const line of own) {
      const page = await sourcePageOf(client, campaignId, line);
      if (page === null || seen.has(page.firstLine)) continue;
      seen.add(page.firstLine);
      const rows = withoutRows(page.rows, own, texts);
      if (rows === null) continue;
      await replaceSourcePage(client, campaignId, { firstLine: page.firstLine, rows });
      written++;
    }
  }
  return written;
}

/** Looks up rows of a campaign's file by line; quick where lines ascend. */
export class SourceRows {
  private readonly pool: Pool;
  private readonly campaignId: number;
  private page: { first: number; last: number; rows: Map<number, SourceCells> } | undefined;

  constructor(pool: Pool, campaignId: number) {
    this.pool = pool;
    this.campaignId = campaignId;
  }

  /** The first `columns` cells of a line; null when it is not kept. */
  async cells(line: number, columns: number): Promise<string[] | null> {
    if (this.page === undefined || line < this.page.first || line > this.page.last) {
      const page = await sourcePageOf(this.pool, this.campaignId, line);
      if (page === null) return null;
      // Written by `SourcePacker`.
      const packed = JSON.parse(zlib.zstdDecompressSync(page.rows).toString()) as PackedRow[];
      const rows = packed.map(([at, cells, far]): [number, SourceCells] => [
        at,
        far === undefined ? { cells } : { cells, far: new Map(far) },
      ]);
      this.page = { first: page.firstLine, last: page.lastLine, rows: new Map(rows) };
    }
    const row = this.page.rows.get(line);
    if (row === undefined) return null;
    return Array.from({ length: columns }, (_, column) => cellAt(row, column));
  }
}
