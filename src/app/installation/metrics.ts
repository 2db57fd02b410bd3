import { type Measured, measureInstallation } from '../../store/metrics/installation.ts';
import { action } from '../action.ts';
import { sees } from '../actor.ts';

/** How the installation stands, of the accounts that the actor may see. */
export const showMetrics = action<Record<string, never>, Measured[]>(
  { name: 'metrics.show', permission: 'metrics.read', audit: 'none' },
  async ({ store: { pool } }, _input, { actor }) =>
    (await measureInstallation(pool)).filter(
      ({ labels: { appid } }) => appid === undefined || sees(actor, appid),
    ),
);
