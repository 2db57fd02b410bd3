import { getAccount, listAccounts } from '../store/accounts/accounts.ts';
import { action } from './action.ts';

/** Where accounts live in several zones, or there are none. */
export const usualZone = 'Asia/Shanghai';

/**
 * The zone in which an account's times are written and read; without an account the one that all accounts have, and otherwise
 * the usual one. Throws `ACCOUNT_NOT_FOUND`.
 */
export const timeZoneOf = action<{ appid?: string | undefined }, string>(
  {
    name: 'accounts.timeZone',
    permission: 'account.read',
    audit: 'none',
    appid: ({ appid }) => appid ?? null,
  },
  async ({ store: { pool } }, { appid }) => {
    if (appid !== undefined) return (await getAccount(pool, appid)).timeZone;
    const [first, ...others] = new Set((await listAccounts(pool)).map(({ timeZone }) => timeZone));
    return first === undefined || others.length > 0 ? usualZone : first;
  },
);
