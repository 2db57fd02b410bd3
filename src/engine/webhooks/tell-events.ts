import { storeItems } from '../../store/webhooks/items.ts';
import { webhooksFor } from '../../store/webhooks/webhooks.ts';
import type { EventEffect } from '../events/stored-event.ts';
import { eventItems, itemsFor } from './item.ts';

/** Webhooks are told of WeChat's events: items in the transaction that stores the event, and so exactly once. */
export const tellEvents: EventEffect = async (client, events) => {
  const appids = [...new Set(events.map((one) => one.appid))].sort();
  const webhooks = await webhooksFor(client, appids);
  if (webhooks.length === 0) return;
  await storeItems(
    client,
    events.flatMap((one) => itemsFor(webhooks, one.appid, eventItems(one))),
  );
};
