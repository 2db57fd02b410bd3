import { HongyanError } from '../base/errors.ts';
import type { Logger } from '../base/logger.ts';
import { type Account, getAccount } from '../store/accounts.ts';
import {
  contactsWithoutDetails,
  finishFollowerSync,
  openFollowerSync,
  storeContactDetails,
  storeFollowerPage,
} from '../store/contacts.ts';
import type { Store } from '../store/store.ts';
import { userCalls } from '../wechat/calls/users.ts';
import type { AccountClients } from './account-clients.ts';

/** A cursor of the follower list is continued for so long; later the sync starts again. */
const resumeWithinHours = 12;
/** Openids per user/info/batchget call; WeChat's limit. */
const detailsPerCall = 100;

/**
 * Calls of user/get that WeChat allows a new account in a day; it allows more from 100,000 followers on.
 * @see https://developers.weixin.qq.com/doc/offiaccount/Message_Management/API_Call_Limits.html
 */
export function followerCallsPerDay(kind: Account['kind']): number {
  return kind === 'sandbox' ? 100 : 500;
}

export interface SyncProgress {
  phase: 'followers' | 'details';
  seen: number;
  total: number | null;
  calls: number;
}

export interface SyncResult {
  resumed: boolean;
  seen: number;
  added: number;
  gone: number;
  calls: number;
  detailed: number;
}

/**
 * Brings the contacts of an account up to date with WeChat's follower list, page by page of 10,000.
 *
 * Each page and its cursor are stored together, so an interrupted sync goes on where it stopped. Those who are
 * no longer in the list are marked as not following once the last page is stored, never before.
 */
export async function syncFollowers(
  deps: { store: Store; clients: AccountClients; logger: Logger },
  appid: string,
  options: { details?: boolean; signal?: AbortSignal; onProgress?: (progress: SyncProgress) => void } = {},
): Promise<SyncResult> {
  const { pool } = deps.store;
  const account = await getAccount(pool, appid);
  if (account.kind === 'miniprogram') {
    throw new HongyanError(
      'NO_FOLLOWER_LIST',
      `${appid} is a Mini Program, and WeChat has no list of a Mini Program's users; ` +
        'its contacts are those that you import (push --to @file) and those that were messaged',
    );
  }
  const users = userCalls((await deps.clients.get(appid)).call);
  const { sync, resumed } = await openFollowerSync(pool, appid, resumeWithinHours);
  const { id, startedAt } = sync;
  let { nextOpenid, seen } = sync;
  let calls = 0;
  for await (const page of users.followers({ from: nextOpenid })) {
    calls++;
    const stored = await storeFollowerPage(pool, appid, { id, nextOpenid, startedAt }, page);
    if (!stored) {
      throw new HongyanError(
        'SYNC_BUSY',
        `another process is syncing the followers of ${appid}; wait for it, or run this again`,
      );
    }
    nextOpenid = page.nextOpenid;
    seen += page.openids.length;
    options.onProgress?.({ phase: 'followers', seen, total: page.total ?? null, calls });
    options.signal?.throwIfAborted();
  }
  const finished = await finishFollowerSync(pool, appid, id);
  deps.logger.info(
    { appid, seen: finished.seen, added: finished.added, gone: finished.gone },
    'followers synced',
  );
  const detailed = options.details ? await syncDetails(deps, appid, options) : 0;
  return { resumed, ...finished, calls, detailed };
}

/** unionid, tags, subscribe time and scene of followers who have none or whose are older than 30 days. */
async function syncDetails(
  deps: { store: Store; clients: AccountClients },
  appid: string,
  options: { signal?: AbortSignal; onProgress?: (progress: SyncProgress) => void },
): Promise<number> {
  const { pool } = deps.store;
  const users = userCalls((await deps.clients.get(appid)).call);
  let after = '';
  let detailed = 0;
  let calls = 0;
  for (;;) {
    const openids = await contactsWithoutDetails(pool, appid, after, 30, 5000);
    const last = openids.at(-1);
    if (last === undefined) return detailed;
    for (let i = 0; i < openids.length; i += detailsPerCall) {
      options.signal?.throwIfAborted();
      const infos = await users.batchInfo(openids.slice(i, i + detailsPerCall));
      await storeContactDetails(
        pool,
        appid,
        infos.map((user) => ({
          openid: user.openid,
          follows: user.subscribe === 1,
          unionid: user.unionid?.trim() || null,
          remark: user.remark || null,
          tagIds: user.tagid_list ?? null,
          subscribedAt: user.subscribe_time === undefined ? null : new Date(user.subscribe_time * 1000),
          subscribeScene: user.subscribe_scene ?? null,
        })),
      );
      detailed += infos.length;
      calls++;
      options.onProgress?.({ phase: 'details', seen: detailed, total: null, calls });
    }
    after = last;
  }
}
