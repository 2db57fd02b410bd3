import { pruneCampaigns as prune } from '../../engine/campaigns/retention.ts';
import { type PruneScope, prunableCampaigns } from '../../store/campaigns/retention.ts';
import { action } from '../action.ts';

/** What `pruneCampaigns` would remove now. */
export const findPrunable = action<PruneScope, { ids: number[]; recipients: number }>(
  { name: 'campaigns.prunable', permission: 'campaign.read', audit: 'none', appid: ({ appid }) => appid },
  async ({ store }, scope) => {
    const found = await prunableCampaigns(store.pool, scope);
    return {
      ids: found.map(({ id }) => id),
      recipients: found.reduce((sum, { planned }) => sum + planned, 0),
    };
  },
);

/**
 * Removes recipients and outcomes of campaigns that ended long ago; their counts stay. Also finishes what a process that was
 * killed left half removed.
 */
export const pruneCampaigns = action<
  PruneScope & { signal: AbortSignal },
  { campaigns: number; recipients: number }
>(
  {
    name: 'campaigns.prune',
    permission: 'account.manage',
    audit: 'change',
    appid: ({ appid }) => appid,
    kept: ({ appid, olderThanDays }) => ({ appid, olderThanDays }),
  },
  async ({ store, logger }, { signal, ...scope }, { trail }) => {
    const pruned = await prune({ pool: store.pool, logger }, scope, signal);
    trail.after = pruned;
    return pruned;
  },
);
