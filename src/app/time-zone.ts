import { getAccount } from '../store/accounts/accounts.ts';
import { action } from './action.ts';

/** The zone in which an account's times are written and read. Throws `ACCOUNT_NOT_FOUND`. */
export const timeZoneOf = action<{ appid: string }, string>(
  { name: 'accounts.timeZone', permission: 'account.read', audit: 'none', appid: ({ appid }) => appid },
  async ({ store: { pool } }, { appid }) => (await getAccount(pool, appid)).timeZone,
);
