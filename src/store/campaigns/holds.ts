import type { Channel } from '../../wechat/channels.ts';
import { inTransaction, type Pool } from '../database/pool.ts';
import { factKind, heldReason, unsettled } from '../facts.ts';
import { recountLocked } from './flush.ts';

/** WeChat's word: so long after 40252 a message has been delivered, or is on the list of blocked ones. */
export const reviewMinutes = 30;

/** A chunk of a campaign of which WeChat holds messages. */
export interface HeldChunk {
  campaignId: number;
  firstNo: number;
  channel: Channel;
  templateId: string;
}

/** A recipient or single message that WeChat holds for review. */
export interface Hold {
  /** Of its chunk; 0 for a single message. */
  no: number;
  /** 0 for a recipient. */
  messageId: number;
  openid: string;
  /** When WeChat's answer came, Unix seconds by the database's clock. */
  at: number;
  ageMs: number;
  /** Another attempt may have arrived: that this one was blocked says nothing about it. */
  maybeArrived: boolean;
}

/** A single message that WeChat holds. */
export interface HeldMessage extends Hold {
  channel: Channel;
  templateId: string;
}

/** What became of a held one: `blocked` by the review, or nobody knows. */
export interface HoldVerdict extends Pick<Hold, 'no' | 'messageId'> {
  end: 'blocked' | 'unknown';
}

/** Kind and reason of the fact that ends a hold. */
const ends = {
  blocked: { kind: factKind.rejected, reason: 'intercepted' },
  unknown: { kind: factKind.unknown, reason: heldReason },
} as const;

/** Accounts of which WeChat holds messages. */
export async function accountsWithHolds(pool: Pool): Promise<string[]> {
  const result = await pool.query<{ appid: string }>(
    `select c.appid from chunks ch join campaigns c on c.id = ch.campaign_id where ch.held > 0
     union select m.appid from held_messages h join messages m on m.id = h.message_id order by appid`,
  );
  return result.rows.map(({ appid }) => appid);
}

/**
 * Takes it on this node to ask WeChat about the account's holds; false when another one did within `everyMs`. If this
 * node dies, another one asks then. A time that lies ahead is of a clock that was set back.
 */
export async function claimHoldLook(pool: Pool, appid: string, everyMs: number): Promise<boolean> {
  const result = await pool.query(
    `update accounts set holds_asked_at = clock_timestamp() where appid = $1 and (holds_asked_at is null
       or holds_asked_at not between clock_timestamp() - make_interval(secs => $2::double precision / 1000) and clock_timestamp())`,
    [appid, everyMs],
  );
  return result.rowCount === 1;
}

/** Of an account, those that began first; not those whose owner would count over us. */
export async function heldChunks(pool: Pool, appid: string, limit: number): Promise<HeldChunk[]> {
  const result = await pool.query<HeldChunk>(
    `select ch.campaign_id as "campaignId", ch.first_no as "firstNo", c.channel, coalesce(c.template_id, '') as "templateId"
     from chunks ch join campaigns c on c.id = ch.campaign_id
     where ch.held > 0 and c.appid = $1 and (ch.state = 'done' or ch.owner is null)
     order by ch.first_at, ch.campaign_id, ch.first_no limit $2`,
    [appid, limit],
  );
  return result.rows;
}

/** Of a person's facts: whether another attempt than the held one may have arrived. */
const maybeArrived = `count(distinct f.attempt) filter (where may_have_arrived(f.kind, f.errcode, f.reason)) > 1 as "maybeArrived"`;
const times = `extract(epoch from max(f.at) filter (where is_held(f.kind, f.reason)))::double precision as at,
    (extract(epoch from clock_timestamp() - max(f.at) filter (where is_held(f.kind, f.reason))) * 1000)::double precision as "ageMs"`;
/** The strongest fact of the group is the hold. */
const stillHeld = `max(fact_strength(f.kind, f.reason)) = fact_strength(${factKind.inDoubt}::smallint, '${heldReason}')`;

/** The recipients of a chunk that WeChat holds. */
export async function chunkHolds(pool: Pool, { campaignId, firstNo }: HeldChunk): Promise<Hold[]> {
  const result = await pool.query<Hold>(
    `select f.no, 0 as "messageId", r.openid, ${times}, ${maybeArrived}
     from chunks ch join facts f on f.campaign_id = ch.campaign_id and f.no between ch.first_no and ch.last_no
       join recipients r on r.campaign_id = f.campaign_id and r.no = f.no
     where ch.campaign_id = $1 and ch.first_no = $2 group by f.no, r.openid having ${stillHeld} order by f.no`,
    [campaignId, firstNo],
  );
  return result.rows;
}

/** The account's single messages that WeChat holds, the oldest first; those that are settled by now are forgotten. */
export async function heldMessages(pool: Pool, appid: string, limit: number): Promise<HeldMessage[]> {
  await pool.query(
    `delete from held_messages h using messages m where m.id = h.message_id and m.appid = $1 and not exists (
       select 1 from message_facts f where f.message_id = h.message_id having ${stillHeld})`,
    [appid],
  );
  const result = await pool.query<HeldMessage>(
    `select 0 as no, m.id as "messageId", m.openid, m.channel, coalesce(m.template_id, '') as "templateId", ${times}, ${maybeArrived}
     from (select m.* from held_messages h join messages m on m.id = h.message_id where m.appid = $1 order by m.id limit $2) m
       join message_facts f on f.message_id = m.id
     group by m.id, m.openid, m.channel, m.template_id having ${stillHeld} order by m.id`,
    [appid, limit],
  );
  return result.rows;
}

/**
 * For each of these times of a person: how many messages of the template WeChat had of us for that person within `withinMs`
 * of it, as far as they may be what its list speaks of. One entry that fits two of them says of neither.
 */
export async function countRivals(
  pool: Pool,
  appid: string,
  templateId: string,
  holds: Pick<Hold, 'openid' | 'at'>[],
  withinMs: number,
): Promise<number[]> {
  const result = await pool.query<{ n: number }>(
    `with asked as (
       select openid, i, to_timestamp(at) - $5 * interval '1 ms' as since, to_timestamp(at) + $5 * interval '1 ms' as until
       from unnest($3::text[], $4::double precision[]) with ordinality as t (openid, at, i)),
     span as (select min(since) as since, max(until) as until from asked),
     sent as (
       select a.i, c.id, r.no, 0::bigint as message_id
       from span s join campaigns c on c.appid = $1 and c.template_id = $2 and c.started_at <= s.until
           and coalesce(c.finished_at, s.until) >= s.since
         join recipients r on r.campaign_id = c.id join asked a on a.openid = r.openid
       where exists (select 1 from facts f where f.campaign_id = c.id and f.no = r.no and may_have_arrived(f.kind, f.errcode, f.reason) and f.at between a.since and a.until)
       union all
       select a.i, 0, 0, m.id
       from span s cross join lateral (
           select distinct message_id from message_facts f
           where ${unsettled('f')} and f.at between s.since and s.until) u
         join messages m on m.id = u.message_id and m.appid = $1 and m.template_id = $2 join asked a on a.openid = m.openid
       where exists (select 1 from message_facts f where f.message_id = m.id and may_have_arrived(f.kind, f.errcode, f.reason) and f.at between a.since and a.until))
     select (select count(*) from sent where sent.i = a.i)::integer as n from asked a order by a.i`,
    [appid, templateId, holds.map(({ openid }) => openid), holds.map(({ at }) => at), withinMs],
  );
  return result.rows.map(({ n }) => n);
}

/**
 * Ends holds of a chunk and counts it again, in one transaction; those that are settled by now stay as they are. Says how
 * many ended: none while somebody owns the chunk and would count over it.
 */
export async function settleChunkHolds(
  pool: Pool,
  { campaignId, firstNo }: HeldChunk,
  verdicts: HoldVerdict[],
): Promise<number> {
  if (verdicts.length === 0) return 0;
  return await inTransaction(pool, async (client) => {
    const chunk = await client.query(
      `select 1 from chunks where campaign_id = $1 and first_no = $2 and (state = 'done' or owner is null) for update`,
      [campaignId, firstNo],
    );
    if (chunk.rows.length === 0) return 0;
    const ended = await client.query(
      `insert into facts (campaign_id, at, no, epoch, flush_group, attempt, kind, reason)
       select $1, clock_timestamp(), v.no, 0, 0, f.attempt, v.kind, v.reason
       from unnest($2::integer[], $3::smallint[], $4::text[]) as v (no, kind, reason) cross join lateral (
         select max(f.attempt) as attempt from facts f where f.campaign_id = $1 and f.no = v.no having ${stillHeld}) f`,
      [
        campaignId,
        verdicts.map(({ no }) => no),
        verdicts.map(({ end }) => ends[end].kind),
        verdicts.map(({ end }) => ends[end].reason),
      ],
    );
    await recountLocked(client, campaignId, firstNo);
    return ended.rowCount ?? 0;
  });
}

/** The same for single messages, in one statement. The attempt is 0, so that each is ended once. */
export async function settleMessageHolds(pool: Pool, verdicts: HoldVerdict[]): Promise<number> {
  if (verdicts.length === 0) return 0;
  const result = await pool.query(
    `with given as (select * from unnest($1::bigint[], $2::smallint[], $3::text[]) as t (message_id, kind, reason)),
       gone as (delete from held_messages where message_id in (select message_id from given))
     insert into message_facts (message_id, at, epoch, attempt, kind, reason)
     select g.message_id, clock_timestamp(), 0, 0, g.kind, g.reason from given g
     where exists (select 1 from message_facts f where f.message_id = g.message_id having ${stillHeld})
       and not exists (select 1 from open_messages o where o.message_id = g.message_id)
     on conflict do nothing`,
    [
      verdicts.map(({ messageId }) => messageId),
      verdicts.map(({ end }) => ends[end].kind),
      verdicts.map(({ end }) => ends[end].reason),
    ],
  );
  return result.rowCount ?? 0;
}
