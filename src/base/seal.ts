import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';
import { errorCode, failure } from './errors.ts';
import { secretRules } from './secret-rules.ts';

/** Encrypts the secrets that lie in the database: AES-256-GCM, bound to the place where each one is stored. */
export interface Sealer {
  /** First 8 bytes of SHA-256 of the key, hex: tells keys apart without telling anything of them. */
  readonly keyId: string;
  /** Those of all keys that it opens with, its own first. */
  readonly keyIds: readonly string[];
  /** @param place what the value belongs to, e.g. `accounts.secret:wx…`; opening it elsewhere fails. */
  seal(plain: string, place: string): Buffer;
  /** Throws `SECRET_UNREADABLE` when the key or the place differs or the bytes were changed. */
  open(sealed: Buffer, place: string): string;
  /** Which of its keys this is sealed with; null: none of them. */
  keyIdOf(sealed: Buffer, place: string): string | null;
}

const version = 1;

/**
 * @param others keys that were, or will be, in its place: what is sealed with one of them is opened too, and nothing is sealed
 *   with it. Throws `SECRET_KEY_INVALID`.
 */
export function createSealer(key: Buffer, others: readonly Buffer[] = []): Sealer {
  const keys = [key, ...others.filter((one) => !one.equals(key))].map((one) => {
    if (!secretRules.secretKey(one)) throw failure('SECRET_KEY_INVALID/length', { bytes: one.length });
    return { id: createHash('sha256').update(one).digest('hex').slice(0, 16), key: one };
  });
  const keyIds = keys.map(({ id }) => id);
  /** Throws what the cipher says under the first key when none of them opens it. */
  const openedBy = (sealed: Buffer, place: string): { id: string; plain: string } => {
    let first: unknown;
    for (const { id, key } of keys)
      try {
        return { id, plain: decipher(key, sealed, place) };
      } catch (error) {
        first ??= error;
      }
    throw failure('SECRET_UNREADABLE', { place }, { cause: first });
  };
  return {
    keyId: keyIds[0]!, // there is a first one
    keyIds,
    seal(plain, place) {
      const iv = randomBytes(12);
      const cipher = createCipheriv('aes-256-gcm', key, iv).setAAD(Buffer.from(place));
      const body = Buffer.concat([cipher.update(plain, 'utf8'), cipher.final()]);
      return Buffer.concat([Buffer.from([version]), iv, cipher.getAuthTag(), body]);
    },
    open: (sealed, place) => openedBy(sealed, place).plain,
    keyIdOf(sealed, place) {
      try {
        return openedBy(sealed, place).id;
      } catch (error) {
        if (errorCode(error) !== 'SECRET_UNREADABLE') throw error;
        return null;
      }
    },
  };
}

function decipher(key: Buffer, sealed: Buffer, place: string): string {
  if (sealed[0] !== version) throw new RangeError(`unknown version ${sealed[0]}`);
  const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(1, 13), { authTagLength: 16 })
    .setAAD(Buffer.from(place))
    .setAuthTag(sealed.subarray(13, 29));
  return Buffer.concat([decipher.update(sealed.subarray(29)), decipher.final()]).toString('utf8');
}

/** Reads 32 bytes written as base64, base64url or 64 hex digits; throws `SECRET_KEY_INVALID` otherwise. */
export function parseSecretKey(text: string): Buffer {
  const trimmed = text.trim();
  return /^[0-9a-fA-F]{64}$/.test(trimmed) ? Buffer.from(trimmed, 'hex') : Buffer.from(trimmed, 'base64');
}
