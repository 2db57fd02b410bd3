import { showStats } from '../../../app/deliveries/stats.ts';
import type { statsRoutes } from '../../../contract/service/stats.ts';
import { type Handlers, via } from '../../register.ts';

export const statsHandlers: Handlers<typeof statsRoutes> = {
  'GET /v1/stats': via(
    showStats,
    ({ query }) => query,
    (stats) => stats,
  ),
};
