import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { abilities, roleMatrix } from '../../console/users/role-matrix.ts';
import { roleNames, roles } from '../../src/contract/permissions.ts';
import type { Route } from '../../src/contract/route.ts';
import { routes } from '../../src/contract/routes.ts';
import type { Words } from '../../src/texts/catalogue.ts';
import { actionWords } from '../../src/texts/console/access/actions.ts';

const directory = new URL('../../src/texts/console/', import.meta.url);
const placeholders = (text: string): string[] =>
  [...text.matchAll(/\{\w+\}/g)].map(([whole]) => whole).sort();

test('the console speaks both languages, with the same values in each', async () => {
  const files = await readdir(directory, { recursive: true });
  const tables = files.filter((name) => name.endsWith('.ts') && name !== 'define.ts');
  assert.ok(tables.length > 1);
  for (const name of tables) {
    const module: Record<string, Record<string, Words>> = await import(new URL(name, directory).href);
    for (const [key, { en, zh }] of Object.values(module).flatMap((table) => Object.entries(table))) {
      const where = `${name} ${key}`;
      assert.ok(en.trim() !== '' && zh.trim() !== '', where);
      assert.deepEqual(placeholders(en), placeholders(zh), where);
      assert.doesNotMatch(en, /\p{Script=Han}/u, where);
      const own = zh.replaceAll(/\{\w+\}/g, '');
      // One word may be the same in both: Webhook, appid.
      if (/[a-z]{3}/i.test(own) && /\s/.test(own)) assert.match(zh, /\p{Script=Han}/u, where);
      // 半角 punctuation between Chinese letters is what a machine writes.
      assert.doesNotMatch(zh, /\p{Script=Han}[,;:?!]/u, where);
    }
  }
});

test('every action that is in the audit has its words there, and no other has', async () => {
  const audited = new Set<string>(
    Object.values<Route>(routes)
      .filter(({ audit }) => audit !== 'none')
      .map(({ name }) => name),
  );
  // What nodes do by themselves.
  audited.add('audit.remove');
  // What only the command line does has no row in the table.
  const app = new URL('../../src/app/', import.meta.url);
  for (const file of await readdir(app, { recursive: true })) {
    if (!file.endsWith('.ts') || file.endsWith('.test.ts')) continue;
    const specs = (await readFile(new URL(file, app), 'utf8')).matchAll(
      /\bname: '(\w+\.\w+)'[^}]{0,300}?\baudit: '(?:change|export)'/g,
    );
    for (const [, name = ''] of specs) audited.add(name);
  }
  assert.deepEqual(Object.keys(actionWords).sort(), [...audited].sort());
});

test('the table of roles on the members page is that of the contract', () => {
  for (const role of roleNames) {
    const may = Object.entries(abilities).filter(([, one]) => roles[role].some((other) => other === one));
    assert.deepEqual(
      may.map(([ability]) => ability),
      roleMatrix[role],
      role,
    );
  }
});
