import { inTransaction, type Pool } from '../database/pool.ts';

/** Accounts whose audit has a term of its own. */
export async function auditTerms(pool: Pool): Promise<{ appid: string; days: number }[]> {
  const { rows } = await pool.query<{ appid: string; days: number }>(
    'select appid, keep_audit_days as days from accounts where keep_audit_days is not null order by appid',
  );
  return rows;
}

/**
 * Removes what was written more than `days` ago (184 at least: the table's trigger), at most `limit` actions at once, and
 * gives how many. What began goes together with its outcome, so that no action looks interrupted for a while. That it went
 * is written in the same transaction.
 *
 * Nothing goes before the oldest is over by a day: else each hour of the years would leave a row that says that it removed
 * that of an hour of the year before.
 *
 * @param appid null: what is of no account, or of one without a term of its own
 */
export async function removeOldAudit(
  pool: Pool,
  { appid, days }: { appid: string | null; days: number },
  limit: number,
): Promise<number> {
  return await inTransaction(pool, async (client) => {
    await client.query(`select set_config('hongyan.audit_keep_days', $1, true)`, [String(days)]);
    const result = await client.query<{ actions: number }>(
      `with term as materialized (select clock_timestamp() - make_interval(days => $1) as ends),
       due as materialized (
         select a.id, a.at from audit a where a.at < (select ends from term) and a.began_id is null and ${ofScope}
           and not exists (select 1 from audit b where b.began_id = a.id and b.at >= (select ends from term))
         order by a.at limit $2),
       old as materialized (select id, at from due where exists (
         select 1 from due where at < (select ends - interval '1 day' from term))),
       gone as (
         delete from audit where id in (
           select id from old union all select b.id from audit b join old on b.began_id = old.id)),
       said as (
         insert into audit (outcome, action, actor_kind, actor_id, actor_name, appid, input, after)
         select 'done', 'audit.remove', 'program', 'hongyan', 'hongyan', $3, jsonb_build_object('days', $1::integer),
           jsonb_build_object('actions', count(*), 'from', min(at), 'to', max(at)) from old having count(*) > 0)
       select count(*)::int as actions from old`,
      [days, limit, appid],
    );
    return result.rows[0]?.actions ?? 0;
  });
}

/** $3: the account, or null for all that have no term of their own. */
const ofScope = `case when $3::text is null
  then a.appid is null or not exists (select 1 from accounts o where o.appid = a.appid and o.keep_audit_days is not null)
  else a.appid = $3 end`;
