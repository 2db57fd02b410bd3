import type { Pool } from '../database/pool.ts';
import { maxEffectTries } from './events.ts';

/** Tables whose rows go one by one where an account keeps them for a shorter time than others do. */
export type RemovableTable = 'events' | 'receipts';

/**
 * By the time of both the event and its coming: one whose CreateTime is invented is old only when it has lain here for so
 * long. What must still follow from an event, a webhook's word among it, is owed: it stays.
 */
const isOver: Readonly<Record<RemovableTable, string>> = {
  events: `appid = $1 and created_at < now() - make_interval(days => $2) and received_at < now() - make_interval(days => $2)
    and (pending is null or tries >= ${maxEffectTries})`,
  receipts: `appid = $1 and created_at < now() - make_interval(days => $2) and received_at < now() - make_interval(days => $2)`,
};
const rowKey: Readonly<Record<RemovableTable, string>> = { events: 'key', receipts: 'msgid' };
/** What a partition covers, so that a step looks into one of them. */
const period: Readonly<Record<RemovableTable, string>> = { events: 'day', receipts: 'month' };

export interface RemovalScope {
  appid: string;
  days: number;
}

/** The beginning of the oldest period in which the account has something that is over; null: nothing is. */
export async function oldestOver(
  pool: Pool,
  table: RemovableTable,
  scope: RemovalScope,
): Promise<Date | null> {
  const { rows } = await pool.query<{ at: Date | null }>(
    `select date_trunc('${period[table]}', min(created_at), 'UTC') as at from ${table} where ${isOver[table]}`,
    [scope.appid, scope.days],
  );
  return rows[0]?.at ?? null;
}

/** Removes up to `limit` rows that are over of the period that begins then; gives how many. */
export async function removeOver(
  pool: Pool,
  table: RemovableTable,
  scope: RemovalScope,
  from: Date,
  limit: number,
): Promise<number> {
  // The bounds stand twice: each side then looks into one partition.
  const within = (alias: string): string =>
    `${alias}created_at >= $3 and ${alias}created_at < $3::timestamptz + interval '1 ${period[table]}'`;
  const result = await pool.query(
    `with old as materialized (
       select created_at, ${rowKey[table]} as k from ${table} where ${isOver[table]} and ${within('')}
       order by created_at limit $4)
     delete from ${table} t using old
     where t.appid = $1 and t.created_at = old.created_at and t.${rowKey[table]} = old.k and ${within('t.')}`,
    [scope.appid, scope.days, from, limit],
  );
  return result.rowCount ?? 0;
}

/** Accounts that keep events for a shorter time than the longest term, with theirs. */
export async function shorterTerms(pool: Pool): Promise<{ appid: string; days: number }[]> {
  const { rows } = await pool.query<{ appid: string; days: number }>(
    `select appid, days from (
       select appid, coalesce(keep_event_days, event_days) as days, greatest(event_days, max(keep_event_days) over ()) as most
       from accounts, installation) t
     where days < most order by appid`,
  );
  return rows;
}
