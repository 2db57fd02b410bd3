import { type Clock, systemClock } from '../../base/clock.ts';
import { failure } from '../../base/errors.ts';
import type { Logger } from '../../base/logger.ts';
import { resting } from '../../base/resting.ts';
import type { Audience, Campaign, Exclusion } from '../../store/campaigns/campaigns.ts';
import {
  beginPrune,
  endPrune,
  exclusionProblems,
  halfPruned,
  messageKeepDays,
  type PruneScope,
  prunableCampaigns,
  removeDropped,
  removeMessages,
  removeRecipients,
} from '../../store/campaigns/retention.ts';
import { removeSourcePages } from '../../store/campaigns/source-pages.ts';
import type { Pool } from '../../store/database/pool.ts';

/** Recipients of one transaction, with some 2 facts each: well under a second, so that nobody waits for its locks or WAL. */
const pageRecipients = 10_000;

/** Pages of a file's columns in one transaction, of some 10 KB each. */
const pageSources = 100;

export interface Pruned {
  campaigns: number;
  recipients: number;
}

/**
 * Removes recipients, facts, chunks and left-out rows of campaigns that ended long enough ago; the campaign's row keeps
 * its counts. Can be stopped and killed anywhere: the next run goes on with what is half removed. Rests as long as it
 * works, so that it takes at most half of one connection from those who send.
 */
export async function pruneCampaigns(
  deps: { pool: Pool; logger: Logger; clock?: Clock },
  scope: PruneScope,
  signal?: AbortSignal,
): Promise<Pruned> {
  const { pool, logger, clock = systemClock } = deps;
  const pruned: Pruned = { campaigns: 0, recipients: 0 };
  const rested = resting(clock, signal);
  const finish = async (id: number): Promise<void> => {
    let after = 0;
    let before = 0;
    for (;;) {
      signal?.throwIfAborted();
      const page = await rested(removeRecipients(pool, id, after, pageRecipients));
      if (page === null) break;
      after = page.last;
      before += page.removed;
    }
    while (await rested(removeDropped(pool, id, pageRecipients))) signal?.throwIfAborted();
    while (await rested(removeSourcePages(pool, id, pageSources))) signal?.throwIfAborted();
    await endPrune(pool, id);
    pruned.campaigns++;
    pruned.recipients += before;
    logger.info({ campaignId: id, recipients: before }, 'recipients of an old campaign removed');
  };
  for (const id of await halfPruned(pool)) await finish(id);
  for (const { id } of await prunableCampaigns(pool, scope))
    if (await beginPrune(pool, id, scope)) await finish(id);
  return pruned;
}

/**
 * Removes single messages that are over for long enough, with their facts and receipts, and gives how many. From then
 * on their keys are free. Can be stopped and killed anywhere; rests as `pruneCampaigns` does.
 */
export async function pruneMessages(
  deps: { pool: Pool; logger: Logger; clock?: Clock },
  scope: PruneScope,
  signal?: AbortSignal,
): Promise<number> {
  const { pool, logger, clock = systemClock } = deps;
  const rested = resting(clock, signal);
  let all = 0;
  for (const { appid, days } of await messageKeepDays(pool, scope)) {
    let removed = 0;
    for (let after: number | null = 0; after !== null; ) {
      signal?.throwIfAborted();
      const page: Awaited<ReturnType<typeof removeMessages>> = await rested(
        removeMessages(pool, appid, days, after, pageRecipients),
      );
      removed += page.removed;
      after = page.next;
    }
    if (removed > 0) logger.info({ appid, messages: removed }, 'old single messages removed');
    all += removed;
  }
  return all;
}

/**
 * Throws when a campaign that is to be left out is not there, or is no longer known person by person: its people would
 * be messaged although somebody said that they should not.
 */
export async function requireExclusions(
  pool: Pool,
  appid: string,
  exclusions: Exclusion[],
  audience?: Audience,
): Promise<void> {
  const asked = audience?.kind === 'filter' ? (audience.rules.campaigns ?? []) : [];
  const campaigns = asked.map(({ id }): Exclusion => ({ kind: 'campaign', id }));
  const { missing, pruned } = await exclusionProblems(pool, appid, [...exclusions, ...campaigns]);
  if (missing.length > 0) throw failure('CAMPAIGN_NOT_FOUND/excluded', { ids: missing.map(String), appid });
  if (pruned.length > 0) throw failure('CAMPAIGN_PRUNED/excluded', { ids: pruned.map(String) });
}

/** Throws `CAMPAIGN_PRUNED` when single recipients of a campaign are no longer known. */
export function requireRecipients(campaign: Pick<Campaign, 'id' | 'prunedAt'>): void {
  if (campaign.prunedAt === null) return;
  throw failure('CAMPAIGN_PRUNED/recipients', {
    id: String(campaign.id),
    at: campaign.prunedAt.toISOString(),
  });
}
