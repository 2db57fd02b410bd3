import type { Moment } from '../../base/clock.ts';
import type { Channel } from '../../wechat/channels.ts';
import type { CreditUse } from '../credits/credits.ts';
import type { CreditPlace } from '../credits/entries.ts';
import type { PoolClient } from '../database/pool.ts';
import { replaceRefused } from './alternatives.ts';

/** A message as far as its credit is concerned. */
export interface CreditedMessage {
  id: number;
  appid: string;
  channel: Channel;
  openid: string;
  /** Null for kf. */
  templateId: string | null;
}

/**
 * Runs in the transaction that claims messages and reserves their credits. Gives the ids of those for which there is
 * none; they must not be sent.
 */
export type CreditClaim = (
  client: PoolClient,
  messages: (CreditedMessage & { includeNoCredit: boolean })[],
) => Promise<number[]>;

/** Runs in the transaction that ends messages: those that may have been sent keep their credits, the others give them back. */
export type CreditEnd = (
  client: PoolClient,
  messages: (CreditedMessage & { maybeSent: boolean })[],
) => Promise<void>;

/** What an outcome says of the credit of its message. */
export interface MessageCreditUse extends CreditPlace {
  appid: string;
  outcome: CreditUse['outcome'];
  /** When it was sent, by the clocks of its fact. */
  startedAt: Moment;
}

/**
 * Reserves the credits of messages that the caller's transaction has claimed; those without one are closed by the
 * fact that says so. Gives their ids.
 *
 * Throws 55P03 when somebody holds a balance for over a second: one stopped process must not hold up everybody who
 * sends through this one.
 */
export async function claimCredits(
  client: PoolClient,
  claim: { owner: string; epoch: number },
  messages: Parameters<CreditClaim>[1],
  credits: CreditClaim,
): Promise<Set<number>> {
  if (messages.length === 0) return new Set();
  await client.query("set local lock_timeout = '1s'");
  const denied = await credits(client, messages);
  if (denied.length > 0) await denyMessages(client, claim, denied);
  return new Set(denied);
}

/** One that was sent before, and may have arrived, is unknown and not unsent. */
async function denyMessages(
  client: PoolClient,
  claim: { owner: string; epoch: number },
  ids: number[],
): Promise<void> {
  await client.query(
    `with denied as (delete from open_messages where message_id = any ($3::bigint[]) returning message_id, attempt, doubt_from)
     insert into message_facts (message_id, at, epoch, attempt, kind, node, reason)
     select message_id, clock_timestamp(), $2, attempt, case when doubt_from is null then 1 else 3 end, $1,
       case when doubt_from is null then 'no-credit' else 'maybe-sent' end
     from denied on conflict do nothing`,
    [claim.owner, claim.epoch, ids],
  );
  await replaceRefused(client, ids);
}
