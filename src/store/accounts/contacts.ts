import type { Pool, PoolClient, Queryable } from '../database/pool.ts';
import { inTransaction } from '../database/pool.ts';

export interface FollowerSync {
  id: number;
  nextOpenid: string;
  pages: number;
  seen: number;
  total: number | null;
  startedAt: Date;
}

export interface ContactCounts {
  all: number;
  following: number;
  unfollowed: number;
  /** When the last complete follower sync ended; null if there was none. */
  syncedAt: Date | null;
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

export async function countContacts(pool: Pool, appid: string): Promise<ContactCounts> {
  const result = await pool.query<ContactCounts>(
    `select count(*) as "all", count(*) filter (where follows) as following,
       count(*) filter (where follows = false) as unfollowed,
       (select max(finished_at) from follower_syncs where appid = $1 and state = 'done') as "syncedAt"
     from contacts where appid = $1`,
    [appid],
  );
  return result.rows[0] ?? { all: 0, following: 0, unfollowed: 0, syncedAt: null };
}

/** Calls of user/get made by syncs since midnight of the account's zone. */
export async function countSyncCallsToday(pool: Pool, appid: string): Promise<number> {
  const result = await pool.query<{ calls: number }>(
    `select coalesce(sum(pages), 0) as calls from follower_syncs s join accounts a using (appid)
     where s.appid = $1 and s.started_at >= date_trunc('day', clock_timestamp() at time zone a.time_zone) at time zone a.time_zone`,
    [appid],
  );
  return result.rows[0]?.calls ?? 0;
}

/** The next followers without details or with details older than `olderThanDays`, in openid order after `afterOpenid`. */
export async function contactsWithoutDetails(
  pool: Pool,
  appid: string,
  afterOpenid: string,
  olderThanDays: number,
  limit: number,
): Promise<string[]> {
  const result = await pool.query<{ openid: string }>(
    `select openid from contacts where appid = $1 and openid > $2 and follows
       and (detailed_at is null or detailed_at < clock_timestamp() - make_interval(days => $3))
     order by openid limit $4`,
    [appid, afterOpenid, olderThanDays, limit],
  );
  return result.rows.map((row) => row.openid);
}

/** What WeChat says of somebody who follows. */
export interface ContactDetails {
  openid: string;
  unionid: string | null;
  remark: string | null;
  tagIds: number[] | null;
  subscribedAt: Date | null;
  subscribeScene: string | null;
}

export async function storeContactDetails(
  pool: Pool,
  appid: string,
  details: ContactDetails[],
): Promise<void> {
  await pool.query(
    `update contacts c set follows = true, unionid = d.unionid, remark = d.remark,
       tag_ids = (select array_agg(t::integer) from jsonb_array_elements_text(d."tagIds") t),
       subscribed_at = d."subscribedAt", subscribe_scene = d."subscribeScene", detailed_at = clock_timestamp(),
       unfollowed_at = null
     from jsonb_to_recordset($2::jsonb) as d (openid text, unionid text, remark text, "tagIds" jsonb,
       "subscribedAt" timestamptz, "subscribeScene" text)
     where c.appid = $1 and c.openid = d.openid`,
    [appid, JSON.stringify(details)],
  );
}

/** What an event said of one contact. */
export interface FollowChange {
  appid: string;
  openid: string;
  follows: boolean;
  /** When they began to follow, Unix seconds, where the event says it. */
  followedAt: number | null;
  /** CreateTime of the event, Unix seconds. */
  at: number;
}

/** Stores changes, one for each contact, unless a newer event is known. Contacts that nobody knew are added. */
export async function storeFollowChanges(client: PoolClient, changes: FollowChange[]): Promise<void> {
  // Sorted, so that two nodes that meet lock rows in one order.
  const sorted = changes.toSorted((a, b) => (`${a.appid} ${a.openid}` < `${b.appid} ${b.openid}` ? -1 : 1));
  await client.query(
    `insert into contacts (appid, openid, follows, follow_event_at, subscribed_at, unfollowed_at)
     select appid, openid, follows, to_timestamp(at), to_timestamp(followed_at), case when not follows then to_timestamp(at) end
     from unnest($1::text[], $2::text[], $3::boolean[], $4::bigint[], $5::bigint[])
       as changed (appid, openid, follows, at, followed_at)
     on conflict (appid, openid) do update set follows = excluded.follows, follow_event_at = excluded.follow_event_at,
       subscribed_at = coalesce(excluded.subscribed_at, contacts.subscribed_at), unfollowed_at = excluded.unfollowed_at
     where contacts.follow_event_at is null or contacts.follow_event_at <= excluded.follow_event_at`,
    [
      sorted.map((one) => one.appid),
      sorted.map((one) => one.openid),
      sorted.map((one) => one.follows),
      sorted.map((one) => one.at),
      sorted.map((one) => one.followedAt),
    ],
  );
}

/**
 * Marks followers as gone because WeChat said so: a send (43004), or their details. Says how many.
 *
 * @param askedAt whoever followed since is not marked: the event is newer than the answer
 */
export async function markUnfollowed(
  pool: Pool,
  appid: string,
  openids: string[],
  askedAt: Date | null = null,
): Promise<number> {
  const marked = await pool.query(
    `update contacts set follows = false, unfollowed_at = clock_timestamp()
     where appid = $1 and openid = any($2::text[]) and follows is distinct from false
       and ($3::timestamptz is null or follow_event_at is null or follow_event_at < date_trunc('second', $3::timestamptz))`,
    [appid, openids, askedAt],
  );
  return marked.rowCount ?? 0;
}

/** The database's clock, by which contacts are kept. */
export async function contactsNow(pool: Pool): Promise<Date> {
  const result = await pool.query<{ now: Date }>('select clock_timestamp() as now');
  return result.rows[0]!.now; // a select without from gives one row
}

/** Makes contacts of people that were heard of; those who are one already stay as they are. */
export async function rememberContacts(db: Queryable, appid: string, openids: string[]): Promise<void> {
  await db.query(
    `insert into contacts (appid, openid) select distinct $1, openid from unnest($2::text[]) as page (openid) order by 2
     on conflict (appid, openid) do nothing`,
    [appid, openids],
  );
}
