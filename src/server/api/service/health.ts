import type { healthRoutes } from '../../../contract/service/health.ts';
import type { Readiness } from '../../readiness.ts';
import type { Handlers } from '../../register.ts';

/** Need no key, and tell nothing of the accounts. */
export function healthHandlers(readiness: Readiness): Handlers<typeof healthRoutes> {
  return {
    'GET /healthz': async ({ deps: { version } }) => ({ status: 'ok', version }),
    'GET /readyz': async ({ deps: { version } }) => {
      await readiness.require();
      return { status: 'ready', version };
    },
  };
}
