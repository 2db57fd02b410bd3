import { randomBytes } from 'node:crypto';
import { digestOf } from '../../base/api-key.ts';
import { failure } from '../../base/errors.ts';
import { isRole, type Role, roles } from '../../contract/permissions.ts';
import { endSessions as end } from '../../store/access/sessions.ts';
import {
  changeUser as change,
  endLinks,
  findUser,
  getUser,
  hasEntrance,
  hasPeople,
  insertLink,
  insertUser,
  listUsers as listed,
  type User,
} from '../../store/access/users.ts';
import { inTransaction, type Queryable } from '../../store/database/pool.ts';
import { action } from '../action.ts';
import type { Actor } from '../actor.ts';
import type { App } from '../app.ts';
import { cursorOf } from '../page.ts';
import { requireNoMore } from './keys.ts';

/** A link to set a password is good for so long. */
const linkS = 24 * 3600;

/** Different ones of an admin key that somebody made up: of 32 random ones in base64 there are over 20. */
const leastCharacters = 10;

export type AppUser = User;

/** A link that sets a password once: to be put behind the address of the console. */
export interface PasswordLink {
  path: string;
  expiresAt: Date;
}

/** Makes a person, who sets their own password with the link. Nobody can give more than they have (`FORBIDDEN`). */
export const createUser = action<
  { name: string; role: Role; accounts: string[] | null },
  { user: User; link: PasswordLink }
>(
  {
    name: 'users.create',
    permission: 'user.manage',
    audit: 'change',
    kept: ({ name, role, accounts }) => ({ name, role, accounts }),
  },
  async (app, input, { actor, trail }) => {
    requireNoMore(actor, { permissions: roles[input.role], accounts: input.accounts });
    const user = await insertUser(app.store.pool, { ...input, createdBy: actor.name });
    if (user === null) throw failure('USER_NAME_TAKEN', { name: input.name });
    trail.target = user.id;
    return { user, link: await makeLink(app.store.pool, user.id) };
  },
);

/** In the order in which they were made. */
export const listUsers = action<
  { limit: number; cursor: string | null },
  { data: User[]; next: string | null }
>(
  { name: 'users.list', permission: 'user.manage', audit: 'none' },
  async ({ store: { pool } }, { limit, cursor }) => {
    const found = await listed(pool, cursorOf(cursor, /^\d{1,18}$/), limit + 1);
    const data = found.slice(0, limit);
    return { data, next: found.length > limit ? (data.at(-1)?.id ?? null) : null };
  },
);

/** Another role, other accounts, disabled or enabled again; it holds from the next request on. */
export const changeUser = action<
  {
    id: string;
    role?: Role | undefined;
    accounts?: string[] | null | undefined;
    isDisabled?: boolean | undefined;
  },
  User
>(
  {
    name: 'users.change',
    permission: 'user.manage',
    audit: 'change',
    target: ({ id }) => id,
    kept: ({ role, accounts, isDisabled }) => ({ role, accounts, isDisabled }),
  },
  async ({ store: { pool } }, { id, ...wanted }, { actor, trail }) => {
    const user = await getUser(pool, id);
    requireOver(actor, user);
    const role = wanted.role ?? (isRole(user.role) ? user.role : 'viewer');
    // Null is every account, and not what was left out.
    const accounts = wanted.accounts === undefined ? user.accounts : wanted.accounts;
    requireNoMore(actor, { permissions: roles[role], accounts });
    trail.before = shownInAudit(user);
    const changed = await change(pool, id, wanted);
    trail.after = shownInAudit(changed);
    return changed;
  },
);

/** A new link, for whoever has none or forgot the password. Until it is used, everything stays as it is. */
export const linkUser = action<{ id: string }, PasswordLink>(
  { name: 'users.link', permission: 'user.manage', audit: 'change', target: ({ id }) => id },
  async (app, { id }, { actor }) => {
    const user = await getUser(app.store.pool, id);
    requireOver(actor, user);
    if (user.disabledAt !== null) throw failure('USER_DISABLED', { name: user.name });
    return await makeLink(app.store.pool, id);
  },
);

/** Ends every session of a person; who knows the password can sign in again. */
export const endSessions = action<{ id: string }, { ended: number }>(
  { name: 'users.endSessions', permission: 'user.manage', audit: 'change', target: ({ id }) => id },
  async ({ store: { pool } }, { id }, { actor, trail }) => {
    requireOver(actor, await getUser(pool, id));
    const ended = await end(pool, id);
    trail.after = { ended };
    return { ended };
  },
);

/**
 * While nobody has a password: a link for `admin`, who is made if need be. Null as soon as somebody has one. It is the only one
 * that works: `isAnother` where it ended an earlier one, which may stand in a log.
 */
export async function firstLink(app: App): Promise<(PasswordLink & { isAnother: boolean }) | null> {
  const { pool } = app.store;
  if (await hasPeople(pool)) return null;
  const made = await insertUser(pool, {
    name: 'admin',
    role: 'admin',
    accounts: null,
    createdBy: 'serve',
  });
  const admin = made ?? (await findUser(pool, 'admin'));
  if (admin === null || admin.disabledAt !== null) return null;
  return await inTransaction(pool, async (client) => {
    const isAnother = await endLinks(client, admin.id);
    return { ...(await makeLink(client, admin.id)), isAnother };
  });
}

/**
 * Refuses to be reached from elsewhere while nobody has set a secret: throws `LISTEN_UNGUARDED`. The admin key that a start makes by
 * itself lies in a file that perhaps nobody knows of, and does not count.
 *
 * @param given the admin key, where a person gave one
 */
export async function requireEntrance(
  { store: { pool } }: Pick<App, 'store'>,
  { address, given }: { address: string; given: string | undefined },
): Promise<void> {
  if (given !== undefined && new Set(given).size >= leastCharacters) return;
  if (!(await hasEntrance(pool))) throw failure('LISTEN_UNGUARDED', { address });
}

/** The id of a person by name. */
export async function userId(app: App, name: string): Promise<string> {
  const user = await findUser(app.store.pool, name);
  if (user === null) throw failure('USER_NOT_FOUND', { name });
  return user.id;
}

/** Behind `#`, so that no server or proxy writes it into a log. */
async function makeLink(pool: Queryable, id: string): Promise<PasswordLink> {
  const token = randomBytes(32).toString('base64url');
  const expiresAt = await insertLink(pool, id, digestOf(token), linkS);
  return { path: `/first-start#${token}`, expiresAt };
}

/** Whoever changes somebody has at least what that one has. */
function requireOver(actor: Actor, user: User): void {
  requireNoMore(actor, { permissions: isRole(user.role) ? roles[user.role] : [], accounts: user.accounts });
}

function shownInAudit({ role, accounts, disabledAt }: User) {
  return { role, accounts, disabledAt };
}
