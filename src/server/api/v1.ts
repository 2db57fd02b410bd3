import type { FastifyInstance } from 'fastify';
import { HongyanError } from '../../base/errors.ts';
import { bearerAuth } from '../auth.ts';
import type { ServerDeps } from '../deps.ts';
import { creditRoutes } from './credits.ts';
import { messageRoutes } from './messages.ts';
import { nodeRoutes } from './nodes.ts';

/** Everything under /v1: the HTTP API, behind the token. One line for each group of routes. */
export function v1Routes(app: FastifyInstance, deps: ServerDeps, apiToken: string): void {
  app.addHook('onRequest', bearerAuth(apiToken));
  // Of its own, so that the token is asked for before anything is told about which paths there are.
  app.setNotFoundHandler((request) => {
    throw new HongyanError('ROUTE_NOT_FOUND', `there is no ${request.method} of this path in the API`);
  });
  messageRoutes(app, deps);
  nodeRoutes(app, deps);
  creditRoutes(app, deps);
}
