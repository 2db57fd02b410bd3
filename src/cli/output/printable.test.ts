import assert from 'node:assert/strict';
import { test } from 'node:test';
import { printable } from './printable.ts';

test('shows control characters instead of letting the terminal obey them', () => {
  assert.equal(printable('a\u001b]0;owned\u0007b'), 'a\\u001b]0;owned\\u0007b');
  assert.equal(printable('\u009b31mred\u007f'), '\\u009b31mred\\u007f');
  assert.equal(printable('ok\rBAD'), 'ok\\u000dBAD');
  assert.equal(printable('moc.\u202elive'), 'moc.\\u202elive');
});

test('leaves lines, tabs, Chinese and emoji alone', () => {
  for (const text of ['a\tb\nc\r\nd', '鸿雁 𠮷 👨‍👩‍👧 …', '']) assert.equal(printable(text), text);
});

test('keeps the meaning of a JSON line', () => {
  const value = { errmsg: 'x\u001b[2J\u009b\u202e' };
  assert.deepEqual(JSON.parse(printable(JSON.stringify(value))), value);
});
