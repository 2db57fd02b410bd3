import assert from 'node:assert/strict';
import { createCipheriv } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { aesKey, decrypt, encrypt, sign } from './crypto.ts';

interface Vector {
  id: string;
  token?: string;
  key?: string;
  appid?: string;
  timestamp?: string;
  nonce?: string;
  signature?: string;
  msg_signature?: string;
  encrypt?: string;
  plaintext?: string;
  random?: string;
  verified: boolean;
}

const file = new URL('../../../test/support/callback/vectors.json', import.meta.url);
// Collected from WeChat's documents and other projects' tests; each names its source.
const vectors = JSON.parse(readFileSync(file, 'utf8')) as Vector[];

for (const vector of vectors) {
  const { token, timestamp, nonce, signature, msg_signature: msgSignature } = vector;
  test(`vector ${vector.id}${vector.verified ? '' : ', which does not belong to its key'}`, () => {
    let checks = 0;
    if (token !== undefined && timestamp !== undefined && nonce !== undefined) {
      if (signature !== undefined && vector.verified) {
        assert.equal(sign(token, timestamp, nonce), signature);
        checks++;
      }
      if (msgSignature !== undefined && vector.encrypt !== undefined) {
        assert.equal(sign(token, timestamp, nonce, vector.encrypt) === msgSignature, vector.verified);
        checks++;
      }
    }
    if (vector.encrypt !== undefined) {
      const key = aesKey(vector.key ?? '');
      const opened = decrypt(key, vector.encrypt, vector.appid ?? '');
      assert.equal(opened, vector.verified ? vector.plaintext : undefined);
      if (vector.verified) {
        const again = encrypt(key, vector.random ?? '', vector.plaintext ?? '', vector.appid ?? '');
        assert.equal(again, vector.encrypt);
        assert.equal(decrypt(key, vector.encrypt, 'wx0000000000000000'), undefined);
      }
      checks++;
    }
    assert.ok(checks > 0);
  });
}

test('every length around the block comes back, and no cut or changed text does', () => {
  const key = aesKey('abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG');
  for (let length = 0; length <= 70; length++) {
    const message = '鸿雁🪿'.repeat(3) + 'x'.repeat(length);
    const sealed = encrypt(key, 'aaaabbbbccccdddd', message, 'wxb11529c136998cb6');
    assert.equal(decrypt(key, sealed, 'wxb11529c136998cb6'), message);
    assert.equal(decrypt(key, sealed.slice(0, -44), 'wxb11529c136998cb6'), undefined);
  }
  assert.equal(decrypt(key, '', 'wx'), undefined);
  assert.equal(decrypt(key, 'AAAA', 'wx'), undefined);
});

test('padding of which one byte differs does not open', () => {
  const key = aesKey('abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG');
  const seal = (plain: Buffer): string =>
    createCipheriv('aes-256-cbc', key.secret, key.iv).setAutoPadding(false).update(plain).toString('base64');
  // 16 random bytes, the length, a message of 5 and an appid of 2: 27, and 5 of padding.
  const plain = Buffer.alloc(32, 5);
  plain.write('aaaabbbbccccdddd\0\0\0\x05hellowx', 'latin1');
  assert.equal(decrypt(key, seal(plain), 'wx'), 'hello');
  plain[28] = 4;
  assert.equal(decrypt(key, seal(plain), 'wx'), undefined);
});
