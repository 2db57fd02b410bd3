import { createCipheriv, createDecipheriv, hash, randomBytes, timingSafeEqual } from 'node:crypto';
import { failure } from '../../base/errors.ts';
import { secretRules } from '../../base/secret-rules.ts';

/** PKCS#7 pads to 32 bytes here, though AES works in blocks of 16. */
const padBlock = 32;
const randomLength = 16;
const headLength = randomLength + 4;

const base64 = /^[A-Za-z0-9+/]+={0,2}$/;

/** Why a ciphertext is not what it should be: not Base64 of whole blocks · wrong padding · wrong length field · another receive id. */
export type DecryptProblem = 'malformed' | 'padding' | 'length' | 'appid';

export type Decrypted = { kind: 'message'; message: Buffer } | { kind: 'refused'; reason: DecryptProblem };

/**
 * WeChat's signature: the parts in the order of their bytes, joined without a separator; 40 lowercase hex digits of SHA-1.
 *
 * `signature` is over (token, timestamp, nonce), `msg_signature` over those and `Encrypt` as it was received.
 *
 * @see https://developers.weixin.qq.com/doc/oplatform/developers/dev/push/encryption.md
 */
export function signCallback(...parts: string[]): string {
  // What WeChat signs is ASCII, where the order of code units is that of bytes.
  return hash('sha1', parts.sort().join(''), 'hex');
}

/** Whether two signatures are equal, in a time that does not tell how much of them is. */
export function isSameSignature(given: string, expected: string): boolean {
  const [left, right] = [Buffer.from(given), Buffer.from(expected)];
  return left.length === right.length && timingSafeEqual(left, right);
}

/**
 * The 32 bytes of an EncodingAESKey (43 characters). Bits of the 43rd character beyond the 256th are dropped, as WeChat does.
 *
 * Throws `CALLBACK_AES_KEY_INVALID`.
 */
export function decodeAesKey(encodingAesKey: string): Buffer {
  if (!secretRules.aesKey(encodingAesKey)) {
    throw failure('CALLBACK_AES_KEY_INVALID', { length: encodingAesKey.length });
  }
  return Buffer.from(`${encodingAesKey}=`, 'base64');
}

/**
 * The message inside `Encrypt`. Call it for signed ciphertexts only: the reasons that it gives would be an oracle otherwise.
 *
 * @param receiveId The appid that the message must be for.
 */
export function decryptMessage(encrypted: string, key: Buffer, receiveId: string): Decrypted {
  // Node's decoder skips what is not Base64, so that two texts could be one ciphertext.
  if (encrypted.length % 4 !== 0 || !base64.test(encrypted)) return refused('malformed');
  const bytes = Buffer.from(encrypted, 'base64');
  if (bytes.length === 0 || bytes.length % padBlock !== 0) return refused('malformed');
  const decipher = createDecipheriv('aes-256-cbc', key, key.subarray(0, 16)).setAutoPadding(false);
  const plain = Buffer.concat([decipher.update(bytes), decipher.final()]);
  const pad = plain[plain.length - 1] ?? 0;
  const end = plain.length - pad;
  if (pad < 1 || pad > padBlock || plain.subarray(end).some((byte) => byte !== pad))
    return refused('padding');
  if (end < headLength) return refused('length');
  const messageEnd = headLength + plain.readUInt32BE(randomLength);
  if (messageEnd > end) return refused('length');
  if (!plain.subarray(messageEnd, end).equals(Buffer.from(receiveId))) return refused('appid');
  return { kind: 'message', message: plain.subarray(headLength, messageEnd) };
}

function refused(reason: DecryptProblem): Decrypted {
  return { kind: 'refused', reason };
}

/**
 * `Encrypt` of a message: Base64 of AES-256-CBC over 16 random bytes, the length, the message and the receive id.
 *
 * @param random 16 bytes; for tests. WeChat's are printable, and so are the default ones (96 bits).
 */
export function encryptMessage(
  message: string | Buffer,
  key: Buffer,
  receiveId: string,
  random: Buffer = Buffer.from(randomBytes(12).toString('base64url')),
): string {
  if (random.length !== randomLength) throw new RangeError(`random has ${random.length} bytes, not 16`);
  const content = Buffer.isBuffer(message) ? message : Buffer.from(message);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(content.length);
  const bare = Buffer.concat([random, length, content, Buffer.from(receiveId)]);
  const pad = padBlock - (bare.length % padBlock);
  const cipher = createCipheriv('aes-256-cbc', key, key.subarray(0, 16)).setAutoPadding(false);
  return Buffer.concat([cipher.update(bare), cipher.update(Buffer.alloc(pad, pad)), cipher.final()]).toString(
    'base64',
  );
}
