import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const directory = mkdtempSync(join(tmpdir(), 'hongyan-guards-'));
after(() => rmSync(directory, { recursive: true, force: true }));

let projects = 0;

const otherSource = 'export async function work(): Promise<void> {}\n';

/** A project with this repository's settings and a source of its own; runs a tool as `npm run check` does. */
function check(
  tool: 'lint' | 'types',
  source: string,
  other = otherSource,
): { failed: boolean; text: string } {
  const project = join(directory, String(++projects));
  const file = join(project, 'src', 'planted.ts');
  mkdirSync(dirname(file), { recursive: true });
  for (const name of ['biome.json', 'tsconfig.json', '.gitignore', 'package.json']) {
    cpSync(join(root, name), join(project, name));
  }
  symlinkSync(join(root, 'node_modules'), join(project, 'node_modules'), 'junction');
  writeFileSync(file, source);
  writeFileSync(join(project, 'src', 'other.ts'), other);
  const [script, ...args] =
    tool === 'lint'
      ? ['@biomejs/biome/bin/biome', 'ci', '--colors=off', 'src']
      : ['typescript/bin/tsc', '-p', 'tsconfig.json'];
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [join(root, 'node_modules', script ?? ''), ...args],
    { cwd: project, encoding: 'utf8' },
  );
  return { failed: status !== 0, text: stdout + stderr };
}

function refuses(tool: 'lint' | 'types', source: string, why: RegExp, other?: string): void {
  const { failed, text } = check(tool, source, other);
  assert.ok(failed, `${tool} lets it pass:\n${source}\n${text}`);
  assert.match(text, why);
}

const later = 'export async function later(): Promise<void> {}\n';

test('the settings accept correct code, so that the tests below fail for their own reasons', () => {
  const source = `${later}\nexport async function work(): Promise<void> {\n  await later();\n}\n`;
  assert.deepEqual(check('lint', source).failed, false, check('lint', source).text);
  assert.deepEqual(check('types', source).failed, false, check('types', source).text);
});

test('a promise that nobody waits for fails the check', () => {
  refuses('lint', `${later}\nexport function work(): void {\n  later();\n}\n`, /noFloatingPromises/);
  refuses('lint', `${later}\nsetTimeout(() => {\n  later();\n}, 1);\n`, /noFloatingPromises/);
  refuses(
    'lint',
    'class Pool {\n  async end(): Promise<void> {}\n}\n\nexport function work(pool: Pool): void {\n  pool.end();\n}\n',
    /noFloatingPromises/,
  );
  refuses('lint', "import { work } from './other.ts';\n\nwork();\n", /noFloatingPromises/);
});

test('unused imports and variables, any, and unformatted code fail the check', () => {
  refuses('lint', "import { join } from 'node:path';\n\nexport const a = 1;\n", /noUnusedImports/);
  refuses('lint', 'export function f(): void {\n  const unused = 1;\n}\n', /noUnusedVariables/);
  refuses('lint', 'export const a: any = 1;\n', /noExplicitAny/);
  refuses('lint', "export const a = {b:'c'}\n", /format/);
  refuses('lint', "import { join } from 'path';\n\nexport const a = join('b');\n", /useNodejsImportProtocol/);
});

test('files that import each other fail the check, for a value, a type, a file passed on or read later', () => {
  const other = "import type { A } from './planted.ts';\n\nexport type B = A;\nexport const b = 1;\n";
  const cycle = /noImportCycles/;
  refuses(
    'lint',
    "import { b } from './other.ts';\n\nexport type A = 1;\nexport const a = b;\n",
    cycle,
    other,
  );
  refuses('lint', "import type { B } from './other.ts';\n\nexport type A = B;\n", cycle, other);
  refuses('lint', "export { b } from './other.ts';\nexport type A = 1;\n", cycle, other);
  refuses('lint', "export type A = 1;\nexport const a = () => import('./other.ts');\n", cycle, other);
});

test('wrong types and syntax that type stripping cannot run fail the check', () => {
  refuses('types', "export const n: number = 'text';\n", /TS2322/);
  refuses('types', 'export const n: number = [1][0];\n', /TS2322/);
  refuses('types', 'export enum Colour {\n  red,\n}\n', /TS1294/);
  refuses(
    'types',
    "import { ServerOptions } from 'node:http';\n\nexport type S = ServerOptions;\n",
    /TS1484/,
  );
  refuses('types', 'export const o: { a?: number } = { a: undefined };\n', /TS2375/);
});
