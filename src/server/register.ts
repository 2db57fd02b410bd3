import { Readable } from 'node:stream';
import type { FastifyInstance, FastifyReply, FastifyRequest, RouteOptions } from 'fastify';
import { z } from 'zod';
import type { Action } from '../app/action.ts';
import { requirePermission } from '../app/action.ts';
import type { Actor } from '../app/actor.ts';
import { parsePart } from '../app/request-parts.ts';
import { failure } from '../base/errors.ts';
import { keyInHeader, requireKey } from '../base/idempotency-key.ts';
import { type Bytes, isBytes, type Route, type RouteTable, restOfPath, splitKey } from '../contract/route.ts';
import type { Lang } from '../texts/catalogue.ts';
import type { Caller } from './access/caller.ts';
import { passIsOver } from './access/wechat-pass.ts';
import type { Door } from './access/who-asks.ts';
import { limitedBody } from './body.ts';
import type { ServerDeps } from './deps.ts';
import type { KeyedRequests } from './idempotency.ts';
import { languageOf } from './language.ts';

type Part<R, N extends 'params' | 'query'> =
  R extends Record<N, infer S extends z.ZodType> ? z.output<S> : Record<never, never>;
type Body<R> = R extends { body: infer S } ? (S extends z.ZodType ? z.output<S> : Readable) : undefined;
/** Bytes go out as a stream, or a text; `null` in the table is nothing. */
type Answered<S> = S extends z.ZodType
  ? z.input<S>
  : S extends Bytes
    ? Readable | string | Buffer
    : undefined;
export type AnswerOf<R extends Route> = {
  [S in keyof R['answers']]: Answered<R['answers'][S]>;
}[keyof R['answers']];

/** A request that was let in and whose parts fit the row. */
export interface Call<R extends Route> {
  params: Part<R, 'params'>;
  query: Part<R, 'query'>;
  body: Body<R>;
  /** Who asks. Of a public route, whoever is known by then: nobody. */
  actor: Actor;
  lang: Lang;
  /** The header Idempotency-Key. */
  key: string | undefined;
  deps: ServerDeps;
  door: Door;
  request: FastifyRequest;
  reply: FastifyReply;
  /** Another status than the row's first. */
  status(status: keyof R['answers'] & number): void;
}

/** What answers a row. */
export type Handler<R extends Route> = {
  (call: Call<R>): Promise<AnswerOf<R>>;
  /** Of the action that it calls; compared with the row. */
  spec?: Action<never, unknown>['spec'];
};

/** One handler for each row of a table; a missing one does not compile. */
export type Handlers<T> = {
  readonly [K in keyof T]: T[K] extends Route ? Handler<T[K]> : never;
};

/** Answers a row by calling an action: what it is given, and what is shown of what it gives. */
export function via<R extends Route, I, O>(
  action: Action<I, O>,
  input: (call: Call<R>) => I,
  answer: (result: O, call: Call<R>) => AnswerOf<R> | Promise<AnswerOf<R>>,
): Handler<R> {
  const run = async (call: Call<R>): Promise<AnswerOf<R>> =>
    await answer(await action(call.deps, call.actor, input(call)), call);
  return Object.assign(run, { spec: action.spec });
}

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Content types that the route reads. */
    types?: readonly string[];
  }
  interface FastifyRequest {
    /** Whoever was let in; null before, and on public routes. */
    caller: Caller | null;
  }
}

/** A JSON body is here by then; of an upload nothing came for so long. */
const bodyTimeoutMs = 30_000;

const noFields = z.strictObject({});

/** What every row needs. */
export interface Frame {
  deps: ServerDeps;
  door: Door;
  keyed: KeyedRequests;
}

/**
 * Registers the rows of a table. Whoever asks is known, and has the permission for the account, before anything of the
 * body is read; where the account is in the body, before the body is judged.
 */
export function registerRoutes<T extends RouteTable>(
  app: FastifyInstance,
  table: T,
  handlers: Handlers<T>,
  frame: Frame,
): void {
  // Handlers<T> has the handler of its own row under each key; here only their pairing matters.
  const untyped = handlers as unknown as Record<string, Handler<Route>>;
  for (const [key, row] of Object.entries<Route>(table)) {
    const handler = untyped[key];
    if (handler !== undefined) registerRoute(app, key, row, handler, frame);
  }
}

function registerRoute(
  app: FastifyInstance,
  key: string,
  row: Route,
  handler: Handler<Route>,
  { deps, door, keyed }: Frame,
): void {
  requireAgreement(key, row, handler);
  const { method, path } = splitKey(key);
  const { permission } = row;
  const { body: shape } = row;
  const takesBytes = isBytes(shape);
  const firstStatus = Number(Object.keys(row.answers).find((status) => Number(status) < 400));
  const types = takesBytes ? shape.types : ['application/json'];

  const check = async (request: FastifyRequest, appid: string | null): Promise<void> => {
    if (permission === 'public' || permission === 'known' || request.caller === null) return;
    await requirePermission(deps, request.caller.actor, { action: row.name, permission, appid });
  };
  const route: RouteOptions = {
    method,
    url: path.replace(new RegExp(`{${restOfPath}}$`), '*').replace(/\{(\w+)\}/g, ':$1'),
    exposeHeadRoute: false,
    config: { types, route: path },
    onRequest: async (request, reply) => {
      reply.header('X-Request-Id', request.id);
      cutSlowBody(request, takesBytes);
      if (permission === 'public') return;
      if (row.speaks === 'wechat') {
        request.caller = await door.wechatCaller(
          request,
          reply,
          accountIn(row, 'params', request.params) ?? '',
        );
        if (request.caller === null) return sendJson(reply, JSON.stringify(passIsOver));
      } else request.caller = await door.caller(request, reply, { whileAway: row.whileAway === true });
      door.limits.take(request.caller, row.rate, reply);
      await check(
        request,
        accountIn(row, 'params', request.params) ?? accountIn(row, 'query', request.query),
      );
    },
    preHandler: async (request) => {
      const appid = accountIn(row, 'body', request.body);
      if (appid !== null) await check(request, appid);
    },
    handler: async (request, reply) => {
      const lang = languageOf(request);
      const { caller } = request;
      reply.code(firstStatus);
      const key = row.idempotency.endsWith('-key') ? keyOf(request) : undefined;
      const params = row.params === undefined ? {} : parsePart(row.params, wholePath(request), 'path', lang);
      const query =
        row.anyQuery === true ? {} : parsePart(row.query ?? noFields, request.query, 'query', lang);
      const isJson = shape !== undefined && !isBytes(shape);
      const upload = takesBytes ? limitedBody(request, shape.maxBytes ?? Number.MAX_SAFE_INTEGER) : null;
      const body = isJson ? parsePart(shape, request.body, 'body', lang) : upload?.body;
      const call = {
        params,
        query,
        body,
        lang,
        key,
        deps,
        door,
        request,
        reply,
        status: (status: number) => void reply.code(status),
        // Handlers of public routes do not look at it.
        actor: caller?.actor ?? nobody(request, lang),
      } as Call<Route>; // each part was read by the shape of the row
      if (keepsAnswer(row) && call.key !== undefined && caller !== null) {
        const asked = { actor: caller.actor, key: call.key, row, request, reply };
        return sendJson(
          reply,
          await keyed.once(asked, async () => JSON.stringify(await handler(call)) ?? ''),
        );
      }
      const answer = await handler(call).catch((error: unknown) => {
        // What nobody reads any more would be in the way of the next request.
        if (takesBytes && !request.raw.readableEnded) reply.header('connection', 'close');
        // Whatever the action made of a body that was cut.
        throw upload?.problem() ?? error;
      });
      const answered = row.answers[reply.statusCode];
      // A protocol of its own (/mcp) has its own refusals.
      if (isBytes(answered) || answer instanceof Readable) {
        if (reply.getHeader('content-type') === undefined)
          reply.type((isBytes(answered) ? answered.types[0] : undefined) ?? 'application/octet-stream');
        return reply.send(answer);
      }
      return sendJson(reply, answer === undefined ? '' : JSON.stringify(answer));
    },
  };
  if (!takesBytes) app.route(route);
  else
    app.register(async (scope) => {
      scope.removeAllContentTypeParsers();
      // Read by the action, piece by piece.
      for (const type of types.map((one) => (one === '*/*' ? '*' : one)))
        scope.addContentTypeParser(type, (_request, _payload, done) => done(null, undefined));
      scope.route({ ...route, bodyLimit: shape.maxBytes ?? Number.MAX_SAFE_INTEGER });
    });
}

/**
 * Slow senders do not hold connections: JSON is here soon, and of an upload something comes all the time, unless we are
 * the ones who do not read it.
 */
function cutSlowBody({ raw }: FastifyRequest, isLong: boolean): void {
  let seen = raw.socket.bytesRead;
  const timer = setInterval(() => {
    const { bytesRead } = raw.socket;
    const isAlive = isLong && (bytesRead > seen || raw.readableLength > 0);
    seen = bytesRead;
    if (!raw.complete && !isAlive) raw.destroy();
    if (raw.complete) clearInterval(timer);
  }, bodyTimeoutMs);
  const { socket } = raw;
  const clear = (): void => {
    clearInterval(timer);
    socket.off('close', clear);
  };
  raw.once('end', clear);
  raw.once('close', clear);
  // A body that was not read to its end says nothing when its connection ends after the answer.
  socket.once('close', clear);
}

function sendJson(reply: FastifyReply, text: string): FastifyReply {
  return text === '' ? reply.send() : reply.type('application/json;charset=utf-8').send(text);
}

/** A row and the action behind it say the same, so that one of them cannot be weaker. */
function requireAgreement(
  key: string,
  row: Route,
  { spec }: { spec?: Action<never, unknown>['spec'] },
): void {
  if (spec === undefined) return;
  for (const field of ['name', 'permission', 'audit'] as const) {
    if (spec[field] !== row[field])
      throw new Error(`${key}: the row says ${field} ${row[field]}, and its action ${spec[field]}`);
  }
}

function accountIn(row: Route, part: 'params' | 'query' | 'body', value: unknown): string | null {
  const [where, name = ''] = row.account?.split('.') ?? [];
  if (where !== part || typeof value !== 'object' || value === null) return null;
  const found: unknown = Reflect.get(value, name);
  return typeof found === 'string' ? found : null;
}

/** A path that ends with a slash is another one: what is empty is no id. Throws `ROUTE_NOT_FOUND`. */
function wholePath(request: FastifyRequest): unknown {
  const params = paramsOf(request);
  const isEmpty = ([name, value]: [string, unknown]): boolean => value === '' && name !== restOfPath;
  if (Object.entries(params ?? {}).some(isEmpty))
    throw failure('ROUTE_NOT_FOUND', { method: request.method });
  return params;
}

/** The rest of a path by its name in the table. */
function paramsOf({ params }: FastifyRequest): unknown {
  if (typeof params !== 'object' || params === null || !('*' in params)) return params;
  const { '*': rest, ...others } = params;
  return { ...others, [restOfPath]: rest };
}

function keepsAnswer({ idempotency }: Route): boolean {
  return idempotency === 'stored-key' || idempotency === 'sealed-key';
}

/** Node joins repeated headers of this name by a comma, which no key has. Throws `KEY_INVALID`. */
function keyOf(request: FastifyRequest): string | undefined {
  const header = request.headers['idempotency-key'];
  if (header === undefined) return undefined;
  const key = keyInHeader(Array.isArray(header) ? header.join(', ') : header);
  requireKey(key);
  return key;
}

function nobody(request: FastifyRequest, lang: Lang): Actor {
  return {
    kind: 'program',
    id: 'nobody',
    name: 'nobody',
    permissions: new Set(),
    accounts: new Set(),
    entrance: 'http',
    lang,
    source: request.ip,
    requestId: request.id,
  };
}
