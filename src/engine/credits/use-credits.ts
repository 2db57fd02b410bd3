import {
  type CreditHolder,
  type CreditUse,
  type CreditWish,
  leftReservations,
  reserveCredits,
  settleCredits,
  takeOverCredits,
} from '../../store/credits/credits.ts';
import { ensureCreditBalances, lockCreditBalances } from '../../store/credits/entries.ts';
import { inTransaction, type Pool, type PoolClient } from '../../store/database/pool.ts';
import { factKind, isHeld } from '../../store/facts.ts';
import type { Channel } from '../../wechat/channels.ts';
import { errcodeInfo } from '../../wechat/errcodes/errcodes.ts';
import { refoldCredits } from './ledger.ts';

/** Whether each message of the channel uses up a subscription of its recipient, which the ledger counts. */
export function needsCredits(channel: Channel): boolean {
  // oa-once has at most one per scene, and the form_ids of mp-form are things of their own: neither has a balance.
  return channel === 'mp-subscribe' || channel === 'oa-subscribe';
}

/**
 * What a fact says of its message's credit. Null: it is still open, and keeps what it holds.
 * @param fact `waitMs` null: it is not tried again
 */
export function creditOutcome(
  fact: { kind: number; errcode: number | null; waitMs: number | null; reason: string | null },
  path: string,
): CreditUse['outcome'] | null {
  const { kind, errcode, waitMs } = fact;
  if (kind === factKind.accepted) return 'accepted';
  if (errcode !== null && errcodeInfo(errcode, path).effect === 'no-credit') return 'refused';
  if (kind === factKind.rejected) return 'unsent';
  if (kind === factKind.unknown || isHeld(fact)) return 'unknown';
  return kind === factKind.retry && waitMs === null ? 'unsent' : null;
}

/** Of one account; of any of its templates. */
export interface CreditStep {
  appid: string;
  /** Outcomes of messages. */
  uses: CreditUse[];
  /** Whose credits are reserved now, before they may be sent to. */
  wishes: CreditWish[];
  /** The campaign that this one sends again: what its unknown recipients hold is used. */
  linkedTo: number | null;
}

/**
 * Settles what was sent and reserves what comes next, in the caller's transaction: the one that stores the outcomes and
 * moves the mark behind which messages may start. Gives the wishes for which there is no credit; they must not be sent.
 *
 * All balances are locked first and in one order, so that several nodes and campaigns never wait for each other in a
 * circle; a balance is looked at under its lock, so that no credit is given out twice.
 */
export async function useCredits(client: PoolClient, step: CreditStep): Promise<CreditHolder[]> {
  const { appid, uses, wishes } = step;
  if (uses.length === 0 && wishes.length === 0) return [];
  const used = uses.filter((use) => use.outcome === 'accepted' || use.outcome === 'refused');
  // A send to somebody of whom nothing is known is entered too: an accept from before it may be heard of later.
  if (used.length + wishes.length > 0) await ensureCreditBalances(client, appid, [...used, ...wishes]);
  await lockCreditBalances(client, appid, [...uses, ...wishes]);
  if (uses.length > 0) await refoldCredits(client, appid, await settleCredits(client, appid, uses));
  if (wishes.length === 0) return [];
  if (step.linkedTo !== null) await takeOverCredits(client, step.linkedTo, wishes);
  return await reserveCredits(client, appid, wishes);
}

/** Settles the reservations that campaigns left that were cancelled or ran out of time. Repeating it is harmless. */
export async function settleLeftCredits(pool: Pool): Promise<number> {
  const left = await leftReservations(pool, 5_000);
  const byAccount = Map.groupBy(left, (one) => one.appid);
  for (const [appid, mine] of byAccount) {
    const uses = mine.map(
      (one): CreditUse => ({
        ...one,
        outcome: one.maybeSent ? 'unknown' : 'unsent',
        startedAgoMs: 0,
      }),
    );
    await inTransaction(pool, (client) => useCredits(client, { appid, uses, wishes: [], linkedTo: null }));
  }
  return left.length;
}
