import { randomUUID } from 'node:crypto';
import { type Clock, systemClock } from '../../base/clock.ts';
import { failure } from '../../base/errors.ts';
import type { Sealer } from '../../base/seal.ts';
import type { Pool } from '../database/pool.ts';

interface Token {
  token: string;
  /** Unix milliseconds. */
  expiresAt: number;
}

interface TokenRow {
  token_sealed: Buffer | null;
  expires_ms: number | null;
  version: number;
}

/** How long one process may take to fetch a token before another may try, seconds. */
const leaseSeconds = 10;
const waitLimitMs = 20_000;

/**
 * The access tokens of all accounts, shared by every process on this database.
 *
 * A refresh is a lease and a versioned write, with no transaction open while WeChat is asked: one process
 * fetches, the others wait for its result, and a process that died while fetching blocks them for 10 s at most.
 */
export function databaseTokenStore(pool: Pool, sealer: Sealer, clock: Clock = systemClock) {
  async function row(appid: string): Promise<{ current: Token | null; version: number }> {
    const result = await pool.query<TokenRow>(
      `select token_sealed, (extract(epoch from expires_at) * 1000)::bigint as expires_ms, version
       from account_tokens where appid = $1`,
      [appid],
    );
    const found = result.rows[0];
    if (found?.token_sealed == null || found.expires_ms === null)
      return { current: null, version: found?.version ?? 0 };
    return {
      current: { token: sealer.open(found.token_sealed, tokenPlace(appid)), expiresAt: found.expires_ms },
      version: found.version,
    };
  }

  return {
    async read(appid: string): Promise<Token | null> {
      return (await row(appid)).current;
    },

    /** See `TokenStore.refresh` in src/wechat/token/store.ts: one caller of all processes runs `fetch`. */
    async refresh(appid: string, stale: string | null, fetch: () => Promise<Token>): Promise<Token> {
      await pool.query('insert into account_tokens (appid) values ($1) on conflict (appid) do nothing', [
        appid,
      ]);
      const owner = randomUUID();
      const giveUpAt = clock.monotonic() + waitLimitMs;
      for (;;) {
        const { current, version } = await row(appid);
        if (current !== null && current.token !== stale && current.expiresAt > clock.now()) return current;
        const lease = await pool.query(
          `update account_tokens set refresh_owner = $2, refresh_until = steady_now() + make_interval(secs => $4)
           where appid = $1 and version = $3 and (refresh_until is null or refresh_until < steady_now())`,
          [appid, owner, version, leaseSeconds],
        );
        if (lease.rowCount === 1) return await fetchUnderLease(appid, owner, version, fetch);
        if (clock.monotonic() > giveUpAt) {
          throw failure('TOKEN_REFRESH_TIMEOUT', { appid, seconds: waitLimitMs / 1000 });
        }
        await clock.sleep(50);
      }
    },
  };

  async function fetchUnderLease(
    appid: string,
    owner: string,
    version: number,
    fetch: () => Promise<Token>,
  ): Promise<Token> {
    try {
      const token = await fetch();
      await pool.query(
        `update account_tokens set token_sealed = $4, expires_at = to_timestamp($5::double precision / 1000),
           version = version + 1, refresh_owner = null, refresh_until = null
         where appid = $1 and version = $3 and refresh_owner = $2`,
        [appid, owner, version, sealer.seal(token.token, tokenPlace(appid)), token.expiresAt],
      );
      return token;
    } catch (error) {
      await pool.query(
        'update account_tokens set refresh_owner = null, refresh_until = null where appid = $1 and refresh_owner = $2',
        [appid, owner],
      );
      throw error;
    }
  }
}

export function tokenPlace(appid: string): string {
  return `account_tokens.token:${appid}`;
}
