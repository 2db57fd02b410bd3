import { pruneMessages as prune } from '../../engine/campaigns/retention.ts';
import { countOldMessages, messageKeepDays, type PruneScope } from '../../store/campaigns/retention.ts';
import { action } from '../action.ts';

/** How many messages `pruneMessages` would remove now. */
export const countPrunable = action<PruneScope, { messages: number }>(
  { name: 'messages.prunable', permission: 'message.read', audit: 'none', appid: ({ appid }) => appid },
  async ({ store: { pool } }, scope) => {
    let messages = 0;
    for (const { appid, days } of await messageKeepDays(pool, scope))
      messages += await countOldMessages(pool, appid, days);
    return { messages };
  },
);

/** Removes messages that ended long ago, and their keys with them: the same key is then a new message. */
export const pruneMessages = action<PruneScope & { signal: AbortSignal }, { messages: number }>(
  {
    name: 'messages.prune',
    permission: 'account.manage',
    audit: 'change',
    appid: ({ appid }) => appid,
    kept: ({ appid, olderThanDays }) => ({ appid, olderThanDays }),
  },
  async ({ store: { pool }, logger }, { signal, ...scope }, { trail }) => {
    const messages = await prune({ pool, logger }, scope, signal);
    trail.after = { messages };
    return { messages };
  },
);
