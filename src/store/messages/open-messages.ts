import { type Moment, msSince } from '../../base/clock.ts';
import type { Channel } from '../../wechat/channels.ts';
import { inTransaction, type Pool, type PoolClient, type Queryable } from '../database/pool.ts';
import { factKind } from '../facts.ts';
import { replaceRefused } from './alternatives.ts';
import { type CreditClaim, type CreditEnd, claimCredits, type MessageCreditUse } from './credits.ts';
import type { MessageClaim } from './messages.ts';

/** A message that a node has claimed from those that waited. */
export interface ClaimedMessage {
  id: number;
  uuid: string;
  openid: string;
  templateId: string | null;
  body: string;
  includeNoCredit: boolean;
  /** Another way is tried when this one is refused. */
  hasNext: boolean;
  /** The attempt that the claim allows; 1 for the first. */
  attempt: number;
  counted: number;
  maybeSent: number;
  /** The attempt before has no known outcome: its node died. */
  doubted: boolean;
  /** Milliseconds since the first attempt that may have arrived can have left, by the database's clock; null when none may. */
  openMs: number | null;
  /** Milliseconds until it is too late for it; null when it never is. */
  validMs: number | null;
  /** The span that stored it; null: none is recorded. */
  trace: string | null;
}

/** Accounts and channels, of all there are, with a message that waits for a node. */
export async function dueMessages(
  pool: Pool,
  all: readonly Channel[],
): Promise<{ appid: string; channel: Channel }[]> {
  const result = await pool.query<{ appid: string; channel: Channel }>({
    name: 'due-messages',
    // One look into the index for each account and channel, however many messages wait.
    text: `select a.appid, c.channel
      from accounts a cross join unnest($1::text[]) as c (channel)
      where a.state = 'active' and exists (select 1 from open_messages where owner is null)
        and exists (select 1 from open_messages o where o.appid = a.appid and o.channel = c.channel and o.owner is null
          and o.ready_at <= (select steady_now()))`,
    values: [all],
  });
  return result.rows;
}

/**
 * Claims waiting messages of one account and channel, the longest waiting first. From the commit on they may be sent by
 * this node under this epoch, and are in doubt if it dies. Nothing is claimed under an epoch that is not the node's.
 *
 * @param credits reserves what they use up, in the same transaction; null: the channel uses up none
 * @returns those that may be sent, and the ids of those for which there was no credit and which are closed
 */
export async function claimMessages(
  pool: Pool,
  claim: MessageClaim,
  appid: string,
  channel: Channel,
  limit: number,
  credits: CreditClaim | null = null,
): Promise<{ messages: ClaimedMessage[]; denied: number[] }> {
  if (credits === null) return { messages: await claimRows(pool, claim, appid, channel, limit), denied: [] };
  return await inTransaction(pool, async (client) => {
    const messages = await claimRows(client, claim, appid, channel, limit);
    // Of a doubted one the credit was reserved before, and it is not sent again.
    const wanting = messages.filter((one) => !one.doubted).map((one) => ({ ...one, appid, channel }));
    const denied = await claimCredits(client, claim, wanting, credits);
    return { messages: messages.filter(({ id }) => !denied.has(id)), denied: [...denied] };
  });
}

async function claimRows(
  db: Queryable,
  claim: MessageClaim,
  appid: string,
  channel: Channel,
  limit: number,
): Promise<ClaimedMessage[]> {
  const result = await db.query<ClaimedMessage>({
    name: 'claim-messages',
    text: `with picked as (
        select message_id from open_messages
        where appid = $4 and channel = $5 and owner is null and ready_at <= (select steady_now())
          and (valid_until is null or valid_until > clock_timestamp())
          and exists (select 1 from nodes where id = $1 and epoch = $2) and on_checked_session()
          and exists (select 1 from accounts a where a.appid = $4 and a.state = 'active')
        order by ready_at limit $6 for update skip locked),
      taken as (
        update open_messages o set owner = $1, epoch = $2, batch = $3, claimed_at = clock_timestamp()
        from picked p where o.message_id = p.message_id
        returning o.message_id, o.attempt, o.counted, o.maybe_sent, o.doubted, o.doubt_from, o.valid_until, o.include_no_credit)
      select m.id, m.uuid, m.openid, m.template_id as "templateId", m.body::text as body, t.include_no_credit as "includeNoCredit",
        m.alternatives is not null as "hasNext", m.trace,
        t.attempt, t.counted, t.maybe_sent as "maybeSent", t.doubted,
        (extract(epoch from passed_since(t.doubt_from)) * 1000)::double precision as "openMs",
        (extract(epoch from t.valid_until - clock_timestamp()) * 1000)::double precision as "validMs"
      from taken t join messages m on m.id = t.message_id order by m.id`,
    values: [claim.owner, claim.epoch, claim.batch, appid, channel, limit],
  });
  return result.rows;
}

/** One row about one attempt; see the comment on table message_facts for the kinds. */
export interface MessageFact {
  id: number;
  /** Epoch of the claim under which it happened. */
  epoch: number;
  attempt: number;
  kind: number;
  errcode: number | null;
  reason: string | null;
  msgid: string | null;
  /** With `retry`: when it is tried again, ms from now. Null: this was its last attempt. */
  waitMs: number | null;
  /** When it happened, by the clocks that `now` is read from. */
  at: Moment;
  counted: number;
  maybeSent: number;
  /** When the first attempt that may have arrived left; null when none may. */
  doubtFrom: Moment | null;
  /** Another way is tried when it is refused. */
  hasNext: boolean;
  /** Null: its channel uses up no credits, or it keeps what it holds. */
  credit: MessageCreditUse | null;
}

/**
 * Appends facts, closes the messages that they settle and puts the others back for their next attempt, in one statement.
 * Repeating it is harmless.
 *
 * The facts are never fenced: when the claim was lost meanwhile they are appended all the same. Of those late ones only
 * WeChat's own word, accepted, rejected or held, closes the message; what else becomes of it is the new owner's.
 *
 * @param now when this try is made
 * @param settle does to credits what the facts say, in the same transaction; null: they say nothing
 */
export async function storeMessageFacts(
  pool: Pool,
  owner: string,
  facts: MessageFact[],
  now: Moment,
  settle: ((client: PoolClient) => Promise<void>) | null = null,
): Promise<void> {
  const refused = facts.flatMap(({ id, kind, hasNext }) =>
    hasNext && kind === factKind.rejected ? [id] : [],
  );
  if (settle === null && refused.length === 0) return await storeFacts(pool, owner, facts, now);
  await inTransaction(pool, async (client) => {
    await storeFacts(client, owner, facts, now);
    await settle?.(client);
    if (refused.length > 0) await replaceRefused(client, refused);
  });
}

async function storeFacts(db: Queryable, owner: string, facts: MessageFact[], now: Moment): Promise<void> {
  await db.query({
    name: 'store-message-facts',
    text: `with given as (
        select * from unnest($2::bigint[], $3::integer[], $4::smallint[], $5::smallint[], $6::integer[], $7::text[], $8::bigint[],
          $9::double precision[], $10::double precision[], $11::smallint[], $12::smallint[], $13::double precision[])
          as t (message_id, epoch, attempt, kind, errcode, reason, msgid, wait_ms, ago_ms, counted, maybe_sent, doubt_ago_ms)),
      appended as (
        insert into message_facts (message_id, at, next_at, msgid, errcode, epoch, attempt, kind, node, reason)
        select message_id, clock_timestamp() - make_interval(secs => ago_ms / 1000), clock_timestamp() + make_interval(secs => wait_ms / 1000),
          msgid, errcode, epoch, attempt, kind, $1, reason
        from given on conflict do nothing),
      held as (
        insert into held_messages (message_id) select message_id from given where is_held(kind, reason) on conflict do nothing),
      closed as (
        delete from open_messages o using given g where o.message_id = g.message_id and g.wait_ms is null
          and (g.kind in (${factKind.rejected}, ${factKind.accepted}) or is_held(g.kind, g.reason) or o.owner = $1 and o.epoch = g.epoch))
      update open_messages o set owner = null, epoch = 0, batch = 0, claimed_at = null, attempt = o.attempt + 1, doubted = false,
        ready_at = (select steady_now()) + make_interval(secs => g.wait_ms / 1000), counted = g.counted, maybe_sent = g.maybe_sent,
        doubt_from = coalesce(o.doubt_from, clock_timestamp() - make_interval(secs => g.doubt_ago_ms / 1000))
      from given g where o.message_id = g.message_id and g.wait_ms is not null and o.owner = $1 and o.epoch = g.epoch
        and o.attempt = g.attempt`,
    values: [
      owner,
      facts.map((fact) => fact.id),
      facts.map((fact) => fact.epoch),
      facts.map((fact) => fact.attempt),
      facts.map((fact) => fact.kind),
      facts.map((fact) => fact.errcode),
      facts.map((fact) => fact.reason),
      facts.map((fact) => fact.msgid),
      facts.map((fact) => fact.waitMs),
      facts.map((fact) => msSince(fact.at, now)),
      facts.map((fact) => fact.counted),
      facts.map((fact) => fact.maybeSent),
      facts.map((fact) => (fact.doubtFrom === null ? null : msSince(fact.doubtFrom, now))),
    ],
  });
}

/** Hands back claimed messages that were not started; those that are another's by now stay so. */
export async function releaseMessages(
  pool: Pool,
  owner: string,
  epoch: number,
  ids: number[],
): Promise<void> {
  await pool.query(
    `with released as (
       update open_messages set owner = null, epoch = 0, batch = 0, claimed_at = null, ready_at = (select steady_now())
       where message_id = any ($3::bigint[]) and owner = $1 and epoch = $2 returning 1)
     select pg_notify('hongyan_message', '') where exists (select 1 from released)`,
    [owner, epoch, ids],
  );
}

/** Hands back whatever these statements of a node claimed: their answers were lost, so nothing of them was started. */
export async function releaseBatches(
  pool: Pool,
  owner: string,
  epoch: number,
  batches: number[],
): Promise<void> {
  await pool.query(
    `with released as (
       update open_messages set owner = null, epoch = 0, batch = 0, claimed_at = null, ready_at = (select steady_now())
       where owner = $1 and epoch = $2 and batch = any ($3::integer[]) returning 1)
     select pg_notify('hongyan_message', '') where exists (select 1 from released)`,
    [owner, epoch, batches],
  );
}

/** Owners, with their epoch, of messages that they may no longer send: the node is gone or has another epoch. */
export async function lostOwners(pool: Pool): Promise<{ owner: string; epoch: number }[]> {
  // From owner to owner in the index, several times a second: `distinct` was taken for a reason to read all that waits.
  const result = await pool.query<{ owner: string; epoch: number }>({
    name: 'lost-owners',
    text: `with recursive owners as (
        (select owner, epoch from open_messages where owner is not null order by owner, epoch limit 1)
        union all
        select next.owner, next.epoch from owners o cross join lateral (
          select owner, epoch from open_messages where owner is not null and (owner, epoch) > (o.owner, o.epoch)
          order by owner, epoch limit 1) next)
      select owner, epoch from owners o
      where not exists (select 1 from nodes n where n.id = o.owner and n.epoch = o.epoch)`,
  });
  return result.rows;
}

/**
 * Takes the messages of a lost owner from it, and doubts them: each was started, or may have been, and has no outcome.
 * They are settled by whoever claims them next, not before the old request can have ended.
 *
 * By owner and epoch alone, and not joined to the nodes: a row that is released and claimed again while this waits for its
 * lock is then left out, and the pair, once lost, never comes back.
 *
 * @returns how many there were
 */
export async function doubtMessages(
  pool: Pool,
  lost: { owner: string; epoch: number },
  resolveAfterMs: number,
): Promise<number> {
  const result = await pool.query(
    `with taken as (
       update open_messages set owner = null, epoch = 0, batch = 0, claimed_at = null, attempt = attempt + 1, doubted = true,
         doubt_from = coalesce(doubt_from, claimed_at, clock_timestamp()),
         -- One that is older than WeChat drops repeats is not sent again: there is nothing to wait for.
         ready_at = (select steady_now()) + case when passed_since(coalesce(doubt_from, claimed_at, clock_timestamp())) < interval '10 minutes'
           then make_interval(secs => $3::double precision / 1000) else '0' end
       where owner = $1 and epoch = $2
       returning message_id, attempt - 1 as attempt, doubt_from, wall_of(ready_at) as next_at)
     insert into message_facts (message_id, at, next_at, epoch, attempt, kind, node, reason)
     select message_id, doubt_from, next_at, $2, attempt, ${factKind.inDoubt}, $1, 'crash' from taken on conflict do nothing`,
    [lost.owner, lost.epoch, resolveAfterMs],
  );
  return result.rowCount ?? 0;
}

/** Ends waiting messages whose time is over: unsent, or unknown where an attempt may have arrived. */
export async function endExpiredMessages(pool: Pool, credits: CreditEnd): Promise<number> {
  // Asked often, and nearly always for nothing: that is one statement and no transaction.
  // By the index from its beginning: compared with clock_timestamp() itself it serves nothing, and without the order, or by a plan
  // from when nothing waited, all that waits would be read.
  const any = await pool.query(
    `select 1 from open_messages where valid_until <= (select clock_timestamp()) and owner is null
     order by valid_until limit 1`,
  );
  if (any.rows.length === 0) return 0;
  return await inTransaction(pool, async (client) => {
    const ended = await client.query<Parameters<CreditEnd>[1][number]>({
      name: 'end-expired-messages',
      text: `with gone as (
          delete from open_messages where message_id in (
            select message_id from open_messages where valid_until <= (select clock_timestamp()) and owner is null
            order by valid_until limit 1000 for update skip locked)
          returning message_id, attempt, doubt_from),
        noted as (
          insert into message_facts (message_id, at, epoch, attempt, kind, reason)
          select message_id, clock_timestamp(), 0, attempt, case when doubt_from is null then 1 else 3 end, 'expired' from gone
          on conflict do nothing)
        select m.id, m.appid, m.channel, m.openid, m.template_id as "templateId", g.doubt_from is not null as "maybeSent"
        from gone g join messages m on m.id = g.message_id`,
    });
    if (ended.rows.length > 0) await credits(client, ended.rows);
    return ended.rows.length;
  });
}
