import { failure } from '../base/errors.ts';
import { getAccount } from '../store/accounts/accounts.ts';
import { databaseTokenStore } from '../store/accounts/tokens.ts';
import { action } from './action.ts';

/** An access_token for another program of the account, under WeChat's own names. */
export interface LentToken {
  access_token: string;
  /** Seconds from now on. */
  expires_in: number;
}

/**
 * Lends the account's token, so that no other program fetches one and ends ours. Throws `ACCOUNT_NOT_FOUND`, `TOKEN_NOT_HELD`, and what
 * WeChat said to the credentials.
 */
export const lendToken = action<{ appid: string }, LentToken>(
  { name: 'token.lend', permission: 'token.lend', audit: 'export', appid: ({ appid }) => appid },
  async ({ store, clients }, { appid }) => {
    await getAccount(store.pool, appid);
    const { token } = await clients.get(appid);
    const lent = await token.get();
    const stored = await databaseTokenStore(store.pool, store.sealer).read(appid);
    if (lent === '') throw failure('TOKEN_NOT_HELD', { appid });
    // One that another node has renewed this moment is the newer one.
    const leftMs = (stored?.expiresAt ?? 0) - Date.now();
    return { access_token: stored?.token ?? lent, expires_in: Math.max(0, Math.floor(leftMs / 1000)) };
  },
);
