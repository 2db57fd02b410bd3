import { createCipheriv, createDecipheriv, createSecretKey, hash, type KeyObject } from 'node:crypto';

/** PKCS#7 pads to 32 bytes here, though AES works in blocks of 16. */
const padBlock = 32;
const randomBytes = 16;
const lengthBytes = 4;

/**
 * `signature` over (token, timestamp, nonce), `msg_signature` over those and `Encrypt`: the parts in the order of
 * their bytes, joined without a separator; 40 lowercase hex digits of SHA-1.
 *
 * @see https://developers.weixin.qq.com/doc/oplatform/developers/dev/push/encryption.md
 */
export function sign(...parts: string[]): string {
  // All of them are ASCII, where the order of code units is that of bytes.
  return hash('sha1', parts.sort().join(''), 'hex');
}

/** Made once for all messages: a raw key costs `createCipheriv` 20 µs more each time. */
export interface AesKey {
  secret: KeyObject;
  iv: Buffer;
}

/** The 32 bytes of an EncodingAESKey, the first 16 of which are the IV. Its 43rd character may carry bits that are dropped. */
export function aesKey(encodingAESKey: string): AesKey {
  const bytes = Buffer.from(`${encodingAESKey}=`, 'base64');
  return { secret: createSecretKey(bytes), iv: bytes.subarray(0, 16) };
}

/** `Encrypt` of a message: Base64 of AES-256-CBC over random (16 ASCII characters), length, message, appid. */
export function encrypt(key: AesKey, random: string, message: string, appid: string): string {
  const length = Buffer.byteLength(message);
  const used = randomBytes + lengthBytes + length + Buffer.byteLength(appid);
  const pad = padBlock - (used % padBlock);
  const plain = Buffer.alloc(used + pad, pad);
  plain.write(random, 0, randomBytes, 'latin1');
  plain.writeUInt32BE(length, randomBytes);
  plain.write(message, randomBytes + lengthBytes, 'utf8');
  plain.write(appid, randomBytes + lengthBytes + length, 'utf8');
  // Whole blocks without padding come out of update() at once; final() would add nothing.
  const cipher = createCipheriv('aes-256-cbc', key.secret, key.iv).setAutoPadding(false);
  return cipher.update(plain).toString('base64');
}

/** The message inside `Encrypt`, or undefined if it was not made with this key for this appid. */
export function decrypt(key: AesKey, encrypted: string, appid: string): string | undefined {
  const bytes = Buffer.from(encrypted, 'base64');
  if (bytes.length === 0 || bytes.length % padBlock !== 0) return undefined;
  const decipher = createDecipheriv('aes-256-cbc', key.secret, key.iv).setAutoPadding(false);
  const plain = decipher.update(bytes);
  const pad = plain[plain.length - 1] as number; // there is at least one block
  if (pad < 1 || pad > padBlock) return undefined;
  const end = plain.length - pad;
  for (let at = end; at < plain.length; at++) if (plain[at] !== pad) return undefined;
  const start = randomBytes + lengthBytes;
  if (end < start) return undefined;
  const length = plain.readUInt32BE(randomBytes);
  if (start + length > end || plain.toString('utf8', start + length, end) !== appid) return undefined;
  return plain.toString('utf8', start, start + length);
}
