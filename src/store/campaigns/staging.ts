import { errorCode } from '../../base/errors.ts';
import type { RowWords } from '../../texts/rows.ts';
import { creditsLeftSql } from '../credits/credits.ts';
import { formIdsLeftSql } from '../credits/form-credits.ts';
import { copyRows } from '../database/copy.ts';
import type { Pool, PoolClient } from '../database/pool.ts';
import { inTransaction } from '../database/pool.ts';
import { erasedOpenid } from '../erase.ts';
import { insertSourcePages, type SourcePage } from './source-pages.ts';

const uniqueViolation = '23505';

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

/** A staged row with what the contacts know of its openid. */
export interface BucketRow extends StagedRow {
  follows: boolean | null;
  /** On the account's suppression list. */
  suppressed: boolean;
  /** Was erased: kept out by a digest. */
  erased: boolean;
  /** Why this campaign leaves the openid out; null when it does not. */
  excluded: 'excluded-file' | 'excluded-tag' | 'excluded-campaign' | null;
  /** Campaign messages that it got, or may have got, within the account's fatigue window; 0 without one. */
  recent: number;
  /** Messages of the campaign's template that the person may still be sent; null where nobody knows. */
  credits: number | null;
}

/** What becomes of a staged row: a recipient with its variables, or left out. */
export type BucketDecision =
  | {
      vars: string | null;
      /** `unknown`: nobody told us of the person's credits; `none`: known to have none, and sent to all the same. */
      credit?: 'unknown' | 'none';
    }
  | { reason: DroppedReason; code: string; detail: string; words: RowWords };

/** What a campaign leaves out beyond its own rows. */
export interface LeftOut {
  /** Campaigns whose recipients are left out. */
  campaigns: number[];
  fatigueDays: number | null;
  /** The campaign's buckets are found by something else than the openid, so one openid may be in several. */
  bucketsByColumn: boolean;
}

/** Which credits a plan looks at. */
export type CreditLook =
  /** Those of a template; the campaign whose unknown recipients may be sent to again. */
  | { kind: 'template'; templateId: string; linkedTo: number | null }
  /** form_ids that are still good at that time. */
  | { kind: 'form-ids'; goodAt: Date };

/** FNV-1a over UTF-16 units; only its spread matters. */
function bucketOf(key: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < key.length; i++) hash = Math.imul(hash ^ key.charCodeAt(i), 0x01000193);
  return (hash ^ (hash >>> 15)) & (bucketCount - 1);
}

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
 * Plans one bucket in one transaction: its rows come in order, page by page; `options.decide` says what becomes of each.
 * Returns null when the bucket was done already (another planner, or before a crash).
 */
export async function planBucket(
  pool: Pool,
  campaign: { id: number; appid: string },
  bucket: number,
  options: {
    decide: (row: BucketRow) => BucketDecision;
    /** Also makes every openid of the bucket a contact of the account. */
    remember: boolean;
    /** Whether anybody of the account was erased: then each openid is looked for. */
    looksForErased: boolean;
    leftOut: LeftOut;
    /** Null where the channel needs no credits. */
    credits: CreditLook | null;
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
    const { leftOut, credits } = options;
    const ofTemplate = credits?.kind === 'template' ? credits : null;
    await client.query(
      `declare bucket_rows no scroll cursor for
       with ranges as (
         -- Recipients lie bucket by bucket, so the openids of this bucket lie in one range of an older campaign.
         select c.id, c.id = any ($4::bigint[]) as excluded,
           $5::integer is not null and c.started_at > clock_timestamp() - make_interval(days => $5::integer) as counted,
           case when $6 or c.dedupe like 'column:%' or cardinality(c.bucket_ends) = 0 or $2 = 0 then 0 else c.bucket_ends[$2] end as lo,
           case when $6 or c.dedupe like 'column:%' or cardinality(c.bucket_ends) = 0 then c.planned_count else c.bucket_ends[$2 + 1] end as hi
         from campaigns c where c.appid = $3 and c.id <> $1
           and (c.id = any ($4::bigint[]) or $5::integer is not null and c.started_at > clock_timestamp() - make_interval(days => $5::integer))),
       others as (
         select r.openid, bool_or(ranges.excluded) as excluded,
           count(*) filter (where ranges.counted and (
             select max(f.kind) from facts f where f.campaign_id = r.campaign_id and f.no = r.no) in (2, 3, 5)) as recent
         from ranges join recipients r on r.campaign_id = ranges.id and r.no > ranges.lo and r.no <= ranges.hi
         group by r.openid)
       select s.seq, s.line, s.openid, s.dedupe_key as "dedupeKey", s.vars, s.ref, c.follows,
         p.openid is not null as suppressed,
         $11 and exists (select 1 from erased_people x where x.appid = $3 and x.digest = person_digest($3, s.openid)) as erased,
         coalesce(e.code, case when o.excluded then 'excluded-campaign' end) as excluded, coalesce(o.recent, 0) as recent,
         case when $9 then ${formIdsLeftSql('$3', 's.openid', '$10::timestamptz')} else ${creditsLeftSql('s.openid')} + (
           -- What the campaign before holds for them without knowing is used by this one.
           select count(*) from credit_reservations h where h.campaign_id = $8::bigint and h.openid = s.openid and h.held = 'unknown') end as credits
       from staging s left join contacts c on c.appid = $3 and c.openid = s.openid
         left join suppressions p on p.appid = $3 and p.openid = s.openid
         left join exclusions e on e.campaign_id = $1 and e.openid = s.openid
         left join others o on o.openid = s.openid
         -- Without a template of credits $7 is null, and none of these is looked at.
         left join credit_balances b on b.appid = $3 and b.openid = s.openid and b.template_id = $7::text
         left join templates t on t.appid = $3 and t.template_id = $7::text
         left join credit_rules k on k.appid = $3 and k.template_id = $7::text
       where s.campaign_id = $1 and s.bucket = $2 order by s.seq`,
      [
        campaign.id,
        bucket,
        campaign.appid,
        leftOut.campaigns,
        leftOut.fatigueDays,
        leftOut.bucketsByColumn,
        ofTemplate?.templateId ?? null,
        ofTemplate?.linkedTo ?? null,
        credits?.kind === 'form-ids',
        credits?.kind === 'form-ids' ? credits.goodAt : null,
        options.looksForErased,
      ],
    );
    const fetchPage = () => client.query<BucketRow>('fetch 5000 from bucket_rows');
    for (let next = fetchPage(); ; ) {
      const page = await next;
      if (page.rows.length === 0) break;
      // Found while this page is decided about. Its failure ends the transaction, and so this page's own statement.
      next = fetchPage();
      next.catch(() => {});
      const recipients: [number, number, number, string, string | null, string | null][] = [];
      const dropped: DroppedRow[] = [];
      for (const row of page.rows) {
        const decision = options.decide(row);
        if ('reason' in decision) {
          counts[decision.reason]++;
          const openid = row.erased ? erasedOpenid : row.openid;
          dropped.push({ seq: row.seq, line: row.line, openid, ...decision });
        } else {
          counts.planned++;
          if (decision.credit === 'unknown') counts.creditUnknown++;
          if (decision.credit === 'none') counts.creditNone++;
          recipients.push([campaign.id, ++no, row.line, row.openid, decision.vars, row.ref ?? null]);
        }
      }
      await copyRows(client, 'recipients (campaign_id, no, line, openid, vars, ref)', recipients);
      await copyDropped(client, campaign.id, dropped);
    }
    await client.query('close bucket_rows');
    if (options.remember) {
      await client.query(
        `insert into contacts (appid, openid)
         select distinct $3, openid from staging s where campaign_id = $1 and bucket = $2
           and not ($4 and exists (select 1 from erased_people x where x.appid = $3 and x.digest = person_digest($3, s.openid))) order by 2
         on conflict (appid, openid) do nothing`,
        [campaign.id, bucket, campaign.appid, options.looksForErased],
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

async function copyStaging(client: PoolClient, campaignId: number, rows: StagedRow[]): Promise<void> {
  if (rows.length === 0) return;
  await copyRows(
    client,
    'staging (campaign_id, bucket, seq, line, openid, dedupe_key, vars, ref)',
    rows.map((row) => [
      campaignId,
      bucketOf(row.bucketKey ?? row.openid),
      row.seq,
      row.line,
      row.openid,
      row.dedupeKey,
      row.vars,
      row.ref ?? null,
    ]),
  );
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
