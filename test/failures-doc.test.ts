import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { test } from 'node:test';

const root = new URL('../', import.meta.url);

for (const page of ['docs/failures.md', 'docs/security.md'])
  test(`every test that ${page} names exists, and every line names one or says that there is none`, async () => {
    const names = await testNames();
    const text = await readFile(new URL(page, root), 'utf8');
    const lines = text.split('\n').filter((line) => /^\| (?!failure \||threat \|)/.test(line));
    assert.ok(lines.length > 15);
    for (const line of lines) {
      const cell = line.split(' | ').at(-1) ?? '';
      const named = [...cell.matchAll(/`([^`]+)`/g)].map(([, name]) => name ?? '');
      assert.ok(named.length > 0 || cell.includes('no test'), line);
      for (const name of named) {
        if (name.startsWith('test/')) await readFile(new URL(name, root));
        else assert.ok(names.has(name), `${page} names a test that does not exist: ${name}`);
      }
    }
  });

async function testNames(): Promise<Set<string>> {
  const names = new Set<string>();
  for (const folder of ['test', 'src'])
    for (const file of await readdir(new URL(folder, root), { recursive: true })) {
      if (!/\.(test|chaos)\.ts$/.test(file)) continue;
      const source = await readFile(new URL(`${folder}/${file}`, root), 'utf8');
      for (const [, name] of source.matchAll(/\btest\(\s*(?:'([^']+)'|"[^"]+")/g))
        if (name !== undefined) names.add(name);
      // Of a route's contract test: what it does.
      for (const [, name] of source.matchAll(/\brow\(\s*'[^']+',\s*'([^']+)'/g))
        if (name !== undefined) names.add(name);
      // One test for each of several cases: its name without the case in brackets.
      for (const [, name] of source.matchAll(/\btest\(\s*`([^`$]+) \(\$\{/g))
        if (name !== undefined) names.add(name);
    }
  return names;
}
