import { sees } from '../../../app/actor.ts';
import { showMetrics } from '../../../app/installation/metrics.ts';
import type { metricsRoutes } from '../../../contract/service/metrics.ts';
import { exposition, expositionType } from '../../metrics/exposition.ts';
import { type Handlers, via } from '../../register.ts';

export const metricsHandlers: Handlers<typeof metricsRoutes> = {
  'GET /metrics': via(
    showMetrics,
    () => ({}),
    async (installation, { actor, deps, reply }) => {
      reply.type(expositionType);
      const processes = (await deps.processMeasures?.()) ?? [];
      return await exposition(processes, installation, (appid) => sees(actor, appid));
    },
  ),
};
