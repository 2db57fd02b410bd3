import type { FastifyReply, FastifyRequest } from 'fastify';
import { failure } from '../../base/errors.ts';
import { sessionS } from '../../store/access/sessions.ts';

/** Behind TLS the name itself keeps other hosts, and pages without TLS, from setting it. */
function cookieName(request: FastifyRequest): string {
  return request.protocol === 'https' ? '__Host-hongyan' : 'hongyan';
}

export function sessionCookie(request: FastifyRequest): string | null {
  const wanted = `${cookieName(request)}=`;
  for (const one of (request.headers.cookie ?? '').split(';')) {
    const text = one.trim();
    if (text.startsWith(wanted)) return text.slice(wanted.length) || null;
  }
  return null;
}

export function setSessionCookie(request: FastifyRequest, reply: FastifyReply, token: string | null): void {
  const parts = [
    `${cookieName(request)}=${token ?? ''}`,
    'Path=/',
    'HttpOnly',
    'SameSite=Strict',
    `Max-Age=${token === null ? 0 : sessionS}`,
    ...(request.protocol === 'https' ? ['Secure'] : []),
  ];
  reply.header('Set-Cookie', parts.join('; '));
}

/**
 * Refuses what another site's page has its visitor's browser send: a form cannot set the header, a script is asked for its
 * Origin first, and is of another one. Reading is safe, since the other page does not see the answer.
 */
export function refuseForeignPages(request: FastifyRequest): void {
  if (request.method === 'GET' || request.method === 'HEAD') return;
  const { origin, 'x-requested-with': by, 'sec-fetch-site': site } = request.headers;
  const isOwn =
    by === 'hongyan' &&
    (origin === undefined || hostOf(origin) === request.host) &&
    (site === undefined || site === 'same-origin');
  if (!isOwn) throw failure('FOREIGN_PAGE', {});
}

function hostOf(origin: string): string | null {
  return URL.canParse(origin) ? new URL(origin).host : null;
}
