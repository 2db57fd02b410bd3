import type { Clock } from '../../base/clock.ts';
import { errorCode, failure } from '../../base/errors.ts';
import type { Logger } from '../../base/logger.ts';
import { type Account, credentialVersions, openAccount } from '../../store/accounts/accounts.ts';
import { databaseTokenStore } from '../../store/accounts/tokens.ts';
import type { Store } from '../../store/store.ts';
import type { WechatClient, WechatClientOptions } from '../../wechat/client.ts';
import type { TokenSource } from '../../wechat/token/source.ts';

export interface AccountClientsOptions {
  store: Store;
  logger: Logger;
  /** Outbound proxy of accounts without one of their own. */
  httpsProxy?: string | undefined;
  noProxy?: string | undefined;
  /** Connections per account, which is also the most messages in flight. Default 64. */
  connections?: number;
  /** Default 10,000 ms. */
  answerTimeoutMs?: number;
  /** By which the deadlines of requests are read. Default: the system's. */
  clock?: Clock | undefined;
}

/** What a client needs to know of an account. */
export interface UnstoredAccount {
  appid: string;
  token: TokenSource;
  baseUrl: string | null;
  proxy: string | null;
}

/** What another process changed is noticed within this time. */
const freshMs = 2_000;

interface Known {
  client: Promise<WechatClient>;
  /** As what it was made from; null until it is. */
  version: string | null;
}

/** One `WechatClient` per account, made at first use, sharing the database's tokens with every other process. */
export class AccountClients {
  readonly answerTimeoutMs: number;
  readonly #options: AccountClientsOptions;
  readonly #clients = new Map<string, Known>();
  readonly #listeners: ((appid: string) => void)[] = [];
  #readAt = Number.NEGATIVE_INFINITY;
  #reading: Promise<void> | null = null;

  constructor(options: AccountClientsOptions) {
    this.#options = options;
    this.answerTimeoutMs = options.answerTimeoutMs ?? 10_000;
  }

  /**
   * The account as it is stored, or was at most two seconds ago: another process may have changed its secret, address, proxy or
   * token source. Throws `ACCOUNT_NOT_FOUND`, `SECRET_UNREADABLE`.
   */
  async get(appid: string): Promise<WechatClient> {
    await this.refresh();
    let known = this.#clients.get(appid);
    if (known === undefined) {
      const made = this.#create(appid);
      const one: Known = { client: made.then(({ client }) => client), version: null };
      made.then(
        ({ version }) => {
          one.version = version;
        },
        () => {
          if (this.#clients.get(appid) === one) this.#clients.delete(appid);
        },
      );
      this.#clients.set(appid, one);
      known = one;
    }
    return await known.client;
  }

  /** Hears of each account whose client is over, before it is closed: whoever holds it takes another one. */
  onReplace(listener: (appid: string) => void): void {
    this.#listeners.push(listener);
  }

  /** Looks, at most every two seconds, which accounts are stored otherwise than their clients know. */
  async refresh(): Promise<void> {
    if (this.#clients.size === 0 || performance.now() - this.#readAt < freshMs) return;
    this.#reading ??= this.#read().finally(() => {
      this.#reading = null;
    });
    await this.#reading;
  }

  async #read(): Promise<void> {
    const { store, logger } = this.#options;
    const readAt = performance.now();
    const held = [...this.#clients];
    let versions: Map<string, string>;
    try {
      versions = await credentialVersions(
        store.pool,
        held.map(([appid]) => appid),
      );
    } catch (error) {
      logger.debug({ code: errorCode(error) }, 'accounts are used as they were known');
      return;
    }
    this.#readAt = readAt;
    for (const [appid, known] of held) {
      // One that is being made, or is another one by now, was read later.
      if (known.version === null || known.version === versions.get(appid)) continue;
      if (this.#clients.get(appid) !== known) continue;
      logger.info({ appid }, 'the account is stored otherwise than before, and read anew');
      void this.forget(appid);
    }
  }

  /** The next `get` reads the account anew: its secret or address may be mended. Calls under way come to their end. */
  async forget(appid: string): Promise<void> {
    const known = this.#clients.get(appid);
    if (known === undefined) return;
    this.#clients.delete(appid);
    for (const listener of this.#listeners) listener(appid);
    await known.client.then((one) => one.close()).catch(() => {}); // one that could not be made needs no close
  }

  async close(): Promise<void> {
    const clients = await Promise.allSettled([...this.#clients.values()].map(({ client }) => client));
    this.#clients.clear();
    await Promise.all(clients.map((one) => (one.status === 'fulfilled' ? one.value.close() : undefined)));
  }

  /** For an account that is not stored, or not so: shares nothing with other processes. Whoever asks for it closes it. */
  async make(account: UnstoredAccount): Promise<WechatClient> {
    return newClient(this.#settings(account));
  }

  #settings({ appid, token, baseUrl, proxy }: UnstoredAccount): WechatClientOptions {
    const { logger, httpsProxy, noProxy, clock } = this.#options;
    return {
      ...{ appid, token, logger, httpsProxy, noProxy },
      timeoutMs: this.answerTimeoutMs,
      ...(baseUrl === null ? {} : { baseUrl }),
      ...(proxy === null ? {} : { proxy }),
      ...(clock === undefined ? {} : { clock }),
    };
  }

  async #create(appid: string): Promise<{ client: WechatClient; version: string }> {
    const { store, connections, clock } = this.#options;
    const { account, secrets, version } = await openAccount(store.pool, store.sealer, appid);
    const { secret, proxy } = secrets;
    const client = await newClient({
      ...this.#settings({ appid, token: tokenSourceOf(account, secret), baseUrl: account.baseUrl, proxy }),
      tokenStore: databaseTokenStore(store.pool, store.sealer, clock),
      connections: connections ?? 64,
    });
    return { client, version };
  }
}

/** Loaded when somebody speaks to WeChat: with undici it is a quarter of what a command that does not would load. */
async function newClient(options: WechatClientOptions): Promise<WechatClient> {
  const { WechatClient } = await import('../../wechat/client.ts');
  return new WechatClient(options);
}

function tokenSourceOf(account: Account, secret: string | null): TokenSource {
  if (account.tokenSource === 'none') return { kind: 'none' };
  if (secret === null) {
    throw failure('ACCOUNT_INCOMPLETE', { appid: account.appid });
  }
  return account.tokenSource === 'url' ? { kind: 'url', url: secret } : { kind: 'secret', secret };
}
