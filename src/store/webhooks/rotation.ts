import type { Sealer } from '../../base/seal.ts';
import type { Pool } from '../database/pool.ts';
import { secretPlace } from './webhooks.ts';

/**
 * Replaces a webhook's secret. The one before signs beside it for `oldForHours`; one that an earlier rotation left is
 * dropped. Gives when the old one ends (null: now); undefined when there is no such webhook.
 */
export async function rotateSecret(
  pool: Pool,
  sealer: Sealer,
  webhook: { id: number; appid: string },
  secret: string,
  oldForHours: number,
): Promise<Date | null | undefined> {
  const result = await pool.query<{ until: Date | null }>(
    `update webhooks set secret_sealed = $2,
       previous_secret_sealed = case when $3 > 0 then secret_sealed end,
       previous_secret_until = case when $3 > 0 then clock_timestamp() + make_interval(hours => $3) end
     where id = $1 returning previous_secret_until as until`,
    [webhook.id, sealer.seal(secret, secretPlace(webhook.appid)), oldForHours],
  );
  return result.rows[0]?.until;
}
