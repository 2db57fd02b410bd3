import { inTransaction, type Pool } from '../database/pool.ts';

export interface FollowerSync {
  id: number;
  nextOpenid: string;
  pages: number;
  seen: number;
  total: number | null;
  startedAt: Date;
}

const syncColumns = `id, next_openid as "nextOpenid", pages, seen, total, started_at as "startedAt"`;

/**
 * The account's running sync, or a new one. A sync older than `resumeWithinHours` is abandoned instead:
 * its cursor still works, but those who left since would be missed for too long.
 */
export async function openFollowerSync(
  pool: Pool,
  appid: string,
  resumeWithinHours: number,
): Promise<{ sync: FollowerSync; resumed: boolean }> {
  return inTransaction(pool, async (client) => {
    await client.query('select 1 from accounts where appid = $1 for update', [appid]);
    await client.query(
      `update follower_syncs set state = 'abandoned', finished_at = clock_timestamp()
       where appid = $1 and state = 'running' and started_at < clock_timestamp() - make_interval(hours => $2)`,
      [appid, resumeWithinHours],
    );
    const running = await client.query<FollowerSync>(
      `select ${syncColumns} from follower_syncs where appid = $1 and state = 'running'`,
      [appid],
    );
    if (running.rows[0] !== undefined) return { sync: running.rows[0], resumed: true };
    const created = await client.query<FollowerSync>(
      `insert into follower_syncs (appid) values ($1) returning ${syncColumns}`,
      [appid],
    );
    return { sync: created.rows[0]!, resumed: false }; // an insert … returning gives its row
  });
}

/**
 * Stores one page of followers and moves the cursor, in one transaction; false when another process has
 * moved it already (two syncs of one account at once), and then nothing is stored.
 */
export async function storeFollowerPage(
  pool: Pool,
  appid: string,
  sync: { id: number; nextOpenid: string; startedAt: Date },
  page: { openids: string[]; nextOpenid: string; total: number | undefined },
): Promise<boolean> {
  return inTransaction(pool, async (client) => {
    const moved = await client.query(
      `update follower_syncs set next_openid = $3, pages = pages + 1, seen = seen + $4, total = coalesce($5, total)
       where id = $1 and state = 'running' and next_openid = $2`,
      [sync.id, sync.nextOpenid, page.nextOpenid, page.openids.length, page.total],
    );
    if (moved.rowCount !== 1) return false;
    const stored = await client.query<{ added: number }>(
      `with stored as (
         insert into contacts (appid, openid, follows, sync_id)
         select $1, openid, true, $2 from unnest($3::text[]) as page (openid)
         -- An event since the sync began may be newer than the page.
         on conflict (appid, openid) do update set sync_id = excluded.sync_id,
           follows = case when contacts.follow_event_at >= $4 then contacts.follows else true end,
           unfollowed_at = case when contacts.follow_event_at >= $4 then contacts.unfollowed_at end
         returning xmax = 0 as inserted)
       select count(*) filter (where inserted) as added from stored`,
      // Sorted, so that two syncs that meet lock rows in one order; unique, because ON CONFLICT
      // refuses the same row twice in a statement.
      [appid, sync.id, [...new Set(page.openids)].sort(), sync.startedAt],
    );
    await client.query('update follower_syncs set added = added + $2 where id = $1', [
      sync.id,
      stored.rows[0]?.added ?? 0,
    ]);
    return true;
  });
}

/** Those whom a sync would mark as gone: contacts who follow and were there before it began, but were not seen by it. */
const notSeen = `appid = $1 and follows and sync_id is distinct from $2
  and greatest(first_seen_at, follow_event_at) < (select started_at from follower_syncs where id = $2)`;

/** What a sync saw, compared with what was known before it. */
export interface FollowerLoss {
  /** People on its pages, each once. */
  seen: number;
  /** People in the list by WeChat's last count; null where it gave none. */
  total: number | null;
  /** Followers known before. */
  known: number;
  /** Of these, whom it did not see. */
  gone: number;
}

export async function followerLoss(pool: Pool, appid: string, syncId: number): Promise<FollowerLoss> {
  const result = await pool.query<FollowerLoss>(
    `select count(*) filter (where sync_id = $2) as seen, (select total from follower_syncs where id = $2) as total,
       count(*) filter (where follows and first_seen_at < (select started_at from follower_syncs where id = $2)) as known,
       count(*) filter (where ${notSeen}) as gone
     from contacts where appid = $1`,
    [appid, syncId],
  );
  return result.rows[0] ?? { seen: 0, total: null, known: 0, gone: 0 };
}

/** Ends a sync, and marks those whom it did not see as gone unless `markGone` is false. */
export async function finishFollowerSync(
  pool: Pool,
  appid: string,
  syncId: number,
  markGone = true,
): Promise<{ added: number; gone: number; seen: number; pages: number }> {
  return inTransaction(pool, async (client) => {
    const gone = markGone
      ? await client.query(
          `update contacts set follows = false, unfollowed_at = clock_timestamp() where ${notSeen}`,
          [appid, syncId],
        )
      : null;
    const result = await client.query<{ added: number; gone: number; seen: number; pages: number }>(
      `update follower_syncs set state = 'done', finished_at = clock_timestamp(), gone = $2
       where id = $1 returning added, gone, seen, pages`,
      [syncId, gone?.rowCount ?? 0],
    );
    return result.rows[0]!; // the row was inserted by openFollowerSync
  });
}

/** Gives a sync up: the next one begins anew. */
export async function abandonFollowerSync(pool: Pool, syncId: number): Promise<void> {
  await pool.query(
    `update follower_syncs set state = 'abandoned', finished_at = clock_timestamp() where id = $1 and state = 'running'`,
    [syncId],
  );
}

/** A run of the follower list, as people see it. */
export interface FollowerSyncRow {
  id: number;
  /** `abandoned`: it did not come to its end, and the next one begins anew. */
  state: 'running' | 'done' | 'abandoned';
  /** Of a run in the background that failed; `running` goes on with the next one. */
  failedCode: string | null;
  pages: number;
  /** People on its pages so far. */
  seen: number;
  /** By WeChat's count. */
  total: number | null;
  added: number;
  gone: number;
  startedAt: Date;
  finishedAt: Date | null;
}

const rowColumns = `id, state, failed_code as "failedCode", pages, seen, total, added, gone, started_at as "startedAt",
  finished_at as "finishedAt"`;

/** The newest first, before the id `before`. */
export async function listFollowerSyncs(
  pool: Pool,
  appid: string,
  page: { before: number | null; limit: number },
): Promise<FollowerSyncRow[]> {
  const result = await pool.query<FollowerSyncRow>(
    `select ${rowColumns} from follower_syncs where appid = $1 and ($2::bigint is null or id < $2)
     order by id desc limit $3`,
    [appid, page.before, page.limit],
  );
  return result.rows;
}

export async function findFollowerSync(
  pool: Pool,
  appid: string,
  id: number,
): Promise<FollowerSyncRow | null> {
  const result = await pool.query<FollowerSyncRow>(
    `select ${rowColumns} from follower_syncs where appid = $1 and id = $2`,
    [appid, id],
  );
  return result.rows[0] ?? null;
}

/** Notes why nobody works on a sync any more; null: somebody does. */
export async function noteSyncFailure(pool: Pool, id: number, code: string | null): Promise<void> {
  await pool.query(`update follower_syncs set failed_code = $2 where id = $1 and state <> 'done'`, [
    id,
    code,
  ]);
}
