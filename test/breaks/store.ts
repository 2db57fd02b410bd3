import type { Break } from './break.ts';

export const storeBreaks: Break[] = [
  {
    what: 'the token of the old secret is dropped',
    file: 'src/store/accounts/accounts.ts',
    find: "await pool.query('delete from account_tokens where appid = $1', [account.appid]);",
    replace: '',
    test: 'test/accounts/accounts.test.ts',
    name: 'a token that was fetched with the old secret is dropped',
  },
  {
    what: 'a database of an earlier timeline is behind',
    file: 'src/store/database/witness.ts',
    find: 'return now.timeline < then.timeline;',
    replace: 'return false;',
    test: 'src/store/database/witness.test.ts',
  },
  {
    what: 'another cluster says nothing of how far this one was',
    file: 'src/store/database/witness.ts',
    find: 'if (now.systemIdentifier !== then.systemIdentifier) return false;',
    replace: '',
    test: 'src/store/database/witness.test.ts',
  },
  {
    what: 'positions in the log are numbers and no texts',
    file: 'src/store/database/witness.ts',
    find: 'bytesOf(now.lsn) < bytesOf(then.lsn)',
    replace: 'now.lsn < then.lsn',
    test: 'src/store/database/witness.test.ts',
  },
  {
    what: 'an account that is saved again keeps its rate',
    file: 'src/store/accounts/accounts.ts',
    find: 'rate_per_s = coalesce($8, accounts.rate_per_s)',
    replace: 'rate_per_s = coalesce($8, 100)',
    test: 'test/accounts/accounts.test.ts',
    name: 'an account that is saved again',
  },
  {
    what: 'an account that is saved again is active',
    file: 'src/store/accounts/accounts.ts',
    find: `, state = 'active', state_reason = null, updated_at = clock_timestamp()
     returning xmax`,
    replace: `
     returning xmax`,
    test: 'test/accounts/accounts.test.ts',
    name: 'an account that is saved again',
  },
  {
    what: 'a node that was fenced has no lease to renew',
    file: 'src/store/database/nodes.ts',
    find: 'where id = $1 and epoch = $2 returning beat',
    replace: 'where id = $1 and epoch <> -$2 returning beat',
    test: 'test/sending/node-lease.test.ts',
    name: 'how long a lease was held',
  },
  {
    what: 'a node’s new lease has another epoch',
    file: 'src/store/database/nodes.ts',
    find: 'epoch = greatest(nodes.epoch + 1, excluded.epoch)',
    replace: 'epoch = greatest(nodes.epoch, excluded.epoch)',
    test: 'test/sending/node-lease.test.ts',
    name: 'a lease that is taken under a known id',
  },
  {
    what: 'a doubt is called unknown, and never unsent',
    file: 'sql/0055_outcomes.sql',
    find: 'when kind in (2, 3) then',
    replace: 'when kind = 3 then',
    test: 'test/store/facts.test.ts',
  },
  {
    what: 'the AppSecret is bound to where it goes',
    file: 'src/store/accounts/accounts.ts',
    find: 'JSON.stringify([appid, kind, tokenSource, baseUrl, proxy])',
    replace: 'appid',
    test: 'test/accounts/sealed.test.ts',
  },
];
