import type { Queryable } from './pool.ts';

/** A change that webhooks are still to be told of. */
export interface OutboxRow {
  appid: string;
  campaignId: number;
  /** The chunk whose outcomes are final, or changed afterwards; null: the campaign's state changed. */
  firstNo: number | null;
  state: string | null;
  reason: string | null;
  at: Date;
  name: string | null;
  planned: number;
}

/** Takes the oldest changes; they are gone once the caller's transaction commits. */
export async function takeOutbox(db: Queryable, limit: number): Promise<OutboxRow[]> {
  const result = await db.query<OutboxRow>(
    `with taken as (
       delete from webhook_outbox where id in (select id from webhook_outbox order by id limit $1 for update skip locked)
       returning id, campaign_id, first_no, state, reason, at)
     select c.appid, t.campaign_id as "campaignId", t.first_no as "firstNo", t.state, t.reason, t.at, c.key as name,
       c.planned_count as planned
     from taken t join campaigns c on c.id = t.campaign_id order by t.id`,
    [limit],
  );
  return result.rows;
}

export interface ChunkOutcome {
  no: number;
  openid: string;
  outcome: 'accepted' | 'rejected' | 'unknown' | 'held';
  errcode: number | null;
  reason: string | null;
  msgid: string | null;
  at: Date;
}

/** What became of each recipient of a chunk; those without an outcome are left out. */
export async function chunkOutcomes(
  db: Queryable,
  campaignId: number,
  firstNo: number,
): Promise<ChunkOutcome[]> {
  const result = await db.query<ChunkOutcome>({
    name: 'chunk-outcomes',
    text: `select distinct on (f.no) f.no, r.openid, case when f.kind = 5 then 'accepted' when f.kind = 4 then 'rejected' when is_held(f.kind, f.reason) then 'held' else 'unknown' end as outcome,
        f.errcode, f.reason, f.msgid::text as msgid, f.at
      from chunks ch join facts f on f.campaign_id = ch.campaign_id and f.no between ch.first_no and ch.last_no and f.kind >= 2
        join recipients r on r.campaign_id = f.campaign_id and r.no = f.no
      where ch.campaign_id = $1 and ch.first_no = $2 order by f.no, fact_strength(f.kind, f.reason) desc, f.at desc`,
    values: [campaignId, firstNo],
  });
  return result.rows;
}

/** What became of a single message. */
export interface MessageOutcome {
  appid: string;
  id: number;
  /** The caller's; null: it gave none. */
  key: string | null;
  openid: string;
  outcome: 'accepted' | 'rejected' | 'unknown' | 'held' | 'unsent';
  errcode: number | null;
  reason: string | null;
  msgid: string | null;
  at: Date;
}

/** Takes the oldest outcomes of single messages; they are gone once the caller's transaction commits. */
export async function takeMessageOutcomes(db: Queryable, limit: number): Promise<MessageOutcome[]> {
  const result = await db.query<MessageOutcome>(
    `with taken as (
       delete from webhook_messages where id in (select id from webhook_messages order by id limit $1 for update skip locked)
       returning id, message_id),
     once as (select message_id, min(id) as id from taken group by message_id)
     select m.appid, m.id, m.key, m.openid, f.errcode, f.reason, f.msgid::text as msgid, f.at,
       case when f.kind = 5 then 'accepted' when f.kind = 4 then 'rejected' when f.kind = 1 then 'unsent' when is_held(f.kind, f.reason) then 'held' else 'unknown' end as outcome
     from once o join messages m on m.id = o.message_id cross join lateral (
       select kind, errcode, reason, msgid, at from message_facts where message_id = m.id order by fact_strength(kind, reason) desc, at desc limit 1) f
     order by o.id`,
    [limit],
  );
  return result.rows;
}
