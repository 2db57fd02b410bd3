import { within } from '../../base/within.ts';
import { isPassing } from '../../store/database/explain.ts';
import { type Measured, measureInstallation } from '../../store/metrics/installation.ts';
import { action } from '../action.ts';
import { sees } from '../actor.ts';

/** Within the 10 s that Prometheus waits; the statement takes some milliseconds. */
const patienceMs = 5_000;

/** How the installation stands, of the accounts that the actor may see; null: the database does not answer. */
export const showMetrics = action<Record<string, never>, Measured[] | null>(
  { name: 'metrics.show', permission: 'metrics.read', audit: 'none' },
  async ({ store: { pool } }, _input, { actor }) => {
    const asked = measureInstallation(pool);
    try {
      if (!(await within(patienceMs, asked))) return null;
    } catch (error) {
      if (isPassing(error)) return null;
      throw error;
    }
    return (await asked).filter(({ labels: { appid } }) => appid === undefined || sees(actor, appid));
  },
);
