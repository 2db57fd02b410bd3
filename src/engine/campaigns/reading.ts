import { errorCode, failure, type HongyanError } from '../../base/errors.ts';
import type { Logger } from '../../base/logger.ts';
import type { Campaign } from '../../store/campaigns/campaigns.ts';
import { removeExpiredDrafts } from '../../store/campaigns/drafts.ts';
import { endLeftCampaigns, readerLeaseSeconds, renewReading } from '../../store/campaigns/left.ts';
import { removeExpiredUploads } from '../../store/campaigns/uploads.ts';
import type { Pool } from '../../store/database/pool.ts';

/**
 * Reads a campaign's recipients: while `work` runs, others are told that its reader lives, and leave the campaign alone. A
 * reader may be slow for any reason (a person at the other end of a pipe, a database that is away).
 */
export async function whileReading<T>(pool: Pool, id: number, work: () => Promise<T>): Promise<T> {
  let renewal: Promise<unknown> | null = null;
  const timer = setInterval(
    () => {
      renewal ??= renewReading(pool, id)
        .catch(() => {}) // the database is away; the lease lasts for some more tries
        .finally(() => {
          renewal = null;
        });
    },
    (readerLeaseSeconds * 1000) / 6,
  );
  try {
    return await work();
  } finally {
    clearInterval(timer);
    await renewal;
  }
}

/** What is said of a campaign whose recipients another process seems to read. */
export function stillRead({ id, key }: Pick<Campaign, 'id' | 'key'>): HongyanError {
  return failure('CAMPAIGN_UNFINISHED', { id: String(id), key: key ?? '' });
}

/** Cancels what was left before its start, and says so in the log; never rejects. */
export async function tidyCampaigns(pool: Pool, logger: Logger): Promise<void> {
  try {
    for (const { id, reason } of await endLeftCampaigns(pool))
      logger.warn({ campaignId: id, reason }, 'a campaign that was left before its start was cancelled');
    await removeExpiredUploads(pool);
    await removeExpiredDrafts(pool);
  } catch (error) {
    logger.warn({ code: errorCode(error) }, 'campaigns that were left could not be looked for');
  }
}
