import { type Clock, systemClock } from '../../base/clock.ts';

/** An access_token and its end. */
export interface StoredToken {
  token: string;
  /** Unix milliseconds. */
  expiresAt: number;
}

/** Where the access_tokens of accounts are kept and shared. */
export interface TokenStore {
  read(appid: string): Promise<StoredToken | null>;
  /**
   * Single flight. If the stored token is valid and differs from `stale`, returns it without calling
   * `fetch`; otherwise one caller runs `fetch`, stores its result, and everyone gets that. A rejection of
   * `fetch` reaches everyone who waits for it and stores nothing.
   */
  refresh(appid: string, stale: string | null, fetch: () => Promise<StoredToken>): Promise<StoredToken>;
}

/** A token store inside this process; several clients of one account should share it. */
export function memoryTokenStore(clock: Pick<Clock, 'now'> = systemClock): TokenStore {
  const tokens = new Map<string, StoredToken>();
  const flights = new Map<string, Promise<StoredToken>>();
  return {
    async read(appid) {
      return tokens.get(appid) ?? null;
    },
    async refresh(appid, stale, fetch) {
      const stored = tokens.get(appid);
      if (stored !== undefined && stored.token !== stale && stored.expiresAt > clock.now()) return stored;
      const running = flights.get(appid);
      if (running !== undefined) return running;
      const flight = (async () => {
        try {
          const fetched = await fetch();
          tokens.set(appid, fetched);
          return fetched;
        } finally {
          flights.delete(appid);
        }
      })();
      flights.set(appid, flight);
      return flight;
    },
  };
}
