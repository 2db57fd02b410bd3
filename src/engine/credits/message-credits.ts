import { type Moment, msSince } from '../../base/clock.ts';
import type { CreditUse, CreditWish } from '../../store/credits/credits.ts';
import type { PoolClient } from '../../store/database/pool.ts';
import type { SettledCredit } from '../../store/events/receipt-settlement.ts';
import type {
  CreditClaim,
  CreditEnd,
  CreditedMessage,
  MessageCreditUse,
} from '../../store/messages/credits.ts';
import type { Channel } from '../../wechat/channels.ts';
import { needsCredits, useCredits } from './use-credits.ts';

/** Whose credit a message uses up; null where it uses up none. */
export function creditPlaceOf(message: {
  channel: Channel;
  openid: string;
  templateId: string | null;
}): { openid: string; templateId: string } | null {
  const { channel, openid, templateId } = message;
  return templateId !== null && needsCredits(channel) ? { openid, templateId } : null;
}

/** Reserves the credits of messages of any accounts and templates; gives those that have none and must not be sent. */
export const reserveForMessages: CreditClaim = async (client, messages) => {
  const denied: number[] = [];
  for (const [appid, mine] of byAccount(messages)) {
    const wishes = mine.flatMap((message): CreditWish[] => {
      const place = creditPlaceOf(message);
      const { id, includeNoCredit } = message;
      return place === null ? [] : [{ campaignId: 0, no: id, ...place, includeNoCredit }];
    });
    const holders = await useCredits(client, { appid, uses: [], wishes, linkedTo: null });
    denied.push(...holders.map(({ no }) => no));
  }
  return denied;
};

/** Messages whose time was over: what they held is free again, unless they may have been sent. */
export const endForMessages: CreditEnd = async (client, messages) => {
  for (const [appid, mine] of byAccount(messages)) {
    const uses = mine.flatMap((message): CreditUse[] => {
      const place = creditPlaceOf(message);
      const outcome = message.maybeSent ? 'unknown' : 'unsent';
      return place === null ? [] : [{ campaignId: 0, no: message.id, ...place, outcome, startedAgoMs: 0 }];
    });
    await useCredits(client, { appid, uses, wishes: [], linkedTo: null });
  }
};

/**
 * What the facts do to credits, to be run where they are stored. Null when they do nothing.
 * @param now when they are stored
 */
export function settleForMessages(
  facts: readonly { id: number; credit: MessageCreditUse | null }[],
  now: Moment,
): ((client: PoolClient) => Promise<void>) | null {
  const used = facts.flatMap(({ id, credit }) => (credit === null ? [] : [{ ...credit, id }]));
  if (used.length === 0) return null;
  return async (client) => {
    for (const [appid, mine] of byAccount(used)) {
      const uses = mine.map(({ id, openid, templateId, outcome, startedAt }): CreditUse => {
        return { campaignId: 0, no: id, openid, templateId, outcome, startedAgoMs: msSince(startedAt, now) };
      });
      await useCredits(client, { appid, uses, wishes: [], linkedTo: null });
    }
  };
}

/** The receipt of a message of unknown outcome says that it was accepted: what it held is used up. */
export const consumeSettled: SettledCredit = async (client, settlement) => {
  const { appid, campaignId, no, messageId, startedAgoMs } = settlement;
  const place = creditPlaceOf(settlement);
  if (place === null) return;
  const holder = messageId === null ? { campaignId, no } : { campaignId: 0, no: messageId };
  const use: CreditUse = { ...holder, ...place, outcome: 'accepted', startedAgoMs };
  await useCredits(client, { appid, uses: [use], wishes: [], linkedTo: null });
};

/** In the order in which everybody locks the balances of several accounts. */
function byAccount<T extends Pick<CreditedMessage, 'appid'>>(messages: readonly T[]): [string, T[]][] {
  return [...Map.groupBy(messages, (one) => one.appid)].sort(([a], [b]) => (a < b ? -1 : 1));
}
