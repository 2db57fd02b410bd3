import { failure } from '../../base/errors.ts';
import { activateAccount, pauseAccount as pause } from '../../store/accounts/account-states.ts';
import { countAccountData, getAccount, removeAccount as remove } from '../../store/accounts/accounts.ts';

import { getAccountSettings, listAccountSettings } from '../../store/accounts/rules.ts';

import { action } from '../action.ts';
import { type AccountView, accountView } from './account-view.ts';
import { checkClient } from './save-account.ts';

/** In the order of their appids; `cursor` is the last one of the page before. */
export const listAccounts = action<
  { limit: number; cursor: string | null },
  { data: AccountView[]; next: string | null }
>(
  { name: 'accounts.list', permission: 'account.read', audit: 'none' },
  async ({ store: { pool } }, { limit, cursor }, { actor }) => {
    const only = actor.accounts === 'all' ? null : [...actor.accounts];
    const rows = await listAccountSettings(pool, { only, after: cursor ?? '', limit });
    return {
      data: rows.map(accountView),
      next: rows.length < limit ? null : (rows.at(-1)?.appid ?? null),
    };
  },
);

/** Throws `ACCOUNT_NOT_FOUND`. */
export const showAccount = action<{ appid: string }, AccountView>(
  { name: 'accounts.show', permission: 'account.read', audit: 'none', appid: ({ appid }) => appid },
  async ({ store: { pool } }, { appid }) => accountView(await getAccountSettings(pool, appid)),
);

/** What came of using an account again. */
export interface Resumed {
  /** False: it was not paused. */
  activated: boolean;
  /** Its campaigns that are still paused. */
  pausedCampaigns: number[];
}

/**
 * Asks WeChat whether the credentials work from this machine; an account that was paused for them is used again.
 * Throws `ACCOUNT_NOT_FOUND`, and what WeChat said.
 */
export const checkAccount = action<{ appid: string }, Resumed>(
  { name: 'accounts.check', permission: 'account.manage', audit: 'change', appid: ({ appid }) => appid },
  async ({ store, clients }, { appid }, { trail }) => {
    await getAccount(store.pool, appid);
    await checkClient(await clients.get(appid));
    const resumed = await activate(store.pool, appid);
    trail.after = resumed;
    return resumed;
  },
);

/** Stops everything of an account until it is resumed: the account and its running campaigns. Throws `ACCOUNT_NOT_FOUND`. */
export const pauseAccount = action<{ appid: string }, AccountView>(
  { name: 'accounts.pause', permission: 'account.manage', audit: 'change', appid: ({ appid }) => appid },
  async ({ store: { pool } }, { appid }, { actor }) => {
    await getAccount(pool, appid);
    await pause(pool, appid, 'operator', actor.name);
    return accountView(await getAccountSettings(pool, appid));
  },
);

/** The account may send again; its paused campaigns stay paused until they are resumed. Throws `ACCOUNT_NOT_FOUND`. */
export const resumeAccount = action<{ appid: string }, Resumed>(
  { name: 'accounts.resume', permission: 'account.manage', audit: 'change', appid: ({ appid }) => appid },
  async ({ store: { pool } }, { appid }, { trail }) => {
    await getAccount(pool, appid);
    const resumed = await activate(pool, appid);
    trail.after = resumed;
    return resumed;
  },
);

/** What goes with an account when it is removed. */
export interface AccountData {
  contacts: number;
  campaigns: number;
}

/** Throws `ACCOUNT_NOT_FOUND`, and `ACCOUNT_BUSY` while campaigns are under way. */
export const planRemoval = action<{ appid: string }, AccountData>(
  { name: 'accounts.planRemoval', permission: 'account.manage', audit: 'none', appid: ({ appid }) => appid },
  async ({ store: { pool } }, { appid }) => {
    await getAccount(pool, appid);
    return await removable(pool, appid);
  },
);

/** Removes an account with everything of it. Throws `ACCOUNT_NOT_FOUND`, and `ACCOUNT_BUSY` while campaigns are under way. */
export const removeAccount = action<{ appid: string }, AccountData>(
  { name: 'accounts.remove', permission: 'account.manage', audit: 'change', appid: ({ appid }) => appid },
  async ({ store: { pool }, clients }, { appid }, { trail }) => {
    await getAccount(pool, appid);
    const data = await removable(pool, appid);
    trail.before = data;
    await remove(pool, appid);
    await clients.forget(appid);
    return data;
  },
);

async function removable(pool: Parameters<typeof remove>[0], appid: string): Promise<AccountData> {
  const { running, ...data } = await countAccountData(pool, appid);
  if (running > 0) throw failure('ACCOUNT_BUSY', { appid, running });
  return data;
}

async function activate(pool: Parameters<typeof remove>[0], appid: string): Promise<Resumed> {
  const { activated, paused } = await activateAccount(pool, appid);
  return { activated, pausedCampaigns: activated ? paused : [] };
}
