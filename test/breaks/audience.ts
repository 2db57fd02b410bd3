import type { Break } from './break.ts';

const swallow = 'swallows nobody where a stray quote closes to a row that is too narrow or too wide';

export const audienceBreaks: Break[] = [
  {
    what: 'a stray quote does not swallow the rows of people: a row that is too narrow',
    file: 'src/engine/audience/delimited.ts',
    find: 'return length < this.width && this.pending.slice(1).some(({ text }) => standsAlone.test(text));',
    replace: 'return false;',
    test: 'src/engine/audience/delimited.test.ts',
    name: swallow,
  },
  {
    what: 'a stray quote does not swallow rows: a row that is too wide',
    file: 'src/engine/audience/delimited.ts',
    find: 'if (length > this.width) return length - trailingBlanks(this.cells) > this.width;',
    replace: 'if (length > this.width) return false;',
    test: 'src/engine/audience/delimited.test.ts',
    name: swallow,
  },
];
