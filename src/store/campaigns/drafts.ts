import type { Pool, Queryable } from '../database/pool.ts';
import type { CampaignState } from './campaigns.ts';

/** What nobody changed for so long is removed. */
const keepDays = 30;

/** A campaign that is still written. `request` is the app's, `client` whatever its writer keeps with it. */
export interface Draft<R = unknown> {
  id: number;
  appid: string;
  name: string;
  request: R;
  client: Record<string, unknown>;
  /** Changes with each edit. */
  revision: number;
  createdBy: string;
  createdAt: Date;
  changedBy: string;
  changedAt: Date;
  expiresAt: Date;
  /** The campaign that was planned of it last; null: none, or it is gone. */
  campaignId: number | null;
  /** The campaign's; null without one. */
  campaignState: CampaignState | null;
  /** The revision that it was planned of. */
  plannedRevision: number | null;
}

const columns = `id, appid, name, request, client, revision, created_by as "createdBy", created_at as "createdAt",
  changed_by as "changedBy", changed_at as "changedAt", expires_at as "expiresAt", campaign_id as "campaignId",
  planned_revision as "plannedRevision", (select c.state from campaigns c where c.id = campaign_id) as "campaignState"`;

/** A draft whose campaign somebody confirmed has served its purpose. */
const isOpen = `expires_at > clock_timestamp()
  and not exists (select 1 from campaigns c where c.id = campaign_id and c.confirmed_by is not null)`;

interface Written {
  name: string;
  request: unknown;
  client: unknown;
  by: string;
}

export async function createDraft(pool: Pool, appid: string, draft: Written): Promise<number> {
  const result = await pool.query<{ id: number }>(
    `insert into drafts (appid, name, request, client, created_by, changed_by, expires_at)
     values ($1, $2, $3, $4, $5, $5, clock_timestamp() + make_interval(days => $6)) returning id`,
    [appid, draft.name, JSON.stringify(draft.request), JSON.stringify(draft.client), draft.by, keepDays],
  );
  return result.rows[0]!.id; // an insert … returning gives its row
}

/** Null for one that is over. */
export async function findDraft<R>(pool: Pool, id: number): Promise<Draft<R> | null> {
  const result = await pool.query<Draft<R>>(
    `select ${columns} from drafts where id = $1 and expires_at > clock_timestamp()`,
    [id],
  );
  return result.rows[0] ?? null;
}

/** Those of which nothing was confirmed yet, the newest first. */
export async function listDrafts<R>(
  pool: Pool,
  appids: readonly string[] | null,
  limit: number,
  before: number | null,
): Promise<Draft<R>[]> {
  const result = await pool.query<Draft<R>>(
    `select ${columns} from drafts
     where ${isOpen} and ($1::text[] is null or appid = any ($1::text[]))
       and ($3::bigint is null or id < $3) order by id desc limit $2`,
    [appids, limit, before],
  );
  return result.rows;
}

/** Writes a draft anew, if it is still of this revision. */
export async function editDraft(pool: Pool, id: number, revision: number, draft: Written): Promise<boolean> {
  const result = await pool.query(
    `update drafts set name = $3, request = $4, client = $5, revision = revision + 1, changed_by = $6,
       changed_at = clock_timestamp(), expires_at = clock_timestamp() + make_interval(days => $7)
     where id = $1 and revision = $2`,
    [
      ...[id, revision, draft.name, JSON.stringify(draft.request), JSON.stringify(draft.client)],
      ...[draft.by, keepDays],
    ],
  );
  return result.rowCount === 1;
}

/** Which campaign was planned of it. */
export async function noteDraftPlanned(
  pool: Pool,
  id: number,
  revision: number,
  campaignId: number,
): Promise<void> {
  await pool.query('update drafts set campaign_id = $3, planned_revision = $2 where id = $1', [
    id,
    revision,
    campaignId,
  ]);
}

/** Removes it if it is still of this revision; false: somebody was faster. */
export async function takeDraft(client: Queryable, id: number, revision: number): Promise<boolean> {
  const taken = await client.query('delete from drafts where id = $1 and revision = $2', [id, revision]);
  return taken.rowCount === 1;
}

export async function removeDraft(pool: Pool, id: number): Promise<boolean> {
  return (await pool.query('delete from drafts where id = $1', [id])).rowCount === 1;
}

/** Those that nobody changed in time, and those whose campaign was confirmed a while ago. */
export async function removeExpiredDrafts(pool: Pool): Promise<number> {
  const result = await pool.query(
    `delete from drafts where expires_at < clock_timestamp()
       or changed_at < clock_timestamp() - interval '1 day' and not (${isOpen})`,
  );
  return result.rowCount ?? 0;
}
