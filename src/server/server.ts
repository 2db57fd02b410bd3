import type { AddressInfo } from 'node:net';
import fastify, { type FastifyInstance } from 'fastify';
import { errorCode, HongyanError } from '../base/errors.ts';
import { CallbackEndpoint, type CallbackEndpointOptions } from './callback/endpoint.ts';
import type { ServerDeps } from './deps.ts';
import { errorHandler } from './http-errors.ts';
import { type ListenAddress, refuseWeakToken } from './listen.ts';
import { callbackRoutes } from './routes/callback.ts';
import { healthRoutes } from './routes/health.ts';
import { v1Routes } from './routes/v1.ts';
import { useZod } from './zod.ts';

/** Bodies of routes that say nothing else. */
const bodyLimitBytes = 1024 * 1024;
/** A request that has not come whole by then is cut off, so that slow senders do not hold connections. */
const requestTimeoutMs = 30_000;
/** What is still open then is cut when the server closes; longer than WeChat waits for an answer. */
const closeTimeoutMs = 8_000;

export interface ServerOptions extends ServerDeps, Pick<CallbackEndpointOptions, 'onEvent' | 'onCommitted'> {
  listen: ListenAddress;
  /** Callers of /v1 send it as `Authorization: Bearer …`. Outside loopback at least 32 characters. */
  apiToken: string;
}

/** A listening server. */
export interface Server {
  /** Where it listens, e.g. `http://127.0.0.1:8790`. */
  url: string;
  /** Takes no more connections, answers what is open (at most 8 s). */
  close(): Promise<void>;
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
  try {
    await endpoint.open();
    await open(app, listen);
  } catch (error) {
    await endpoint.close();
    throw error;
  }
  const url = addressUrl(app.server.address() as AddressInfo); // it listens on TCP, so it is no string and not null
  logger.info({ url }, 'listening');
  return {
    url,
    async close() {
      const timer = setTimeout(() => app.server.closeAllConnections(), closeTimeoutMs);
      await app.close();
      clearTimeout(timer);
      await endpoint.close();
    },
  };
}

async function open(app: FastifyInstance, { host, port }: ListenAddress): Promise<void> {
  try {
    await app.listen({ host, port });
  } catch (error) {
    await app.close();
    const code = errorCode(error);
    if (code === 'EADDRINUSE') {
      throw new HongyanError(
        'ADDRESS_IN_USE',
        `${host}:${port} is taken, perhaps by another "hongyan serve"; set HONGYAN_LISTEN to another address, or to off to deliver without listening`,
        { cause: error },
      );
    }
    if (code === undefined || !['EACCES', 'EADDRNOTAVAIL', 'ENOTFOUND', 'EAI_AGAIN'].includes(code))
      throw error;
    throw new HongyanError(
      'LISTEN_FAILED',
      `cannot listen on ${host}:${port} (${code}); set HONGYAN_LISTEN to an address of this machine and a port that this user may open`,
      { cause: error },
    );
  }
}

function addressUrl({ address, family, port }: AddressInfo): string {
  return `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`;
}
