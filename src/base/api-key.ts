import { createHash, randomBytes } from 'node:crypto';

/** `hy_` + id + `_` + secret. The id finds it, the secret is compared. */
const form = /^hy_([0-9a-f]{12})_([\w-]{43})$/;

export interface NewApiKey {
  id: string;
  /** Shown once. */
  key: string;
  digest: Buffer;
}

export function makeApiKey(): NewApiKey {
  const id = randomBytes(6).toString('hex');
  const secret = randomBytes(32).toString('base64url');
  return { id, key: `hy_${id}_${secret}`, digest: digestOf(secret) };
}

/** Null when it is not of the form. */
export function splitApiKey(key: string): { id: string; digest: Buffer } | null {
  const [, id, secret] = form.exec(key) ?? [];
  return id === undefined || secret === undefined ? null : { id, digest: digestOf(secret) };
}

/** What is stored of a secret that is 32 random bytes: nobody can try them all, so a fast digest does. */
export function digestOf(secret: string): Buffer {
  return createHash('sha256').update(secret).digest();
}
