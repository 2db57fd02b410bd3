import type { Channel } from '../../wechat/channels.ts';
import { inTransaction, type Pool, type Queryable } from '../database/pool.ts';
import { type CreditClaim, claimCredits } from './credits.ts';

/** A single message before it is stored. */
export interface NewMessage {
  /** From the key where there is one, else random: with it a repeated insert finds its own rows. */
  uuid: string;
  appid: string;
  channel: Channel;
  openid: string;
  templateId: string | null;
  key: string | null;
  /** The caller's own number; not unique. */
  ref: string | null;
  /** Hex; equal for equal channel, openid and body. */
  fingerprint: string;
  /** JSON of the ways that are tried one after the other when this one is refused (`Alternative`); null: none. */
  alternatives: string | null;
  /** JSON of the wire body, without `touser` and `client_msg_id`. */
  body: string;
  validUntil: Date | null;
  /** Sent also to somebody who is known to have no credit. */
  includeNoCredit: boolean;
  /** The span that stores it (`traceText`); absent or null: nobody records one. */
  trace?: string | null;
}

/** Who claims rows, and by which of its statements. */
export interface MessageClaim {
  owner: string;
  epoch: number;
  /** Counts the node's claiming statements: rows of one whose answer is lost are found by it. */
  batch: number;
}

/** A claim of what is stored by the same statement. */
export interface InsertClaim extends MessageClaim {
  /** In any other history nothing is stored: an earlier try may have been, and sent by others, in the one that was lost. */
  history: string;
}

/** PostgreSQL's code for an insert that began in a history that is over; it has stored nothing. */
export const otherHistory = '57H04';

export interface InsertedMessage {
  id: number;
  uuid: string;
  /** False: it was there before. */
  isNew: boolean;
  /** Claimed by this statement, or by an earlier try of it, and to be sent. */
  claimed: boolean;
  fingerprint: string;
}

/**
 * Stores messages in one statement: those marked as claimed belong to the node from the commit on, the others wait for
 * any node. Repeating it with the same claim is harmless, even while the first try still runs in the server.
 *
 * Throws `otherHistory` when the claim's is over.
 *
 * @param credits reserves what the claimed ones use up, in the same transaction; null: none of them uses up any
 */
export async function insertMessages(
  pool: Pool,
  claim: InsertClaim,
  rows: (NewMessage & { claim: boolean })[],
  credits: CreditClaim | null = null,
): Promise<InsertedMessage[]> {
  if (credits === null) return await insertRows(pool, claim, rows);
  return await inTransaction(pool, async (client) => {
    const stored = await insertRows(client, claim, rows);
    const given = new Map(rows.map((row) => [row.uuid, row]));
    // Those that an earlier try has claimed have their credits from it, or were closed by it.
    const mine = stored.flatMap(({ id, uuid, isNew, claimed }) => {
      const row = given.get(uuid);
      return isNew && claimed && row !== undefined ? [{ ...row, id }] : [];
    });
    const denied = await claimCredits(client, claim, mine, credits);
    return stored.map((one) => (denied.has(one.id) ? { ...one, claimed: false } : one));
  });
}

async function insertRows(
  db: Queryable,
  claim: InsertClaim,
  rows: (NewMessage & { claim: boolean })[],
  again = true,
): Promise<InsertedMessage[]> {
  const made = await db.query<{ id: number; uuid: string; claimed: boolean }>({
    name: 'insert-messages',
    text: `with given as (
        select * from unnest($4::uuid[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[], $11::json[],
          $12::timestamptz[], $13::boolean[], $14::boolean[], $16::text[], $17::json[], $18::text[])
          as t (uuid, appid, channel, openid, template_id, key, fingerprint, body, valid_until, claim, include_no_credit, ref, alternatives,
            trace)),
      -- In the order of the keys, so that two nodes that store the same ones wait for each other and do not deadlock.
      made as (
        insert into messages (uuid, appid, channel, openid, template_id, key, fingerprint, body, valid_until, ref, alternatives, trace)
        select uuid, appid, channel, openid, template_id, key, decode(fingerprint, 'hex'), body, valid_until, ref, alternatives, trace
        from given where in_history($15::uuid) order by appid, key, uuid
        on conflict do nothing returning id, uuid),
      opened as (
        insert into open_messages (message_id, appid, channel, valid_until, include_no_credit, ready_at, owner, epoch, batch, claimed_at)
        select m.id, g.appid, g.channel, g.valid_until, g.include_no_credit, (select steady_now()), case when g.claim then $1::uuid end,
          case when g.claim then $2::integer else 0 end, case when g.claim then $3::integer else 0 end,
          case when g.claim then clock_timestamp() end
        from made m join (select distinct on (uuid) * from given order by uuid, claim desc) g using (uuid)
        returning message_id, owner is not null as claimed)
      select id, uuid, claimed, (select pg_notify('hongyan_message', '')::text where exists (select 1 from given where not claim)) as told
      from made join opened on message_id = id`,
    values: [
      claim.owner,
      claim.epoch,
      claim.batch,
      rows.map((row) => row.uuid),
      rows.map((row) => row.appid),
      rows.map((row) => row.channel),
      rows.map((row) => row.openid),
      rows.map((row) => row.templateId),
      rows.map((row) => row.key),
      rows.map((row) => row.fingerprint),
      rows.map((row) => row.body),
      rows.map((row) => row.validUntil),
      rows.map((row) => row.claim),
      rows.map((row) => row.includeNoCredit),
      claim.history,
      rows.map((row) => row.ref),
      rows.map((row) => row.alternatives),
      rows.map((row) => row.trace ?? null),
    ],
  });
  const given = new Map(rows.map((row) => [row.uuid, row]));
  const stored = made.rows.map(({ id, uuid, claimed }): InsertedMessage => {
    return { id, uuid, isNew: true, claimed, fingerprint: given.get(uuid)?.fingerprint ?? '' };
  });
  if (stored.length === given.size) return stored;
  // A statement of its own: the rows that another transaction was storing at the same time are visible only now.
  for (const { uuid } of stored) given.delete(uuid);
  const existing = await db.query<InsertedMessage>(
    `select m.id, m.uuid, false as "isNew", encode(m.fingerprint, 'hex') as fingerprint,
       o.owner is not distinct from $1::uuid and o.epoch = $2 and o.batch = $3 and o.attempt = 1 as claimed
     from messages m left join open_messages o on o.message_id = m.id where m.uuid = any ($4::uuid[])`,
    [claim.owner, claim.epoch, claim.batch, [...given.keys()]],
  );
  for (const row of existing.rows) {
    stored.push({ ...row, claimed: row.claimed === true });
    given.delete(row.uuid);
  }
  // Those that were in the way, and were removed before they could be read.
  if (given.size > 0 && again) stored.push(...(await insertRows(db, claim, [...given.values()], false)));
  return stored;
}

/** Of these messages, by uuid, those that are stored. */
export async function findInserted(pool: Pool, uuids: string[]): Promise<InsertedMessage[]> {
  const result = await pool.query<InsertedMessage>(
    `select id, uuid, key is null as "isNew", false as claimed, encode(fingerprint, 'hex') as fingerprint
     from messages where uuid = any ($1::uuid[])`,
    [uuids],
  );
  return result.rows;
}
