import type { Pool } from '../../store/database/pool.ts';
import {
  type ChunkCounts,
  type LiveCampaign,
  type LiveChunk,
  type LiveChunks,
  liveChunks,
} from '../../store/stream/live.ts';

/** What is known of a campaign from the last look. */
interface Known {
  /** Over its chunks that are done. */
  done: ChunkCounts;
  /** The first that were open. */
  open: LiveChunk[];
  /** Monotonic ms of the last look at all of its chunks. */
  wholeAt: number;
}

export interface LiveCountsOptions {
  /** Open chunks that are looked at: more than are claimed and delivered between two looks. */
  mostOpen?: number;
  /** All chunks are looked at again so often, ms: late answers and ended holds change those that are done. */
  wholeEveryMs?: number;
}

/**
 * How far campaigns are, twice a second, without reading all of their chunks: one of ten million people has 10,000, of which a
 * handful changed. Chunks are claimed from the lowest on, so what changed lies among the first open ones and among those that
 * were so at the last look. Where that cannot be told, all of them are read.
 */
export class LiveCounts {
  readonly #pool: Pool;
  readonly #mostOpen: number;
  readonly #wholeEveryMs: number;
  #known = new Map<number, Known>();
  /** How often all chunks of a campaign were read; for tests. */
  wholeReads = 0;

  constructor(pool: Pool, { mostOpen = 64, wholeEveryMs = 10_000 }: LiveCountsOptions = {}) {
    this.#pool = pool;
    this.#mostOpen = mostOpen;
    this.#wholeEveryMs = wholeEveryMs;
  }

  /**
   * Those that something happens to just now, and those of these ids.
   *
   * @param changed all of their chunks are read
   */
  async read(changed: readonly number[], ids: readonly number[] = []): Promise<LiveCampaign[]> {
    const now = performance.now();
    for (const id of changed) this.#known.delete(id);
    for (const [id, { wholeAt }] of this.#known)
      if (now - wholeAt >= this.#wholeEveryMs) this.#known.delete(id);
    const known = this.#known;
    const rows = await this.#look([...changed, ...ids], known);
    const untold = new Set(rows.filter((row) => this.#counts(row, known) === null).map(({ id }) => id));
    const again =
      untold.size === 0
        ? []
        : await this.#look([...untold], new Map([...known].filter(([id]) => !untold.has(id))));
    this.#known = new Map();
    const found = new Map(again.filter(({ id }) => untold.has(id)).map((row) => [row.id, row]));
    return rows.map((first) => {
      const row = found.get(first.id) ?? first;
      const { open, ended: _ended, whole, ...campaign } = row;
      const { done, all } = this.#counts(row, known) ?? { done: zero, all: zero };
      if (whole !== null) this.wholeReads++;
      const wholeAt = whole === null ? (known.get(row.id)?.wholeAt ?? now) : now;
      if (isMoving(row)) this.#known.set(row.id, { done, open, wholeAt });
      const [accepted, rejected, unknown, held] = all;
      return { ...campaign, accepted, rejected, unknown, held };
    });
  }

  forget(): void {
    this.#known.clear();
  }

  #look(ids: readonly number[], known: ReadonlyMap<number, Known>): Promise<LiveChunks[]> {
    const seen = [...known].flatMap(([id, { open }]) => open.map(({ firstNo }) => [id, firstNo] as const));
    return liveChunks(this.#pool, ids, { known: [...known.keys()], seen, mostOpen: this.#mostOpen });
  }

  /** Null when what was read does not tell. */
  #counts(
    { id, open, ended, whole }: LiveChunks,
    known: ReadonlyMap<number, Known>,
  ): { done: ChunkCounts; all: ChunkCounts } | null {
    if (whole !== null) return whole;
    const before = known.get(id);
    if (before === undefined || !this.#isAll(before.open, open)) return null;
    const done = sum([before.done, ...ended.map(({ counts }) => counts)]);
    return { done, all: sum([done, ...open.map(({ counts }) => counts)]) };
  }

  /** Whether no chunk can have changed but those that are open now and those that were. */
  #isAll(before: readonly LiveChunk[], open: readonly LiveChunk[]): boolean {
    const isUnclaimed = ({ epoch }: LiveChunk): boolean => epoch === 0;
    const last = before.at(-1)?.firstNo ?? 0;
    return before.length < this.#mostOpen || open.some((one) => isUnclaimed(one) && one.firstNo <= last);
  }
}

const zero: ChunkCounts = [0, 0, 0, 0];

function sum(all: readonly ChunkCounts[]): ChunkCounts {
  const total: ChunkCounts = [0, 0, 0, 0];
  for (const [accepted, rejected, unknown, held] of all) {
    total[0] += accepted;
    total[1] += rejected;
    total[2] += unknown;
    total[3] += held;
  }
  return total;
}

/** Something happens to it by itself. */
export function isMoving({ state }: Pick<LiveCampaign, 'state'>): boolean {
  return ['staging', 'planning', 'running'].includes(state);
}
