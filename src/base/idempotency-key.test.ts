import assert from 'node:assert/strict';
import { test } from 'node:test';
import { keyInHeader, requireKey } from './idempotency-key.ts';

test('a key has 1 to 128 visible ASCII characters', () => {
  for (const key of ['a', '!', '~', '"', 'order-1024/3', 'k'.repeat(128)]) requireKey(key);
  for (const key of ['', ' ', 'a b', 'a\n', 'é', '键', '\x7f', 'k'.repeat(129)])
    assert.throws(() => requireKey(key), { code: 'KEY_INVALID' }, JSON.stringify(key));
  assert.throws(() => requireKey('abc', 2), { code: 'KEY_INVALID' });
});

test('a quoted header is the key between the marks', () => {
  assert.equal(keyInHeader('"8e03978e"'), '8e03978e');
  assert.equal(keyInHeader('"a\\"b\\\\c"'), 'a"b\\c');
  for (const asItIs of ['8e03978e', '"', 'a"b"', '"a"b"', '"a\\"']) assert.equal(keyInHeader(asItIs), asItIs);
});
