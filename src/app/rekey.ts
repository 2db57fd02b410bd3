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
