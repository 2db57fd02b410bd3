import type { Channel } from '../../wechat/channels.ts';
import { approvalLimitSql } from '../accounts/approval.ts';
import type { FilterRules } from '../accounts/filters.ts';
import type { Pool, Queryable } from '../database/pool.ts';
import { readerLeaseSeconds } from './left.ts';

export type CampaignState =
  | 'staging'
  | 'planning'
  | 'planned'
  | 'running'
  | 'paused'
  | 'done'
  | 'cancelled'
  | 'failed';
export type OnInvalid = 'reject' | 'truncate' | 'skip';

/** Where a campaign's recipients come from. Rows of lists and files are staged by whoever creates the campaign. */
export type Audience =
  | { kind: 'all' }
  | { kind: 'tag'; tagId: number }
  | { kind: 'list'; count: number }
  | { kind: 'file'; name: string }
  /** A saved filter with the rules that it had when the campaign was made. */
  | { kind: 'filter'; id: number; name: string; rules: FilterRules };

/** As it is asked for: a filter by its number. */
export type AskedAudience = Exclude<Audience, { kind: 'filter' }> | { kind: 'filter'; id: number };

/** People whom one campaign leaves out. */
export type Exclusion =
  | { kind: 'tag'; tagId: number }
  | { kind: 'campaign'; id: number }
  | { kind: 'file'; name: string };

/** Digests of what a campaign says, to whom and when, by which a repeat under its key is told from another wish. */
export interface CampaignContent {
  message: string;
  options: string;
  /** Absent until its file is read to the end. */
  recipients?: string;
  /** Absent until their files are read. */
  exclusions?: string;
}

export interface NewCampaign {
  appid: string;
  channel: Channel;
  key: string | null;
  fingerprint: string;
  templateId: string | null;
  audience: Audience;
  /** Wire body with `{{variables}}`, without `touser`. */
  message: Record<string, unknown>;
  variables: string[];
  /** `openid`, `row`, `none` or `column:NAME`. */
  dedupe: string;
  onInvalid: OnInvalid;
  /** Not sent before. */
  startAt: Date | null;
  /** Not sent afterwards. */
  validUntil: Date | null;
  /** The campaign whose recipients this one sends to again. */
  linkedTo: number | null;
  exclusions: Exclusion[];
  /** Sends also to people who are known to have no credit left. */
  includeNoCredit: boolean;
  /** Only with a key; null also for campaigns of older versions. */
  content: CampaignContent | null;
  /** Most messages per second, over all nodes, under the account's own ceiling; null: only that. */
  ratePerS: number | null;
  /** The span that stores it (`traceText`); null: nobody records one. */
  trace: string | null;
}

export interface Campaign extends NewCampaign {
  id: number;
  uuid: string;
  state: CampaignState;
  stateReason: string | null;
  stateDetail: string | null;
  planCursor: string | null;
  planBucket: number;
  audienceCount: number;
  plannedCount: number;
  duplicateCount: number;
  invalidCount: number;
  noCreditCount: number;
  /** Of the planned: nobody told us of their credits. */
  creditUnknownCount: number;
  /** Of the planned: known to have no credit, and sent to all the same. */
  creditNoneCount: number;
  unfollowedCount: number;
  excludedCount: number;
  /** Until then the process that reads its recipients is taken for alive. */
  readUntil: Date | null;
  /** Its recipients were not read to their end, and the process that read them is gone. */
  readerGone: boolean;
  confirmedBy: string | null;
  approvedBy: string | null;
  probed: boolean;
  createdAt: Date;
  plannedAt: Date | null;
  startedAt: Date | null;
  finishedAt: Date | null;
  /** Since then its recipients and facts are being removed, or are gone; its counts stay. */
  prunedAt: Date | null;
}

const columns = `id, uuid, appid, channel, state, state_reason as "stateReason", state_detail as "stateDetail", key,
  fingerprint, template_id as "templateId", audience, message, variables, dedupe, on_invalid as "onInvalid",
  plan_cursor as "planCursor", plan_bucket as "planBucket", audience_count as "audienceCount",
  planned_count as "plannedCount", duplicate_count as "duplicateCount", invalid_count as "invalidCount",
  no_credit_count as "noCreditCount", unfollowed_count as "unfollowedCount", excluded_count as "excludedCount",
  start_at as "startAt", valid_until as "validUntil", linked_to as "linkedTo", exclusions,
  include_no_credit as "includeNoCredit", content, credit_unknown_count as "creditUnknownCount", credit_none_count as "creditNoneCount",
  coalesce(state = 'staging' and read_until < clock_timestamp(), false) as "readerGone", read_until as "readUntil",
  confirmed_by as "confirmedBy", approved_by as "approvedBy", probed, created_at as "createdAt", planned_at as "plannedAt", started_at as "startedAt", finished_at as "finishedAt", pruned_at as "prunedAt",
  rate_per_s as "ratePerS", trace`;

/** It was planned to be looked at, and never to be sent. */
export function isDryRun({ state, stateReason }: Pick<Campaign, 'state' | 'stateReason'>): boolean {
  return state === 'cancelled' && stateReason === 'dry_run';
}

/** Writes the intent. When the key was used before, nothing is written and the existing campaign comes back. */
export async function createCampaign(
  pool: Pool,
  campaign: NewCampaign,
): Promise<{ campaign: Campaign; existed: boolean }> {
  const created = await pool.query<Campaign>(
    `insert into campaigns (appid, channel, state, key, fingerprint, template_id, audience, message, variables, dedupe, on_invalid,
       start_at, valid_until, linked_to, exclusions, include_no_credit, content, rate_per_s, read_until, trace)
     values ($1, $2, 'staging', $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17,
       clock_timestamp() + make_interval(secs => $18), $19)
     on conflict (appid, key) where key is not null do nothing
     returning ${columns}`,
    [
      campaign.appid,
      campaign.channel,
      campaign.key,
      campaign.fingerprint,
      campaign.templateId,
      JSON.stringify(campaign.audience),
      JSON.stringify(campaign.message),
      campaign.variables,
      campaign.dedupe,
      campaign.onInvalid,
      campaign.startAt,
      campaign.validUntil,
      campaign.linkedTo,
      JSON.stringify(campaign.exclusions),
      campaign.includeNoCredit,
      campaign.content === null ? null : JSON.stringify(campaign.content),
      campaign.ratePerS,
      readerLeaseSeconds,
      campaign.trace,
    ],
  );
  if (created.rows[0] !== undefined) return { campaign: created.rows[0], existed: false };
  const existing = await pool.query<Campaign>(
    `select ${columns} from campaigns where appid = $1 and key = $2`,
    [campaign.appid, campaign.key],
  );
  return { campaign: existing.rows[0]!, existed: true }; // the insert found it
}

/** Adds what is known of its content once its files are read. */
export async function completeContent(
  pool: Pool,
  id: number,
  content: Partial<CampaignContent>,
): Promise<void> {
  await pool.query('update campaigns set content = content || $2::jsonb where id = $1', [
    id,
    JSON.stringify(content),
  ]);
}

export async function findCampaign(pool: Queryable, id: number): Promise<Campaign | null> {
  return (await pool.query<Campaign>(`select ${columns} from campaigns where id = $1`, [id])).rows[0] ?? null;
}

export async function findCampaignByKey(pool: Pool, appid: string, key: string): Promise<Campaign | null> {
  const result = await pool.query<Campaign>(
    `select ${columns} from campaigns where appid = $1 and key = $2`,
    [appid, key],
  );
  return result.rows[0] ?? null;
}

/** The newest campaign of the last 24 h with the same account, message and audience that got beyond its preview. */
export async function findRecentTwin(
  pool: Pool,
  appid: string,
  fingerprint: string,
): Promise<Campaign | null> {
  const result = await pool.query<Campaign>(
    `select ${columns} from campaigns
     where appid = $1 and fingerprint = $2 and created_at > clock_timestamp() - interval '24 hours'
       and started_at is not null
     order by created_at desc limit 1`,
    [appid, fingerprint],
  );
  return result.rows[0] ?? null;
}

/** The newest ones, of these accounts or of all, and with a number below `before` when it is given. */
export async function listCampaigns(
  pool: Pool,
  appids: string | readonly string[] | null,
  limit: number,
  before: number | null = null,
): Promise<Campaign[]> {
  return (
    await pool.query<Campaign>(
      `select ${columns} from campaigns
       where ($1::text[] is null or appid = any ($1::text[])) and ($3::bigint is null or id < $3)
       order by id desc limit $2`,
      [typeof appids === 'string' ? [appids] : appids, limit, before],
    )
  ).rows;
}

/** staging → planning: the audience is complete, or a planner can fetch it. False when it was not in staging. */
export async function startPlanning(pool: Queryable, id: number): Promise<boolean> {
  const result = await pool.query(
    `update campaigns set state = 'planning' where id = $1 and state = 'staging'`,
    [id],
  );
  return result.rowCount === 1;
}

/**
 * planned → running, if the counts are still those that the person saw; false when they are not. Above the
 * account's approval limit it stays planned until somebody else approves it.
 * @param by who says so; the second approver must be another one
 */
export async function confirmCampaign(
  pool: Pool,
  id: number,
  plannedCount: number,
  by = '',
): Promise<boolean> {
  const result = await pool.query(
    `with confirmed as (
       update campaigns c set confirmed_by = $3,
         state = case when c.planned_count = 0 then 'done' when c.planned_count > ${approvalLimitSql('$3::text')} then 'planned' else 'running' end,
         started_at = case when c.planned_count > ${approvalLimitSql('$3::text')} then null else clock_timestamp() end,
         finished_at = case when c.planned_count = 0 then clock_timestamp() end
       from accounts a where a.appid = c.appid and c.id = $1 and c.state = 'planned' and c.planned_count = $2
       returning c.id)
     select pg_notify('hongyan_work', id::text) from confirmed`,
    [id, plannedCount, by],
  );
  return result.rowCount === 1;
}

/** The second person's word: a confirmed campaign of somebody else runs. */
export async function approveCampaign(
  pool: Pool,
  id: number,
  by: string,
): Promise<'running' | 'own' | 'not-waiting'> {
  const result = await pool.query<{ own: boolean }>(
    `with approved as (
       update campaigns set approved_by = $2, state = 'running', started_at = clock_timestamp()
       where id = $1 and state = 'planned' and confirmed_by is not null and confirmed_by <> $2 returning id)
     select c.state = 'planned' and c.confirmed_by = $2 as own, pg_notify('hongyan_work', c.id::text)
     from campaigns c where c.id = $1 and (exists (select 1 from approved) or c.state = 'planned' and c.confirmed_by = $2)`,
    [id, by],
  );
  const row = result.rows[0];
  if (row === undefined) return 'not-waiting';
  return row.own ? 'own' : 'running';
}

/** running or paused → done, for those whose time is over and that nobody is sending any more. */
export async function endExpiredCampaigns(pool: Pool): Promise<number> {
  const result = await pool.query({
    name: 'end-expired-campaigns', // asked for each chunk
    text: `update campaigns c set state = 'done', state_reason = 'expired', finished_at = clock_timestamp()
     where c.state in ('running', 'paused') and c.valid_until <= clock_timestamp()
       and not exists (select 1 from chunks ch where ch.campaign_id = c.id and ch.state = 'open' and ch.lease_until > (select steady_now()))`,
  });
  return result.rowCount ?? 0;
}

/** True while some process holds a chunk of the campaign. */
export async function isBeingSent(pool: Pool, id: number): Promise<boolean> {
  const result = await pool.query(
    `select 1 from chunks where campaign_id = $1 and state = 'open' and lease_until > (select steady_now()) limit 1`,
    [id],
  );
  return result.rows.length > 0;
}

/** running → paused. Nodes see it at their next flush or lease renewal and hand their chunks back. */
export async function pauseCampaign(
  pool: Pool,
  id: number,
  reason: string,
  detail: string | null,
): Promise<boolean> {
  const result = await pool.query(
    `update campaigns set state = 'paused', state_reason = $2, state_detail = $3 where id = $1 and state = 'running'`,
    [id, reason, detail],
  );
  return result.rowCount === 1;
}

/** paused → running. */
export async function resumeCampaign(pool: Pool, id: number): Promise<boolean> {
  const result = await pool.query(
    `with resumed as (
       update campaigns set state = 'running', state_reason = null, state_detail = null,
         -- Whoever goes on after an interception, many blocks or many holds has decided; it is not asked about again.
         probed = probed or state_reason in ('intercepted', 'blocked-share', 'held-share')
       where id = $1 and state = 'paused' returning id)
     select pg_notify('hongyan_work', id::text) from resumed`,
    [id],
  );
  return result.rowCount === 1;
}

/**
 * Ends a campaign that was not sent: before its start, or when its plan cannot be made. Its key is free again,
 * because nobody was messaged under it, and its staged rows are removed.
 */
export async function endUnsent(
  pool: Pool,
  id: number,
  state: 'cancelled' | 'failed',
  reason: string,
  detail: string | null,
): Promise<boolean> {
  const result = await pool.query(
    `update campaigns set state = $2, state_reason = $3, state_detail = $4, key = null, finished_at = clock_timestamp()
     where id = $1 and state in ('staging', 'planning', 'planned')`,
    [id, state, reason, detail],
  );
  if (result.rowCount !== 1) return false;
  // A statement of its own: rows of a page that was being staged are seen only after its commit.
  await pool.query('delete from staging where campaign_id = $1', [id]);
  return true;
}

/**
 * running or paused → cancelled, for good: whoever was not sent to stays unsent. Nodes see it at their next flush or
 * lease renewal. Its key stays used.
 */
export async function cancelStarted(pool: Pool, id: number, reason: string): Promise<boolean> {
  const result = await pool.query(
    `update campaigns set state = 'cancelled', state_reason = $2, state_detail = null, finished_at = clock_timestamp()
     where id = $1 and state in ('running', 'paused')`,
    [id, reason],
  );
  return result.rowCount === 1;
}

/** The first answers were good enough: other chunks may open. */
export async function markProbed(pool: Pool, id: number): Promise<void> {
  await pool.query(
    `with probed as (update campaigns set probed = true where id = $1 and not probed returning id)
     select pg_notify('hongyan_work', id::text) from probed`,
    [id],
  );
}

/** running → done once no chunk is open; true if this call did it. */
export async function finishCampaign(pool: Pool, id: number): Promise<boolean> {
  const result = await pool.query(
    `with finished as (
       update campaigns set state = 'done', finished_at = clock_timestamp()
       where id = $1 and state = 'running'
         and not exists (select 1 from chunks where campaign_id = $1 and state = 'open') returning id)
     select pg_notify('hongyan_campaign', id::text) from finished`,
    [id],
  );
  return result.rowCount === 1;
}

/** Campaigns that want a sender, the accounts' oldest first. */
export async function runningCampaigns(pool: Pool): Promise<Campaign[]> {
  const result = await pool.query<Campaign>({
    name: 'running-campaigns', // asked for each chunk
    text: `select ${columns} from campaigns where state = 'running' order by id`,
  });
  return result.rows;
}
