import {
  type AlertChannel,
  addAlertChannel,
  changeAlertChannelState,
  type IncidentView,
  listAlertChannels,
  listIncidents,
  readAlertChannel,
  removeAlertChannel,
  testAlertChannel,
} from '../../../app/alerts/alerts.ts';
import type { alertsRoutes } from '../../../contract/service/alerts.ts';
import { type Handlers, via } from '../../register.ts';

export const alertsHandlers: Handlers<typeof alertsRoutes> = {
  'GET /v1/alerts': via(
    listAlertChannels,
    ({ query: { limit, cursor } }) => ({ limit, cursor: cursor ?? null }),
    ({ data, next }) => ({ data: data.map(shownChannel), next }),
  ),
  'POST /v1/alerts': via(
    addAlertChannel,
    ({ body: { name, lang, appids, ...target } }) => ({ name, lang, appids, target }),
    ({ secret, ...channel }) => ({ ...shownChannel(channel), secret }),
  ),
  'GET /v1/alerts/{id}': via(readAlertChannel, ({ params }) => params, shownChannel),
  'PUT /v1/alerts/{id}/state': via(
    changeAlertChannelState,
    ({ params, body }) => ({ ...params, ...body }),
    (result) => result,
  ),
  'POST /v1/alerts/{id}/test': via(
    testAlertChannel,
    ({ params }) => params,
    (result) => result,
  ),
  'DELETE /v1/alerts/{id}': via(
    removeAlertChannel,
    ({ params }) => params,
    () => undefined,
  ),
  'GET /v1/incidents': via(
    listIncidents,
    ({ query: { state, limit, cursor } }) => ({ state: state ?? null, limit, cursor: cursor ?? null }),
    ({ data, next, lookedAt }) => ({ data: data.map(shownIncident), next, lookedAt: iso(lookedAt) }),
  ),
};

function shownChannel({ createdAt, toldAt, failedAt, failingSince, ...channel }: AlertChannel) {
  return {
    ...channel,
    createdAt: createdAt.toISOString(),
    ...{ toldAt: iso(toldAt), failedAt: iso(failedAt), failingSince: iso(failingSince) },
  };
}

function shownIncident({ seenAt, openedAt, endedAt, tellings, ...incident }: IncidentView) {
  return {
    ...incident,
    details: { ...incident.details },
    ...{ since: seenAt.toISOString(), openedAt: openedAt.toISOString(), endedAt: iso(endedAt) },
    tellings: tellings.map(({ toldAt, ...one }) => ({ ...one, toldAt: iso(toldAt) })),
  };
}

function iso(time: Date | null): string | null {
  return time?.toISOString() ?? null;
}
