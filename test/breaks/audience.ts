import type { Break } from './break.ts';

const swallow = 'swallows nobody where a stray quote closes to a row that is too narrow or too wide';

export const audienceBreaks: Break[] = [
  {
    what: 'a stray quote does not swallow the rows of people: a row that is too narrow',
    file: 'src/engine/formats/delimited.ts',
    find: 'return length < this.width && this.pending.slice(1).some(({ text }) => standsAlone.test(text));',
    replace: 'return false;',
    test: 'src/engine/formats/delimited.test.ts',
    name: swallow,
  },
  {
    what: 'a stray quote does not swallow rows: a row that is too wide',
    file: 'src/engine/formats/delimited.ts',
    find: 'if (length > this.width) return length - trailingBlanks(this.cells) > this.width;',
    replace: 'if (length > this.width) return false;',
    test: 'src/engine/formats/delimited.test.ts',
    name: swallow,
  },
  {
    what: 'a record of too many cells is no recipient',
    file: 'src/engine/formats/delimited.ts',
    find: 'if (cells.length > maxColumns) {',
    replace: 'if (false) {',
    test: 'src/engine/formats/delimited.test.ts',
  },
  {
    what: 'a quoted cell in a file without quotes is a bad row',
    file: 'src/engine/formats/delimited.ts',
    find: "if (this.dialect === 'mysql-guessed' && raw.some((cell) => cell.startsWith('\"'))) {",
    replace: 'if (false) {',
    test: 'src/engine/formats/delimited.test.ts',
  },
  {
    what: 'NULL of a database is empty',
    file: 'src/engine/formats/delimited.ts',
    find: "if (cell === 'NULL') return '';",
    replace: '',
    test: 'src/engine/formats/delimited.test.ts',
  },
  {
    what: 'four bytes that only GB18030 has decide',
    file: 'src/engine/formats/encoding-guess.ts',
    find: "if (isGb18030) return 'gb18030';",
    replace: '',
    test: 'src/engine/formats/encoding.test.ts',
  },
  {
    what: 'each cell is counted once in the guess of an encoding',
    file: 'src/engine/formats/encoding-guess.ts',
    find: 'Buffer.from([...cells].join',
    replace: 'Buffer.from([...cells].slice(0, 1).join',
    test: 'src/engine/formats/encoding.test.ts',
  },
];
