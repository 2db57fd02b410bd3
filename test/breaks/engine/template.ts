import type { Break } from '../break.ts';

export const templateBreaks: Break[] = [
  {
    what: 'a blank value takes the fallback',
    file: 'src/engine/content/variables.ts',
    find: "typeof given !== 'string' || given.trim() === ''",
    replace: "typeof given !== 'string'",
    test: 'src/engine/content/variables.test.ts',
  },
  {
    what: 'a variable that is the whole address is not encoded away',
    file: 'src/engine/content/variables.ts',
    find: 'return index === 0 ? address : component;',
    replace: 'return component;',
    test: 'src/engine/content/variables.test.ts',
  },
  {
    what: 'a value inside an address is encoded',
    file: 'src/engine/content/variables.ts',
    find: "addressKeys.has(key) ? 'uri' : 'none'",
    replace: "'none'",
    test: 'src/engine/content/variables.test.ts',
  },
  {
    what: 'WeChat’s own {{thing1.DATA}} is refused',
    file: 'src/engine/content/variables.ts',
    find: 'if (/\\.DATA$/i.test(name)) {',
    replace: 'if (false) {',
    test: 'src/engine/content/variables.test.ts',
  },
  {
    what: 'a variable called constructor is absent until it is given',
    file: 'src/engine/content/variables.ts',
    find: "typeof vars[name] !== 'string'",
    replace: '!(name in vars)',
    test: 'src/engine/content/variables.test.ts',
  },
  {
    what: 'half a character does not reach WeChat',
    file: 'src/engine/content/variables.ts',
    find: 'const wellFormed: Encode = (value) => value.toWellFormed();',
    replace: 'const wellFormed: Encode = (value) => value;',
    test: 'src/engine/content/variables.test.ts',
  },
  {
    what: 'a value in an address of a preview stays in its place',
    file: 'src/engine/content/preview.ts',
    find: "{ escape: 'uri' }",
    replace: "{ escape: 'none' }",
    test: 'test/contract/templates.test.ts',
    name: 'shows the card and what is wrong with it',
  },
];
