import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { test } from 'node:test';
import type { Words } from '../../src/texts/catalogue.ts';

const directory = new URL('../../src/texts/console/', import.meta.url);
const placeholders = (text: string): string[] =>
  [...text.matchAll(/\{\w+\}/g)].map(([whole]) => whole).sort();

test('the console speaks both languages, with the same values in each', async () => {
  const tables = (await readdir(directory)).filter((name) => name !== 'define.ts');
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
