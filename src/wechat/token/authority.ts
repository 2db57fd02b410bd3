import { type Clock, type Moment, momentOf } from '../../base/clock.ts';
import { errorCode, failure } from '../../base/errors.ts';
import type { Logger } from '../../base/logger.ts';
import { WechatError } from '../error.ts';
import type { TokenFetcher, TokenSource } from './source.ts';
import type { StoredToken, TokenStore } from './store.ts';

export interface TokenAuthorityOptions {
  appid: string;
  source: TokenSource;
  store: TokenStore;
  fetcher: TokenFetcher;
  clock: Clock;
  logger: Logger;
}

/** A token that came back although it had just been rejected, or come early, is not asked for again so soon. */
const sameTokenHoldMs = 2_000;
const firstFailureHoldMs = 1_000;
const lastFailureHoldMs = 30_000;

/**
 * Holds one account's access_token: cached, refreshed before its end, fetched by one caller at a time.
 *
 * Never forces a refresh by itself, since that kills the token of every other program of the account. After a
 * failed fetch the same error is given to everyone for 1 s, doubling to 30 s, so that a wrong secret does not
 * use up the day's token quota (2,000 on the classic endpoint).
 */
export class TokenAuthority {
  readonly #appid: string;
  readonly #source: TokenSource;
  readonly #store: TokenStore;
  readonly #fetcher: TokenFetcher;
  readonly #clock: Clock;
  readonly #logger: Logger;
  /** The stable endpoint hands out the next token when under 300 s are left, not earlier. */
  readonly #marginMs: number;
  /** With its end on both clocks: WeChat's goes on while this machine sleeps or its wall clock is set back. */
  #held: { token: string; end: Moment } | null = null;
  #flight: Promise<string> | null = null;
  #failure: { error: unknown; until: number; holdMs: number } | null = null;
  #sameUntil = -Infinity;

  constructor(options: TokenAuthorityOptions) {
    this.#appid = options.appid;
    this.#source = options.source;
    this.#store = options.store;
    this.#fetcher = options.fetcher;
    this.#clock = options.clock;
    this.#logger = options.logger;
    this.#marginMs = options.source.kind === 'url' ? 60_000 : 300_000;
  }

  /**
   * The token without waiting: '' for the source `none`, undefined when one must be awaited with `get()`.
   * Starts a refresh in the background when the token's end is near.
   */
  current(): string | undefined {
    if (this.#source.kind === 'none') return '';
    const held = this.#held;
    if (held === null) return undefined;
    const now = momentOf(this.#clock);
    const leftMs = Math.min(held.end.wall - now.wall, held.end.monotonic - now.monotonic);
    if (leftMs <= 0) return undefined;
    if (leftMs < this.#marginMs) this.#refreshEarly(held.token);
    return held.token;
  }

  /** The token; waits only when there is no valid one. Rejects with what the source answered. */
  async get(): Promise<string> {
    return this.current() ?? this.#refresh(this.#held?.token ?? null);
  }

  /**
   * The token to use after WeChat rejected `failed`. Another caller's newer token is returned at once; only
   * otherwise is one fetched, in normal mode. May be `failed` again: for about 30 s after a change WeChat's
   * own servers can disagree.
   */
  async replaceStale(failed: string): Promise<string> {
    const current = this.current();
    if (current !== undefined && current !== failed) return current;
    if (current === failed && this.#clock.monotonic() < this.#sameUntil) return failed;
    return this.#refresh(failed);
  }

  /**
   * Makes WeChat issue a new token and invalidate the old one at once, for every program of this account.
   * For a leaked token. At most 20 a day and one in 30 s (within which the current one is returned).
   *
   * @see https://developers.weixin.qq.com/miniprogram/dev/server/API/mp-access-token/api_getstableaccesstoken.html
   */
  async forceRefresh(): Promise<string> {
    if (this.#source.kind !== 'secret') {
      const which = { appid: this.#appid, source: this.#source.kind };
      throw failure('TOKEN_FORCE_UNSUPPORTED', which, { details: which });
    }
    await this.#flight?.catch(() => {});
    const stored = await this.#store.read(this.#appid);
    const stale = stored?.token ?? null;
    const fresh = await this.#store.refresh(this.#appid, stale, () => this.#fetcher.fetch(true));
    this.#hold(fresh);
    this.#failure = null;
    this.#sameUntil = -Infinity;
    return fresh.token;
  }

  #hold({ token, expiresAt }: StoredToken): void {
    const now = momentOf(this.#clock);
    this.#held = { token, end: { wall: expiresAt, monotonic: now.monotonic + expiresAt - now.wall } };
  }

  #refreshEarly(token: string): void {
    const now = this.#clock.monotonic();
    if (this.#flight !== null || now < this.#sameUntil) return;
    if (this.#failure !== null && now < this.#failure.until) return;
    this.#refresh(token).catch((error: unknown) => {
      this.#logger.warn(
        {
          appid: this.#appid,
          code: errorCode(error),
          errcode: error instanceof WechatError ? error.errcode : null,
        },
        'access_token not renewed ahead of its end',
      );
    });
  }

  #refresh(stale: string | null): Promise<string> {
    if (this.#flight !== null) return this.#flight;
    const failure = this.#failure;
    if (failure !== null && this.#clock.monotonic() < failure.until) return Promise.reject(failure.error);
    const flight = this.#fetchThroughStore(stale).finally(() => {
      this.#flight = null;
    });
    this.#flight = flight;
    return flight;
  }

  async #fetchThroughStore(stale: string | null): Promise<string> {
    try {
      const fresh = await this.#store.refresh(this.#appid, stale, () => this.#fetcher.fetch(false));
      this.#hold(fresh);
      this.#failure = null;
      if (fresh.token === stale) this.#sameUntil = this.#clock.monotonic() + sameTokenHoldMs;
      return fresh.token;
    } catch (error) {
      const holdMs = Math.min((this.#failure?.holdMs ?? firstFailureHoldMs / 2) * 2, lastFailureHoldMs);
      this.#failure = { error, until: this.#clock.monotonic() + holdMs, holdMs };
      throw error;
    }
  }
}
