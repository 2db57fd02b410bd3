import { randomUUID } from 'node:crypto';
import type { Server as HttpServer, IncomingMessage, RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import fastify from 'fastify';
import { WebPages } from '../base/web-pages.ts';
import { within } from '../base/within.ts';
import { Door } from './access/who-asks.ts';
import { registerApi } from './api/api.ts';
import { registerCallback } from './api/events/callback.ts';
import { bodyLimitBytes, readJsonBodies } from './body.ts';
import { CallbackEndpoint, type CallbackEndpointOptions } from './callback/endpoint.ts';
import { type CertificateFiles, Certificates } from './certificates.ts';
import { consoleRoutes } from './console.ts';
import type { ServerDeps } from './deps.ts';
import { KeyedRequests } from './idempotency.ts';
import { explainListenError, isLoopback, type ListenAddress, refuseWeakToken } from './listen.ts';
import { problemHandler, refuseUnreadable } from './problem.ts';
import { Readiness } from './readiness.ts';
import { traceRequests } from './tracing.ts';

/** Head and body of a request that has not come whole by then are cut off; routes with JSON bodies wait for less. */
const requestTimeoutMs = 30 * 60_000;
/** The head of a request has so long to come. */
const headTimeoutMs = 10_000;
const httpLimits = { connectionsCheckingInterval: 1_000, headersTimeout: headTimeoutMs };
/** More than these are refused when they connect. */
const mostConnections = 8_192;
/** When the server closes, what is open has so long to be answered and stored. */
const closeTimeoutMs = 8_000;
/** After this share of it connections are cut; of 8 s longer than WeChat waits for an answer. */
const answerShare = 0.8;

export interface ServerOptions extends ServerDeps, Pick<CallbackEndpointOptions, 'onEvent' | 'onCommitted'> {
  listen: ListenAddress;
  /** An admin key, sent as `Authorization: Bearer …`. At least 32 characters. */
  apiToken: string;
  /** Addresses and networks of reverse proxies whose X-Forwarded-For and -Proto are believed. Default: none. */
  trustProxy?: readonly string[];
  /** Listens with TLS. Default: without, which is for loopback and for a proxy in front. */
  tls?: CertificateFiles | undefined;
  /** For tests: how long the first answer that is held back from a stranger waits. Default 100. */
  strangerDelayMs?: number;
}

/** A listening server. */
export interface Server {
  /** Where it listens, e.g. `http://127.0.0.1:8790`. */
  url: string;
  /** From now on `/readyz` says that it is ending; everything else goes on. */
  leave(): void;
  /** Takes no more connections, answers what is open; at most `timeoutMs`, default 8 s. */
  close(timeoutMs?: number): Promise<void>;
}

/**
 * The HTTP side of a node: /healthz and /readyz, WeChat's callback, the API under /v1.
 *
 * Throws `API_TOKEN_TOO_SHORT`, `TLS_UNUSABLE`, `ADDRESS_IN_USE`, `LISTEN_FAILED`.
 */
export async function startServer(options: ServerOptions): Promise<Server> {
  const { listen, apiToken, store, logger, trustProxy = [] } = options;
  refuseWeakToken(apiToken);
  const certificates = options.tls === undefined ? null : await Certificates.open(options.tls, logger);
  const endpoint = new CallbackEndpoint({
    store,
    logger,
    onEvent: options.onEvent,
    onCommitted: options.onCommitted,
  });
  const handleProblem = problemHandler(logger);
  const app = fastify({
    bodyLimit: bodyLimitBytes,
    requestTimeout: requestTimeoutMs,
    // Who asks is the socket's peer: X-Forwarded-For can be written by anybody but the proxies that the operator names.
    trustProxy: trustProxy.length === 0 ? false : [...trustProxy],
    forceCloseConnections: 'idle',
    http: httpLimits,
    ...(certificates === null
      ? {}
      : {
          serverFactory: (handler: RequestListener) =>
            // It has all that fastify uses of a server without TLS, which the types of all routes are about.
            certificates.createServer(
              { ...httpLimits, requestTimeout: requestTimeoutMs },
              handler,
            ) as unknown as HttpServer,
        }),
    genReqId: requestIdOf,
    clientErrorHandler: refuseUnreadable,
    // A path that cannot be decoded or is too long is seen before any route. Under /callback it is refused as all else is there.
    frameworkErrors: (error, request, reply) =>
      isCallbackPath(request.url)
        ? void endpoint.refuse(null, error.code, request, reply)
        : void handleProblem(error, request, reply),
  });
  traceRequests(app);
  app.decorateRequest('caller', null);
  app.setErrorHandler(handleProblem);
  // Whoever holds connections open holds so many at most, and each for as long as a head may take.
  app.server.maxConnections = mostConnections;
  readJsonBodies(app);
  const pages = new WebPages('console.html');
  const readiness = new Readiness(options);
  const door = new Door(options, apiToken, options.strangerDelayMs);
  const keyed = new KeyedRequests(store, logger);
  registerApi(app, options, { door, keyed, pages, readiness });
  app.register(async (scope) => registerCallback(scope, endpoint));
  consoleRoutes(app, pages);
  try {
    await endpoint.open();
    await app.listen(listen);
  } catch (error) {
    await app.close();
    certificates?.close();
    await keyed.close();
    await endpoint.close();
    throw explainListenError(error, listen);
  }
  const url = addressUrl(certificates !== null, app.server.address() as AddressInfo); // it listens on TCP, so it is no string and not null
  logger.info({ url }, 'listening');
  if (certificates === null && trustProxy.length === 0 && !isLoopback(listen.host))
    logger.warn(
      { url },
      'keys and passwords reach this address without TLS: set tlsCert and tlsKey, or put a proxy with TLS in front of it',
    );
  return {
    url,
    leave: () => readiness.leave(),
    async close(timeoutMs = closeTimeoutMs) {
      readiness.leave();
      const until = performance.now() + timeoutMs;
      const timer = setTimeout(() => app.server.closeAllConnections(), timeoutMs * answerShare);
      await app.close();
      clearTimeout(timer);
      certificates?.close();
      await within(until - performance.now(), Promise.all([endpoint.close(), keyed.close()]));
    },
  };
}

/** What WeChat calls, or nearly so. */
function isCallbackPath(url: string): boolean {
  return /^\/callback(?:[/?]|$)/.test(url);
}

/** The caller's own, where it can be printed, so that a request can be followed through a proxy's log. */
function requestIdOf(request: IncomingMessage): string {
  const given = request.headers['x-request-id'];
  return typeof given === 'string' && /^[\w.:-]{1,64}$/.test(given) ? given : randomUUID();
}

function addressUrl(isTls: boolean, { address, family, port }: AddressInfo): string {
  return `${isTls ? 'https' : 'http'}://${family === 'IPv6' ? `[${address}]` : address}:${port}`;
}
