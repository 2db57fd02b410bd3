import { errorCode, failure, type HongyanError } from '../../base/errors.ts';
import type { Logger } from '../../base/logger.ts';
import { withSpan } from '../../base/tracing.ts';
import { type Account, getAccount } from '../../store/accounts/accounts.ts';
import {
  type ContactDetails,
  contactsNow,
  contactsWithoutDetails,
  countContacts,
  markUnfollowed,
  storeContactDetails,
} from '../../store/accounts/contacts.ts';
import {
  abandonFollowerSync,
  type FollowerSync,
  finishFollowerSync,
  followerLoss,
  openFollowerSync,
  storeFollowerPage,
} from '../../store/accounts/follower-syncs.ts';
import type { Pool } from '../../store/database/pool.ts';
import type { Store } from '../../store/store.ts';
import { spanNames } from '../../texts/parts.ts';
import { splitBatches } from '../../wechat/calls/batch.ts';
import { type UserCalls, type UserInfo, userCalls } from '../../wechat/calls/users.ts';
import type { AccountClients } from '../sending/account-clients.ts';

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

/**
 * A larger share of the followers known before is lost only if a person says so: one strange answer never decides about
 * many. Fewer than `fewLost` are not many.
 */
const mostLostPercent = 5;
const fewLost = 5;

export interface SyncProgress {
  phase: 'followers' | 'details';
  seen: number;
  total: number | null;
  calls: number;
}

export interface SyncResult {
  resumed: boolean;
  /** People on the pages. */
  seen: number;
  added: number;
  gone: number;
  calls: number;
  detailed: number;
  /** People who were in WeChat's count and not on its pages. With any, nobody was marked as gone. */
  missing: number;
  /** Openids that WeChat calls invalid (40003) when asked for details; all others have theirs. */
  invalid: string[];
}

/** Followers of whom WeChat now says, or seems to say, that they are none. */
export interface Loss {
  gone: number;
  /** Followers known before. */
  known: number;
}

export interface SyncOptions {
  details?: boolean;
  signal?: AbortSignal;
  onProgress?: (progress: SyncProgress) => void;
  /** Whether so many are really gone; asked only about a loss over 5 %. Default: no. */
  acceptLoss?: (loss: Loss) => Promise<boolean>;
}

/**
 * Brings the contacts of an account up to date with WeChat's follower list, page by page of 10,000.
 *
 * Each page and its cursor are stored together, so an interrupted sync goes on where it stopped. Those who are
 * no longer in the list are marked as not following once the last page is stored, never before, and only if the pages held
 * as many people as WeChat counts.
 *
 * Throws `FOLLOWER_LOSS` when over 5 % of the followers would be marked and nobody accepts that, `WECHAT_PAGES_SHORT` and the
 * like for a list that does not come to its end; then nobody was marked.
 */
export async function syncFollowers(
  deps: { store: Store; clients: AccountClients; logger: Logger },
  appid: string,
  options: SyncOptions = {},
): Promise<SyncResult> {
  const attributes = { 'wechat.appid': appid };
  return await withSpan(spanNames.syncFollowers, { kind: 'internal', attributes }, async (span) => {
    const result = await syncAll(deps, appid, options);
    span?.setAttribute('hongyan.followers', result.seen);
    return result;
  });
}

async function syncAll(
  deps: { store: Store; clients: AccountClients; logger: Logger },
  appid: string,
  options: SyncOptions,
): Promise<SyncResult> {
  const { pool } = deps.store;
  const { sync, resumed, users } = await begin(deps, appid);
  const calls = await storePages(pool, users, appid, sync, resumed, options);
  const loss = await followerLoss(pool, appid, sync.id);
  // The list has fewer than WeChat counts, if only a few fewer: who is missing may as well be one of those.
  const missing = Math.max(0, (loss.total ?? 0) - loss.seen);
  if (missing === 0 && !(await mayLose(loss, options))) {
    await abandonFollowerSync(pool, sync.id);
    throw lost(appid, loss);
  }
  const finished = await finishFollowerSync(pool, appid, sync.id, missing === 0);
  deps.logger.info(
    { appid, seen: finished.seen, added: finished.added, gone: finished.gone, missing },
    'followers synced',
  );
  const details = options.details ? await syncDetails(pool, users, appid, options) : nothingDetailed;
  return { resumed, missing, ...finished, ...details, gone: finished.gone + details.gone, calls };
}

async function begin(
  deps: { store: Store; clients: AccountClients },
  appid: string,
): Promise<{ sync: FollowerSync; resumed: boolean; users: UserCalls }> {
  const { kind } = await getAccount(deps.store.pool, appid);
  if (kind === 'miniprogram') throw failure('NO_FOLLOWER_LIST', { appid });
  const users = userCalls((await deps.clients.get(appid)).call);
  return { users, ...(await openFollowerSync(deps.store.pool, appid, resumeWithinHours)) };
}

/** The account's sync that is to go on, or a new one, before any of its pages is fetched. Throws `NO_FOLLOWER_LIST`. */
export async function openSync(
  deps: { store: Store; clients: AccountClients },
  appid: string,
): Promise<FollowerSync> {
  return (await begin(deps, appid)).sync;
}

/** Stores the pages that are left, and gives the number of calls. A sync that cannot come to its end is given up. */
async function storePages(
  pool: Pool,
  users: UserCalls,
  appid: string,
  sync: FollowerSync,
  resumed: boolean,
  options: SyncOptions,
): Promise<number> {
  const { id, startedAt } = sync;
  let { nextOpenid, seen } = sync;
  let calls = 0;
  try {
    for await (const page of users.followers({
      from: nextOpenid,
      seen,
      ...(options.signal === undefined ? {} : { signal: options.signal }),
    })) {
      calls++;
      const stored = await storeFollowerPage(pool, appid, { id, nextOpenid, startedAt }, page);
      if (!stored) {
        throw failure('SYNC_BUSY', { appid });
      }
      nextOpenid = page.nextOpenid;
      seen += page.openids.length;
      options.onProgress?.({ phase: 'followers', seen, total: page.total ?? null, calls });
      options.signal?.throwIfAborted();
    }
  } catch (error) {
    const code = errorCode(error);
    // From the same place it may come to its end next time; if that was tried, or it goes in circles, it has to begin anew.
    if (code === 'WECHAT_PAGING_STUCK' || (code === 'WECHAT_PAGES_SHORT' && resumed && calls === 0))
      await abandonFollowerSync(pool, id);
    throw error;
  }
  return calls;
}

function isLarge({ gone, known }: Loss): boolean {
  return gone >= fewLost && gone * 100 > known * mostLostPercent;
}

async function mayLose({ gone, known }: Loss, options: SyncOptions): Promise<boolean> {
  return !isLarge({ gone, known }) || ((await options.acceptLoss?.({ gone, known })) ?? false);
}

function lost(appid: string, { gone, known }: Loss): HongyanError {
  const percent = Math.round((gone * 100) / known);
  const values = { appid, gone, known, percent, most: mostLostPercent };
  return failure('FOLLOWER_LOSS', values, { details: { appid, gone, known } });
}

interface Detailed {
  detailed: number;
  gone: number;
  invalid: string[];
}

const nothingDetailed: Detailed = { detailed: 0, gone: 0, invalid: [] };

/** unionid, tags, subscribe time and scene of followers who have none or whose are older than 30 days. */
async function syncDetails(
  pool: Pool,
  users: UserCalls,
  appid: string,
  options: SyncOptions,
): Promise<Detailed> {
  const { following: known } = await countContacts(pool, appid);
  const askedAt = await contactsNow(pool);
  const invalid: string[] = [];
  /** Who does not follow by these answers: marked at the end, when it is known how many they are. */
  const left: string[] = [];
  let isAccepted = false;
  let after = '';
  let detailed = 0;
  let calls = 0;
  for (;;) {
    const openids = await contactsWithoutDetails(pool, appid, after, 30, 5000);
    const last = openids.at(-1);
    if (last === undefined) break;
    for (let i = 0; i < openids.length; i += detailsPerCall) {
      options.signal?.throwIfAborted();
      const answer = await users.batchInfoApart(
        openids.slice(i, i + detailsPerCall),
        'zh_CN',
        options.signal,
      );
      invalid.push(...answer.invalid);
      left.push(...answer.infos.flatMap((user) => (user.subscribe === 0 ? [user.openid] : [])));
      const loss = { gone: left.length + invalid.length, known };
      if (!isAccepted && isLarge(loss)) {
        if (!(await mayLose(loss, options))) throw lost(appid, loss);
        isAccepted = true;
      }
      const following = answer.infos.filter((user) => user.subscribe === 1);
      await storeContactDetails(pool, appid, following.map(detailsOf));
      detailed += answer.infos.length;
      calls++;
      options.onProgress?.({ phase: 'details', seen: detailed, total: null, calls });
    }
    after = last;
  }
  let gone = 0;
  for (const openids of splitBatches(left, 5_000))
    gone += await markUnfollowed(pool, appid, openids, askedAt);
  return { detailed, gone, invalid };
}

function detailsOf(user: UserInfo): ContactDetails {
  return {
    openid: user.openid,
    unionid: user.unionid?.trim() || null,
    remark: user.remark || null,
    tagIds: user.tagid_list ?? null,
    subscribedAt: user.subscribe_time === undefined ? null : new Date(user.subscribe_time * 1000),
    subscribeScene: user.subscribe_scene ?? null,
  };
}
