import { createHash, timingSafeEqual } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { HongyanError } from '../base/errors.ts';

/** Lets only requests with `Authorization: Bearer <apiToken>` pass; others are `UNAUTHORIZED`, 401. */
export function bearerAuth(apiToken: string) {
  // Digests, because timingSafeEqual wants equal lengths and the token's length is nobody's business.
  const expected = digest(apiToken);
  return async (request: FastifyRequest, reply: FastifyReply): Promise<void> => {
    const given = /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? '')?.[1] ?? '';
    if (timingSafeEqual(digest(given), expected)) return;
    reply.header('WWW-Authenticate', 'Bearer realm="hongyan"');
    throw new HongyanError(
      'UNAUTHORIZED',
      'send the API token as "Authorization: Bearer TOKEN"; it is HONGYAN_API_TOKEN, or the file api.token in the data directory',
    );
  };
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
