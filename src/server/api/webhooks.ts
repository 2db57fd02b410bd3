import {
  addWebhook,
  changeWebhookState,
  type Delivery,
  listDeliveries,
  listWebhooks,
  readDelivery,
  readWebhook,
  removeWebhook,
  replayWebhook,
  rotateWebhookSecret,
  testWebhook,
  type Webhook,
} from '../../app/webhooks.ts';
import type { webhooksRoutes } from '../../contract/webhooks.ts';
import { type Handlers, via } from '../register.ts';

export const webhooksHandlers: Handlers<typeof webhooksRoutes> = {
  'GET /v1/webhooks': via(
    listWebhooks,
    ({ query }) => ({ appid: query.appid ?? null, limit: query.limit, cursor: query.cursor ?? null }),
    ({ data, next }) => ({ data: data.map(shownWebhook), next }),
  ),
  'POST /v1/webhooks': via(
    addWebhook,
    ({ body }) => body,
    ({ secret, ...webhook }) => ({ ...shownWebhook(webhook), secret }),
  ),
  'GET /v1/webhooks/{id}': via(readWebhook, ({ params }) => params, shownWebhook),
  'PUT /v1/webhooks/{id}/state': via(
    changeWebhookState,
    ({ params, body }) => ({ ...params, ...body }),
    (result) => result,
  ),
  'POST /v1/webhooks/{id}/rotate': via(
    rotateWebhookSecret,
    ({ params, body }) => ({ ...params, ...body }),
    ({ secret, oldUntil }) => ({ secret, oldUntil: iso(oldUntil) }),
  ),
  'POST /v1/webhooks/{id}/test': via(
    testWebhook,
    ({ params }) => params,
    (result) => result,
  ),
  'DELETE /v1/webhooks/{id}': via(
    removeWebhook,
    ({ params }) => params,
    () => undefined,
  ),
  'GET /v1/webhooks/{id}/deliveries': via(
    listDeliveries,
    ({ params, query: { state, limit, cursor } }) => ({
      ...{ ...params, limit },
      ...{ state: state ?? null, cursor: cursor ?? null },
    }),
    ({ data, next }) => ({ data: data.map(shownDelivery), next }),
  ),
  'GET /v1/webhooks/{id}/deliveries/{delivery}': via(
    readDelivery,
    ({ params }) => params,
    ({ body, ...delivery }) => ({ ...shownDelivery(delivery), body }),
  ),
  'POST /v1/webhooks/{id}/replay': via(
    replayWebhook,
    ({ params, body }) => ({ ...params, ...body }),
    (result) => result,
  ),
};

function shownWebhook(webhook: Webhook) {
  const { id, appid, host, topics, state, createdBy, lastError, waiting, pending, dead } = webhook;
  return {
    ...{ id, appid, host, topics, state, createdBy, lastError, waiting, pending, dead },
    createdAt: webhook.createdAt.toISOString(),
    oldSecretUntil: iso(webhook.oldSecretUntil),
    deliveredAt: iso(webhook.deliveredAt),
    failedAt: iso(webhook.failedAt),
    downSince: iso(webhook.downSince),
    probeAt: iso(webhook.probeAt),
    waitingSince: iso(webhook.waitingSince),
  };
}

function shownDelivery({ createdAt, nextAt, endedAt, ...delivery }: Delivery) {
  return {
    ...delivery,
    createdAt: createdAt.toISOString(),
    nextAt: iso(nextAt),
    endedAt: iso(endedAt),
  };
}

function iso(time: Date | null): string | null {
  return time?.toISOString() ?? null;
}
