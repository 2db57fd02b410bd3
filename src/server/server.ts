import type { AddressInfo } from 'node:net';
import fastify from 'fastify';
import { HongyanError } from '../base/errors.ts';
import { WebPages } from '../base/web-pages.ts';
import { within } from '../base/within.ts';
import { callbackRoutes } from './api/callback.ts';
import { healthRoutes } from './api/health.ts';
import { v1Routes } from './api/v1.ts';
import { CallbackEndpoint, type CallbackEndpointOptions } from './callback/endpoint.ts';
import { consoleRoutes } from './console.ts';
import type { ServerDeps } from './deps.ts';
import { errorHandler } from './http-errors.ts';
import { explainListenError, type ListenAddress, refuseWeakToken } from './listen.ts';
import { useZod } from './zod.ts';

/** Bodies of routes that say nothing else. */
const bodyLimitBytes = 1024 * 1024;
/** A request that has not come whole by then is cut off, so that slow senders do not hold connections. */
const requestTimeoutMs = 30_000;
/** When the server closes, what is open has so long to be answered and stored. */
const closeTimeoutMs = 8_000;
/** After this share of it connections are cut; of 8 s longer than WeChat waits for an answer. */
const answerShare = 0.8;

export interface ServerOptions extends ServerDeps, Pick<CallbackEndpointOptions, 'onEvent' | 'onCommitted'> {
  listen: ListenAddress;
  /** Callers of /v1 send it as `Authorization: Bearer …`. Outside loopback at least 32 characters. */
  apiToken: string;
}

/** A listening server. */
export interface Server {
  /** Where it listens, e.g. `http://127.0.0.1:8790`. */
  url: string;
  /** Takes no more connections, answers what is open; at most `timeoutMs`, default 8 s. */
  close(timeoutMs?: number): Promise<void>;
}

/**
 * The HTTP side of a node: /healthz, WeChat's callback, the API under /v1.
 *
 * Throws `API_TOKEN_TOO_SHORT`, `ADDRESS_IN_USE`, `LISTEN_FAILED`.
 */
export async function startServer(options: ServerOptions): Promise<Server> {
  const { listen, apiToken, store, logger } = options;
  refuseWeakToken(listen, apiToken);
  const app = fastify({
    bodyLimit: bodyLimitBytes,
    requestTimeout: requestTimeoutMs,
    // Who asks is the socket's peer; X-Forwarded-For can be written by anybody.
    trustProxy: false,
    forceCloseConnections: 'idle',
    http: { connectionsCheckingInterval: 1_000 },
  });
  useZod(app);
  app.setErrorHandler(errorHandler(logger));
  app.setNotFoundHandler(() => {
    throw new HongyanError('ROUTE_NOT_FOUND', 'there is nothing at this path');
  });
  healthRoutes(app, options);
  app.register(async (v1) => v1Routes(v1, options, apiToken), { prefix: '/v1' });
  const endpoint = new CallbackEndpoint({
    store,
    logger,
    onEvent: options.onEvent,
    onCommitted: options.onCommitted,
  });
  app.register(async (scope) => callbackRoutes(scope, endpoint));
  consoleRoutes(app, new WebPages('console.html'));
  try {
    await endpoint.open();
    await app.listen(listen);
  } catch (error) {
    await app.close();
    await endpoint.close();
    throw explainListenError(error, listen);
  }
  const url = addressUrl(app.server.address() as AddressInfo); // it listens on TCP, so it is no string and not null
  logger.info({ url }, 'listening');
  return {
    url,
    async close(timeoutMs = closeTimeoutMs) {
      const until = performance.now() + timeoutMs;
      const timer = setTimeout(() => app.server.closeAllConnections(), timeoutMs * answerShare);
      await app.close();
      clearTimeout(timer);
      await within(until - performance.now(), endpoint.close());
    },
  };
}

function addressUrl({ address, family, port }: AddressInfo): string {
  return `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`;
}
