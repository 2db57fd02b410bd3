import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';
import { failure } from './errors.ts';
import { secretRules } from './secret-rules.ts';

/** Encrypts the secrets that lie in the database: AES-256-GCM, bound to the place where each one is stored. */
export interface Sealer {
  /** First 8 bytes of SHA-256 of the key, hex: tells keys apart without telling anything of them. */
  readonly keyId: string;
  /** @param place what the value belongs to, e.g. `accounts.secret:wx…`; opening it elsewhere fails. */
  seal(plain: string, place: string): Buffer;
  /** Throws `SECRET_UNREADABLE` when the key or the place differs or the bytes were changed. */
  open(sealed: Buffer, place: string): string;
}

const version = 1;

export function createSealer(key: Buffer): Sealer {
  if (!secretRules.secretKey(key)) {
    throw failure('SECRET_KEY_INVALID/length', { bytes: key.length });
  }
  return {
    keyId: createHash('sha256').update(key).digest('hex').slice(0, 16),
    seal(plain, place) {
      const iv = randomBytes(12);
      const cipher = createCipheriv('aes-256-gcm', key, iv).setAAD(Buffer.from(place));
      const body = Buffer.concat([cipher.update(plain, 'utf8'), cipher.final()]);
      return Buffer.concat([Buffer.from([version]), iv, cipher.getAuthTag(), body]);
    },
    open(sealed, place) {
      try {
        if (sealed[0] !== version) throw new RangeError(`unknown version ${sealed[0]}`);
        const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(1, 13), { authTagLength: 16 })
          .setAAD(Buffer.from(place))
          .setAuthTag(sealed.subarray(13, 29));
        return Buffer.concat([decipher.update(sealed.subarray(29)), decipher.final()]).toString('utf8');
      } catch (error) {
        throw failure('SECRET_UNREADABLE', { place }, { cause: error });
      }
    },
  };
}

/** Reads 32 bytes written as base64, base64url or 64 hex digits; throws `SECRET_KEY_INVALID` otherwise. */
export function parseSecretKey(text: string): Buffer {
  const trimmed = text.trim();
  return /^[0-9a-fA-F]{64}$/.test(trimmed) ? Buffer.from(trimmed, 'hex') : Buffer.from(trimmed, 'base64');
}
