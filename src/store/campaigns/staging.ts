import { errorCode } from '../../base/errors.ts';
import type { RowWords } from '../../texts/rows.ts';
import { copyRows } from '../database/copy.ts';
import type { Pool, PoolClient } from '../database/pool.ts';
import { inTransaction } from '../database/pool.ts';
import { erasedOpenid } from '../erase.ts';
import type { BucketRow } from './bucket-rows.ts';
import { insertSourcePages, type SourcePage } from './source-pages.ts';
import { bucketCount, copyStaging, type StagedRow } from './staged-rows.ts';

const uniqueViolation = '23505';

export type DroppedReason = 'duplicate' | 'invalid' | 'no_credit' | 'unfollowed' | 'excluded';

export interface DroppedRow {
  seq: number;
  line: number;
  openid: string;
  reason: DroppedReason;
  code: string;
  /** In English. */
  detail: string;
  /** The same for every language (`rowText`); null of rows that an older version left out. */
  words: RowWords | null;
  /** Name of the file's column to blame, where it is one. */
  column?: string | null;
}

/** What becomes of a staged row: a recipient with its variables, or left out. */
export type BucketDecision =
  | {
      vars: string | null;
      /** `unknown`: nobody told us of the person's credits; `none`: known to have none, and sent to all the same. */
      credit?: 'unknown' | 'none';
    }
  | { reason: DroppedReason; code: string; detail: string; words: RowWords };

/**
 * Appends one page of the audience, its unreadable rows and all its columns, while the campaign is being staged. False when it no longer
 * is, or when somebody else stages it.
 *
 * @param before rows of the pages before. A page whose commit was acknowledged to nobody may be repeated: it is there.
 */
export async function stageRows(
  pool: Pool,
  campaignId: number,
  before: number,
  { rows, bad = [], source = [] }: { rows: StagedRow[]; bad?: DroppedRow[]; source?: readonly SourcePage[] },
): Promise<boolean> {
  const count = rows.length + bad.length;
  const refused = new Error('not staged, or not from there');
  try {
    await inTransaction(pool, async (client) => {
      await copyStaging(client, campaignId, rows);
      await copyDropped(client, campaignId, bad);
      await insertSourcePages(client, campaignId, source);
      // Last, so that a process that is stopped in the middle of copying does not hold the campaign's row.
      const counted = await client.query(
        `update campaigns set audience_count = audience_count + $2, invalid_count = invalid_count + $3
         where id = $1 and state = 'staging' and audience_count = $4`,
        [campaignId, count, bad.length, before],
      );
      if (counted.rowCount !== 1) throw refused;
    });
    return true;
  } catch (error) {
    if (error !== refused && errorCode(error) !== uniqueViolation) throw error;
    const stored = await pool.query(
      `select 1 from campaigns where id = $1 and state = 'staging' and audience_count = $2`,
      [campaignId, before + count],
    );
    return stored.rowCount === 1;
  }
}

/** Stores openids that a campaign leaves out; repeats are harmless. */
export async function storeExclusions(
  pool: Pool,
  campaignId: number,
  code: string,
  openids: string[],
): Promise<void> {
  await pool.query(
    `insert into exclusions (campaign_id, openid, code) select $1, openid, $2 from unnest($3::text[]) as page (openid)
     on conflict do nothing`,
    [campaignId, code, openids],
  );
}

/** The same for a page that a planner fetched, with its cursor; false when another planner was faster. */
export async function stagePage(
  pool: Pool,
  campaignId: number,
  cursor: { from: string | null; to: string },
  rows: StagedRow[],
): Promise<boolean> {
  return inTransaction(pool, async (client) => {
    const moved = await client.query(
      `update campaigns set audience_count = audience_count + $4, plan_cursor = $3
       where id = $1 and state = 'planning' and plan_cursor is not distinct from $2`,
      [campaignId, cursor.from, cursor.to, rows.length],
    );
    if (moved.rowCount !== 1) return false;
    await copyStaging(client, campaignId, rows);
    return true;
  });
}

/** Counts of one bucket's rows, in the order of `campaigns`. */
export type BucketCounts = Record<DroppedReason, number> & {
  planned: number;
  creditUnknown: number;
  creditNone: number;
};

/**
 * Plans one bucket in one transaction: `options.decide` says what becomes of each row.
 * Returns null when the bucket was done already (another planner, or before a crash).
 */
export async function planBucket(
  pool: Pool,
  campaign: { id: number; appid: string },
  bucket: number,
  /** The bucket's rows in order, to its last page; read once it is ours to plan. */
  pages: () => AsyncIterable<BucketRow[]>,
  options: {
    decide: (row: BucketRow) => BucketDecision;
    /** Also makes every openid of the bucket a contact of the account. */
    remember: boolean;
  },
): Promise<BucketCounts | null> {
  return inTransaction(pool, async (client) => {
    const locked = await client.query<{ planned: number }>(
      `select planned_count as planned from campaigns where id = $1 and state = 'planning' and plan_bucket = $2 for update`,
      [campaign.id, bucket],
    );
    if (locked.rows[0] === undefined) return null;
    const counts: BucketCounts = {
      planned: 0,
      duplicate: 0,
      invalid: 0,
      no_credit: 0,
      unfollowed: 0,
      excluded: 0,
      creditUnknown: 0,
      creditNone: 0,
    };
    let no = locked.rows[0].planned;
    const seen: string[] = [];
    for await (const page of pages()) {
      const recipients: [number, number, number, string, string | null, string | null][] = [];
      const dropped: DroppedRow[] = [];
      for (const row of page) {
        if (options.remember && !row.erased) seen.push(row.openid);
        const decision = options.decide(row);
        if ('reason' in decision) {
          counts[decision.reason]++;
          const openid = row.erased ? erasedOpenid : row.openid;
          dropped.push({ seq: row.seq, line: row.line, openid, ...decision });
        } else {
          counts.planned++;
          if (decision.credit === 'unknown') counts.creditUnknown++;
          if (decision.credit === 'none') counts.creditNone++;
          recipients.push([campaign.id, ++no, row.line, row.openid, decision.vars, row.ref]);
        }
      }
      await copyRows(client, 'recipients (campaign_id, no, line, openid, vars, ref)', recipients);
      await copyDropped(client, campaign.id, dropped);
    }
    if (seen.length > 0) {
      await client.query(
        // In one order for everybody, because each waits for whoever adds the same person.
        `insert into contacts (appid, openid) select distinct $1, openid from unnest($2::text[]) as seen (openid) order by 2
         on conflict (appid, openid) do nothing`,
        [campaign.appid, seen],
      );
    }
    await client.query('delete from staging where campaign_id = $1 and bucket = $2', [campaign.id, bucket]);
    await client.query(
      `update campaigns set plan_bucket = plan_bucket + 1, planned_count = planned_count + $2,
         bucket_ends = bucket_ends || (planned_count + $2)::integer,
         duplicate_count = duplicate_count + $3, invalid_count = invalid_count + $4,
         no_credit_count = no_credit_count + $5, unfollowed_count = unfollowed_count + $6,
         excluded_count = excluded_count + $7, credit_unknown_count = credit_unknown_count + $8,
         credit_none_count = credit_none_count + $9 where id = $1`,
      [
        campaign.id,
        counts.planned,
        counts.duplicate,
        counts.invalid,
        counts.no_credit,
        counts.unfollowed,
        counts.excluded,
        counts.creditUnknown,
        counts.creditNone,
      ],
    );
    return counts;
  });
}

/** planning → planned (or → running, when nobody is there to be asked): cuts the chunks. False when the plan is not complete or was finished by another. */
export async function finishPlan(pool: Pool, campaignId: number, chunkSize: number): Promise<boolean> {
  const result = await pool.query<{ finished: number }>(
    `with finished as (
       update campaigns c set planned_at = clock_timestamp(),
         state = case when not c.auto_confirm or c.planned_count > a.approval_above then 'planned'
           when c.planned_count = 0 then 'done' else 'running' end,
         started_at = case when c.auto_confirm and (c.planned_count <= a.approval_above) is not false then clock_timestamp() end,
         finished_at = case when c.auto_confirm and c.planned_count = 0 then clock_timestamp() end
       from accounts a where a.appid = c.appid and c.id = $1 and c.state = 'planning' and c.plan_bucket = $3
       returning c.id, c.planned_count),
     cut as (
       insert into chunks (campaign_id, first_no, last_no, watermark)
       select id, first_no, least(first_no + $2 - 1, planned_count), first_no - 1
       from finished, generate_series(1, planned_count, $2) first_no)
     select id as finished, pg_notify('hongyan_campaign', id::text), pg_notify('hongyan_work', id::text) from finished`,
    [campaignId, chunkSize, bucketCount],
  );
  return result.rowCount === 1;
}

/** Number of the last recipient of each bucket. Inside a bucket recipients are in the order of the audience. */
export async function bucketEnds(pool: Pool, campaignId: number): Promise<number[]> {
  const result = await pool.query<{ ends: number[] }>(
    'select bucket_ends as ends from campaigns where id = $1',
    [campaignId],
  );
  return result.rows[0]?.ends ?? [];
}

/** Rows that the plan left out, in the order of the audience. */
export async function listDropped(
  pool: Pool,
  campaignId: number,
  afterSeq: number,
  limit: number,
  except: DroppedReason | null = null,
): Promise<DroppedRow[]> {
  const result = await pool.query<DroppedRow>(
    `select seq, line, openid, reason, code, detail, words, column_name as column from dropped
     where campaign_id = $1 and seq > $2 and ($4::text is null or reason <> $4) order by seq limit $3`,
    [campaignId, afterSeq, limit, except],
  );
  return result.rows;
}

/** How many were left out for which reason; only of those that `campaigns` does not count one by one. */
export async function countDropped(
  pool: Pool,
  campaignId: number,
): Promise<{ reason: DroppedReason; code: string; count: number }[]> {
  const result = await pool.query<{ reason: DroppedReason; code: string; count: number }>(
    `select reason, code, count(*)::integer as count from dropped
     where campaign_id = $1 and reason in ('excluded', 'invalid') group by reason, code order by count desc, code`,
    [campaignId],
  );
  return result.rows;
}

async function copyDropped(client: PoolClient, campaignId: number, rows: DroppedRow[]): Promise<void> {
  if (rows.length === 0) return;
  await copyRows(
    client,
    'dropped (campaign_id, seq, line, openid, reason, code, detail, column_name, words)',
    rows.map((row) => [
      ...[campaignId, row.seq, row.line, row.openid, row.reason, row.code, row.detail],
      ...[row.column ?? null, row.words === null ? null : JSON.stringify(row.words)],
    ]),
  );
}
