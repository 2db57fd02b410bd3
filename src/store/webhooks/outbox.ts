import type { Channel } from '../../wechat/channels.ts';
import type { PoolClient, Queryable } from '../database/pool.ts';
import type { Outcome } from '../facts.ts';

/**
 * A change that webhooks are still to be told of.
 *
 * No statement of ours writes it: triggers do, in the transaction of the change (sql/schema.sql: `campaigns_tell` when a
 * campaign's state changes, `chunks_tell` when a flush makes a chunk's outcomes final or changes them afterwards,
 * `message_facts_tell` when a single message's outcome is stored). A dozen statements do that, and one that forgot to
 * tell would not be noticed.
 */
export interface OutboxRow {
  appid: string;
  campaignId: number;
  /** The chunk whose outcomes are final, or changed afterwards; null: the campaign's state changed. */
  firstNo: number | null;
  state: string | null;
  reason: string | null;
  at: Date;
  channel: Channel;
  /** The campaign's `--key`. */
  key: string | null;
  planned: number;
}

/** Any constant will do. */
const tellerLock = 0x7465_6c6c;

/** One process at a time takes what is to be told, until its transaction ends: so it is told once, and in order. */
export async function lockTeller(client: PoolClient): Promise<boolean> {
  const result = await client.query<{ mine: boolean }>('select pg_try_advisory_xact_lock($1) as mine', [
    tellerLock,
  ]);
  return result.rows[0]?.mine === true;
}

/**
 * Takes the oldest change; it is gone once the caller's transaction commits. With a chunk go the other changes of the same
 * chunk among the oldest thousand: its outcomes are read as they are now.
 */
export async function takeChange(db: Queryable): Promise<OutboxRow | null> {
  const result = await db.query<OutboxRow>(
    `with oldest as materialized (select id, campaign_id, first_no from webhook_outbox order by id limit 1000),
     first as (select * from oldest order by id limit 1),
     taken as (
       delete from webhook_outbox where id in (
         select o.id from oldest o join first f on o.id = f.id or o.campaign_id = f.campaign_id and o.first_no = f.first_no)
       returning id, campaign_id, first_no, state, reason, at)
     select c.appid, c.channel, t.campaign_id as "campaignId", t.first_no as "firstNo", t.state, t.reason, t.at, c.key,
       c.planned_count as planned
     from taken t join first f using (id) join campaigns c on c.id = t.campaign_id`,
  );
  return result.rows[0] ?? null;
}

export interface ChunkOutcome {
  no: number;
  openid: string;
  ref: string | null;
  outcome: Exclude<Outcome, 'unsent'>;
  errcode: number | null;
  reason: string | null;
  msgid: string | null;
  at: Date;
}

/**
 * What became of recipients of a chunk that was not told yet, and from now on counts as told. While the chunk is open, a doubt
 * is no outcome: it is still being resolved.
 */
export async function untoldOutcomes(
  db: Queryable,
  campaignId: number,
  firstNo: number,
): Promise<ChunkOutcome[]> {
  const result = await db.query<ChunkOutcome>(
    `with chunk as (select * from chunks where campaign_id = $1 and first_no = $2),
     before as (select told from webhook_told where campaign_id = $1 and first_no = $2),
     -- A doubt that stays is as good as unknown (30), and not told again as such.
     strongest as materialized (
       select distinct on (f.no) f.no, greatest(fact_strength(f.kind, f.reason), 30) as strength, f.kind, f.errcode, f.reason, f.msgid, f.at
       from chunk ch join facts f on f.campaign_id = ch.campaign_id and f.no between ch.first_no and ch.last_no
         and fact_strength(f.kind, f.reason) >= case when ch.state = 'done' then 20 else 30 end
       order by f.no, fact_strength(f.kind, f.reason) desc, f.at desc),
     saved as (
       insert into webhook_told (campaign_id, first_no, told)
       select $1, $2, decode(string_agg(lpad(to_hex(coalesce(s.strength, 0)), 2, '0'), '' order by n), 'hex')
       from chunk ch, generate_series(ch.first_no, ch.last_no) n left join strongest s on s.no = n having count(*) > 0
       on conflict (campaign_id, first_no) do update set told = excluded.told)
     select s.no, r.openid, r.ref, outcome_of(s.kind, s.reason) as outcome,
       s.errcode, s.reason, s.msgid::text as msgid, s.at
     from strongest s join recipients r on r.campaign_id = $1 and r.no = s.no left join before b on true
     where b.told is null or get_byte(b.told, s.no - $2::integer) <> s.strength
     order by s.no`,
    [campaignId, firstNo],
  );
  return result.rows;
}

/** What became of a single message. */
export interface MessageOutcome {
  appid: string;
  channel: Channel;
  id: number;
  /** The caller's; null: it gave none. */
  key: string | null;
  ref: string | null;
  openid: string;
  outcome: Outcome;
  errcode: number | null;
  reason: string | null;
  msgid: string | null;
  at: Date;
}

/** Takes the oldest outcomes of single messages; they are gone once the caller's transaction commits. */
export async function takeMessageOutcomes(db: Queryable, limit: number): Promise<MessageOutcome[]> {
  const result = await db.query<MessageOutcome>(
    `with taken as (
       delete from webhook_messages where id in (select id from webhook_messages order by id limit $1)
       returning id, message_id),
     once as (select message_id, min(id) as id from taken group by message_id)
     select m.appid, m.channel, m.id, m.key, m.ref, m.openid, f.errcode, f.reason, f.msgid::text as msgid, f.at,
       outcome_of(f.kind, f.reason) as outcome
     from once o join messages m on m.id = o.message_id cross join lateral (
       select kind, errcode, reason, msgid, at from message_facts where message_id = m.id order by fact_strength(kind, reason) desc, at desc limit 1) f
     order by o.id`,
    [limit],
  );
  return result.rows;
}
