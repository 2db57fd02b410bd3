import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { kindNames } from '../src/texts/account-words.ts';
import { channelWords } from '../src/texts/channels.ts';
import { accountKinds, channelNames, channels } from '../src/wechat/channels.ts';

const text = await readFile(new URL('../docs/glossary.md', import.meta.url), 'utf8');

test('the glossary has every channel once, with the path, the name and the accounts that the code has', () => {
  const rows = text
    .slice(text.indexOf('## Channels'))
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .map((line) => line.split('|').map((cell) => cell.trim()));
  assert.deepEqual(
    rows.map(([, name]) => name),
    channelNames.map((name) => `\`${name}\``),
  );
  for (const [i, name] of channelNames.entries()) {
    const [, , zh = '', path, , accounts = ''] = rows[i] ?? [];
    const { path: own, kinds, retired } = channels[name];
    assert.equal(path, `\`${own}\``, name);
    assert.equal(zh.replace(/ \(form_id\)$/, ''), channelWords[name].zh, name);
    const given = (accounts.split(';')[0] ?? '').trim();
    assert.equal(given, kinds.length === accountKinds.length ? 'all kinds' : kinds.join(', '), name);
    assert.equal(accounts.includes('retired'), retired, name);
  }
});

test('the glossary names every kind of account as the interfaces do', () => {
  const row = text.split('\n').find((line) => line.startsWith('| account |')) ?? '';
  // 公众号（订阅号）: here its old name stands in words.
  for (const kind of accountKinds)
    assert.ok(row.includes(`\`${kind}\` ${kindNames[kind].zh.replace(/（.*/, '')}`), kind);
});
