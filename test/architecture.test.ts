// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the planted sources are strings
import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import * as code from './support/house/code-rules.ts';
import * as imports from './support/house/import-rules.ts';
import { readSources, type SourceFile, type Violation } from './support/house/source-file.ts';
import { tableList } from './support/house/table-list.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
/** Folders that are not ours or not sources. */
const skipped = new Set(['node_modules', 'dist', 'coverage', '.git', 'tmp', 'peers']);
const isText = /\.(?:tsx?|js|mjs|json|sql|md|ya?ml|sh|txt|html|css|vue|svg)$|^(?:[^.]+|\.[a-z]+)$/;
const isSource = /\.(?:tsx?|js|mjs)$/;

/** All text files of the repository, path with `/` → content. */
async function repository(): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  const walk = async (directory: string): Promise<void> => {
    for (const entry of await readdir(directory, { withFileTypes: true })) {
      const path = join(directory, entry.name);
      if (entry.isDirectory() && !skipped.has(entry.name)) await walk(path);
      else if (entry.isFile() && isText.test(entry.name)) {
        found.set(relative(root, path).split(sep).join('/'), await readFile(path, 'utf8'));
      }
    }
  };
  await walk(root);
  return found;
}

function show(violations: Violation[]): string {
  return violations.map(({ rule, path, line, what }) => `${path}:${line} ${rule}: ${what}`).join('\n');
}

function holds(violations: Violation[]): void {
  assert.equal(show(violations), '');
}

/** Sources that exist only here, as the rules see them. */
function planted(texts: Record<string, string>): SourceFile[] {
  return readSources(new Map(Object.entries(texts)));
}

describe('the repository', () => {
  let texts: Map<string, string>;
  let sources: SourceFile[];
  before(async () => {
    texts = await repository();
    sources = readSources(new Map([...texts].filter(([path]) => isSource.test(path))));
    // A walk that finds nothing would pass every rule.
    for (const entry of imports.entries) assert.ok(texts.has(entry), `${entry} was not found`);
    assert.ok(sources.flatMap(({ imports }) => imports).length > 500);
  });

  test('imports along the allowed directions only', () => holds(imports.folders(sources)));
  test('has commands that call actions, and nothing behind them', () => holds(imports.commands(sources)));
  test('has a console that knows the API and the words only', () => holds(imports.consoleRooms(sources)));
  test('imports existing files, never an index, and in examples the entries', () =>
    holds(imports.files(sources, texts.keys())));
  test('has no two rooms that import each other', () => holds(imports.rooms(sources)));
  test('uses its libraries, each from the folder that owns it', () => {
    const { dependencies, devDependencies } = JSON.parse(texts.get('package.json') ?? '');
    holds(imports.libraries(sources, Object.keys(dependencies), Object.keys(devDependencies)));
  });
  test('has no file over 600 lines', (t) => {
    const counted = sources.filter(({ path }) => /^(?:src|console|test|examples|bench|bin)\//.test(path));
    const long = code.size(counted, 400);
    if (long.length > 0) t.diagnostic(`think again at 400 lines:\n${show(long)}`);
    holds(code.size(counted, 600));
  });
  test('has no folder over 25 sources', () => holds(code.folderSize(sources)));
  test('has SQL in src/store only', () => holds(code.sql(sources)));
  test('reads the environment in one place', () => holds(code.environment(sources)));
  test('prints in src/cli only', () => holds(code.output(sources)));
  test('has no any and no switched off type check', () =>
    holds([...code.anyType(sources), ...code.suppressed(sources)]));
  test('has no unfinished mark without an issue', () => holds(code.unfinished(sources)));
  test('exports nothing that nobody uses', (t) => {
    const needless = imports.unusedExports(sources, 'needless');
    if (needless.length > 0) t.diagnostic(`could be private:\n${show(needless)}`);
    holds(imports.unusedExports(sources, 'dead'));
  });
  test('lists every table of its database in docs/architecture.md', () => {
    const path = 'docs/architecture.md';
    const sql = texts.get('sql/schema.sql') ?? '';
    assert.match(sql, /^create table installation /m);
    holds(tableList(path, texts.get(path) ?? '', sql));
  });
  test('names neither registries nor writing tools', () => holds(code.words(texts)));
});

describe('a planted violation is found:', () => {
  const finds = (violations: Violation[], ...expected: string[]): void =>
    assert.equal(show(violations), expected.join('\n'));

  test('a folder reaching across', () => {
    finds(
      imports.folders(
        planted({
          'src/base/a.ts': "import { b } from '../store/b.ts';",
          'src/wechat/a.ts': "import type { B } from '../store/b.ts';",
          'src/store/a.ts': "import '../engine/b.ts';",
          'src/engine/a.ts': "export * from '../cli/b.ts';",
          'src/engine/ok.ts': "import { a } from '../wechat/b.ts';\nimport { c } from './deliver/c.ts';",
          'src/simulator/a.ts':
            "import type { B } from '../wechat/b.ts';\nimport { type C } from '../wechat/c.ts';",
          'src/cli/a.ts': "const b = await import('../../test/support/b.ts');",
          'src/index.ts': "export { b } from './cli/b.ts';\nexport { c } from './store/c.test.ts';",
          'src/news/a.ts': "import { b } from '../base/b.ts';",
          'src/base/a.test.ts': "import { c } from '../../test/support/c.ts';",
        }),
      ),
      'src/base/a.ts:1 folders: base imports src/store/b.ts',
      'src/wechat/a.ts:1 folders: wechat imports src/store/b.ts',
      'src/store/a.ts:1 folders: store imports src/engine/b.ts',
      'src/engine/a.ts:1 folders: engine imports src/cli/b.ts',
      'src/simulator/a.ts:2 folders: simulator may only "import type" from wechat: src/wechat/c.ts',
      'src/cli/a.ts:1 folders: src imports test/support/b.ts',
      'src/index.ts:1 folders: the entry imports the command line',
      'src/index.ts:2 folders: imports the test src/store/c.test.ts',
      'src/news/a.ts:1 folders: the folder news has no rule',
    );
  });

  test('a command that does by itself what an action should', () => {
    finds(
      imports.commands(
        planted({
          'src/cli/commands/a.ts':
            "import { b } from '../../store/b.ts';\nimport { c } from '../../app/c.ts';\nimport type { D } from '../../engine/d.ts';",
          'src/cli/open.ts': "import { openStore } from '../store/store.ts';",
          'src/server/a.ts': "import type { B } from '../store/b.ts';",
        }),
      ),
      'src/cli/commands/a.ts:1 commands: calls no action but src/store/b.ts',
      'src/cli/commands/a.ts:3 commands: calls no action but src/engine/d.ts',
    );
  });

  test('a console that looks into the house, and a page into another', () => {
    finds(
      imports.consoleRooms(
        planted({
          'console/audit/page.tsx':
            "import { failure } from '../../src/base/errors.ts';\nimport { routes } from '../../src/contract/routes.ts';\nimport { Box } from '../campaigns/box.tsx';",
          'console/phone/app.tsx': "import { startSimulator } from '../../src/simulator/index.ts';",
          'console/audit/ok.tsx':
            "import { createClient } from '../../src/client/index.ts';\nimport type { Row } from '../../src/contract/audit.ts';\nimport { Button } from '../parts/button.tsx';\nimport css from './ok.module.css';",
          'console/frame/ok.tsx': "import { Page } from '../audit/page.tsx';",
          'console/phone/ok.tsx': "import type { Phone } from '../../src/simulator/index.ts';",
        }),
      ),
      'console/audit/page.tsx:1 console: the console imports src/base/errors.ts',
      'console/audit/page.tsx:2 console: the console may only "import type" from src/contract/routes.ts',
      'console/audit/page.tsx:3 console: audit imports console/campaigns/box.tsx',
      'console/phone/app.tsx:1 console: only the phone may "import type" of src/simulator/index.ts',
    );
  });

  test('an index, a missing file, an example that looks inside', () => {
    finds(
      imports.files(
        planted({
          'src/wechat/index.ts': '',
          'src/wechat/client.ts': "import { a } from './gone.ts';",
          'src/cli/a.ts': "import {\n  one,\n  two,\n} from '../wechat/index.ts';",
          'examples/a.ts':
            "import { a } from '../src/wechat/index.ts';\nimport { b } from '../src/wechat/client.ts';",
        }),
      ),
      'src/wechat/client.ts:1 files: ./gone.ts is not a file',
      'src/cli/a.ts:1 files: imports the index src/wechat/index.ts and not the file',
      "examples/a.ts:2 files: an example imports src/wechat/client.ts, which a reader's project could not",
    );
  });

  test('two rooms that import each other', () => {
    finds(
      imports.rooms(
        planted({
          'src/engine/a/a.ts': "import type { b } from '../b/b.ts';\nimport { d } from '../../store/d/d.ts';",
          'src/engine/b/b.ts': "import { c } from '../c/c.ts';",
          'src/engine/b/other.ts': "import { c } from '../a/c.ts';",
          'src/engine/c/c.test.ts': "import { b } from '../b/b.ts';",
        }),
      ),
      'src/engine/a ↔ src/engine/b:1 rooms: src/engine/a/a.ts → src/engine/b/b.ts, src/engine/b/other.ts → src/engine/a/c.ts',
    );
  });

  test('a library that is not declared, not used, or in the wrong folder', () => {
    finds(
      imports.libraries(
        planted({
          'src/base/a.ts': "import { z } from 'zod';\nimport fc from 'fast-check';",
          'src/base/a.test.ts': "import fc from 'fast-check';\nimport x from '@some/thing/deep';",
          'src/engine/a.ts': "import type pg from 'pg';",
        }),
        ['zod', 'pg', 'pino'],
        ['fast-check'],
      ),
      'src/base/a.ts:2 libraries: fast-check is not in package.json',
      'src/base/a.test.ts:2 libraries: @some/thing is not in package.json',
      'src/engine/a.ts:1 libraries: pg belongs to src/store',
      'package.json:1 libraries: nothing in src uses pino',
    );
  });

  test('a long file', () => {
    const lines = (n: number): { path: string; text: string } => ({ path: `${n}.ts`, text: 'a\n'.repeat(n) });
    finds(code.size([lines(400), lines(401)], 400), '401.ts:401 size: 401 lines');
    finds(code.size([lines(600), lines(601)], 600), '601.ts:601 size: 601 lines');
  });

  test('a folder with too many files', () => {
    const names = (n: number): Record<string, string> =>
      Object.fromEntries(Array.from({ length: n }, (_, i) => [`src/base/f${i}.ts`, '']));
    finds(code.folderSize(planted({ ...names(25), 'src/base/f1.test.ts': '', 'src/base/a/a.ts': '' })));
    finds(code.folderSize(planted(names(26))), 'src/base:1 folder size: 26 files');
  });

  test('SQL outside the store', () => {
    finds(
      code.sql(
        planted({
          'src/engine/a.ts':
            "a('select 1 from x');\nb(`update ${table} set a = 1`);\nc(`INSERT INTO x\n VALUES (1)`);\nd('delete from x');\npool.query(e);",
          'src/engine/ok.ts':
            "// select a from b\na('Select a template from the list');\nb('Update the rules from WeChat');\nc('ask SELECT of the owner');",
          'src/store/a.ts': "a('select 1 from x');",
        }),
      ),
      'src/engine/a.ts:1 sql: SQL outside src/store',
      'src/engine/a.ts:2 sql: SQL outside src/store',
      'src/engine/a.ts:3 sql: SQL outside src/store',
      'src/engine/a.ts:5 sql: SQL outside src/store',
      'src/engine/a.ts:6 sql: a query outside src/store',
    );
  });

  test('a look at the environment', () => {
    finds(
      code.environment(
        planted({
          'src/engine/a.ts': 'const a = `a${process.env.A}`;\nconst { env } = process;',
          'src/engine/b.ts': "import { env } from 'node:process';",
          'src/engine/ok.ts': "// process.env\nconst text = 'process.env';",
          'src/cli/config.ts': 'const a = process.env;',
        }),
      ),
      'src/engine/a.ts:1 environment: the environment is read in src/cli/config.ts',
      'src/engine/a.ts:2 environment: the environment is read in src/cli/config.ts',
      'src/engine/b.ts:1 environment: process is imported',
    );
  });

  test('printing from a library', () => {
    finds(
      code.output(
        planted({
          'src/engine/a.ts': "console.log('x');\nprocess.stderr.write('x');",
          'src/engine/ok.ts': "/** console.log(x) */\nthis.console.open();\na('console.log');",
          'src/cli/a.ts': "console.log('x');",
        }),
      ),
      'src/engine/a.ts:1 output: only src/cli prints',
      'src/engine/a.ts:2 output: only src/cli prints',
    );
  });

  test('any, in every place of a type', () => {
    finds(
      code.anyType(
        planted({
          'src/base/a.ts':
            'const a: any = 1;\nb as any;\nconst c: Map<string, any>;\ntype D = string | any;\nf(): any[];\nconst ok = { any: 1, b: any(x) };\nPromise.any([]);',
        }),
      ),
      ...[1, 2, 3, 4, 5].map((line) => `src/base/a.ts:${line} any: any switches the type check off`),
    );
  });

  test('a switched off check and an unfinished mark', () => {
    const files = planted({
      'src/base/a.ts':
        "// @ts-ignore because\na();\n/* @ts-nocheck */\nb('@ts-ignore');\n// TODO: later\n// FIXME #12: later\nc('TODO');",
    });
    finds(
      code.suppressed(files),
      'src/base/a.ts:1 suppressed: a switched off type check',
      'src/base/a.ts:3 suppressed: a switched off type check',
    );
    finds(code.unfinished(files), 'src/base/a.ts:5 unfinished: needs the number of an issue');
  });

  test('an export for nobody', () => {
    const files = planted({
      'src/base/a.ts':
        'export const used = 1;\nexport function dead(o: Options): void {}\nexport interface Options {}\nexport type Lonely = 1;\nexport default used;\nexport const near = 1;\nconst a = near;',
      'src/base/b.ts': 'export class Whole {}',
      'src/index.ts': "export { type Options as O, used } from './base/a.ts';\nexport const free = 1;",
      'test/a.test.ts': "import * as b from '../src/base/b.ts';",
    });
    finds(
      imports.unusedExports(files, 'dead'),
      'src/base/a.ts:2 dead export: nobody imports dead',
      'src/base/a.ts:4 dead export: nobody imports Lonely',
      'src/base/a.ts:5 dead export: nobody imports default',
    );
    finds(imports.unusedExports(files, 'needless'), 'src/base/a.ts:6 needless export: nobody imports near');
  });

  test('a table that a list lacks, has twice, or that is not there', () => {
    const sql =
      'create table one (\n);\ncreate unlogged table two (\n);\ncreate table days partition of one default;\ncreate table three (\n);';
    const list =
      '## Tables\n\n| table | a row |\n|---|---|\n| `one`, `gone` | of `three` |\n| `two`, `one` | x |\n\n## Other\n\n| `three` | x |\n';
    finds(
      tableList('docs/a.md', list, sql),
      'docs/a.md:1 tables: three is not listed',
      'docs/a.md:1 tables: there is no table gone',
      'docs/a.md:1 tables: one is listed twice',
    );
  });

  test('a word that does not belong here', () => {
    const registry = ['registry', 'npmjs', 'org'].join('.');
    const tool = ['co', 'pilot'].join('');
    finds(
      code.words(
        new Map([
          ['docs/a.md', `one\nhttps://${registry}/x\nby ${tool}`],
          ['docs/ok.md', 'an agent of undici, the cursor, available'],
        ]),
      ),
      'docs/a.md:2 words: names a package registry',
      'docs/a.md:3 words: names a writing tool',
    );
  });
});
