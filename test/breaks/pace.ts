import type { Break } from './break.ts';

export const paceBreaks: Break[] = [
  {
    what: 'slots of the old rate are dropped',
    file: 'src/engine/pace/slots.ts',
    find: `    this.#round++;
    this.#slices = [];`,
    replace: '    this.#round++;',
    test: 'src/engine/pace/slots.test.ts',
    name: 'a new rate drops the slots of the old one',
  },
  {
    what: 'slots of the old rate that were under way are dropped',
    file: 'src/engine/pace/slots.ts',
    find: 'this.#round++;',
    replace: '',
    test: 'src/engine/pace/slots.test.ts',
    name: 'slots of the old rate that were under way',
  },
  {
    what: 'the gravest of several waits is told',
    file: 'src/store/pace.ts',
    find: 'order by rank, until desc limit 1',
    replace: 'order by rank desc, until desc limit 1',
    test: 'test/campaign-wait.test.ts',
  },
  {
    what: 'what was in flight when WeChat went down says nothing new',
    file: 'src/engine/pace/circuit.ts',
    find: 'if (sentAt < this.#probeFrom) return null;',
    replace: '',
    test: 'src/engine/pace/circuit.test.ts',
  },
  {
    what: 'an answer in between ends the count of failures',
    file: 'src/engine/pace/circuit.ts',
    find: `this.#failures = 0;
    const wasOpen`,
    replace: 'const wasOpen',
    test: 'src/engine/pace/circuit.test.ts',
  },
  {
    what: 'pauses of an outage have a longest',
    file: 'src/engine/pace/circuit.ts',
    find: 'Math.min(longestPauseMs, this.#pauseMs * 2)',
    replace: 'this.#pauseMs * 2',
    test: 'src/engine/pace/circuit.test.ts',
  },
  {
    what: 'a window is halved once for what is in flight together',
    file: 'src/engine/pace/concurrency.ts',
    find: 'if (now - this.#decreasedAt < decreaseEveryMs) return;',
    replace: '',
    test: 'src/engine/pace/concurrency.test.ts',
  },
  {
    what: 'a window grows only where it is what limits',
    file: 'src/engine/pace/concurrency.ts',
    find: 'if (!limiting) return;',
    replace: '',
    test: 'src/engine/pace/concurrency.test.ts',
  },
  {
    what: 'a window has a smallest',
    file: 'src/engine/pace/concurrency.ts',
    find: 'Math.max(Math.min(smallestWindow, this.max), window)',
    replace: 'Math.max(1, window)',
    test: 'src/engine/pace/concurrency.test.ts',
  },
  {
    what: 'a lasting change of latency is accepted',
    file: 'src/engine/pace/concurrency.ts',
    find: 'this.#floorMs += (this.#latencyMs - this.#floorMs) * floorForgets;',
    replace: '',
    test: 'src/engine/pace/concurrency.test.ts',
  },
  {
    what: 'slots that were not used in time are lost',
    file: 'src/engine/pace/slots.ts',
    find: '(slice.used >= slice.count || now > slice.expiresAt)',
    replace: 'slice.used >= slice.count',
    test: 'src/engine/pace/slots.test.ts',
  },
  {
    what: 'no slot comes early because the database took its time',
    file: 'src/engine/pace/slots.ts',
    find: 'startAt: now + leased.endMs',
    replace: 'startAt: askedAt + leased.endMs',
    test: 'src/engine/pace/slots.test.ts',
  },
  {
    what: 'a node among others leases its share',
    file: 'src/engine/pace/slots.ts',
    find: 'const share = Math.min(1, 1.5 / this.#nodes);',
    replace: 'const share = 1;',
    test: 'src/engine/pace/slots.test.ts',
  },
];
