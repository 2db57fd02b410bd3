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
];
