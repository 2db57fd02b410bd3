import { msSince } from '../../base/clock.ts';
import type { Campaign } from '../../store/campaigns/campaigns.ts';
import type { ChunkRecipient } from '../../store/campaigns/chunks.ts';
import type { CreditFlush, Flush } from '../../store/campaigns/flush.ts';
import type { CreditUse } from '../../store/credits/credits.ts';
import type { PoolClient } from '../../store/database/pool.ts';
import { channels } from '../../wechat/channels.ts';
import { creditOutcome, needsCredits, useCredits } from '../credits/use-credits.ts';

/**
 * What the flushes of one chunk do to credits, in their transaction: outcomes consume, release or keep what was
 * reserved, and whoever may be started next gets a credit reserved or is found to have none. Null where the channel
 * needs no credits; such chunks are flushed in one statement as ever.
 */
export function creditFlush(
  campaign: Pick<Campaign, 'id' | 'appid' | 'channel' | 'templateId' | 'linkedTo' | 'includeNoCredit'>,
  recipients: ChunkRecipient[],
): CreditFlush | null {
  const { id, appid, channel, templateId, linkedTo, includeNoCredit } = campaign;
  if (templateId === null || !needsCredits(channel)) return null;
  const { path } = channels[channel];
  const firstNo = recipients[0]?.no ?? 0;
  const useOf = (no: number, outcome: CreditUse['outcome'], startedAgoMs: number): CreditUse[] => {
    const recipient = recipients[no - firstNo];
    if (recipient === undefined) return [];
    return [{ campaignId: id, no, openid: recipient.openid, templateId, outcome, startedAgoMs }];
  };
  return async (client: PoolClient, flush: Flush, owned: boolean) => {
    const uses = flush.facts.flatMap((fact) => {
      const outcome = creditOutcome(fact, path);
      return outcome === null ? [] : useOf(fact.no, outcome, msSince(fact.startedAt ?? fact.at, flush.now));
    });
    // Under a lost chunk the facts are true, and the rest is the new owner's.
    const { wishes, handedBack } = (owned ? flush.credits : undefined) ?? { wishes: [], handedBack: [] };
    for (const { no } of handedBack) uses.push(...useOf(no, 'unsent', 0));
    const denied = await useCredits(client, {
      appid,
      uses,
      wishes: wishes.map(({ no, openid }) => ({ campaignId: id, no, openid, templateId, includeNoCredit })),
      linkedTo,
    });
    return denied.map(({ no }) => no);
  };
}
