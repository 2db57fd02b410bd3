import { getAccount } from '../../store/accounts/accounts.ts';
import {
  listSuppressions as page,
  removeSuppressions as remove,
  type Suppression,
  addSuppressions as store,
} from '../../store/accounts/suppressions.ts';
import { unmarkErased } from '../../store/erase.ts';
import { action } from '../action.ts';

interface OpenidPages {
  appid: string;
  /** Openids, some thousands a page at most. */
  pages: AsyncIterable<string[]>;
}

/** Puts people on the list (禁发名单): no campaign of the account sends to them. Those already there keep their note. */
export const addSuppressions = action<OpenidPages & { note: string }, { added: number }>(
  {
    name: 'suppressions.add',
    permission: 'contact.manage',
    audit: 'change',
    appid: ({ appid }) => appid,
    kept: ({ note }) => ({ note }),
  },
  async ({ store: { pool } }, { appid, pages, note }, { trail }) => {
    await getAccount(pool, appid);
    let added = 0;
    for await (const openids of pages) added += await store(pool, appid, openids, note);
    trail.after = { added };
    return { added };
  },
);

/** Takes people off the list, and lets those who were erased be sent to again; those who are not on it are no error. */
export const removeSuppressions = action<OpenidPages, { removed: number }>(
  { name: 'suppressions.remove', permission: 'contact.manage', audit: 'change', appid: ({ appid }) => appid },
  async ({ store: { pool } }, { appid, pages }, { trail }) => {
    await getAccount(pool, appid);
    let removed = 0;
    for await (const openids of pages) {
      removed += await remove(pool, appid, openids);
      removed += await unmarkErased(pool, appid, openids);
    }
    trail.after = { removed };
    return { removed };
  },
);

/** One page in openid order, after `after` (empty: from the first); of one person only, where `openid` names them. */
export const listSuppressions = action<
  { appid: string; openid?: string | undefined; after: string; limit: number },
  { suppressions: Suppression[]; timeZone: string }
>(
  { name: 'suppressions.list', permission: 'contact.read', audit: 'none', appid: ({ appid }) => appid },
  async ({ store: { pool } }, { appid, openid = null, after, limit }) => {
    const { timeZone } = await getAccount(pool, appid);
    return { suppressions: await page(pool, appid, { openid, after, limit }), timeZone };
  },
);
