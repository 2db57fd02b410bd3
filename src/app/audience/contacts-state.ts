import { followerCallsPerDay } from '../../engine/audience/followers.ts';
import { getAccount } from '../../store/accounts/accounts.ts';
import { countContacts, countSyncCallsToday } from '../../store/accounts/contacts.ts';
import { action } from '../action.ts';

/** Of whom `all` would be, at this moment. */
export interface ContactsState {
  all: number;
  following: number;
  /** When the follower list was fetched last; null: never. */
  syncedAt: Date | null;
  timeZone: string;
  /** Calls of a day that fetching it takes; null for a Mini Program, which has no such list. */
  sync: { calls: number; used: number; limit: number } | null;
}

/** Openids on a page of WeChat's list. */
const pageSize = 10_000;

export const contactsState = action<{ appid: string }, ContactsState>(
  { name: 'contacts.state', permission: 'contact.read', audit: 'none', appid: ({ appid }) => appid },
  async ({ store: { pool } }, { appid }) => {
    const { kind, timeZone } = await getAccount(pool, appid);
    const { all, following, syncedAt } = await countContacts(pool, appid);
    const state = { all, following, syncedAt, timeZone };
    if (kind === 'miniprogram') return { ...state, sync: null };
    const used = await countSyncCallsToday(pool, appid);
    const calls = Math.max(1, Math.ceil(following / pageSize)) + 1;
    return { ...state, sync: { calls, used, limit: followerCallsPerDay(kind) } };
  },
);
