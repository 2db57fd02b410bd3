import { failure } from '../../base/errors.ts';
import { findFilter } from '../../store/accounts/filters.ts';
import type { AskedAudience, Audience } from '../../store/campaigns/campaigns.ts';
import type { Pool } from '../../store/database/pool.ts';

/**
 * The audience with the rules of its filter as they are now: what is changed of the filter afterwards changes no campaign.
 *
 * Throws `FILTER_NOT_FOUND`.
 */
export async function resolveAudience(pool: Pool, appid: string, asked: AskedAudience): Promise<Audience> {
  if (asked.kind !== 'filter') return asked;
  const filter = await findFilter(pool, appid, asked.id);
  if (filter === null) throw failure('FILTER_NOT_FOUND', { id: String(asked.id), appid });
  const { id, name, rules } = filter;
  return { kind: 'filter', id, name, rules };
}
