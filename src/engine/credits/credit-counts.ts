import type { Campaign } from '../../store/campaigns/campaigns.ts';
import { takesFormIds } from './form-ids.ts';
import { needsCredits } from './use-credits.ts';

/** Of those who would get the message, how many have a credit: reachable + unknown + noCredit = of. */
export interface CreditCounts {
  /** Known to have a credit. */
  reachable: number;
  /** Nobody told us; they are sent to. */
  unknown: number;
  /** Known to have none; left out, or with `includeNoCredit` sent to all the same. */
  noCredit: number;
  of: number;
}

/** Null where the channel needs no credits. */
export function creditCounts(campaign: Campaign): CreditCounts | null {
  if (!needsCredits(campaign.channel) && !takesFormIds(campaign)) return null;
  const { plannedCount, noCreditCount, creditUnknownCount, creditNoneCount } = campaign;
  return {
    reachable: plannedCount - creditUnknownCount - creditNoneCount,
    unknown: creditUnknownCount,
    noCredit: noCreditCount + creditNoneCount,
    of: plannedCount + noCreditCount,
  };
}
