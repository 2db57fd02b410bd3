/**
 * The data set of the row `deliveries`: campaigns to everybody, single messages, their facts and receipts, in the shapes in which
 * the store writes them (`data-check.ts` compares), by insert-select: sending ten million messages would take hours.
 */

import type { Pool, PoolClient } from '../../src/store/database/pool.ts';
import { maintainReceiptPartitions } from '../../src/store/events/receipt-partitions.ts';
import { benchAppid, benchTemplateId } from '../bench-campaign.ts';

export interface DataSize {
  /** Contacts; each campaign goes to all of them. */
  people: number;
  campaigns: number;
  /** Single messages. */
  messages: number;
}

export const fullSize: DataSize = { people: 1_000_000, campaigns: 10, messages: 5_000_000 };

export const chunkSize = 1_000;
/** One of so many is refused (43004), one of so many accepted ones blocked. */
const refusedOf = 50;
const blockedOf = 100;
/** Steps from one person of a list to the next: lists are in no order. A prime, so that all are met. */
const step = 7_919;
const firstMsgid = '3557254367693750000';

/** Of person `n`, a number: of WeChat's length and as hard to compress. */
const openid = (n: string): string =>
  `'o' || left(translate(encode(sha256((${n})::text::bytea), 'base64'), '+/', '-_'), 27)`;
/** As WeChat numbers messages: ascending, with gaps. `n` counts all messages. */
const msgid = (n: string): string => `${firstMsgid}::bigint + (${n})::bigint * 4096`;

/** Builds it under `appid`; @returns the ids of its campaigns. The account and its template are there. */
export async function buildData(
  pool: Pool,
  size: DataSize,
  tell: (what: string) => void,
  appid = benchAppid,
): Promise<number[]> {
  const { rows: months } = await pool.query<{ at: Date }>(
    "select generate_series(now() - interval '2 months', now(), '1 month') as at",
  );
  for (const { at } of months) await maintainReceiptPartitions(pool, at.getTime());
  const client = await pool.connect();
  try {
    // Without nested loops: what was inserted a moment ago is not in the statistics, and a million rows would be taken for one.
    await client.query(
      "set synchronous_commit = off; set maintenance_work_mem = '512MB'; set work_mem = '128MB'; set enable_nestloop = off",
    );
    const indexes = size.people < 100_000 ? [] : await dropIndexes(client);
    const done = async (what: string, text: string, values: unknown[]): Promise<void> => {
      const start = performance.now();
      const { rowCount } = await client.query(text, values);
      tell(`${what}: ${rowCount} rows in ${Math.round((performance.now() - start) / 1000)} s`);
    };
    await done('contacts', contacts, [appid, size.people]);
    const ids: number[] = [];
    for (let i = 0; i < size.campaigns; i++) {
      const { rows } = await client.query<{ id: number }>(campaign, [
        ...[appid, benchTemplateId, size.people, i + 1],
      ]);
      const id = rows[0]!.id; // an insert … returning gives its row
      ids.push(id);
      await done(`recipients of ${id}`, recipients, [id, size.people, i]);
      await done('… facts', facts, [id, i * size.people]);
      await done('… chunks', chunks, [id]);
      await done('… receipts', campaignReceipts, [id, appid]);
      await done('… bits', chunkReceipts, [id]);
    }
    // A million at a time: sorting all of them would need their size again.
    for (let from = 0; from < size.messages; from += 1_000_000) {
      const count = Math.min(1_000_000, size.messages - from);
      await done('messages', messages, [appid, benchTemplateId, size.people, from, count, size.messages]);
    }
    await done('… facts', messageFacts, [appid, size.campaigns * size.people]);
    await done('… receipts', messageReceipts, [appid]);
    for (const { name, definition } of indexes) await done(name, definition, []);
    await client.query('vacuum (analyze)');
    return ids;
  } finally {
    client.release();
  }
}

/** Those that no constraint holds: a row at a time they cost several times as much as made at once. */
async function dropIndexes(client: PoolClient): Promise<{ name: string; definition: string }[]> {
  const { rows } = await client.query<{ name: string; definition: string }>(
    `select i.indexrelid::regclass::text as name, pg_get_indexdef(i.indexrelid) as definition from pg_index i
     where i.indrelid = any ('{contacts,recipients,facts,messages,message_facts}'::regclass[])
       and not exists (select 1 from pg_constraint where conindid = i.indexrelid)`,
  );
  for (const { name } of rows) await client.query(`drop index ${name}`);
  return rows;
}

const contacts = `with sync as (
    insert into follower_syncs (appid, state, pages, seen, total, added, finished_at)
    values ($1, 'done', ceil($2::integer / 10000.0), $2, $2, $2, clock_timestamp()) returning id)
  insert into contacts (appid, openid, follows, sync_id, unfollowed_at)
  select $1, openid, follows, sync.id, case when not follows then clock_timestamp() end from sync,
    (select ${openid('n')} as openid, n % ${refusedOf} > 0 as follows from generate_series(0, $2::integer - 1) n order by 1) people`;

/** $4: how many days ago it was sent. */
const campaign = `insert into campaigns (appid, channel, state, fingerprint, template_id, audience, message, variables, columns,
    dedupe, on_invalid, plan_bucket, bucket_ends, audience_count, planned_count, probed, confirmed_by,
    created_at, read_until, planned_at, started_at, finished_at)
  select $1, 'oa-template', 'done', left(encode(sha256($4::text::bytea), 'base64'), 43), $2, jsonb_build_object('kind', 'file', 'name', 'orders.csv'),
    json_build_object('template_id', $2::text, 'data', json_build_object('keyword1', json_build_object('value', '发货通知'),
      'keyword2', json_build_object('value', '您的订单 {{order}} 已发货'), 'keyword3', json_build_object('value', '今天'))),
    '{order}', '{openid,order,ref}', 'row', 'skip', 64, array(select ($3::bigint * n / 64)::integer from generate_series(1, 64) n), $3, $3, true, 'key api.token',
    t, t + interval '1 minute', t + interval '1 minute', t + interval '2 minutes', t + interval '1 hour'
  from (select now() - $4::integer * interval '1 day' as t) at returning id`;

/** $2: people, $3: which campaign. */
const recipients = `insert into recipients (campaign_id, no, line, openid, vars, ref)
  select $1::bigint, n, person + 2, ${openid('person')}, json_build_array('DD' || ref)::text, 'C' || ref
  from (select n, (n::bigint * ${step} + $3::bigint * 104729) % $2::bigint as person, ($3::bigint + 1) * 10000000 + n as ref
    from generate_series(1, $2::integer) n) people order by n`;

/** 5,000 a second from the start on, in the order of the list; $2: messages of campaigns before. */
const facts = `insert into facts (campaign_id, at, msgid, no, errcode, epoch, flush_group, attempt, kind)
  select r.campaign_id, c.started_at + r.no * interval '0.2 ms', case when r.no % ${refusedOf} > 0 then ${msgid('$2::bigint + r.no')} end, r.no,
    case when r.no % ${refusedOf} = 0 then 43004 end, 1, 1 + (r.no - 1) % ${chunkSize} / 100, 1, case when r.no % ${refusedOf} = 0 then 4 else 5 end
  from recipients r join campaigns c on c.id = r.campaign_id where r.campaign_id = $1 order by r.no`;

const chunks = `insert into chunks (campaign_id, first_no, last_no, state, epoch, watermark, flush_group, accepted, rejected, outcomes, first_at, last_at, doubt_from)
  select $1, first_no, max(no), 'done', 1, max(no), 10, count(*) filter (where kind = 5), count(*) filter (where kind = 4),
    jsonb_build_object('unsent', '{}'::jsonb, 'unknown', '{}'::jsonb, 'rejected', jsonb_build_object('43004', count(*) filter (where kind = 4))), min(at), max(at), max(at)
  from (select *, no - (no - 1) % ${chunkSize} as first_no from facts where campaign_id = $1) f group by first_no order by first_no`;

/** Some seconds later, in whole seconds as WeChat's CreateTime. */
const campaignReceipts = `insert into receipts (appid, created_at, received_at, msgid, campaign_id, no, status, openid, detail)
  select $2, date_trunc('second', f.at + interval '2 s'), f.at + interval '3 s', f.msgid, f.campaign_id, f.no,
    case when f.no % ${blockedOf} = 1 then 2 else 1 end, r.openid, case when f.no % ${blockedOf} = 1 then 'failed:user block' end
  from facts f join recipients r on r.campaign_id = f.campaign_id and r.no = f.no
  where f.campaign_id = $1 and f.kind = 5 order by f.no`;

/** Bits are text first, a chunk at a time: a thousand digits are read once for each of its rows otherwise. */
const bitsOf = (status: number): string =>
  `string_agg(case when r.status = ${status} then '1' else '0' end, '' order by f.no)::bit varying`;
const zeroBits = "repeat('0', count(*)::integer)::bit varying";
const chunkReceipts = `insert into chunk_receipts (campaign_id, first_no, delivered, blocked, failed_system, failed_frequency, failed_other, inferred)
  select $1, f.no - (f.no - 1) % ${chunkSize}, ${bitsOf(1)}, ${bitsOf(2)}, ${[zeroBits, zeroBits, zeroBits, zeroBits].join(', ')}
  from facts f left join receipts r on r.campaign_id = f.campaign_id and r.no = f.no
  where f.campaign_id = $1 group by 2 order by 2`;

/** The last month's, evenly; $3: people, $4: the number of the first, $6: of how many in all. */
const messages = `insert into messages (appid, uuid, channel, openid, template_id, key, fingerprint, body, ref, created_at)
  select $1, gen_random_uuid(), 'oa-template', ${openid(`(n::bigint * ${step}) % $3::bigint`)}, $2, 'shipped-' || n, sha256(n::text::bytea),
    json_build_object('template_id', $2::text, 'url', 'https://example.com/orders/' || n, 'data', json_build_object('keyword1', json_build_object('value', '发货通知'),
      'keyword2', json_build_object('value', '您的订单 DD' || n || ' 已发货'), 'keyword3', json_build_object('value', '2026-11-22 08:00'))),
    'M' || n, now() - interval '30 days' * (1 - n::double precision / $6::integer)
  from generate_series($4::integer + 1, $4::integer + $5::integer) n`;

/** $2: messages of campaigns. */
const messageFacts = `insert into message_facts (message_id, at, msgid, errcode, epoch, attempt, kind, node)
  select id, created_at + interval '50 ms', case when id % ${refusedOf} > 0 then ${msgid('$2::bigint + id')} end,
    case when id % ${refusedOf} = 0 then 43004 end, 1, 1, case when id % ${refusedOf} = 0 then 4 else 5 end, '00000000-0000-4000-8000-000000000001'
  from messages where appid = $1 order by id`;

const messageReceipts = `insert into receipts (appid, created_at, received_at, msgid, message_id, status, openid, detail)
  select $1, date_trunc('second', f.at + interval '2 s'), f.at + interval '3 s', f.msgid, m.id,
    case when m.id % ${blockedOf} = 1 then 2 else 1 end, m.openid, case when m.id % ${blockedOf} = 1 then 'failed:user block' end
  from message_facts f join messages m on m.id = f.message_id where m.appid = $1 and f.kind = 5 order by m.id`;
