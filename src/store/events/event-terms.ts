import type { Pool } from '../database/pool.ts';

/** How many days events and receipts are kept. */
export interface EventTerms {
  /** Where an account says nothing. */
  installation: number;
  /** Of the accounts that have a term of their own. */
  own: ReadonlyMap<string, number>;
  /** The longest of all: what is older than this is nobody's. */
  most: number;
}

export async function eventTerms(pool: Pool): Promise<EventTerms> {
  const { rows } = await pool.query<{ installation: number; own: Record<string, number> | null }>(
    `select event_days as installation,
       (select jsonb_object_agg(appid, keep_event_days) from accounts where keep_event_days is not null) as own
     from installation`,
  );
  const { installation, own } = rows[0]!; // the row is made when the store is opened
  const terms = new Map(Object.entries(own ?? {}));
  return { installation, own: terms, most: Math.max(installation, ...terms.values()) };
}

export function termOf({ own, installation }: EventTerms, appid: string): number {
  return own.get(appid) ?? installation;
}

export async function setEventDays(pool: Pool, days: number): Promise<void> {
  await pool.query('update installation set event_days = $1', [days]);
}
