import type { Break } from './break.ts';

export const storeBreaks: Break[] = [
  {
    what: 'the token of the old secret is dropped',
    file: 'src/store/accounts.ts',
    find: "await pool.query('delete from account_tokens where appid = $1', [account.appid]);",
    replace: '',
    test: 'test/accounts.test.ts',
    name: 'a token that was fetched with the old secret is dropped',
  },
];
