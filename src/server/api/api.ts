import type { FastifyInstance } from 'fastify';
import { failure } from '../../base/errors.ts';
import { accessRoutes } from '../../contract/access.ts';
import { accountsRoutes } from '../../contract/accounts.ts';
import { audiencesRoutes } from '../../contract/audiences.ts';
import { callbackSettingsRoutes } from '../../contract/callback-settings.ts';
import { campaignsRoutes } from '../../contract/campaigns.ts';
import { creditsRoutes } from '../../contract/credits.ts';
import { deliveriesRoutes } from '../../contract/deliveries.ts';
import { docsRoutes } from '../../contract/docs.ts';
import { errcodesRoutes } from '../../contract/errcodes.ts';
import { eventsRoutes } from '../../contract/events.ts';
import { healthRoutes } from '../../contract/health.ts';
import { mcpRoutes } from '../../contract/mcp.ts';
import { messagesRoutes } from '../../contract/messages.ts';
import { nodesRoutes } from '../../contract/nodes.ts';
import { schedulesRoutes } from '../../contract/schedules.ts';
import { streamRoutes } from '../../contract/stream.ts';
import { tokenRoutes } from '../../contract/token.ts';
import { usersRoutes } from '../../contract/users.ts';
import { webhooksRoutes } from '../../contract/webhooks.ts';
import type { Door } from '../access/door.ts';
import type { ServerDeps } from '../deps.ts';
import { registerRoutes } from '../register.ts';
import { StreamHub } from '../stream/hub.ts';
import { accessHandlers } from './access.ts';
import { accountsHandlers } from './accounts.ts';
import { audiencesHandlers } from './audiences.ts';
import { callbackSettingsHandlers } from './callback-settings.ts';
import { campaignsHandlers } from './campaigns.ts';
import { creditsHandlers } from './credits.ts';
import { deliveriesHandlers } from './deliveries.ts';
import { docsHandlers } from './docs.ts';
import { errcodesHandlers } from './errcodes.ts';
import { eventsHandlers } from './events.ts';
import { healthHandlers } from './health.ts';
import { mcpHandlers } from './mcp.ts';
import { messagesHandlers } from './messages.ts';
import { nodesHandlers } from './nodes.ts';
import { schedulesHandlers } from './schedules.ts';
import { streamHandlers } from './stream.ts';
import { tokenHandlers } from './token.ts';
import { usersHandlers } from './users.ts';
import { webhooksHandlers } from './webhooks.ts';

/** The rows of the contract with what answers them: one line for each subject. */
export function registerApi(app: FastifyInstance, deps: ServerDeps, door: Door): void {
  const frame = { deps, door };
  registerRoutes(app, healthRoutes, healthHandlers, frame);
  registerRoutes(app, mcpRoutes, mcpHandlers(deps), frame);
  registerRoutes(app, docsRoutes, docsHandlers, frame);
  registerRoutes(app, accessRoutes, accessHandlers, frame);
  registerRoutes(app, tokenRoutes, tokenHandlers, frame);
  registerRoutes(app, usersRoutes, usersHandlers, frame);
  registerRoutes(app, messagesRoutes, messagesHandlers, frame);
  registerRoutes(app, campaignsRoutes, campaignsHandlers, frame);
  registerRoutes(app, audiencesRoutes, audiencesHandlers, frame);
  registerRoutes(app, schedulesRoutes, schedulesHandlers, frame);
  registerRoutes(app, creditsRoutes, creditsHandlers, frame);
  registerRoutes(app, deliveriesRoutes, deliveriesHandlers, frame);
  registerRoutes(app, nodesRoutes, nodesHandlers, frame);
  registerRoutes(app, errcodesRoutes, errcodesHandlers, frame);
  registerRoutes(app, callbackSettingsRoutes, callbackSettingsHandlers, frame);
  registerRoutes(app, eventsRoutes, eventsHandlers, frame);
  registerRoutes(app, webhooksRoutes, webhooksHandlers, frame);
  const hub = new StreamHub(deps.store.pool, deps.logger);
  registerRoutes(app, streamRoutes, streamHandlers(hub, door), frame);
  // Streams never end by themselves, and a server waits for what is open.
  app.addHook('preClose', () => hub.close());
  registerRoutes(app, accountsRoutes, accountsHandlers, frame);
  // Under /v1 nothing is told about which paths there are before somebody is known.
  app.setNotFoundHandler(async (request, reply) => {
    if (/^\/v1(?:\/|$|\?)/.test(request.url)) request.caller = await door.caller(request, reply);
    throw failure('ROUTE_NOT_FOUND', { method: request.method });
  });
}
