import { storeDeliveries } from '../../store/webhook-deliveries.ts';
import { webhooksFor } from '../../store/webhooks.ts';
import type { EventEffect } from '../events/stored-event.ts';
import { deliveriesOf, eventItems } from './item.ts';

/** Webhooks are told of WeChat's events: a delivery row in the transaction that stores the event, and so exactly once. */
export const tellEvents: EventEffect = async (client, events) => {
  const appids = [...new Set(events.map((one) => one.appid))].sort();
  const webhooks = await webhooksFor(client, appids);
  if (webhooks.length === 0) return;
  const items = new Map(
    appids.map((appid) => [appid, events.filter((one) => one.appid === appid).flatMap(eventItems)]),
  );
  await storeDeliveries(
    client,
    webhooks.flatMap((webhook) => deliveriesOf(webhook, items.get(webhook.appid) ?? [])),
  );
};
