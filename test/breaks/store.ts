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
  {
    what: 'a database of an earlier timeline is behind',
    file: 'src/store/witness.ts',
    find: 'return now.timeline < then.timeline;',
    replace: 'return false;',
    test: 'src/store/witness.test.ts',
  },
  {
    what: 'another cluster says nothing of how far this one was',
    file: 'src/store/witness.ts',
    find: 'if (now.systemIdentifier !== then.systemIdentifier) return false;',
    replace: '',
    test: 'src/store/witness.test.ts',
  },
  {
    what: 'positions in the log are numbers and no texts',
    file: 'src/store/witness.ts',
    find: 'bytesOf(now.lsn) < bytesOf(then.lsn)',
    replace: 'now.lsn < then.lsn',
    test: 'src/store/witness.test.ts',
  },
];
