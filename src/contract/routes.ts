import { accessRoutes } from './access/access.ts';
import { usersRoutes } from './access/users.ts';
import { accountsRoutes } from './accounts.ts';
import { audiencesRoutes } from './audience/audiences.ts';
import { contactsRoutes } from './audience/contacts.ts';
import { filtersRoutes } from './audience/filters.ts';
import { campaignsRoutes } from './campaigns/campaigns.ts';
import { draftsRoutes } from './campaigns/drafts.ts';
import { schedulesRoutes } from './campaigns/schedules.ts';
import { creditsRoutes } from './credits.ts';
import { deliveriesRoutes } from './deliveries.ts';
import { callbackRoutes } from './events/callback.ts';
import { callbackSettingsRoutes } from './events/callback-settings.ts';
import { eventsRoutes } from './events/events.ts';
import { messagesRoutes } from './messages.ts';
import { relayRoutes } from './relay.ts';
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
