import type { QueryResult, QueryResultRow } from 'pg';
import { errorCode } from '../../base/errors.ts';
import { creditsLeftSql } from '../credits/credits.ts';
import { inTransaction, type Pool, type Queryable } from '../database/pool.ts';
import { factKind } from '../facts.ts';
import { type Contact, contactColumns } from './contacts.ts';

const uniqueViolation = '23505';

/** Whom a filter finds, of those who may be sent to: each rule that is there must hold. */
export interface FilterRules {
  /** With one of these tags, as their details were fetched last. */
  tags?: number[] | undefined;
  /** ISO 8601. */
  subscribedSince?: string | undefined;
  subscribedWithinDays?: number | undefined;
  /** `left`, `none`: known to have one or none; `known`: either. */
  credit?: { templateId: string; is: 'left' | 'none' | 'known' | 'unknown' } | undefined;
  /** Who got the campaign, or may have got it; or who certainly did not. */
  campaigns?: { id: number; got: boolean }[] | undefined;
  /** On the suppression list, or not. */
  suppressed?: boolean | undefined;
}

export interface Filter {
  id: number;
  appid: string;
  name: string;
  rules: FilterRules;
  /** Changes with each edit. */
  revision: number;
  createdBy: string;
  createdAt: Date;
  changedBy: string;
  changedAt: Date;
}

const columns = `id, appid, name, rules, revision, created_by as "createdBy", created_at as "createdAt", changed_by as "changedBy",
  changed_at as "changedAt"`;

/** Null when the account has one of that name. */
export async function createFilter(
  pool: Pool,
  filter: { appid: string; name: string; rules: FilterRules; by: string },
): Promise<Filter | null> {
  const { appid, name, rules, by } = filter;
  const result = await pool.query<Filter>(
    `insert into filters (appid, name, rules, created_by, changed_by) values ($1, $2, $3, $4, $4)
     on conflict do nothing returning ${columns}`,
    [appid, name, JSON.stringify(rules), by],
  );
  return result.rows[0] ?? null;
}

export async function findFilter(pool: Queryable, appid: string, id: number): Promise<Filter | null> {
  const result = await pool.query<Filter>(`select ${columns} from filters where appid = $1 and id = $2`, [
    appid,
    id,
  ]);
  return result.rows[0] ?? null;
}

/** In the order of their numbers, after `after`. */
export async function listFilters(
  pool: Pool,
  appid: string,
  after: number,
  limit: number,
): Promise<Filter[]> {
  const result = await pool.query<Filter>(
    `select ${columns} from filters where appid = $1 and id > $2 order by id limit $3`,
    [appid, after, limit],
  );
  return result.rows;
}

/** Writes it anew, if it is still of this revision; null otherwise. `taken`: another one of the account has that name. */
export async function editFilter(
  pool: Pool,
  id: number,
  revision: number,
  change: { name: string; rules: FilterRules; by: string },
): Promise<Filter | 'taken' | null> {
  try {
    const result = await pool.query<Filter>(
      `update filters set name = $3, rules = $4, revision = revision + 1, changed_by = $5, changed_at = clock_timestamp()
       where id = $1 and revision = $2 returning ${columns}`,
      [id, revision, change.name, JSON.stringify(change.rules), change.by],
    );
    return result.rows[0] ?? null;
  } catch (error) {
    if (errorCode(error) === uniqueViolation) return 'taken';
    throw error;
  }
}

/** The schedules that send to it, when there are any; it is not removed then. */
export async function removeFilter(pool: Pool, id: number): Promise<number[]> {
  const result = await pool.query<{ schedule: number | null }>(
    `with users as (
       select s.id from schedules s join filters f using (appid)
       where f.id = $1 and s.request -> 'audience' ->> 'kind' = 'filter' and (s.request -> 'audience' ->> 'id')::bigint = f.id),
     removed as (delete from filters where id = $1 and not exists (select 1 from users))
     select id as schedule from users order by id`,
    [id],
  );
  return result.rows.flatMap(({ schedule }) => (schedule === null ? [] : [schedule]));
}

/**
 * SQL for whom the rules find, of contacts c of account $1. Only the rules that are there become a part of it: with all of
 * them behind a parameter none could be a join.
 */
function foundBy(rules: FilterRules, values: unknown[]): string {
  const value = (given: unknown): string => `$${values.push(given)}`;
  const parts = ['c.appid = $1', 'c.follows is distinct from false'];
  if (rules.tags !== undefined) parts.push(`c.tag_ids && ${value(rules.tags)}::integer[]`);
  if (rules.subscribedSince !== undefined)
    parts.push(`c.subscribed_at >= ${value(rules.subscribedSince)}::timestamptz`);
  if (rules.subscribedWithinDays !== undefined)
    parts.push(`c.subscribed_at >= now() - make_interval(days => ${value(rules.subscribedWithinDays)})`);
  // Each list of openids stands by itself, so that it is made once and joined.
  const among = (list: string, isIn: boolean): number =>
    parts.push(`${isIn ? '' : 'not '}exists (select 1 from (${list}) one where one.openid = c.openid)`);
  if (rules.suppressed !== undefined)
    among('select openid from suppressions where appid = $1', rules.suppressed);
  if (rules.credit !== undefined) {
    const { is, templateId } = rules.credit;
    const left = creditsLeftSql('b.openid');
    const wanted = { left: `${left} > 0`, none: `${left} = 0`, known: 'b.known', unknown: 'b.known' }[is];
    among(
      `select b.openid from credit_balances b left join templates t on t.appid = b.appid and t.template_id = b.template_id
         left join credit_rules k on k.appid = b.appid and k.template_id = b.template_id
       where b.appid = $1 and b.template_id = ${value(templateId)} and ${wanted}`,
      is !== 'unknown',
    );
  }
  for (const { id, got } of rules.campaigns ?? []) {
    const campaign = `campaign_id = ${value(id)}::bigint`;
    // As the fatigue cap counts: accepted, or it may have arrived and was not refused afterwards.
    among(
      `select r.openid from recipients r join (
         select no from facts where ${campaign} and kind = ${factKind.accepted}
         union all select no from facts maybe where ${campaign} and kind in (${factKind.inDoubt}, ${factKind.unknown}) and not exists (
           select 1 from facts refused where refused.${campaign} and refused.no = maybe.no and refused.kind = ${factKind.rejected})) f using (no)
       where r.${campaign}`,
      got,
    );
  }
  return parts.join(' and ');
}

/** Enough for the openids of a million people: with less they are joined in the order of an index, which is 10 times slower. */
const roomToJoin = "set local work_mem = '64MB'";

async function joining<T extends QueryResultRow>(
  pool: Pool,
  sql: string,
  values: unknown[],
): Promise<QueryResult<T>> {
  return await inTransaction(pool, async (client) => {
    await client.query(roomToJoin);
    return await client.query<T>(sql, values);
  });
}

/**
 * How many they are at this moment, and the first of them. `unknown`: followers whose tags or time of following nobody has
 * fetched yet; they are not found.
 */
export async function countFiltered(
  pool: Pool,
  appid: string,
  rules: FilterRules,
  first: number,
): Promise<{ count: number; unknown: number; first: Contact[] }> {
  const values: unknown[] = [appid, first];
  const where = foundBy(rules, values);
  const byTime = rules.subscribedSince !== undefined || rules.subscribedWithinDays !== undefined;
  const missing = [
    ...(rules.tags === undefined ? [] : ['c.detailed_at is null']),
    ...(byTime ? ['c.subscribed_at is null'] : []),
  ];
  const unknown =
    missing.length === 0
      ? '0'
      : `(select count(*) from contacts c where c.appid = $1 and c.follows is distinct from false and (${missing.join(' or ')}))`;
  const result = await joining<{ count: number; unknown: number; openids: string[] }>(
    pool,
    `with found as materialized (select c.openid from contacts c where ${where})
     select count(*) as count, ${unknown} as unknown,
       array(select openid from found order by openid limit $2) as openids from found`,
    values,
  );
  const { openids, ...counts } = result.rows[0]!; // an aggregate has one row
  const rows = await pool.query<Contact>(
    `select ${contactColumns} from contacts where appid = $1 and openid = any ($2::text[]) order by openid`,
    [appid, openids],
  );
  return { ...counts, first: rows.rows };
}

/**
 * In the order of their openids, after `after`. Found first and cut then: planned for a few rows, the joins would be made
 * anew for each contact, which took half a minute at a million.
 */
export async function listFiltered(
  pool: Pool,
  appid: string,
  rules: FilterRules,
  page: { after: string; limit: number },
): Promise<Contact[]> {
  const values: unknown[] = [appid, page.after, page.limit];
  const where = foundBy(rules, values);
  const result = await joining<Contact>(
    pool,
    `with found as materialized (select c.openid from contacts c where ${where} and c.openid > $2),
       page as materialized (select openid from found order by openid limit $3)
     select ${contactColumns} from contacts where appid = $1 and openid = any (array(select openid from page)) order by openid`,
    values,
  );
  return result.rows;
}

/**
 * All of them, page by page in the order of their openids, after `after`: one statement and one look at the contacts,
 * whose joins are made once and not for each page.
 */
export async function* filteredOpenids(
  pool: Pool,
  appid: string,
  rules: FilterRules,
  after: string,
  pageRows: number,
): AsyncGenerator<string[]> {
  const client = await pool.connect();
  try {
    const values: unknown[] = [appid, after];
    const where = foundBy(rules, values);
    await client.query('begin read only');
    // All of it is fetched: a plan that gives the first tenth early makes the joins for each contact.
    await client.query('set local cursor_tuple_fraction = 1');
    await client.query(roomToJoin);
    await client.query(
      `declare filtered no scroll cursor for select c.openid from contacts c where ${where} and c.openid > $2 order by c.openid`,
      values,
    );
    for (;;) {
      const { rows } = await client.query<{ openid: string }>(`fetch ${Math.trunc(pageRows)} from filtered`);
      if (rows.length === 0) break;
      yield rows.map(({ openid }) => openid);
    }
  } finally {
    // A reader that stops early leaves its transaction open too; nothing of it is to be kept.
    await client.query('rollback').then(
      () => client.release(),
      () => client.release(true),
    );
  }
}
