import { searchDeliveries } from '../../app/deliveries/deliveries.ts';
import type { deliveriesRoutes } from '../../contract/deliveries.ts';
import { type Handlers, via } from '../register.ts';

export const deliveriesHandlers: Handlers<typeof deliveriesRoutes> = {
  'GET /v1/deliveries': via(
    searchDeliveries,
    ({ query: { campaign, from, to, ...wish } }) => ({
      ...wish,
      campaignId: campaign,
      from: from === undefined ? undefined : new Date(from),
      to: to === undefined ? undefined : new Date(to),
    }),
    ({ data, next }) => ({
      data: data.map(({ createdAt, at, receipt, ...one }) => ({
        ...one,
        createdAt: createdAt.toISOString(),
        at: at?.toISOString() ?? null,
        receipt: receipt === null ? null : { ...receipt, at: receipt.at?.toISOString() ?? null },
      })),
      next,
    }),
  ),
};
