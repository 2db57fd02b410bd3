import { randomBytes } from 'node:crypto';
import { digestOf } from '../../base/api-key.ts';
import { failure } from '../../base/errors.ts';
import { hashPassword, isPassword } from '../../base/password.ts';
import { isShort, minPasswordLength, secretRules } from '../../base/secret-rules.ts';
import { appendAudit } from '../../store/access/audit.ts';
import { endSession as end, insertSession } from '../../store/access/sessions.ts';
import { beginSignIn, linkOwner, setPassword, type User, useLink } from '../../store/access/users.ts';
import type { Actor } from '../actor.ts';
import type { App } from '../app.ts';

/** So many wrong passwords in a row are free; then each locks for twice as long as the one before, up to some 20 minutes. */
const freeAttempts = 5;

/** From where somebody signs in. */
export interface Visitor {
  source: string | null;
  userAgent: string | null;
  requestId: string | null;
}

/**
 * Begins a session and gives what goes into the cookie.
 *
 * Throws `SIGN_IN_FAILED` for a wrong name or password alike, `RATE_LIMITED` while the person is locked: then the password
 * is not looked at.
 */
export async function signIn(
  app: App,
  { name, password }: { name: string; password: string },
  visitor: Visitor,
): Promise<string> {
  return await begin(app, await requirePassword(app, name, password), visitor, 'sessions.create');
}

async function requirePassword(app: App, name: string, password: string): Promise<User> {
  const found = await beginSignIn(app.store.pool, name, freeAttempts);
  if (found !== null && found.lockedForS > 0) throw failure('RATE_LIMITED', { seconds: found.lockedForS });
  if (!(await isPassword(password, found?.password ?? null)) || found === null)
    throw failure('SIGN_IN_FAILED', {});
  return found.user;
}

/** Sets a password by the link that was sent, which then is used up, ends what was open, and signs in. */
export async function usePasswordLink(
  app: App,
  { token, password }: { token: string; password: string },
  visitor: Visitor,
): Promise<string> {
  const digest = digestOf(token);
  const user = await linkOwner(app.store.pool, digest);
  if (user === null) throw failure('LINK_INVALID', {});
  requireGoodPassword(password, user.name);
  const hash = await hashPassword(password);
  // Of two at once one sets it.
  if (!(await useLink(app.store.pool, digest))) throw failure('LINK_INVALID', {});
  await setPassword(app.store.pool, user.id, hash);
  return await begin(app, user, visitor, 'sessions.useLink');
}

/** A new password for whoever is signed in and knows the old one. Every other session ends, and this one begins anew. */
export async function changePassword(
  app: App,
  actor: Actor,
  { current, password }: { current: string; password: string },
  visitor: Visitor,
): Promise<string> {
  if (actor.kind !== 'user') throw failure('SESSION_NEEDED', {});
  const { id, name } = actor;
  await requirePassword(app, name, current);
  requireGoodPassword(password, name);
  await setPassword(app.store.pool, id, await hashPassword(password));
  return await begin(app, { id, name }, visitor, 'me.changePassword');
}

export async function signOut(app: App, token: string): Promise<void> {
  await end(app.store.pool, digestOf(token));
}

async function begin(
  app: App,
  user: Pick<User, 'id' | 'name'>,
  visitor: Visitor,
  action: string,
): Promise<string> {
  const token = randomBytes(32).toString('base64url');
  const userAgent = visitor.userAgent?.slice(0, 200) ?? null;
  await insertSession(app.store.pool, {
    digest: digestOf(token),
    userId: user.id,
    source: visitor.source,
    userAgent,
  });
  await appendAudit(app.store.pool, {
    ...{ outcome: 'done', beganId: null, action, code: null },
    ...{ actorKind: 'user', actorId: user.id, actorName: user.name },
    ...{ appid: null, target: user.id, input: {}, before: null, after: null },
    source: visitor.source,
    requestId: visitor.requestId,
  });
  return token;
}

function requireGoodPassword(password: string, name: string): void {
  if (secretRules.password(password, name)) return;
  if (isShort(password)) throw failure('PASSWORD_WEAK/short', { least: minPasswordLength });
  throw failure('PASSWORD_WEAK/guessable', {});
}
