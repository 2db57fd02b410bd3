import { failure } from '../../base/errors.ts';
import { activateAccount, pauseAccount as pause } from '../../store/accounts/account-states.ts';
import {
  type AccountKind,
  type AccountSecrets,
  countAccountData,
  getAccount,
  openAccount,
  removeAccount as remove,
  saveAccount,
} from '../../store/accounts/accounts.ts';
import { findAccountSettings, getAccountSettings, listAccountSettings } from '../../store/accounts/rules.ts';
import { accountSettings, kindNames, seenKinds } from '../../texts/account-words.ts';
import { settingPlace } from '../../texts/wechat-settings.ts';
import { networkCalls } from '../../wechat/calls/network.ts';
import type { WechatClient } from '../../wechat/client.ts';
import type { TokenSource } from '../../wechat/token/source.ts';
import { action } from '../action.ts';
import type { App } from '../app.ts';
import { type AccountView, accountView } from './account-view.ts';
import { invalidSetting } from './invalid.ts';
import { contradictingKind } from './seen-kind.ts';
import { checkRate } from './settings.ts';

/** Where the access_token of an account comes from. */
export type TokenInput =
  | { source: 'secret'; secret: string }
  | { source: 'url'; url: string }
  | { source: 'none' };

export interface AccountInput {
  appid: string;
  kind: AccountKind;
  name?: string;
  token: TokenInput;
  /** Another address than https://api.weixin.qq.com, such as a simulator's. */
  baseUrl?: string | null;
  /** Outbound HTTP proxy of this account. */
  proxy?: string | null;
  ratePerS?: number;
  /** Asks WeChat whether the credentials work from here, and stores nothing if not. */
  check: boolean;
}

/**
 * Adds an account, or replaces the settings of one that is there: what is not given falls back to its default, but for the
 * rate; contacts, templates, campaigns and rules stay.
 *
 * Throws `ACCOUNT_INVALID`, and what WeChat said to the credentials.
 */
export const addAccount = action<
  AccountInput,
  { result: 'added' | 'changed'; changes: AccountChange[]; account: AccountView }
>(
  {
    name: 'accounts.add',
    permission: 'account.manage',
    audit: 'change',
    appid: ({ appid }) => appid,
    kept: ({ kind, name, token, baseUrl, proxy, ratePerS, check }) => ({
      ...{ kind, name, baseUrl, ratePerS, check },
      tokenSource: token.source,
      hasProxy: proxy !== undefined && proxy !== null,
    }),
  },
  async ({ store, clients }, input, { trail }) => {
    checkInput(input);
    const { appid, kind, token } = input;
    const baseUrl = input.baseUrl ?? null;
    const proxy = input.proxy ?? null;
    if (input.check) {
      const client = clients.make({ appid, token: tokenSource(token), baseUrl, proxy });
      try {
        await checkClient(client);
        const seen = await contradictingKind(client, kind);
        if (seen !== null)
          throw failure('ACCOUNT_KIND_WRONG', { appid, kind: kindNames[kind], seen: seenKinds[seen] });
      } finally {
        await client.close();
      }
    }
    const before = await findAccountSettings(store.pool, appid);
    const secretsBefore = before === null ? null : await readSecrets(store, appid);
    const result = await saveAccount(store.pool, store.sealer, {
      ...{ appid, kind, baseUrl, proxy },
      name: input.name ?? '',
      tokenSource: token.source,
      secret: token.source === 'secret' ? token.secret : token.source === 'url' ? token.url : null,
      ...(input.ratePerS === undefined ? {} : { ratePerS: input.ratePerS }),
    });
    await clients.forget(appid);
    const account = accountView(await getAccountSettings(store.pool, appid));
    const changes = before === null ? [] : changesOf(accountView(before), account);
    if (secretsBefore !== null)
      changes.push(...secretChanges(secretsBefore, await readSecrets(store, appid)));
    Object.assign(trail, { before: before === null ? undefined : accountView(before), after: account });
    return { result, changes, account };
  },
);

/** A setting that is another one than before; without `from` and `to` where both are secret. */
export interface AccountChange {
  setting: 'kind' | 'name' | 'tokenSource' | 'baseUrl' | 'ratePerS' | 'state' | 'secret' | 'proxy';
  from?: string | number | null;
  to?: string | number | null;
}

function changesOf(before: AccountView, after: AccountView): AccountChange[] {
  const settings = ['kind', 'name', 'tokenSource', 'baseUrl', 'ratePerS', 'state'] as const;
  return settings
    .filter((setting) => before[setting] !== after[setting])
    .map((setting) => ({ setting, from: before[setting], to: after[setting] }));
}

/** Null where they cannot be read: then nobody can say whether they are others. */
async function readSecrets(store: App['store'], appid: string): Promise<AccountSecrets | null> {
  return await openAccount(store.pool, store.sealer, appid).then(
    ({ secrets }) => secrets,
    () => null,
  );
}

function secretChanges(before: AccountSecrets, after: AccountSecrets | null): AccountChange[] {
  return (['secret', 'proxy'] as const)
    .filter((setting) => after !== null && before[setting] !== after[setting])
    .map((setting) => ({ setting }));
}

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

/** Throws `ACCOUNT_INVALID`. Whoever asks a person for the secret asks this first. */
export function checkAppid(appid: string): void {
  if (!/^wx[0-9a-zA-Z]{8,30}$/.test(appid)) throw failure('ACCOUNT_INVALID/appid', { appid });
}

function checkInput({ appid, kind, token, baseUrl, proxy, ratePerS }: AccountInput): void {
  checkAppid(appid);
  if (typeof baseUrl === 'string') {
    if (!isHttp(baseUrl)) throw invalidSetting('baseUrl', baseUrl);
    // It is stored and shown as it is.
    if (/[?#]|\/\/[^/]*@/.test(baseUrl))
      throw failure('ACCOUNT_INVALID/secret-setting', accountSettings.plainBaseUrl);
  }
  if (token.source === 'url' && !isHttp(token.url))
    throw failure('ACCOUNT_INVALID/secret-setting', accountSettings.tokenUrl);
  if (typeof proxy === 'string' && !isHttp(proxy))
    throw failure('ACCOUNT_INVALID/secret-setting', accountSettings.proxy);
  if (token.source === 'secret' && !/^[0-9a-zA-Z]{16,64}$/.test(token.secret))
    throw failure('ACCOUNT_INVALID/secret', {
      length: token.secret.length,
      place: settingPlace(kind, 'secret'),
    });
  if (ratePerS !== undefined) checkRate(ratePerS);
}

function isHttp(url: string): boolean {
  return URL.canParse(url) && /^https?:$/.test(new URL(url).protocol);
}

function tokenSource(token: TokenInput): TokenSource {
  switch (token.source) {
    case 'secret':
      return { kind: 'secret', secret: token.secret };
    case 'url':
      return { kind: 'url', url: token.url };
    case 'none':
      return { kind: 'none' };
  }
}

/** A real call with the token, so that the IP whitelist is asked too. */
async function checkClient(client: WechatClient): Promise<void> {
  await client.token.get();
  await networkCalls(client.call).callbackIps();
}
