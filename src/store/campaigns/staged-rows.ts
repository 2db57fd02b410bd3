import { copyRows } from '../database/copy.ts';
import type { PoolClient } from '../database/pool.ts';

/** Equal dedupe keys meet in one of this many buckets; each is planned in one transaction. */
export const bucketCount = 64;

export interface StagedRow {
  seq: number;
  line: number;
  openid: string;
  dedupeKey: string | null;
  /** What its bucket is found by: the openid wherever equal keys have equal openids. Default: the openid. */
  bucketKey?: string;
  /** JSON array of the campaign's variables. */
  vars: string | null;
  /** The caller's own number; not unique. Default: none. */
  ref?: string | null;
}

/** FNV-1a over UTF-16 units; only its spread matters. */
function bucketOf(key: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < key.length; i++) hash = Math.imul(hash ^ key.charCodeAt(i), 0x01000193);
  return (hash ^ (hash >>> 15)) & (bucketCount - 1);
}

// JSON has neither of the two, refs no control characters, and COPY does not escape them.
const betweenFields = '\x1f';
const betweenRows = '\x1e';
/** Whatever somebody calls an openid. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: finding control characters is its job
const separators = /[\x1e\x1f]/g;

/** The openids of packed rows `s.rows`, in SQL: `stagedOpenids` in a from. */
export const stagedOpenids = `unnest(string_to_array(s.rows, E'\\x1e')) as packed (row)
  cross join lateral split_part(packed.row, E'\\x1f', 3) as staged (openid)`;

/** Characters after which a bucket's rows of a page are given another row of their own. */
const packedChars = 64 * 1024;

/** Stores a page, the rows of each bucket packed into one row: an index entry and a foreign key each would take longer than the rows. */
export async function copyStaging(
  client: PoolClient,
  campaignId: number,
  rows: readonly StagedRow[],
): Promise<void> {
  if (rows.length === 0) return;
  const full: [number, number, number, string][] = [];
  const open = new Map<number, { seq: number; packed: string }>();
  for (const row of rows) {
    const bucket = bucketOf(row.bucketKey ?? row.openid);
    const last = open.get(bucket);
    if (last === undefined) open.set(bucket, { seq: row.seq, packed: pack(row) });
    else {
      last.packed += betweenRows + pack(row);
      if (last.packed.length < packedChars) continue;
      full.push([campaignId, bucket, last.seq, last.packed]);
      open.delete(bucket);
    }
  }
  for (const [bucket, { seq, packed }] of open) full.push([campaignId, bucket, seq, packed]);
  await copyRows(client, 'staging (campaign_id, bucket, seq, rows)', full);
}

function pack({ seq, line, openid, dedupeKey, vars, ref }: StagedRow): string {
  const name = openid.replace(separators, '');
  return `${seq}${betweenFields}${line}${betweenFields}${name}${betweenFields}${dedupeKey ?? ''}${betweenFields}${vars ?? ''}${betweenFields}${ref ?? ''}`;
}

export function unpack(packed: string): (StagedRow & { ref: string | null })[] {
  return packed.split(betweenRows).map((row) => {
    const [seq, line, openid = '', dedupeKey = '', vars = '', ref = ''] = row.split(betweenFields);
    // Neither a hash nor JSON nor a ref is empty.
    return {
      ...{ seq: Number(seq), line: Number(line), openid },
      ...{ dedupeKey: dedupeKey || null, vars: vars || null, ref: ref || null },
    };
  });
}
