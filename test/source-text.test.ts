// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the sources are strings
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { readSources, type SourceFile } from './support/house/source-file.ts';

describe('the reader of sources', () => {
  const read = (text: string): SourceFile => {
    const [file] = readSources(new Map([['a.ts', text]]));
    assert.ok(file !== undefined);
    return file;
  };

  test('tells code from comments, strings, templates and regular expressions', () => {
    const file = read(
      "a('x // y', \"it's\"); // 'c'\nb = /['\"/*]\\/[/]/.test(c) / 2; d(`t ${e(`n ${f}`)} } u`); /* ` */ g = h / i;\nreturn /'/;",
    );
    assert.deepEqual(
      file.strings.map(({ text }) => text),
      ['x // y', "it's", 't {} } u', 'n {}'],
    );
    assert.deepEqual(
      file.comments.map(({ text }) => text),
      ["// 'c'", '/* ` */'],
    );
    assert.equal(file.code.length, file.text.length);
    assert.equal(file.code.replaceAll(/[^a-z]+/g, ' ').trim(), 'a b test c d e f g h i return');
  });

  test('tells the end of an element from a regular expression', () => {
    const file = read("a(<p title=\"x\">{say('b')}</p>, <br />);\nc('d'); e = f < /g/.h;");
    assert.deepEqual(
      file.strings.map(({ text }) => text),
      ['x', 'b', 'd'],
    );
  });

  test('keeps positions behind letters of four bytes', () => {
    const file = read("const a = '𠮷🔑';\nimport b from './b.ts';");
    assert.equal(file.imports[0]?.from, './b.ts');
    assert.equal(file.code.indexOf('import'), file.text.indexOf('import'));
  });

  test('reads every form of import', () => {
    const file = read(
      [
        "import a, { b as c, type D } from './1.ts';",
        "import type { E } from './2.ts';",
        "import * as f from './3.ts';",
        "import './4.ts';",
        "export { g as h } from './5.ts';",
        "export type { I } from './6.ts';",
        "export * from './7.ts';",
        "const j = await import('./8.ts');",
        "let k: import('./9.ts').L;",
        "import type M from './10.ts';",
        "a('import x from'); const from = './no.ts'; import.meta.url;",
      ].join('\n'),
    );
    assert.deepEqual(
      file.imports.map(({ from, typeOnly, names }) => [from, typeOnly, names.join()]),
      [
        ['./1.ts', false, 'default,b,D'],
        ['./2.ts', true, 'E'],
        ['./3.ts', false, '*'],
        ['./4.ts', false, ''],
        ['./5.ts', false, 'g'],
        ['./6.ts', true, 'I'],
        ['./7.ts', false, '*'],
        ['./8.ts', false, '*'],
        ['./9.ts', false, '*'],
        ['./10.ts', true, 'default'],
      ],
    );
  });
});
