import { makeApiKey } from '../../base/api-key.ts';
import { failure } from '../../base/errors.ts';
import type { Permission } from '../../contract/permissions.ts';
import {
  type ApiKey,
  getKey,
  insertKey,
  listKeys as listed,
  revokeKey as revoke,
} from '../../store/access/keys.ts';
import { action } from '../action.ts';
import { type Actor, may } from '../actor.ts';

export type AppKey = ApiKey;

export interface NewKey {
  name: string;
  permissions: Permission[];
  /** Null: every account. */
  accounts: string[] | null;
  ratePerS: number | null;
  expiresAt: Date | null;
}

/** Makes a key. Its text is in the result and nowhere else; nobody can give more than they have (`FORBIDDEN`). */
export const createKey = action<NewKey, ApiKey & { key: string }>(
  {
    name: 'keys.create',
    permission: 'user.manage',
    audit: 'change',
    kept: ({ name, permissions, accounts, ratePerS, expiresAt }) => ({
      name,
      permissions,
      accounts,
      ratePerS,
      expiresAt,
    }),
  },
  async ({ store: { pool } }, input, { actor, trail }) => {
    requireNoMore(actor, input);
    if (input.expiresAt !== null && input.expiresAt.getTime() <= Date.now())
      throw failure('API_KEY_EXPIRY_PAST', { time: input.expiresAt.toISOString() });
    const { id, key, digest } = makeApiKey();
    trail.target = id;
    const permissions = [...new Set(input.permissions)];
    const made = await insertKey(pool, { ...input, permissions, id, digest, createdBy: actor.name });
    return { ...made, key };
  },
);

/** The newest first. `cursor` is the `next` of the page before. */
export const listKeys = action<
  { limit: number; cursor: string | null },
  { data: ApiKey[]; next: string | null }
>(
  { name: 'keys.list', permission: 'user.manage', audit: 'none' },
  async ({ store: { pool } }, { limit, cursor }) => {
    if (cursor !== null) await getKey(pool, cursor);
    const found = await listed(pool, cursor, limit + 1);
    const data = found.slice(0, limit);
    return { data, next: found.length > limit ? (data.at(-1)?.id ?? null) : null };
  },
);

/** Ends a key; one that has ended already stays as it is. */
export const revokeKey = action<{ id: string }, ApiKey>(
  { name: 'keys.revoke', permission: 'user.manage', audit: 'change', target: ({ id }) => id },
  async ({ store: { pool } }, { id }, { actor, trail }) => {
    const key = await getKey(pool, id);
    requireNoMore(actor, { permissions: [], accounts: key.accounts });
    trail.before = { name: key.name, revokedAt: key.revokedAt };
    return await revoke(pool, id);
  },
);

/** Whoever manages people and keys may be limited to accounts, and then so is whatever they make. */
export function requireNoMore(
  actor: Actor,
  given: { permissions: readonly Permission[]; accounts: readonly string[] | null },
): void {
  const permission = given.permissions.find((one) => !may(actor, one, null));
  const isWider =
    actor.accounts !== 'all' &&
    (given.accounts === null || given.accounts.some((appid) => !may(actor, 'user.manage', appid)));
  if (permission === undefined && !isWider) return;
  throw failure('FORBIDDEN', { permission: permission ?? 'user.manage', actor: actor.name });
}
