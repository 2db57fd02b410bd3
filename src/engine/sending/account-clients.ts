import type { Clock } from '../../base/clock.ts';
import { failure } from '../../base/errors.ts';
import type { Logger } from '../../base/logger.ts';
import { type Account, openAccount } from '../../store/accounts/accounts.ts';
import { databaseTokenStore } from '../../store/accounts/tokens.ts';
import type { Store } from '../../store/store.ts';
import { WechatClient, type WechatClientOptions } from '../../wechat/client.ts';
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

/** One `WechatClient` per account, made at first use, sharing the database's tokens with every other process. */
export class AccountClients {
  readonly answerTimeoutMs: number;
  readonly #options: AccountClientsOptions;
  readonly #clients = new Map<string, Promise<WechatClient>>();

  constructor(options: AccountClientsOptions) {
    this.#options = options;
    this.answerTimeoutMs = options.answerTimeoutMs ?? 10_000;
  }

  /** Throws `ACCOUNT_NOT_FOUND`, `SECRET_UNREADABLE`. */
  get(appid: string): Promise<WechatClient> {
    let client = this.#clients.get(appid);
    if (client === undefined) {
      client = this.#create(appid);
      this.#clients.set(appid, client);
      client.catch(() => this.#clients.delete(appid));
    }
    return client;
  }

  /** The next `get` reads the account anew: its secret or address may be mended. Calls under way come to their end. */
  async forget(appid: string): Promise<void> {
    const client = this.#clients.get(appid);
    this.#clients.delete(appid);
    await client?.then((one) => one.close()).catch(() => {}); // one that could not be made needs no close
  }

  async close(): Promise<void> {
    const clients = await Promise.allSettled(this.#clients.values());
    this.#clients.clear();
    await Promise.all(clients.map((one) => (one.status === 'fulfilled' ? one.value.close() : undefined)));
  }

  /** For an account that is not stored, or not so: shares nothing with other processes. Whoever asks for it closes it. */
  make(account: UnstoredAccount): WechatClient {
    return new WechatClient(this.#settings(account));
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

  async #create(appid: string): Promise<WechatClient> {
    const { store, connections, clock } = this.#options;
    const { account, secrets } = await openAccount(store.pool, store.sealer, appid);
    const { secret, proxy } = secrets;
    return new WechatClient({
      ...this.#settings({ appid, token: tokenSourceOf(account, secret), baseUrl: account.baseUrl, proxy }),
      tokenStore: databaseTokenStore(store.pool, store.sealer, clock),
      connections: connections ?? 64,
    });
  }
}

function tokenSourceOf(account: Account, secret: string | null): TokenSource {
  if (account.tokenSource === 'none') return { kind: 'none' };
  if (secret === null) {
    throw failure('ACCOUNT_INCOMPLETE', { appid: account.appid });
  }
  return account.tokenSource === 'url' ? { kind: 'url', url: secret } : { kind: 'secret', secret };
}
