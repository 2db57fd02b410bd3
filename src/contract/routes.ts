import { accessRoutes } from './access.ts';
import { accountsRoutes } from './accounts.ts';
import { audiencesRoutes } from './audiences.ts';
import { callbackRoutes } from './callback.ts';
import { callbackSettingsRoutes } from './callback-settings.ts';
import { campaignsRoutes } from './campaigns.ts';
import { contactsRoutes } from './contacts.ts';
import { creditsRoutes } from './credits.ts';
import { deliveriesRoutes } from './deliveries.ts';
import { draftsRoutes } from './drafts.ts';
import { eventsRoutes } from './events.ts';
import { filtersRoutes } from './filters.ts';
import { messagesRoutes } from './messages.ts';
import { relayRoutes } from './relay.ts';
import { schedulesRoutes } from './schedules.ts';
import { alertsRoutes } from './service/alerts.ts';
import { docsRoutes } from './service/docs.ts';
import { errcodesRoutes } from './service/errcodes.ts';
import { healthRoutes } from './service/health.ts';
import { mcpRoutes } from './service/mcp.ts';
import { metricsRoutes } from './service/metrics.ts';
import { nodesRoutes } from './service/nodes.ts';
import { simulationRoutes } from './service/simulation.ts';
import { statsRoutes } from './service/stats.ts';
import { streamRoutes } from './stream.ts';
import { templatesRoutes } from './templates.ts';
import { tokenRoutes } from './token.ts';
import { usersRoutes } from './users.ts';
import { webhooksRoutes } from './webhooks.ts';

/** Every route there is. The server registers from it, and OpenAPI, the client, the documents and their tests follow it. */
export const routes = {
  ...messagesRoutes,
  ...campaignsRoutes,
  ...draftsRoutes,
  ...audiencesRoutes,
  ...schedulesRoutes,
  ...creditsRoutes,
  ...deliveriesRoutes,
  ...statsRoutes,
  ...nodesRoutes,
  ...metricsRoutes,
  ...accessRoutes,
  ...usersRoutes,
  ...tokenRoutes,
  ...callbackSettingsRoutes,
  ...eventsRoutes,
  ...webhooksRoutes,
  ...alertsRoutes,
  ...streamRoutes,
  ...accountsRoutes,
  ...simulationRoutes,
  ...templatesRoutes,
  ...contactsRoutes,
  ...filtersRoutes,
  ...callbackRoutes,
  ...relayRoutes,
  ...mcpRoutes,
  ...docsRoutes,
  ...healthRoutes,
  ...errcodesRoutes,
};

export type Routes = typeof routes;
