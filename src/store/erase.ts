import { stagedOpenids } from './campaigns/staged-rows.ts';
import type { Pool, PoolClient } from './database/pool.ts';

/** What stands where an openid stood, so that the row still counts. No openid of WeChat's is as short. */
export const erasedOpenid = 'erased';

/** From now on no campaign of the account sends to them; false: it was so before. */
export async function markErased(pool: Pool, appid: string, openid: string): Promise<boolean> {
  const result = await pool.query(
    'insert into erased_people (appid, digest) values ($1, person_digest($1, $2)) on conflict do nothing',
    [appid, openid],
  );
  return result.rowCount === 1;
}

export async function unmarkErased(pool: Pool, appid: string, openids: readonly string[]): Promise<number> {
  const result = await pool.query(
    `delete from erased_people where appid = $1
       and digest in (select person_digest($1, openid) from unnest($2::text[]) as given (openid))`,
    [appid, openids],
  );
  return result.rowCount ?? 0;
}

/** What still sends to them, or may: campaigns by number, and how many single messages. */
export async function stillSends(
  pool: Pool,
  appid: string,
  openid: string,
): Promise<{ campaigns: number[]; messages: number }> {
  const result = await pool.query<{ campaigns: number[]; messages: number }>(
    `select
       array(select c.id from campaigns c where c.appid = $1 and (
           -- One statement: whoever leaves staging for the recipients is seen in one of the two.
           exists (select 1 from staging s cross join lateral ${stagedOpenids} where s.campaign_id = c.id and staged.openid = $2)
           or c.id in (select r.campaign_id from recipients r
             where hashtextextended(r.openid, 0) = hashtextextended($2, 0) and r.openid = $2)
             and (c.state not in ('done', 'cancelled', 'failed')
               or exists (select 1 from chunks k where k.campaign_id = c.id and k.owner is not null)))
         order by c.id) as campaigns,
       (select count(*) from messages m join open_messages o on o.message_id = m.id where m.appid = $1 and m.openid = $2) as messages`,
    [appid, openid],
  );
  return result.rows[0]!; // a select without from gives one row
}

/** Lines of files, by campaign, that are about them. */
export async function linesOf(
  client: PoolClient,
  appid: string,
  openid: string,
): Promise<{ campaignId: number; line: number }[]> {
  const result = await client.query<{ campaignId: number; line: number }>(
    `select r.campaign_id as "campaignId", r.line from recipients r join campaigns c on c.id = r.campaign_id
     where c.appid = $1 and hashtextextended(r.openid, 0) = hashtextextended($2, 0) and r.openid = $2
     union select d.campaign_id, d.line from dropped d join campaigns c on c.id = d.campaign_id where c.appid = $1 and d.openid = $2`,
    [appid, openid],
  );
  return result.rows;
}

export async function unionidOf(client: PoolClient, appid: string, openid: string): Promise<string | null> {
  const result = await client.query<{ unionid: string | null }>(
    'select unionid from contacts where appid = $1 and openid = $2',
    [appid, openid],
  );
  return result.rows[0]?.unionid ?? null;
}

interface Step {
  table: string;
  sql: string;
  /** Beside appid ($1) and openid ($2). */
  unionid?: true;
}

const mine = 'in (select id from campaigns where appid = $1)';
const ofPerson = `hashtextextended(openid, 0) = hashtextextended($2, 0) and openid = $2 and campaign_id ${mine}`;
/** What was written of them anywhere in a text of JSON. */
const without = (column: string): string =>
  `replace(${column}::text, $2, '${erasedOpenid}')::json, revision = revision + 1`;

/**
 * Every place where an openid or unionid stands; docs/security.md says the same, and a test looks for both in the whole
 * database afterwards. What is counted stays as a row without a name; the rest goes.
 */
const steps: readonly Step[] = [
  { table: 'credit_entries', sql: 'delete from credit_entries where appid = $1 and openid = $2' },
  { table: 'credit_balances', sql: 'delete from credit_balances where appid = $1 and openid = $2' },
  { table: 'credit_reservations', sql: 'delete from credit_reservations where appid = $1 and openid = $2' },
  { table: 'form_credits', sql: 'delete from form_credits where appid = $1 and openid = $2' },
  { table: 'form_reservations', sql: 'delete from form_reservations where appid = $1 and openid = $2' },
  {
    table: 'dropped',
    sql: `update dropped set openid = '${erasedOpenid}', detail = '', words = null where openid = $2 and campaign_id ${mine}`,
  },
  { table: 'exclusions', sql: `delete from exclusions where openid = $2 and campaign_id ${mine}` },
  {
    table: 'recipients',
    sql: `update recipients set openid = '${erasedOpenid}', vars = null, ref = null where ${ofPerson}`,
  },
  {
    table: 'campaigns',
    sql: 'update campaigns set plan_cursor = null where appid = $1 and plan_cursor = $2',
  },
  {
    // Matched, it is a count of a report; the others could be taken for somebody else's who was erased.
    table: 'receipts',
    sql: `with gone as (
        delete from receipts where appid = $1 and openid = $2 and campaign_id is null and message_id is null returning 1)
      update receipts set openid = '${erasedOpenid}', detail = null where appid = $1 and openid = $2
        and (campaign_id is not null or message_id is not null) and (select count(*) from gone) >= 0`,
  },
  {
    table: 'messages',
    sql: `update messages m set openid = '${erasedOpenid}', body = '{}', alternatives = null, ref = null, fingerprint = '',
        key = case when strpos(key, $2) > 0 then null else key end
      where appid = $1 and openid = $2 and not exists (select 1 from open_messages o where o.message_id = m.id)`,
  },
  {
    table: 'events',
    unionid: true,
    sql: `delete from events where appid = $1 and (openid = $2 or strpos(fields::text, $2) > 0 or strpos(key, $2) > 0
      or position(convert_to($2, 'UTF8') in raw) > 0
      or $3::text is not null and (strpos(fields::text, $3) > 0 or position(convert_to($3, 'UTF8') in raw) > 0))`,
  },
  { table: 'stream_log', sql: `delete from stream_log where appid = $1 and strpos(data::text, $2) > 0` },
  {
    table: 'webhook_items',
    unionid: true,
    sql: `delete from webhook_items where webhook_id in (select id from webhooks where appid = $1)
      and (subject = $2 or strpos(body, $2) > 0 or strpos(body, $3) > 0)`,
  },
  {
    table: 'webhook_subjects',
    sql: 'delete from webhook_subjects where subject = $2 and webhook_id in (select id from webhooks where appid = $1)',
  },
  {
    table: 'webhook_deliveries',
    unionid: true,
    sql: `update webhook_deliveries set body = json_build_object('appid', $1::text, 'items', coalesce(
        (select json_agg(one) from json_array_elements(body::json -> 'items') one
         where strpos(one::text, $2) = 0 and ($3::text is null or strpos(one::text, $3) = 0)), '[]'))::text
      where webhook_id in (select id from webhooks where appid = $1) and (strpos(body, $2) > 0 or strpos(body, $3) > 0)`,
  },
  {
    // Of all accounts: keys belong to callers. $1 is named for its type alone.
    table: 'idempotency_keys',
    unionid: true,
    sql: 'delete from idempotency_keys where strpos(answer, $2) > 0 or strpos(answer, $3) > 0 or strpos(key, $2) > 0 or $1::text is null',
  },
  {
    table: 'follower_syncs',
    sql: `update follower_syncs set next_openid = '' where appid = $1 and next_openid = $2`,
  },
  {
    // An open window is told that the draft was changed, and does not write it back.
    table: 'drafts',
    sql: `update drafts set request = ${without('request')}, client = replace(client::text, $2, '${erasedOpenid}')::json
      where appid = $1 and (strpos(request::text, $2) > 0 or strpos(client::text, $2) > 0)`,
  },
  {
    table: 'accounts',
    sql: 'update accounts set test_openids = array_remove(test_openids, $2) where appid = $1 and $2 = any (test_openids)',
  },
  { table: 'suppressions', sql: 'delete from suppressions where appid = $1 and openid = $2' },
  { table: 'contacts', sql: 'delete from contacts where appid = $1 and openid = $2' },
];

/** The tables in which something stood, and in how many rows. All of it in the caller's transaction. */
export async function erasePerson(
  client: PoolClient,
  appid: string,
  openid: string,
  unionid: string | null,
): Promise<Record<string, number>> {
  const found: Record<string, number> = {};
  for (const { table, sql, unionid: asksUnionid } of steps) {
    const result = await client.query(sql, [appid, openid, ...(asksUnionid === undefined ? [] : [unionid])]);
    if ((result.rowCount ?? 0) > 0) found[table] = result.rowCount ?? 0;
  }
  return found;
}

export async function isAnybodyErased(pool: Pool, appid: string): Promise<boolean> {
  const result = await pool.query('select 1 from erased_people where appid = $1 limit 1', [appid]);
  return result.rows.length > 0;
}
