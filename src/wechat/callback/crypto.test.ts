import assert from 'node:assert/strict';
import { createCipheriv } from 'node:crypto';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { callbackVectors } from '../../../test/support/callback/request.ts';
import { decodeAesKey, decryptMessage, encryptMessage, isSameSignature, signCallback } from './crypto.ts';

const appid = 'wx0123456789abcdef';
const key = decodeAesKey('abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG');

/** Encrypts any bytes as they are, so that a test can break what it wants. */
function encryptRaw(plain: Buffer): string {
  const cipher = createCipheriv('aes-256-cbc', key, key.subarray(0, 16)).setAutoPadding(false);
  return Buffer.concat([cipher.update(plain), cipher.final()]).toString('base64');
}

function fullText(message: string, length = Buffer.byteLength(message), receiveId = appid): Buffer {
  const head = Buffer.from('0123456789abcdef....');
  head.writeUInt32BE(length, 16);
  return Buffer.concat([head, Buffer.from(message), Buffer.from(receiveId)]);
}

function padded(bytes: Buffer, fill?: number): Buffer {
  const pad = 32 - (bytes.length % 32);
  return Buffer.concat([bytes, Buffer.alloc(pad, fill ?? pad)]);
}

describe('the public vectors', () => {
  const random = (text: string): Buffer => Buffer.from(text, 'latin1');
  for (const vector of callbackVectors.filter(({ verified }) => verified)) {
    const { token, timestamp, nonce } = vector;
    if (token !== undefined && timestamp !== undefined && nonce !== undefined) {
      test(`${vector.id}: signatures`, () => {
        assert.ok(vector.signature !== undefined || vector.msg_signature !== undefined);
        if (vector.signature !== undefined) {
          assert.equal(signCallback(token, timestamp, nonce), vector.signature);
        }
        if (vector.msg_signature !== undefined) {
          assert.equal(signCallback(token, timestamp, nonce, vector.encrypt ?? ''), vector.msg_signature);
        }
      });
    }
    if (vector.encrypt === undefined) continue;
    test(`${vector.id}: decrypts, and encrypts to the same Base64`, () => {
      const vectorKey = decodeAesKey(vector.key ?? '');
      const opened = decryptMessage(vector.encrypt ?? '', vectorKey, vector.appid ?? '');
      assert.equal(opened.kind === 'message' && opened.message.toString(), vector.plaintext);
      assert.equal(
        encryptMessage(vector.plaintext ?? '', vectorKey, vector.appid ?? '', random(vector.random ?? '')),
        vector.encrypt,
      );
    });
  }

  test('V7, which is published with a key that is not its own, is refused', () => {
    const v7 = callbackVectors.find(({ id }) => id === 'V7');
    assert.ok(v7?.encrypt !== undefined && v7.msg_signature !== undefined);
    const signature = signCallback(v7.token ?? '', v7.timestamp ?? '', v7.nonce ?? '', v7.encrypt);
    assert.equal(isSameSignature(v7.msg_signature, signature), false);
    assert.deepEqual(decryptMessage(v7.encrypt, decodeAesKey(v7.key ?? ''), v7.appid ?? ''), {
      kind: 'refused',
      reason: 'padding',
    });
  });

  test('are 18, of which one is broken', () => {
    assert.deepEqual(
      [callbackVectors.length, callbackVectors.filter(({ verified }) => !verified).map(({ id }) => id)],
      [18, ['V7']],
    );
  });
});

describe('the round trip', () => {
  const keys = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => Buffer.from(bytes));
  const texts = fc.string({ unit: 'binary', maxLength: 300 }).map((text) => text.toWellFormed());
  const chinese = fc.string({
    unit: fc.constantFrom('鸿', '雁', '𠮷', '🪿', '👨‍👩‍👧', 'a', ']]>', '\n'),
    maxLength: 80,
  });

  test('gives back any text under any key', () => {
    fc.assert(
      fc.property(
        fc.oneof(texts, chinese),
        keys,
        fc.stringMatching(/^wx[0-9a-f]{16}$/),
        (text, anyKey, id) => {
          const opened = decryptMessage(encryptMessage(text, anyKey, id), anyKey, id);
          assert.equal(opened.kind === 'message' && opened.message.toString(), text);
        },
      ),
      { numRuns: 300 },
    );
  });

  test('gives back every length around the 32-byte block', () => {
    for (let length = 0; length <= 130; length++) {
      const encrypted = encryptMessage('x'.repeat(length), key, appid);
      const bytes = Buffer.from(encrypted, 'base64').length;
      assert.equal(bytes % 32, 0);
      // At least one byte of padding, so a full block where nothing is left to fill.
      assert.equal(bytes, 32 * (Math.floor((20 + length + appid.length) / 32) + 1));
      const opened = decryptMessage(encrypted, key, appid);
      assert.equal(opened.kind === 'message' && opened.message.length, length);
    }
  });

  test('is never the same ciphertext twice', () => {
    assert.notEqual(encryptMessage('same', key, appid), encryptMessage('same', key, appid));
  });

  test('opens under no other key', () => {
    fc.assert(
      fc.property(texts, keys, (text, other) => {
        assert.equal(decryptMessage(encryptMessage(text, key, appid), other, appid).kind, 'refused');
      }),
    );
  });
});

describe('a ciphertext is refused', () => {
  const refusal = (encrypted: string, receiveId = appid): string => {
    const opened = decryptMessage(encrypted, key, receiveId);
    return opened.kind === 'refused' ? opened.reason : 'opened';
  };
  const good = encryptMessage('{"a":"b"}', key, appid);

  test('when it is cut, longer, or no Base64', () => {
    for (const text of [
      '',
      '=',
      '====',
      'AAAA',
      good.slice(0, -4),
      good.slice(4),
      good.slice(0, -1),
      `${good}AAAA`,
    ]) {
      assert.equal(refusal(text), 'malformed', text);
    }
    for (const text of [
      `${good}\n`,
      ` ${good}`,
      `${good.slice(0, 8)}    ${good.slice(12)}`,
      good.replace(/.$/, '-'),
    ]) {
      assert.equal(refusal(text), 'malformed', text);
    }
  });

  test('when a padding byte is wrong', () => {
    const full = fullText('{"a":"b"}');
    assert.equal(refusal(encryptRaw(padded(full))), 'opened');
    for (const fill of [0, 33, 255])
      assert.equal(refusal(encryptRaw(padded(full, fill))), 'padding', `${fill}`);
    const oneOff = padded(full);
    oneOff[oneOff.length - 2] = 1;
    assert.equal(refusal(encryptRaw(oneOff)), 'padding');
  });

  test('when the padding swallows the head', () => {
    assert.equal(refusal(encryptRaw(Buffer.alloc(32, 32))), 'length');
    assert.equal(refusal(encryptRaw(Buffer.alloc(32, 13))), 'length');
  });

  test('when the length field is beyond the buffer, or not the message’s', () => {
    const message = '{"a":"b"}';
    for (const length of [message.length + appid.length + 1, 1_000, 2 ** 31, 2 ** 32 - 1]) {
      assert.equal(refusal(encryptRaw(padded(fullText(message, length)))), 'length', `${length}`);
    }
    for (const length of [0, message.length - 1, message.length + 1, message.length + appid.length]) {
      assert.equal(refusal(encryptRaw(padded(fullText(message, length)))), 'appid', `${length}`);
    }
  });

  test('when it is for another receive id', () => {
    for (const other of ['', 'wx0123456789abcdee', appid.slice(0, -1), `${appid}0`, appid.toUpperCase()]) {
      assert.equal(refusal(good, other), 'appid', other);
      assert.equal(refusal(encryptMessage('{"a":"b"}', key, other)), 'appid', other);
    }
  });
});

describe('an EncodingAESKey', () => {
  test('has 43 characters, and bits of the last that do not count', () => {
    assert.equal(decodeAesKey('abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG').length, 32);
    assert.deepEqual(decodeAesKey(`${'A'.repeat(42)}B`), decodeAesKey('A'.repeat(43)));
    assert.notDeepEqual(decodeAesKey(`${'A'.repeat(42)}E`), decodeAesKey('A'.repeat(43)));
  });

  test('is refused in any other form', () => {
    for (const text of [
      '',
      'A'.repeat(42),
      'A'.repeat(44),
      `${'A'.repeat(42)}=`,
      `${'A'.repeat(42)}-`,
      `${'A'.repeat(43)}\n`,
    ]) {
      assert.throws(() => decodeAesKey(text), { code: 'CALLBACK_AES_KEY_INVALID' });
    }
  });
});

test('signatures are compared whole', () => {
  const signature = signCallback('token', '1', '2');
  assert.equal(isSameSignature(signature, signature), true);
  const others = [
    '',
    signature.slice(1),
    `${signature}0`,
    signature.toUpperCase(),
    'Ŧ'.repeat(40),
    signature.replace(/^./, 'g'),
  ];
  for (const other of others) assert.equal(isSameSignature(other, signature), false, other);
});
