import type { FastifyReply, FastifyRequest } from 'fastify';
import type { z } from 'zod';
import {
  changePassword,
  signIn,
  signOut,
  usePasswordLink,
  type Visitor,
} from '../../../app/access/sessions.ts';
import {
  changeUser,
  createUser,
  endSessions,
  linkUser,
  listUsers,
  type PasswordLink,
} from '../../../app/access/users.ts';
import { errorCode } from '../../../base/errors.ts';
import type { me } from '../../../contract/access/access.ts';
import type { usersRoutes } from '../../../contract/access/users.ts';
import { isRole } from '../../../contract/permissions.ts';
import type { User } from '../../../store/access/users.ts';
import { refuseForeignPages, sessionCookie, setSessionCookie } from '../../access/cookie.ts';
import type { Door } from '../../access/who-asks.ts';
import { type Handlers, via } from '../../register.ts';
import { shownActor } from './access.ts';

export const usersHandlers: Handlers<typeof usersRoutes> = {
  'POST /v1/sessions': async (call) => await begun(call, (visitor) => signIn(call.deps, call.body, visitor)),
  'POST /v1/sessions/link': async (call) =>
    await begun(call, (visitor) => usePasswordLink(call.deps, call.body, visitor)),
  'DELETE /v1/sessions/current': async ({ deps, request, reply }) => {
    const cookie = sessionCookie(request);
    if (cookie !== null) await signOut(deps, cookie);
    setSessionCookie(request, reply, null);
    return undefined;
  },
  'PUT /v1/me/password': async ({ deps, actor, body, request, reply }) => {
    setSessionCookie(request, reply, await changePassword(deps, actor, body, visitorOf(request)));
    return undefined;
  },

  'GET /v1/users': via(
    listUsers,
    ({ query }) => ({ limit: query.limit, cursor: query.cursor ?? null }),
    ({ data, next }) => ({ data: data.map(shownUser), next }),
  ),
  'POST /v1/users': via(
    createUser,
    ({ body }) => body,
    ({ user, link }) => ({ user: shownUser(user), link: shownLink(link) }),
  ),
  'PATCH /v1/users/{id}': via(
    changeUser,
    ({ params, body }) => ({ ...body, id: params.id }),
    (user) => shownUser(user),
  ),
  'POST /v1/users/{id}/link': via(
    linkUser,
    ({ params }) => params,
    (link) => shownLink(link),
  ),
  'DELETE /v1/users/{id}/sessions': via(
    endSessions,
    ({ params }) => params,
    (ended) => ended,
  ),
};

/** Begins a session; whoever fails is slowed like somebody with a wrong key. */
async function begun(
  { door, request, reply }: { door: Door; request: FastifyRequest; reply: FastifyReply },
  begin: (visitor: Visitor) => Promise<string>,
): Promise<z.input<typeof me>> {
  refuseForeignPages(request);
  try {
    const token = await begin(visitorOf(request));
    const person = await door.person(token, request);
    if (person === null) throw new Error('a session that was just begun is not there');
    setSessionCookie(request, reply, token);
    return shownActor(person);
  } catch (error) {
    if (['SIGN_IN_FAILED', 'LINK_INVALID'].includes(errorCode(error) ?? ''))
      await door.failed(request, reply);
    throw error;
  }
}

function visitorOf(request: FastifyRequest): Visitor {
  return { source: request.ip, userAgent: request.headers['user-agent'] ?? null, requestId: request.id };
}

function shownUser(user: User) {
  const iso = (time: Date | null): string | null => time?.toISOString() ?? null;
  return {
    id: user.id,
    name: user.name,
    role: isRole(user.role) ? user.role : ('viewer' as const), // the table allows no other
    accounts: user.accounts,
    hasPassword: user.hasPassword,
    createdAt: user.createdAt.toISOString(),
    createdBy: user.createdBy,
    disabledAt: iso(user.disabledAt),
    lockedUntil: iso(user.lockedUntil),
    lastSignInAt: iso(user.lastSignInAt),
  };
}

function shownLink({ path, expiresAt }: PasswordLink) {
  return { path, expiresAt: expiresAt.toISOString() };
}
