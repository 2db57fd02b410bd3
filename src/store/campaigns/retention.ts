import { inTransaction, type Pool } from '../database/pool.ts';
import type { Exclusion } from './campaigns.ts';
import { countOutcomes } from './counts.ts';

/** Which campaigns may lose their recipients. */
export interface PruneScope {
  /** Only this account's; null: all. */
  appid: string | null;
  /** Ended before so many days; null: as each account's `keep_days` says, and never where it says nothing. */
  olderThanDays: number | null;
}

/**
 * What ended before has had its receipts, which come within a day, and none of them waits for a webhook; infinity where
 * none waits at all.
 */
const owedSince = (appid: string): string => `(
  select coalesce(min(i.created_at) - interval '1 day', 'infinity') from webhooks w join webhook_items i on i.webhook_id = w.id
  where w.appid = ${appid} and i.msgid is not null)`;

/**
 * $1 appid, $2 days. Not those whose recipients somebody still reads: the account's fatigue cap, a campaign or schedule
 * that leaves them out, a resend that is being filled, a process that holds a chunk; nor those of which WeChat still holds messages, and of which
 * webhooks are still to be told: a receipt's recipient is looked up only when it leaves.
 */
const prunable = `from campaigns c join accounts a using (appid)
  where c.pruned_at is null and c.finished_at is not null and ($1::text is null or c.appid = $1)
    and c.finished_at < clock_timestamp() - make_interval(days => coalesce($2::integer, a.keep_days))
    and (a.fatigue_days is null or c.started_at is null
      or c.started_at < clock_timestamp() - make_interval(days => a.fatigue_days))
    and not exists (select 1 from chunks ch where ch.campaign_id = c.id and ch.state = 'open' and ch.lease_until > (select steady_now()))
    and not exists (select 1 from chunks ch where ch.campaign_id = c.id and ch.held > 0)
    and not exists (select 1 from webhook_outbox w where w.campaign_id = c.id)
    and c.finished_at < ${owedSince('c.appid')}
    and not exists (select 1 from campaigns o where o.state in ('staging', 'planning') and (o.linked_to = c.id
      or o.exclusions @> jsonb_build_array(jsonb_build_object('kind', 'campaign', 'id', c.id))))
    and not exists (select 1 from schedules s
      where s.request::jsonb -> 'exclusions' @> jsonb_build_array(jsonb_build_object('kind', 'campaign', 'id', c.id)))`;

/** Campaigns that may lose their recipients now, oldest first. */
export async function prunableCampaigns(
  pool: Pool,
  scope: PruneScope,
): Promise<{ id: number; appid: string; planned: number; finishedAt: Date }[]> {
  const result = await pool.query<{ id: number; appid: string; planned: number; finishedAt: Date }>(
    `select c.id, c.appid, c.planned_count as planned, c.finished_at as "finishedAt" ${prunable} order by c.finished_at, c.id`,
    [scope.appid, scope.olderThanDays],
  );
  return result.rows;
}

/** Campaigns whose removal was begun and not finished: its process was stopped. */
export async function halfPruned(pool: Pool): Promise<number[]> {
  return (await pool.query<{ id: number }>('select id from campaigns where pruning order by id')).rows.map(
    (row) => row.id,
  );
}

/**
 * Keeps the campaign's counts on its row and gives its recipients free to be removed; false when they no longer may be.
 * From its commit on nothing relies on them: see `exclusionProblems`.
 */
export async function beginPrune(pool: Pool, id: number, scope: PruneScope): Promise<boolean> {
  return await inTransaction(pool, async (client) => {
    const found = await client.query(`select c.id ${prunable} and c.id = $3 for update of c`, [
      scope.appid,
      scope.olderThanDays,
      id,
    ]);
    if (found.rows.length === 0) return false;
    await client.query(
      'update campaigns set pruned_at = clock_timestamp(), pruning = true, kept_outcomes = $2 where id = $1',
      [id, JSON.stringify(await countOutcomes(client, id))],
    );
    return true;
  });
}

/**
 * Removes the next `limit` recipients after number `after`, with their chunks, facts and receipts, in one transaction. Gives how
 * many and the last number; null when none is left, or when another process is at it.
 */
export async function removeRecipients(
  pool: Pool,
  id: number,
  after: number,
  limit: number,
): Promise<{ removed: number; last: number } | null> {
  const result = await pool.query<{ removed: number; last: number | null }>(
    `with mine as (select id from campaigns where id = $1 and pruning for update skip locked),
       page as (select max(no) as last from (
         select r.no from recipients r join mine on r.campaign_id = mine.id where r.no > $2 order by r.no limit $3) p),
       f as (delete from facts using page where campaign_id = $1 and no > $2 and no <= page.last),
       c as (delete from chunks using page where campaign_id = $1 and last_no > $2 and last_no <= page.last),
       s as (delete from receipts using page where campaign_id = $1 and no > $2 and no <= page.last),
       r as (delete from recipients using page where campaign_id = $1 and no > $2 and no <= page.last returning 1)
     select (select count(*) from r)::integer as removed, (select last from page) as last`,
    [id, after, limit],
  );
  const row = result.rows[0];
  return row === undefined || row.last === null ? null : { removed: row.removed, last: row.last };
}

/** Removes up to `limit` of the rows that the plan left out; false when none is left. */
export async function removeDropped(pool: Pool, id: number, limit: number): Promise<boolean> {
  const result = await pool.query(
    `delete from dropped where ctid = any (array(
       select d.ctid from dropped d join campaigns c on c.id = d.campaign_id where c.id = $1 and c.pruning limit $2))`,
    [id, limit],
  );
  return (result.rowCount ?? 0) > 0;
}

/** The last of it: what no page found (a chunk whose page ended inside it), the excluded openids, and the mark. */
export async function endPrune(pool: Pool, id: number): Promise<void> {
  await pool.query(
    `with mine as (update campaigns set pruning = false where id = $1 and pruning
         and not exists (select 1 from recipients where campaign_id = $1) returning id),
       f as (delete from facts where campaign_id in (select id from mine)),
       c as (delete from chunks where campaign_id in (select id from mine)),
       t as (delete from webhook_told where campaign_id in (select id from mine))
     delete from exclusions where campaign_id in (select id from mine)`,
    [id],
  );
}

/** Accounts whose single messages are not kept for ever, with how many days they are. */
export async function messageKeepDays(
  pool: Pool,
  scope: PruneScope,
): Promise<{ appid: string; days: number }[]> {
  const result = await pool.query<{ appid: string; days: number }>(
    `select appid, coalesce($2::integer, keep_days) as days from accounts
     where ($1::text is null or appid = $1) and coalesce($2::integer, keep_days) is not null order by appid`,
    [scope.appid, scope.olderThanDays],
  );
  return result.rows;
}

/**
 * Of `messages m`, over for so many days; $1 appid, $2 days. One that is open, that WeChat holds, or of which a webhook is
 * still to be told, is not over, however old it is.
 */
const isOver = `m.appid = $1 and m.created_at < now() - make_interval(days => $2)
    and not exists (select 1 from open_messages o where o.message_id = m.id)
    and not exists (select 1 from held_messages h where h.message_id = m.id)
    and not exists (select 1 from webhook_messages w where w.message_id = m.id)
    and m.created_at < ${owedSince('$1')}
    and not exists (select 1 from message_facts f where f.message_id = m.id and f.at >= now() - make_interval(days => $2))`;

export async function countOldMessages(pool: Pool, appid: string, days: number): Promise<number> {
  const result = await pool.query<{ n: number }>(`select count(*) as n from messages m where ${isOver}`, [
    appid,
    days,
  ]);
  return result.rows[0]?.n ?? 0;
}

/**
 * Looks at the next `limit` messages of an account after the id `after`, and removes those that are over for so many days,
 * with their facts and receipts, in one transaction. Gives how many and where to go on; `next` null: the rest is newer.
 */
export async function removeMessages(
  pool: Pool,
  appid: string,
  days: number,
  after: number,
  limit: number,
): Promise<{ removed: number; next: number | null }> {
  const result = await pool.query<{ removed: number; next: number | null }>(
    `with page as (select id, created_at from messages where appid = $1 and id > $3 order by id limit $4),
       old as (select m.id from messages m where m.id in (select id from page) and ${isOver}),
       f as (delete from message_facts where message_id in (select id from old)),
       r as (delete from receipts where message_id in (select id from old)),
       m as (delete from messages where id in (select id from old) returning 1)
     select (select count(*) from m) as removed,
       (select max(id) from page having count(*) = $4 and max(created_at) < now() - make_interval(days => $2)) as next`,
    [appid, days, after, limit],
  );
  return result.rows[0] ?? { removed: 0, next: null };
}

/** Of excluded campaigns: those that the account does not have, and those whose recipients are gone. */
export async function exclusionProblems(
  pool: Pool,
  appid: string,
  exclusions: Exclusion[],
): Promise<{ missing: number[]; pruned: number[] }> {
  const ids = exclusions.flatMap((one) => (one.kind === 'campaign' ? [one.id] : []));
  if (ids.length === 0) return { missing: [], pruned: [] };
  const result = await pool.query<{ id: number; pruned: boolean }>(
    'select id, pruned_at is not null as pruned from campaigns where appid = $1 and id = any ($2::bigint[])',
    [appid, ids],
  );
  const known = new Map(result.rows.map((row) => [row.id, row.pruned]));
  return {
    missing: ids.filter((id) => !known.has(id)),
    pruned: ids.filter((id) => known.get(id) === true),
  };
}
