import type { Break } from './break.ts';

export const embeddedBreaks: Break[] = [
  {
    what: 'the dead do not keep the embedded server',
    file: 'src/store/embedded/attachments.ts',
    find: 'if ((await processIdentity(entry.pid)) !== entry.identity) return null;',
    replace: '',
    test: 'test/embedded/sharing.test.ts',
    name: 'attaches right after a kill -9',
  },
  {
    what: 'the embedded server allows what all who use it want',
    file: 'src/store/embedded/attachments.ts',
    find: 'connections += wanted;',
    replace: 'connections = wanted;',
    test: 'test/embedded/connections.test.ts',
  },
  {
    what: 'a start of the embedded server that takes long is not begun a second time',
    file: 'src/store/embedded/keep-running.ts',
    find: 'looking ??= look()',
    replace: 'looking = look()',
    test: 'src/store/embedded/keep-running.test.ts',
  },
  {
    what: 'why the embedded server cannot be started is said once',
    file: 'src/store/embedded/keep-running.ts',
    find: 'if (code !== saidWhy)',
    replace: 'if (true as boolean)',
    test: 'src/store/embedded/keep-running.test.ts',
  },
  {
    what: 'the owner of a cluster has the name that the machine gives them',
    file: 'src/store/embedded/server-user.ts',
    find: '(await readUsers()).find((user) => user.uid === uid) ?? { uid',
    replace: '{ uid',
    test: 'src/store/embedded/server-user.test.ts',
  },
  {
    what: 'whoever has to wait for the embedded server is told so',
    file: 'src/store/embedded/lock.ts',
    find: 'if (tries === 1) options.onWait?.();',
    replace: '',
    test: 'src/store/embedded/lock.test.ts',
  },
];
