import { logStreamEvents } from '../../store/stream/log.ts';
import { isWhollyReceipts } from '../events/receipts.ts';
import { eventSecond, storableText } from '../events/storable.ts';
import type { EventEffect } from '../events/stored-event.ts';

/**
 * Live streams are told of events, but not of receipts: those come by the million and are counted in reports. They are no rows of
 * `events` either, so that without the filter they would only be looked for in vain.
 */
export const logEvents: EventEffect = async (client, events) => {
  await logStreamEvents(
    client,
    events
      .filter(({ event }) => !isWhollyReceipts(event))
      .map(({ appid, key, event }) => ({
        ...{ appid, key, type: event.type },
        openid: storableText(event.openid),
        createdAt: eventSecond(event),
      })),
  );
};
