import type { Pool, PoolClient, Queryable } from '../database/pool.ts';

export interface ContactCounts {
  all: number;
  following: number;
  unfollowed: number;
  /** When the last complete follower sync ended; null if there was none. */
  syncedAt: Date | null;
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

/**
 * One page of the account's contacts in openid order: who follows, and on accounts without a follower list
 * everyone we know of.
 */
export async function contactsPage(
  pool: Pool,
  appid: string,
  after: string,
  limit: number,
): Promise<string[]> {
  const result = await pool.query<{ openid: string }>(
    `select openid from contacts where appid = $1 and openid > $2 and follows is distinct from false order by openid limit $3`,
    [appid, after, limit],
  );
  return result.rows.map((row) => row.openid);
}

/** What is known of one openid. */
export interface Contact {
  openid: string;
  unionid: string | null;
  /** Null: nobody knows; Mini Programs have no followers. */
  follows: boolean | null;
  remark: string | null;
  tagIds: number[] | null;
  subscribedAt: Date | null;
  subscribeScene: string | null;
  firstSeenAt: Date;
  unfollowedAt: Date | null;
  /** When the details were fetched. */
  detailedAt: Date | null;
}

/** What an account's contacts are shown with; of one table, without its name. */
export const contactColumns = `openid, unionid, follows, remark, tag_ids as "tagIds", subscribed_at as "subscribedAt",
  subscribe_scene as "subscribeScene", first_seen_at as "firstSeenAt", unfollowed_at as "unfollowedAt",
  detailed_at as "detailedAt"`;

/** By which contacts are found; null: by any. */
export interface ContactFilter {
  openid: string | null;
  unionid: string | null;
  tagId: number | null;
  follows: boolean | null;
}

/** In the order of their openids, after `after`. A tag is looked for from there on, row by row. */
export async function listContacts(
  pool: Pool,
  appid: string,
  filter: ContactFilter,
  page: { after: string; limit: number },
): Promise<Contact[]> {
  const result = await pool.query<Contact>(
    `select ${contactColumns} from contacts where appid = $1 and openid > $2
       and ($4::text is null or openid = $4) and ($5::text is null or unionid = $5)
       and ($6::integer is null or tag_ids @> array[$6::integer]) and ($7::boolean is null or follows = $7)
     order by openid limit $3`,
    [appid, page.after, page.limit, filter.openid, filter.unionid, filter.tagId, filter.follows],
  );
  return result.rows;
}

export async function findContact(pool: Pool, appid: string, openid: string): Promise<Contact | null> {
  const result = await pool.query<Contact>(
    `select ${contactColumns} from contacts where appid = $1 and openid = $2`,
    [appid, openid],
  );
  return result.rows[0] ?? null;
}
