import { timingSafeEqual } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Actor } from '../../app/actor.ts';
import { digestOf } from '../../base/api-key.ts';
import { failure } from '../../base/errors.ts';
import { isPermission, isRole, roles } from '../../contract/permissions.ts';
import type { ValidKey } from '../../store/access/keys.ts';
import { findSession } from '../../store/access/sessions.ts';
import type { Store } from '../../store/store.ts';
import type { ServerDeps } from '../deps.ts';
import { languageOf } from '../language.ts';
import type { Caller } from './caller.ts';
import { refuseForeignPages, sessionCookie } from './cookie.ts';
import { KeyRing } from './key-ring.ts';
import { Limits } from './limits.ts';
import { Strangers } from './strangers.ts';
import { accessTokenIn, openPass } from './wechat-pass.ts';

/** Finds out who asks. Nothing of a request is read before. */
export class Door {
  readonly limits = new Limits();
  readonly #store: Store;
  readonly #keys: KeyRing;
  readonly #strangers: Strangers;
  readonly #adminDigest: Buffer;

  /** `apiToken` is an admin key that lies in a file, for the first steps and for the machine's owner. */
  constructor(
    { store, logger }: Pick<ServerDeps, 'store' | 'logger'>,
    apiToken: string,
    strangerDelayMs?: number,
  ) {
    this.#store = store;
    this.#keys = new KeyRing(store.pool, logger);
    this.#strangers = new Strangers(logger, strangerDelayMs);
    this.#adminDigest = digestOf(apiToken);
  }

  /**
   * By the key that was sent, or else by the cookie. Throws `UNAUTHORIZED`, and `RATE_LIMITED` to whoever tries too often.
   *
   * @param whileAway while the database is away keys count that it knew last
   */
  async caller(
    request: FastifyRequest,
    reply: FastifyReply,
    { takesSession = true, whileAway = false } = {},
  ): Promise<Caller> {
    const { authorization } = request.headers;
    const given = /^Bearer +(\S+)$/i.exec(authorization ?? '')?.[1];
    const found = given === undefined ? null : await this.#byKey(given, request, whileAway);
    if (found !== null) return found;
    const cookie = takesSession && authorization === undefined ? sessionCookie(request) : null;
    const person = cookie === null ? null : await this.person(cookie, request);
    if (person !== null) {
      refuseForeignPages(request);
      return { actor: person, ratePerS: null };
    }
    await this.failed(request, reply);
    reply.header('WWW-Authenticate', 'Bearer');
    if (cookie !== null) throw failure('UNAUTHORIZED/session', {});
    throw failure(given === undefined ? 'UNAUTHORIZED/missing' : 'UNAUTHORIZED/wrong', {});
  }

  /**
   * Of a program that speaks WeChat: by its key, or by what it was given in the place of an access_token (null: that is over).
   * A session is not looked at. Throws as `caller`.
   */
  async wechatCaller(request: FastifyRequest, reply: FastifyReply, appid: string): Promise<Caller | null> {
    const pass = accessTokenIn(request);
    if (request.headers.authorization !== undefined || pass === null)
      return await this.caller(request, reply, { takesSession: false });
    const id = openPass(this.#store.sealer, pass, appid);
    const key = id === null ? null : await this.#keys.byId(id);
    if (key !== null) return this.#callerOf(key, request);
    await this.failed(request, reply);
    return null;
  }

  /** Whose API key it is; null for everything else, the admin key included: that is not for programs. */
  async keyCaller(text: string, request: FastifyRequest): Promise<(Caller & { key: ValidKey }) | null> {
    const key = await this.#keys.find(text);
    return key === null ? null : { ...this.#callerOf(key, request), key };
  }

  /** Counts a failure of this address and waits as long as it costs. Throws `RATE_LIMITED`. */
  async failed(request: FastifyRequest, reply: FastifyReply): Promise<void> {
    if (await this.#strangers.failed(request.ip, request.routeOptions.url ?? 'none')) return;
    reply.header('Retry-After', '5');
    throw failure('RATE_LIMITED', { seconds: 5 });
  }

  /** Whose session it is, with the role of this moment. */
  async person(cookie: string, request: FastifyRequest): Promise<Actor | null> {
    if (!/^[\w-]{43}$/.test(cookie)) return null;
    const user = await findSession(this.#store.pool, digestOf(cookie));
    if (user === null) return null;
    return {
      ...actorOf(request, { id: user.userId, name: user.name }),
      kind: 'user',
      entrance: 'console',
      permissions: new Set(isRole(user.role) ? roles[user.role] : []),
      accounts: user.accounts === null ? 'all' : new Set(user.accounts),
      role: user.role,
    };
  }

  async #byKey(given: string, request: FastifyRequest, whileAway: boolean): Promise<Caller | null> {
    if (timingSafeEqual(digestOf(given), this.#adminDigest)) {
      const actor = actorOf(request, { id: 'api.token', name: 'api.token' });
      return { actor: { ...actor, permissions: 'all', accounts: 'all' }, ratePerS: null };
    }
    const key = await this.#keys.find(given, whileAway);
    return key === null ? null : this.#callerOf(key, request);
  }

  #callerOf(key: ValidKey, request: FastifyRequest): Caller {
    this.#keys.noteUse(key, request.ip);
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
