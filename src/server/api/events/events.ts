import {
  changeEventDays,
  countCallbackRequests,
  eventId,
  listEvents,
  readEvent,
  readEventDays,
  type ShownEvent,
} from '../../../app/events.ts';
import type { eventsRoutes } from '../../../contract/events/events.ts';
import { type Handlers, via } from '../../register.ts';

export const eventsHandlers: Handlers<typeof eventsRoutes> = {
  'GET /v1/accounts/{appid}/events': via(
    listEvents,
    ({ params, query: { type, limit, cursor } }) => ({
      ...{ ...params, limit },
      ...{ type: type ?? null, cursor: cursor ?? null },
    }),
    ({ data, next }, { params }) => ({ data: data.map((one) => shown(params.appid, one)), next }),
  ),
  'GET /v1/accounts/{appid}/events/{id}': via(
    readEvent,
    ({ params }) => params,
    ({ did, raw, ...event }, { params }) => ({
      ...shown(params.appid, { ...event, raw }),
      raw: raw === null ? null : { text: raw.toString('utf8'), base64: raw.toString('base64') },
      did,
    }),
  ),
  'GET /v1/accounts/{appid}/callback/requests': via(
    countCallbackRequests,
    ({ params, query }) => ({ ...params, ...query }),
    ({ counters }) => ({ data: counters }),
  ),
  'GET /v1/events/retention': via(
    readEventDays,
    () => ({}),
    (result) => result,
  ),
  'PUT /v1/events/retention': via(
    changeEventDays,
    ({ body }) => body,
    (result) => result,
  ),
};

function shown(appid: string, event: ShownEvent) {
  const { type, openid, fields, pending } = event;
  return {
    id: eventId(event),
    ...{ appid, type, openid, fields, pending },
    createdAt: event.createdAt.toISOString(),
    receivedAt: event.receivedAt.toISOString(),
  };
}
