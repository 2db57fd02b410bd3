import type { Moment } from '../../base/clock.ts';
import {
  type ChunkRecipient,
  type Claim,
  chunkRecipients,
  type Inherited,
  inheritedFacts,
} from '../../store/campaigns/chunks.ts';
import type { Pool } from '../../store/database/pool.ts';

/** What one chunk is opened with. */
export interface ClaimedChunk {
  claim: Claim;
  /** Before the claim was sent, and so before it was read what was inherited. */
  claimedAt: Moment;
  recipients: ChunkRecipient[];
  /** What earlier owners left. */
  inherited: Inherited[];
}

export async function readClaimedChunk(pool: Pool, claim: Claim, claimedAt: Moment): Promise<ClaimedChunk> {
  const { campaignId, firstNo, lastNo, epoch } = claim;
  const [recipients, inherited] = await Promise.all([
    chunkRecipients(pool, campaignId, firstNo, lastNo),
    epoch > 1 ? inheritedFacts(pool, campaignId, firstNo, lastNo) : [],
  ]);
  return { claim, claimedAt, recipients, inherited };
}
