import {
  followerCallsPerDay,
  type Loss,
  type SyncProgress,
  type SyncResult,
  syncFollowers as sync,
} from '../../engine/audience/followers.ts';
import { type AccountKind, getAccount } from '../../store/accounts/accounts.ts';
import { type ContactCounts, countContacts } from '../../store/accounts/contacts.ts';
import { action } from '../action.ts';

export type { Loss };

export interface FollowerSyncInput {
  appid: string;
  /** Also unionid, tags, subscribe time and scene: one call per 100 followers. */
  details: boolean;
  /**
   * Whether over 5 % of the followers may be marked as gone. Somebody who watches may be asked: the sync waits for the
   * answer, since to ask afterwards would cost all its calls a second time.
   */
  acceptLoss: boolean | ((loss: Loss) => Promise<boolean>);
  signal?: AbortSignal;
  onProgress?: (progress: SyncProgress) => void;
}

export interface FollowerSyncResult extends SyncResult {
  /** Calls of user/get that WeChat allows a new account in a day. */
  callsPerDay: number;
}

/**
 * Fetches the follower list, page by page; one that was interrupted goes on where it stopped.
 *
 * Throws `ACCOUNT_NOT_FOUND`, `NO_FOLLOWER_LIST`, `SYNC_BUSY`, `FOLLOWER_LOSS`, and what WeChat said.
 */
export const syncFollowers = action<FollowerSyncInput, FollowerSyncResult>(
  {
    name: 'followers.sync',
    permission: 'contact.manage',
    audit: 'change',
    appid: ({ appid }) => appid,
    kept: ({ details, acceptLoss }) => ({ details, acceptLoss: acceptLoss === true }),
  },
  async (app, { appid, details, acceptLoss, signal, onProgress }, { trail }) => {
    const { kind } = await getAccount(app.store.pool, appid);
    const result = await sync(app, appid, {
      details,
      acceptLoss: typeof acceptLoss === 'function' ? acceptLoss : async () => acceptLoss,
      ...(signal === undefined ? {} : { signal }),
      ...(onProgress === undefined ? {} : { onProgress }),
    });
    const { invalid, ...counts } = result;
    trail.after = { ...counts, invalid: invalid.length };
    return { ...result, callsPerDay: followerCallsPerDay(kind) };
  },
);

export interface FollowerCounts extends ContactCounts {
  appid: string;
  kind: AccountKind;
  timeZone: string;
}

/** How many contacts are stored, and how old the list is. Throws `ACCOUNT_NOT_FOUND`. */
export const countFollowers = action<{ appid: string }, FollowerCounts>(
  { name: 'followers.count', permission: 'contact.read', audit: 'none', appid: ({ appid }) => appid },
  async ({ store: { pool } }, { appid }) => {
    const { kind, timeZone } = await getAccount(pool, appid);
    return { appid, kind, timeZone, ...(await countContacts(pool, appid)) };
  },
);
