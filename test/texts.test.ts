import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { describe, test } from 'node:test';
import { text, uiTexts } from '../src/texts/ui.ts';
import { readSource } from './support/source-text.ts';

const cli = new URL('../src/cli/', import.meta.url);
const en = ofLanguage('en');
const zh = ofLanguage('zh');

function ofLanguage(lang: 'en' | 'zh'): Record<string, string> {
  return Object.fromEntries(Object.entries(uiTexts).map(([key, words]) => [key, words[lang]]));
}

const placeholders = (words: string): string[] =>
  [...words.matchAll(/\{(\w+)\}/g)].map(([whole]) => whole).sort();

/** What differs between two catalogues, in words. */
function differences(one: Record<string, string>, other: Record<string, string>): string[] {
  const found: string[] = [];
  for (const key of new Set([...Object.keys(one), ...Object.keys(other)])) {
    const [a, b] = [one[key], other[key]];
    if (a === undefined || b === undefined) found.push(`${key} is in one catalogue only`);
    else if (a.trim() === '' || b.trim() === '') found.push(`${key} is empty`);
    else if (placeholders(a).join() !== placeholders(b).join()) found.push(`${key} has other placeholders`);
  }
  return found;
}

/** Keys named by literals, of which `a.{}` names all that begin so; and literals that look like keys and are none. */
function usage(keys: string[], literals: string[]): { unused: string[]; unknown: string[] } {
  const families = new Set(keys.map((key) => key.split('.')[0]));
  const looksLikeKey = (one: string): boolean =>
    /^[a-z]+\.(?:[a-zA-Z][a-zA-Z-]*|\{\})$/.test(one) && families.has(one.split('.')[0]);
  const used = new Set(literals.filter(looksLikeKey));
  const prefixes = [...used].filter((one) => one.endsWith('{}')).map((one) => one.slice(0, -2));
  return {
    unused: keys.filter((key) => !used.has(key) && !prefixes.some((prefix) => key.startsWith(prefix))),
    unknown: [...used].filter((one) => !one.endsWith('{}') && !keys.includes(one)),
  };
}

describe('what people read on the command line', () => {
  test('is there in both languages, with the same values in it', () => {
    assert.deepEqual(differences(en, zh), []);
  });

  test('is used, and nothing is looked up that is not there', async () => {
    const literals: string[] = [];
    for (const name of await readdir(cli, { recursive: true })) {
      if (!name.endsWith('.ts')) continue;
      const file = await readFile(new URL(name.replaceAll('\\', '/'), cli), 'utf8');
      literals.push(...readSource(file).strings.map((literal) => literal.text));
    }
    assert.deepEqual(usage(Object.keys(en), literals), { unused: [], unknown: [] });
  });

  test('is written in its own language', () => {
    for (const [key, words] of Object.entries(en)) assert.doesNotMatch(words, /\p{Script=Han}/u, key);
    // Lines made of values and signs alone are the same everywhere.
    for (const [key, words] of Object.entries(zh)) {
      const own = words.replaceAll(/\{\w+\}/g, '');
      if (/[a-z]{3}/i.test(own)) assert.match(words, /\p{Script=Han}/u, key);
    }
  });

  test('gets its values filled in, numbers grouped', () => {
    assert.equal(
      text('en', 'followers.detailed', { detailed: 1234567 }),
      'Details of 1,234,567 followers stored.',
    );
    assert.match(text('zh', 'account.added', { appid: 'wx1', kind: 'sandbox' }), /wx1（sandbox）/);
  });
});

describe('a planted difference is found:', () => {
  test('keys and placeholders', () => {
    assert.deepEqual(
      differences(
        { a: 'x {n}', b: 'x', c: 'x', d: '{a} {b}', e: ' ' },
        { a: 'y {m}', b: 'y', d: '{b} {a}', e: 'y', f: 'y' },
      ),
      ['a has other placeholders', 'c is in one catalogue only', 'e is empty', 'f is in one catalogue only'],
    );
  });

  test('unused and unknown keys', () => {
    assert.deepEqual(
      usage(['push.a', 'push.b', 'state.x', 'state.y'], ['push.a', 'state.{}', 'push.gone', 'other.word']),
      { unused: ['push.b'], unknown: ['push.gone'] },
    );
  });
});
