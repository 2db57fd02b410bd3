import { createSealer } from '../base/seal.ts';
import { action } from './action.ts';

/** Keys by their ids, which tell nothing of them. */
export interface Rekeyed {
  from: string;
  to: string;
  /** Values that were sealed anew. */
  count: number;
}

/**
 * Replaces the secret key. The new one must lie on disk before: when this returns, and perhaps when it fails, the database
 * needs it. Only who may give every right may do it.
 *
 * Throws `REKEY_IN_USE`, `REKEY_SAME_KEY`, `SECRET_UNREADABLE`, `SECRET_KEY_INVALID`; then the old one holds.
 */
export const rekey = action<{ key: Buffer }, Rekeyed>(
  { name: 'installation.rekey', permission: 'user.manage', audit: 'change' },
  async ({ store }, { key }, { trail }) => {
    const from = store.sealer.keyId;
    const next = createSealer(key);
    trail.before = { key: from };
    const count = await store.rekey(next);
    trail.after = { key: next.keyId };
    return { from, to: next.keyId, count };
  },
);

/**
 * Seals with its key what is still sealed with the one before, while nodes run: all of them have both by then, and seal with
 * the new one. Killed anywhere, it is begun again. From its end on the key before is needed for older backups only.
 *
 * Throws `REKEY_IN_USE` (a node still seals with another key), `REKEY_SAME_KEY`, `SECRET_UNREADABLE`.
 */
export const finishRekey = action<{ signal: AbortSignal }, { to: string; count: number }>(
  { name: 'installation.finishRekey', permission: 'user.manage', audit: 'change' },
  async ({ store }, { signal }, { trail }) => {
    const count = await store.finishRekey(signal);
    const { keyId: to } = store.sealer;
    trail.after = { key: to, count };
    return { to, count };
  },
);
