import { errorCode, failure } from '../../base/errors.ts';
import { secretRules } from '../../base/secret-rules.ts';

import { type AccountSecrets, openAccount, saveAccount } from '../../store/accounts/accounts.ts';
import { setRate } from '../../store/accounts/pace.ts';
import { findAccountSettings, getAccountSettings } from '../../store/accounts/rules.ts';
import { accountSettings, kindNames, seenKinds } from '../../texts/account-words.ts';
import { settingPlace } from '../../texts/wechat-settings.ts';
import { networkCalls } from '../../wechat/calls/network.ts';
import type { AccountKind } from '../../wechat/channels.ts';
import type { WechatClient } from '../../wechat/client.ts';
import type { TokenSource } from '../../wechat/token/source.ts';
import { action } from '../action.ts';
import type { App } from '../app.ts';
import { type AccountRulesView, type AccountView, accountView, auditedView } from './account-view.ts';
import { invalidSetting, wholeNumber } from './invalid.ts';
import { contradictingKind } from './seen-kind.ts';
import { type AccountRate, checkRate, rulesOf, storeRules } from './settings.ts';

/** Where the access_token of an account comes from. */
export type TokenInput =
  | { source: 'secret'; secret: string }
  | { source: 'url'; url: string }
  | { source: 'none' };

export interface AccountInput {
  appid: string;
  kind: AccountKind;
  name?: string | undefined;
  token: TokenInput;
  /** Another address than https://api.weixin.qq.com, such as a simulator's. */
  baseUrl?: string | null | undefined;
  /** Outbound HTTP proxy of this account. */
  proxy?: string | null | undefined;
  ratePerS?: number | undefined;
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
    kept: keptOf,
  },
  async (app, input, { trail }) => {
    const { store } = app;
    const { appid } = input;
    checkInput(input);
    await checkWithWechat(app, input);
    const before = await findAccountSettings(store.pool, appid);
    const secretsBefore = before === null ? null : await readSecrets(store, appid);
    const result = await save(app, input);
    const account = accountView(await getAccountSettings(store.pool, appid));
    const changes = before === null ? [] : changesOf(accountView(before), account);
    if (secretsBefore !== null)
      changes.push(...secretChanges(secretsBefore, await readSecrets(store, appid)));
    if (before !== null) trail.before = auditedView(accountView(before));
    trail.after = auditedView(account);
    return { result, changes, account };
  },
);

/** As `addAccount`, for whoever means a new one. Throws `ACCOUNT_EXISTS`. */
export const createAccount = action<AccountInput, AccountView>(
  { ...addAccount.spec, name: 'accounts.create', appid: ({ appid }) => appid, kept: keptOf },
  async (app, input, { trail }) => {
    const { pool } = app.store;
    const { appid } = input;
    checkInput(input);
    if ((await findAccountSettings(pool, appid)) !== null) throw failure('ACCOUNT_EXISTS', { appid });
    await checkWithWechat(app, input);
    await save(app, input);
    const account = accountView(await getAccountSettings(pool, appid));
    trail.after = auditedView(account);
    return account;
  },
);

/** Any of these fields, or none. */
type Given<T> = { [K in keyof T]?: T[K] | undefined };

/** What may be changed of an account; what is not given stays. */
export interface AccountChanges extends Given<AccountRulesView>, Given<AccountRate> {
  name?: string | undefined;
  kind?: AccountKind | undefined;
  token?: TokenInput | undefined;
  baseUrl?: string | null | undefined;
  proxy?: string | null | undefined;
  /** Asks WeChat whether new credentials work, and changes nothing if not. Default true. */
  check?: boolean | undefined;
}

/**
 * Changes what is named. The secret was given for one kind, address, proxy and token source, so it is wanted again with a
 * change of any of these.
 *
 * Throws `ACCOUNT_NOT_FOUND`, `ACCOUNT_INVALID`, and what WeChat said to new credentials.
 */
export const changeAccount = action<{ appid: string; changes: AccountChanges }, AccountView>(
  {
    name: 'accounts.change',
    permission: 'account.manage',
    audit: 'change',
    appid: ({ appid }) => appid,
    kept: ({ changes: { token, proxy, ...plain } }) => ({
      ...auditedView(plain),
      ...(token === undefined ? {} : { tokenSource: token.source }),
      ...(proxy === undefined ? {} : { hasProxy: proxy !== null }),
    }),
  },
  async (app, { appid, changes }, { actor, trail }) => {
    const { pool } = app.store;
    const { kind, token, baseUrl, proxy, check, name, ratePerS, messageSharePercent, ...rules } = changes;
    const before = await getAccountSettings(pool, appid);
    trail.before = auditedView(accountView(before));
    const stored = rulesOf(rules);
    if (ratePerS !== undefined) checkRate(ratePerS);
    if (name !== undefined) checkName(name);
    if (messageSharePercent !== undefined) wholeNumber('messageSharePercent', messageSharePercent, 0, 90);
    if ([kind, token, baseUrl, proxy].some((one) => one !== undefined)) {
      const { account, secrets } = await openAccount(pool, app.store.sealer, appid).catch(
        (error: unknown) => {
          // What does not open may be given anew, as a whole.
          if (token === undefined || errorCode(error) !== 'SECRET_UNREADABLE') throw error;
          return { account: before, secrets: { secret: null, proxy: null } };
        },
      );
      if (token === undefined && account.tokenSource !== 'none')
        throw failure('ACCOUNT_INVALID/secret-needed', { appid });
      const input: AccountInput = {
        ...{ appid, kind: kind ?? account.kind, name: name ?? account.name, check: check ?? true },
        token: token ?? { source: 'none' },
        baseUrl: baseUrl === undefined ? account.baseUrl : baseUrl,
        proxy: proxy === undefined ? secrets.proxy : proxy,
      };
      checkInput(input);
      await checkWithWechat(app, input);
      await save(app, input);
    }
    if (ratePerS !== undefined) await setRate(pool, appid, ratePerS);
    await storeRules(pool, appid, actor, {
      ...stored,
      ...(name === undefined ? {} : { name }),
      ...(messageSharePercent === undefined ? {} : { messageSharePercent }),
    });
    const account = accountView(await getAccountSettings(pool, appid));
    trail.after = auditedView(account);
    return account;
  },
);

function keptOf({
  kind,
  name,
  token,
  baseUrl,
  proxy,
  ratePerS,
  check,
}: AccountInput): Record<string, unknown> {
  return {
    ...{ kind, name, baseUrl, ratePerS, check },
    tokenSource: token.source,
    hasProxy: proxy !== undefined && proxy !== null,
  };
}

/** Nothing is stored before WeChat has answered. */
async function checkWithWechat({ clients }: App, input: AccountInput): Promise<void> {
  if (!input.check) return;
  const { appid, kind, token, baseUrl = null, proxy = null } = input;
  const client = await clients.make({ appid, token: tokenSource(token), baseUrl, proxy });
  try {
    await checkClient(client);
    const seen = await contradictingKind(client, kind);
    if (seen !== null)
      throw failure('ACCOUNT_KIND_WRONG', { appid, kind: kindNames[kind], seen: seenKinds[seen] });
  } finally {
    await client.close();
  }
}

async function save({ store, clients }: App, input: AccountInput): Promise<'added' | 'changed'> {
  const { appid, kind, token, baseUrl = null, proxy = null, name = '', ratePerS } = input;
  const result = await saveAccount(store.pool, store.sealer, {
    ...{ appid, kind, name, baseUrl, proxy },
    tokenSource: token.source,
    secret: token.source === 'secret' ? token.secret : token.source === 'url' ? token.url : null,
    ...(ratePerS === undefined ? {} : { ratePerS }),
  });
  await clients.forget(appid);
  return result;
}

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

function checkAppid(appid: string): void {
  if (!/^wx[0-9a-zA-Z]{8,30}$/.test(appid)) throw failure('ACCOUNT_INVALID/appid', { appid });
}

function checkName(name: string): void {
  if ([...name].length > 64) throw invalidSetting('name', name);
}

/** All that can be known before its secret. Throws `ACCOUNT_INVALID`. Whoever asks a person for the secret calls this first. */
export function checkAllButToken({
  appid,
  baseUrl,
  proxy,
  ratePerS,
  name,
}: Omit<AccountInput, 'token'>): void {
  checkAppid(appid);
  if (name !== undefined) checkName(name);
  if (typeof baseUrl === 'string') {
    if (!isHttp(baseUrl)) throw invalidSetting('baseUrl', baseUrl);
    // It is stored and shown as it is.
    if (/[?#]|\/\/[^/]*@/.test(baseUrl))
      throw failure('ACCOUNT_INVALID/secret-setting', accountSettings.plainBaseUrl);
  }
  if (typeof proxy === 'string' && !isHttp(proxy))
    throw failure('ACCOUNT_INVALID/secret-setting', accountSettings.proxy);
  if (ratePerS !== undefined) checkRate(ratePerS);
}

function checkInput(input: AccountInput): void {
  const { kind, token } = input;
  checkAllButToken(input);
  if (token.source === 'url' && !isHttp(token.url))
    throw failure('ACCOUNT_INVALID/secret-setting', accountSettings.tokenUrl);
  if (token.source === 'secret' && !secretRules.appSecret(token.secret))
    throw failure('ACCOUNT_INVALID/secret', {
      length: token.secret.length,
      place: settingPlace(kind, 'secret'),
    });
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
export async function checkClient(client: WechatClient): Promise<void> {
  await client.token.get();
  await networkCalls(client.call).callbackIps();
}
