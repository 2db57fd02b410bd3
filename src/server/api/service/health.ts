import { type healthRoutes, noDatabase } from '../../../contract/service/health.ts';
import { isDatabaseAlive } from '../../../store/database/facts.ts';
import type { Handlers } from '../../register.ts';

/** Needs no key and tells nothing of the accounts. */
export const healthHandlers: Handlers<typeof healthRoutes> = {
  'GET /healthz': async ({ deps: { store, version }, status }) => {
    if (await isDatabaseAlive(store.pool)) return { status: 'ok', version };
    status(503);
    return { status: noDatabase, version };
  },
};
