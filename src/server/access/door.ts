import { timingSafeEqual } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Actor } from '../../app/actor.ts';
import { digestOf } from '../../base/api-key.ts';
import { failure } from '../../base/errors.ts';
import { isPermission } from '../../contract/permissions.ts';
import type { ServerDeps } from '../deps.ts';
import { languageOf } from '../language.ts';
import { KeyRing } from './key-ring.ts';
import { Strangers } from './strangers.ts';

/** Whoever asks over HTTP, with the ceiling of the key that let them in. */
export interface Caller {
  actor: Actor;
  ratePerS: number | null;
}

/** Finds out who asks. Nothing of a request is read before. */
export class Door {
  readonly keys: KeyRing;
  readonly #strangers: Strangers;
  readonly #adminDigest: Buffer;

  /** `apiToken` is an admin key that lies in a file, for the first steps and for the machine's owner. */
  constructor(
    { store, logger }: Pick<ServerDeps, 'store' | 'logger'>,
    apiToken: string,
    strangerDelayMs?: number,
  ) {
    this.keys = new KeyRing(store.pool, logger);
    this.#strangers = new Strangers(logger, strangerDelayMs);
    this.#adminDigest = digestOf(apiToken);
  }

  /** Throws `UNAUTHORIZED`, and `RATE_LIMITED` to whoever tries too often. */
  async caller(request: FastifyRequest, reply: FastifyReply): Promise<Caller> {
    const { authorization } = request.headers;
    const given = /^Bearer +(\S+)$/i.exec(authorization ?? '')?.[1];
    const found = given === undefined ? null : await this.#byKey(given, request);
    if (found !== null) return found;
    const route = request.routeOptions.url ?? 'none';
    if (!(await this.#strangers.failed(request.ip, route))) {
      reply.header('Retry-After', '5');
      throw failure('RATE_LIMITED', { seconds: 5 });
    }
    reply.header('WWW-Authenticate', 'Bearer');
    throw failure(authorization === undefined ? 'UNAUTHORIZED/missing' : 'UNAUTHORIZED/wrong', {});
  }

  async #byKey(given: string, request: FastifyRequest): Promise<Caller | null> {
    if (timingSafeEqual(digestOf(given), this.#adminDigest)) {
      const actor = actorOf(request, { id: 'api.token', name: 'api.token' });
      return { actor: { ...actor, permissions: 'all', accounts: 'all' }, ratePerS: null };
    }
    const key = await this.keys.find(given);
    if (key === null) return null;
    this.keys.noteUse(key, request.ip);
    const actor: Actor = {
      ...actorOf(request, key),
      permissions: new Set(key.permissions.filter(isPermission)),
      accounts: key.accounts === null ? 'all' : new Set(key.accounts),
    };
    return { actor, ratePerS: key.ratePerS };
  }
}

function actorOf(
  request: FastifyRequest,
  { id, name }: { id: string; name: string },
): Omit<Actor, 'permissions' | 'accounts'> {
  return {
    kind: 'key',
    id,
    name,
    entrance: 'http',
    lang: languageOf(request),
    source: request.ip,
    requestId: request.id,
  };
}
