import type { Break } from './break.ts';

export const deliveryBreaks: Break[] = [
  {
    what: 'a chunk in which only long waits are left goes back',
    file: 'src/engine/deliver/chunk-run.ts',
    find: 'if (waitMs > longWaitMs && this.later.hasRetries) {',
    replace: 'if (waitMs > 1e9 && this.later.hasRetries) {',
    test: 'test/deliver-waits.test.ts',
  },
];
