import type { Break } from './break.ts';

export const accountsBreaks: Break[] = [
  {
    what: 'what another process changed of an account is noticed',
    file: 'src/engine/sending/account-clients.ts',
    find: 'if (this.#clients.size === 0 ||',
    replace: 'if (this.#clients.size >= 0 ||',
    test: 'test/accounts/other-nodes.test.ts',
    name: 'a message of another node',
  },
  {
    what: 'a new address of an account wants the secret again',
    file: 'src/app/accounts/save-account.ts',
    find: "if (token === undefined && account.tokenSource !== 'none')",
    replace: 'if (token === null)',
    test: 'test/contract/accounts.test.ts',
  },
  {
    what: 'an account of another kind than was said is noticed',
    file: 'src/app/accounts/seen-kind.ts',
    find: "return hasTags === true ? 'oa' : null;",
    replace: 'return null;',
    test: 'test/accounts/add.test.ts',
  },
  {
    what: 'a follower sync in the background says why it stopped',
    file: 'src/app/accounts/followers.ts',
    find: "if (code === 'SYNC_BUSY') return;",
    replace: "if (code !== 'SYNC_BUSY') return;",
    test: 'test/contract/contacts.test.ts',
  },
  {
    what: 'a follower sync that is asked for while one ends is carried out after it',
    file: 'src/app/accounts/followers.ts',
    find: ' || running.isEnding) running.next',
    replace: ') running.next',
    test: 'src/app/accounts/followers.test.ts',
  },
  {
    what: 'a follower sync that the end of its process cuts off has not failed',
    file: 'src/app/accounts/followers.ts',
    find: 'if (!this.#stop.signal.aborted) await settle(error);',
    replace: 'await settle(error);',
    test: 'src/app/accounts/followers.test.ts',
  },
  {
    what: 'the audit has no openid of a test list',
    file: 'src/app/accounts/account-view.ts',
    find: 'testOpenids: testOpenids.length',
    replace: 'testOpenids',
    test: 'test/contract/accounts.test.ts',
  },
  {
    what: 'a key of some accounts is shown no others',
    file: 'src/app/accounts/accounts.ts',
    find: "actor.accounts === 'all' ? null : [...actor.accounts]",
    replace: 'null',
    test: 'test/contract/accounts.test.ts',
  },
  {
    what: 'what is wrong anyway is said before anybody is asked for a secret',
    file: 'src/cli/commands/accounts/accounts.ts',
    find: '  checkAllButToken(input);\n',
    replace: '  checkAllButToken({ appid, check, kind });\n',
    test: 'test/cli/output.test.ts',
    name: 'obeys no control character of a name',
  },
];
