import { errorCode, failure } from '../../base/errors.ts';
import {
  followerCallsPerDay,
  type Loss,
  openSync,
  type SyncProgress,
  type SyncResult,
  syncFollowers as sync,
} from '../../engine/audience/followers.ts';
import { getAccount } from '../../store/accounts/accounts.ts';
import { type ContactCounts, countContacts } from '../../store/accounts/contacts.ts';
import {
  type FollowerSyncRow,
  findFollowerSync,
  listFollowerSyncs as listSyncs,
  noteSyncFailure,
} from '../../store/accounts/follower-syncs.ts';
import type { AccountKind } from '../../wechat/channels.ts';
import { action } from '../action.ts';
import type { App } from '../app.ts';
import { idOf, type Page, pageOf } from '../page.ts';

export type { FollowerSyncRow, Loss };

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

/** A sync to be carried out. */
interface BackgroundSync {
  appid: string;
  syncId: number;
  run(signal: AbortSignal): Promise<unknown>;
  /** Writes down what became of it: an error, or null. */
  settle(error: unknown): Promise<void>;
}

interface Running {
  syncId: number;
  /** What became of it is being written down: nobody can join it any more. */
  isEnding: boolean;
  next: BackgroundSync | null;
  ended: Promise<void>;
}

/** Syncs that go on after whoever began them was answered. Whoever composes the process closes it. */
export class BackgroundSyncs {
  readonly #stop = new AbortController();
  readonly #running = new Map<string, Running>();

  /**
   * One of an account at a time in this process. Who comes while it runs has joined it; who comes when it is over for the
   * database, and not yet here, or fetches details of people for a list that is done, is next.
   */
  start(sync: BackgroundSync): void {
    const running = this.#running.get(sync.appid);
    if (running === undefined) this.#begin(sync);
    else if (running.syncId !== sync.syncId || running.isEnding) running.next = sync;
  }

  #begin({ appid, syncId, run, settle }: BackgroundSync): void {
    if (this.#stop.signal.aborted) return;
    const end = async (error: unknown): Promise<void> => {
      running.isEnding = true;
      // One that is cut off by the end of the process has not failed.
      if (!this.#stop.signal.aborted) await settle(error);
    };
    const running: Running = { syncId, isEnding: false, next: null, ended: Promise.resolve() };
    running.ended = run(this.#stop.signal)
      .then(() => end(null), end)
      .finally(() => {
        this.#running.delete(appid);
        if (running.next !== null) this.#begin(running.next);
      });
    this.#running.set(appid, running);
  }

  /** What is under way is cut where it is; the next sync of the account goes on from there. */
  async close(): Promise<void> {
    this.#stop.abort(new Error('stopping'));
    await Promise.allSettled([...this.#running.values()].map(({ ended }) => ended));
  }
}

export interface SyncStart {
  appid: string;
  details: boolean;
  acceptLoss: boolean;
  syncs: BackgroundSyncs;
}

/**
 * Begins a sync, or goes on with the one that was interrupted, and answers at once; `showFollowerSync` tells how far it is.
 *
 * Throws `ACCOUNT_NOT_FOUND`, `NO_FOLLOWER_LIST`.
 */
export const startFollowerSync = action<SyncStart, FollowerSyncRow>(
  {
    name: 'followers.startSync',
    permission: 'contact.manage',
    audit: 'change',
    appid: ({ appid }) => appid,
    kept: ({ details, acceptLoss }) => ({ details, acceptLoss }),
  },
  async (app, { appid, details, acceptLoss, syncs }, { trail }) => {
    const { pool } = app.store;
    const { id } = await openSync(app, appid);
    trail.target = id;
    const run = async (signal: AbortSignal): Promise<void> => {
      await noteSyncFailure(pool, id, null);
      await sync(app, appid, { details, signal, acceptLoss: async () => acceptLoss });
    };
    const settle = async (error: unknown): Promise<void> => {
      if (error === null) return;
      const code = errorCode(error) ?? 'UNEXPECTED';
      app.logger.warn({ appid, syncId: id, code }, 'follower sync ended early');
      // Another process is at it: that one says what becomes of it.
      if (code === 'SYNC_BUSY') return;
      await noteSyncFailure(pool, id, code).catch((err: unknown) => {
        app.logger.warn({ appid, syncId: id, err }, 'why a follower sync ended could not be stored');
      });
    };
    await noteSyncFailure(pool, id, null);
    syncs.start({ appid, syncId: id, run, settle });
    return await required(pool, appid, id);
  },
);

/** The newest first. Throws `ACCOUNT_NOT_FOUND`. */
export const listFollowerSyncs = action<
  { appid: string; limit: number; cursor?: string | undefined },
  Page<FollowerSyncRow>
>(
  { name: 'followers.listSyncs', permission: 'contact.read', audit: 'none', appid: ({ appid }) => appid },
  async ({ store: { pool } }, { appid, limit, cursor }) => {
    await getAccount(pool, appid);
    const rows = await listSyncs(pool, appid, { before: idOf(cursor), limit });
    return pageOf(rows, rows.length < limit ? null : (rows.at(-1)?.id ?? null));
  },
);

/** Throws `SYNC_NOT_FOUND`. */
export const showFollowerSync = action<{ appid: string; id: number }, FollowerSyncRow>(
  {
    name: 'followers.showSync',
    permission: 'contact.read',
    audit: 'none',
    appid: ({ appid }) => appid,
    target: ({ id }) => id,
  },
  async ({ store: { pool } }, { appid, id }) => await required(pool, appid, id),
);

async function required(pool: App['store']['pool'], appid: string, id: number): Promise<FollowerSyncRow> {
  const row = await findFollowerSync(pool, appid, id);
  if (row === null) throw failure('SYNC_NOT_FOUND', { appid, id: String(id) });
  return row;
}
