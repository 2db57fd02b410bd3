import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { createSealer, parseSecretKey } from './seal.ts';

test('opens what it sealed, only in the same place and with the same key', () => {
  const key = randomBytes(32);
  const sealer = createSealer(key);
  const sealed = sealer.seal('秘密 🔑', 'accounts.secret:wx1');
  assert.equal(sealer.open(sealed, 'accounts.secret:wx1'), '秘密 🔑');
  assert.throws(() => sealer.open(sealed, 'accounts.secret:wx2'), { code: 'SECRET_UNREADABLE' });
  assert.throws(() => createSealer(randomBytes(32)).open(sealed, 'accounts.secret:wx1'), {
    code: 'SECRET_UNREADABLE',
  });
  const changed = Buffer.from(sealed);
  changed[changed.length - 1]! ^= 1;
  assert.throws(() => sealer.open(changed, 'accounts.secret:wx1'), { code: 'SECRET_UNREADABLE' });
});

test('takes no part of a tag for the tag', () => {
  const sealer = createSealer(randomBytes(32));
  const empty = sealer.seal('', 'p');
  assert.equal(sealer.open(empty, 'p'), '');
  for (let length = 0; length < empty.length; length++)
    assert.throws(() => sealer.open(empty.subarray(0, length), 'p'), { code: 'SECRET_UNREADABLE' });
});

test('two seals of the same text differ', () => {
  const sealer = createSealer(randomBytes(32));
  assert.notDeepEqual(sealer.seal('a', 'p'), sealer.seal('a', 'p'));
});

test('reads keys as base64 and hex and refuses other lengths', () => {
  const key = randomBytes(32);
  assert.deepEqual(parseSecretKey(`${key.toString('base64')}\n`), key);
  assert.deepEqual(parseSecretKey(key.toString('hex')), key);
  assert.throws(() => createSealer(parseSecretKey('short')), { code: 'SECRET_KEY_INVALID' });
});

test('does not read what a later version may seal', () => {
  const sealer = createSealer(randomBytes(32));
  const sealed = sealer.seal('a', 'p');
  sealed[0] = 2;
  assert.throws(() => sealer.open(sealed, 'p'), { code: 'SECRET_UNREADABLE' });
});
