import type { FastifyInstance } from 'fastify';
import { BackgroundSyncs } from '../../app/accounts/followers.ts';
import { failure } from '../../base/errors.ts';
import type { WebPages } from '../../base/web-pages.ts';
import { accessRoutes } from '../../contract/access/access.ts';
import { usersRoutes } from '../../contract/access/users.ts';
import { accountsRoutes } from '../../contract/accounts.ts';
import { contactsRoutes } from '../../contract/audience/contacts.ts';
import { filtersRoutes } from '../../contract/audience/filters.ts';
import { campaignsRoutes } from '../../contract/campaigns/campaigns.ts';
import { draftsRoutes } from '../../contract/campaigns/drafts.ts';
import { schedulesRoutes } from '../../contract/campaigns/schedules.ts';
import { deliveriesRoutes } from '../../contract/deliveries.ts';
import { callbackSettingsRoutes } from '../../contract/events/callback-settings.ts';
import { eventsRoutes } from '../../contract/events/events.ts';
import { messagesRoutes } from '../../contract/messages.ts';
import { relayRoutes } from '../../contract/relay.ts';
import { alertsRoutes } from '../../contract/service/alerts.ts';
import { docsRoutes } from '../../contract/service/docs.ts';
import { errcodesRoutes } from '../../contract/service/errcodes.ts';
import { healthRoutes } from '../../contract/service/health.ts';
import { mcpRoutes } from '../../contract/service/mcp.ts';
import { metricsRoutes } from '../../contract/service/metrics.ts';
import { nodesRoutes } from '../../contract/service/nodes.ts';
import { simulationRoutes } from '../../contract/service/simulation.ts';
import { statsRoutes } from '../../contract/service/stats.ts';
import { streamRoutes } from '../../contract/stream.ts';
import { templatesRoutes } from '../../contract/templates.ts';
import { tokenRoutes } from '../../contract/token.ts';
import { webhooksRoutes } from '../../contract/webhooks.ts';
import { allowedMethods } from '../allowed-methods.ts';
import { isNavigation, send } from '../console.ts';
import type { ServerDeps } from '../deps.ts';
import type { Readiness } from '../readiness.ts';
import { type Frame, registerRoutes } from '../register.ts';
import { StreamHub } from '../stream/hub.ts';
import { accessHandlers } from './access/access.ts';
import { usersHandlers } from './access/users.ts';
import { accountsHandlers } from './accounts.ts';
import { audiencesHandlers, audiencesTable } from './audience/audiences.ts';
import { contactsHandlers } from './audience/contacts.ts';
import { filtersHandlers } from './audience/filters.ts';
import { campaignsHandlers } from './campaigns/campaigns.ts';
import { draftsHandlers } from './campaigns/drafts.ts';
import { schedulesHandlers } from './campaigns/schedules.ts';
import { creditsHandlers, creditsTable } from './credits.ts';
import { deliveriesHandlers } from './deliveries.ts';
import { callbackSettingsHandlers } from './events/callback-settings.ts';
import { eventsHandlers } from './events/events.ts';
import { messagesHandlers } from './messages.ts';
import { relayHandlers } from './relay.ts';
import { alertsHandlers } from './service/alerts.ts';
import { docsHandlers } from './service/docs.ts';
import { errcodesHandlers } from './service/errcodes.ts';
import { healthHandlers } from './service/health.ts';
import { mcpHandlers } from './service/mcp.ts';
import { metricsHandlers } from './service/metrics.ts';
import { nodesHandlers } from './service/nodes.ts';
import { simulationHandlers } from './service/simulation.ts';
import { statsHandlers } from './service/stats.ts';
import { streamHandlers } from './stream.ts';
import { templatesHandlers } from './templates.ts';
import { tokenHandlers } from './token.ts';
import { webhooksHandlers } from './webhooks.ts';

/** The rows of the contract with what answers them: one line for each subject. */
export function registerApi(
  app: FastifyInstance,
  deps: ServerDeps,
  {
    door,
    keyed,
    pages,
    readiness,
  }: Pick<Frame, 'door' | 'keyed'> & { pages: WebPages; readiness: Readiness },
): void {
  const frame = { deps, door, keyed };
  registerRoutes(app, healthRoutes, healthHandlers(readiness), frame);
  registerRoutes(app, mcpRoutes, mcpHandlers(deps), frame);
  registerRoutes(app, docsRoutes, docsHandlers, frame);
  registerRoutes(app, accessRoutes, accessHandlers, frame);
  registerRoutes(app, tokenRoutes, tokenHandlers, frame);
  registerRoutes(app, usersRoutes, usersHandlers, frame);
  registerRoutes(app, messagesRoutes, messagesHandlers, frame);
  registerRoutes(app, campaignsRoutes, campaignsHandlers, frame);
  registerRoutes(app, draftsRoutes, draftsHandlers, frame);
  registerRoutes(app, audiencesTable(deps.uploadMaxBytes), audiencesHandlers, frame);
  registerRoutes(app, schedulesRoutes, schedulesHandlers, frame);
  registerRoutes(app, creditsTable(deps.uploadMaxBytes), creditsHandlers, frame);
  registerRoutes(app, deliveriesRoutes, deliveriesHandlers, frame);
  registerRoutes(app, statsRoutes, statsHandlers, frame);
  registerRoutes(app, nodesRoutes, nodesHandlers, frame);
  registerRoutes(app, metricsRoutes, metricsHandlers, frame);
  registerRoutes(app, errcodesRoutes, errcodesHandlers, frame);
  registerRoutes(app, callbackSettingsRoutes, callbackSettingsHandlers, frame);
  registerRoutes(app, eventsRoutes, eventsHandlers, frame);
  registerRoutes(app, webhooksRoutes, webhooksHandlers, frame);
  registerRoutes(app, alertsRoutes, alertsHandlers, frame);
  registerRoutes(app, relayRoutes, relayHandlers(deps), frame);
  const hub = new StreamHub(deps.store.pool, deps.logger);
  registerRoutes(app, streamRoutes, streamHandlers(hub, door), frame);
  // Streams never end by themselves, and a server waits for what is open.
  app.addHook('preClose', () => hub.close());
  registerRoutes(app, accountsRoutes, accountsHandlers, frame);
  registerRoutes(app, simulationRoutes, simulationHandlers, frame);
  registerRoutes(app, filtersRoutes, filtersHandlers, frame);
  registerRoutes(app, templatesRoutes, templatesHandlers, frame);
  const syncs = new BackgroundSyncs();
  registerRoutes(app, contactsRoutes, contactsHandlers(syncs), frame);
  app.addHook('preClose', () => syncs.close());
  // Under /v1 nothing is told about which paths there are before somebody is known.
  app.setNotFoundHandler(async (request, reply) => {
    // The page says itself that it has nothing there.
    if (isNavigation(request)) return send(reply, { ...(await pages.page()), status: 404 });
    if (/^\/v1(?:\/|$|\?)/.test(request.url)) request.caller = await door.caller(request, reply);
    const { method, url } = request;
    const allowed = allowedMethods(url);
    if (allowed.length === 0) throw failure('ROUTE_NOT_FOUND', { method });
    reply.header('Allow', allowed.join(', '));
    throw failure('METHOD_NOT_ALLOWED', { method, allowed });
  });
}
