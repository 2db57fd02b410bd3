import { accessRoutes } from './access.ts';
import { callbackRoutes } from './callback.ts';
import { creditsRoutes } from './credits.ts';
import { healthRoutes } from './health.ts';
import { messagesRoutes } from './messages.ts';
import { nodesRoutes } from './nodes.ts';
import { usersRoutes } from './users.ts';

/** Every route there is. The server registers from it, and OpenAPI, the client, the documents and their tests follow it. */
export const routes = {
  ...messagesRoutes,
  ...creditsRoutes,
  ...nodesRoutes,
  ...accessRoutes,
  ...usersRoutes,
  ...callbackRoutes,
  ...healthRoutes,
};

export type Routes = typeof routes;
