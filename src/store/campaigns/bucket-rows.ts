import { creditsLeftSql } from '../credits/credits.ts';
import { formIdsLeftSql } from '../credits/form-credits.ts';
import type { Pool } from '../database/pool.ts';
import { bucketCount, type StagedRow, stagedOpenids, unpack } from './staged-rows.ts';

/** A staged row with what the contacts know of its openid. */
export interface BucketRow extends StagedRow {
  ref: string | null;
  /** Known not to follow; false where that is not asked. */
  unfollowed: boolean;
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

export interface LookOptions {
  /** Whether the channel is one for followers alone. */
  asksFollows: boolean;
  /** Whether anybody of the account was erased: then each openid is looked for. */
  looksForErased: boolean;
  leftOut: LeftOut;
  /** Null where the channel needs no credits. */
  credits: CreditLook | null;
}

/** Some rows of a bucket, in the order of the audience; a bucket's last page may be empty. */
export interface BucketPage {
  bucket: number;
  rows: BucketRow[];
  isLast: boolean;
}

/** Packed rows a page: some 5,000 rows where pages were full, and some megabytes at most. */
const pagePacked = 64;

/**
 * The staged rows from a bucket on, page by page, the next page being looked up while one is used. Outside of the transactions
 * that write the plan: staged rows are there until a bucket is planned, and whoever plans one finds out first whether it still has to be.
 */
export async function* bucketPages(
  pool: Pool,
  campaign: { id: number; appid: string },
  from: number,
  options: LookOptions,
): AsyncGenerator<BucketPage, void, undefined> {
  const pages = readPages(pool, campaign, from, options);
  let next = pages.next();
  for (;;) {
    const page = await next;
    if (page.done === true) return;
    next = pages.next();
    // Its failure is seen when it is asked for, if it is.
    next.catch(() => {});
    yield page.value;
  }
}

async function* readPages(
  pool: Pool,
  campaign: { id: number; appid: string },
  from: number,
  options: LookOptions,
): AsyncGenerator<BucketPage, void, undefined> {
  for (let bucket = from; bucket < bucketCount; bucket++) {
    const others = await ofOtherCampaigns(pool, campaign, bucket, options.leftOut);
    for (let after = 0, isLast = false; !isLast; ) {
      const { rows: packed } = await pool.query<{ seq: number; rows: string }>(
        'select seq, rows from staging where campaign_id = $1 and bucket = $2 and seq > $3 order by seq limit $4',
        [campaign.id, bucket, after, pagePacked],
      );
      isLast = packed.length < pagePacked;
      after = packed.at(-1)?.seq ?? after;
      const rows = packed.flatMap((one) => unpack(one.rows)).map((row) => ({ ...row, ...nothingKnown }));
      await lookUp(pool, campaign, rows, options);
      for (const row of rows) {
        const other = others.get(row.openid);
        if (other === undefined) continue;
        row.recent = other.recent;
        if (other.excluded) row.excluded ??= 'excluded-campaign';
      }
      yield { bucket, rows, isLast };
    }
  }
}

const nothingKnown: Omit<BucketRow, keyof StagedRow> = {
  unfollowed: false,
  suppressed: false,
  erased: false,
  excluded: null,
  recent: 0,
  credits: null,
};

/** Writes into the rows what is known of their openids. Most often nothing is, and then nothing comes back. */
async function lookUp(
  pool: Pool,
  campaign: { id: number; appid: string },
  rows: BucketRow[],
  { asksFollows, looksForErased, credits }: LookOptions,
): Promise<void> {
  if (rows.length === 0) return;
  const ofTemplate = credits?.kind === 'template' ? credits : null;
  const result = await pool.query<Pick<BucketRow, keyof typeof nothingKnown> & { i: number }>(
    // Each is asked for by its key: as joins they would, by old statistics, be answered by reading a whole table for each page.
    // Not at all where there is nothing to find, which is asked once.
    `select * from (
       select o.i::integer - 1 as i,
         $4 and (select exists (select 1 from contacts c where c.appid = $2)) and (select c.follows from contacts c where c.appid = $2 and c.openid = o.openid) is false as unfollowed,
         (select exists (select 1 from suppressions p where p.appid = $2))
           and (select true from suppressions p where p.appid = $2 and p.openid = o.openid) is not null as suppressed,
         $5 and exists (select 1 from erased_people x where x.appid = $2 and x.digest = person_digest($2, o.openid)) as erased,
         case when (select exists (select 1 from exclusions e where e.campaign_id = $1))
           then (select e.code from exclusions e where e.campaign_id = $1 and e.openid = o.openid) end as excluded,
         case when $6 then ${formIdsLeftSql('$2', 'o.openid', '$7::timestamptz')}
           -- Without a template of credits $8 is null, and none of these is looked at.
           when $8::text is not null then ${creditsLeftSql('o.openid')} + (
             -- What the campaign before holds for them without knowing is used by this one.
             select count(*) from credit_reservations h where h.campaign_id = $9::bigint and h.openid = o.openid and h.held = 'unknown') end as credits
       from unnest($3::text[]) with ordinality as o (openid, i)
         left join lateral (select * from credit_balances b
           where $8::text is not null and b.appid = $2 and b.openid = o.openid and b.template_id = $8::text limit 1) b on true
         left join templates t on t.appid = $2 and t.template_id = $8::text
         left join credit_rules k on k.appid = $2 and k.template_id = $8::text
       offset 0) found
     where unfollowed or suppressed or erased or excluded is not null or credits is not null`,
    [
      ...[campaign.id, campaign.appid, rows.map((row) => row.openid), asksFollows, looksForErased],
      ...[credits?.kind === 'form-ids', credits?.kind === 'form-ids' ? credits.goodAt : null],
      ...[ofTemplate?.templateId ?? null, ofTemplate?.linkedTo ?? null],
    ],
  );
  for (const { i, ...known } of result.rows) Object.assign(rows[i]!, known); // its number is of the array that was sent
}

/** What a bucket's people had of other campaigns, by openid; only those who had something that counts. */
async function ofOtherCampaigns(
  pool: Pool,
  campaign: { id: number; appid: string },
  bucket: number,
  { campaigns, fatigueDays, bucketsByColumn }: LeftOut,
): Promise<Map<string, { excluded: boolean; recent: number }>> {
  if (campaigns.length === 0 && fatigueDays === null) return new Map();
  const result = await pool.query<{ openid: string; excluded: boolean; recent: number }>(
    `with ranges as (
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
     select o.openid, o.excluded, o.recent from others o
     where (o.excluded or o.recent > 0) and o.openid in (
       select staged.openid from staging s cross join lateral ${stagedOpenids} where s.campaign_id = $1 and s.bucket = $2)`,
    [campaign.id, bucket, campaign.appid, campaigns, fatigueDays, bucketsByColumn],
  );
  return new Map(result.rows.map(({ openid, ...one }) => [openid, one]));
}
