/**
 * How long `GET /v1/deliveries` takes to find what it is asked for, on an embedded database of many campaigns and messages.
 *
 *     node bench/deliveries.ts [--recipients 1000000] [--messages 500000] [--people 100000] [--asks 200]
 *
 * Campaigns have 100,000 recipients each; one recipient in fifty was refused.
 */
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { terminalActor } from '../src/app/actor.ts';
import { type DeliveryWish, searchDeliveries } from '../src/app/deliveries/deliveries.ts';
import { silentLogger } from '../src/base/logger.ts';
import { benchAppid, openBenchDatabase, openBenchStore, saveBenchAccount } from './bench-campaign.ts';

const { values } = parseArgs({
  options: {
    recipients: { type: 'string', default: '1000000' },
    messages: { type: 'string', default: '500000' },
    people: { type: 'string', default: '100000' },
    asks: { type: 'string', default: '200' },
  },
});
const recipients = Number(values.recipients);
const messages = Number(values.messages);
const people = Number(values.people);
const asks = Number(values.asks);
const perCampaign = 100_000;

const directory = await mkdtemp(join(tmpdir(), 'hongyan-bench-deliveries-'));
await chmod(directory, 0o711);
const database = await openBenchDatabase(directory);
const { store, clients } = await openBenchStore(database.connection, 1);
const { pool } = store;
const app = { store, clients, logger: silentLogger };
const actor = terminalActor('bench', 'bench', 'en');
const openid = (n: string): string => `'o' || lpad((${n})::text, 27, '0')`;

async function build(): Promise<void> {
  await pool.query(
    `insert into campaigns (appid, channel, fingerprint, audience, message, variables, dedupe, on_invalid, state, planned_count, started_at)
     select $1, 'oa-template', '', '{"kind":"all"}', '{}', '{}', 'openid', 'skip', 'done', 0, now() - n * interval '1 hour'
     from generate_series(1, $2::integer) n`,
    [benchAppid, Math.ceil(recipients / perCampaign)],
  );
  const ids = (await pool.query<{ id: number }>('select id from campaigns order by id')).rows.map(
    ({ id }) => id,
  );
  for (const [i, id] of ids.entries()) {
    // A person's number is scattered, as openids are.
    await pool.query(
      `insert into recipients (campaign_id, no, line, openid)
       select $1::bigint, n, n, ${openid('(n::bigint * 7919 + $2::bigint * 104729) % $3::bigint')} from generate_series(1, $4::integer) n`,
      [id, i, people, Math.min(perCampaign, recipients - i * perCampaign)],
    );
    await pool.query(
      `insert into facts (campaign_id, at, msgid, no, errcode, epoch, flush_group, attempt, kind)
       select $1::bigint, now() - $2::integer * interval '1 hour' + no * interval '1 ms', case when no % 50 > 0 then $1::bigint * 1000000 + no end, no,
         case when no % 50 = 0 then 43101 end, 1, 1, 1, case when no % 50 = 0 then 4 else 5 end
       from recipients where campaign_id = $1::bigint order by no`,
      [id, i + 1],
    );
  }
  await pool.query(
    `with made as (
       insert into messages (appid, uuid, channel, openid, fingerprint, body, ref, created_at)
       select $1, gen_random_uuid(), 'oa-template', ${openid('(n::bigint * 7919) % $2::bigint')}, '', '{}', 'order-' || n, now() - n * interval '1 s'
       from generate_series(1, $3::integer) n returning id, created_at)
     insert into message_facts (message_id, at, msgid, errcode, epoch, attempt, kind)
     select id, created_at, case when id % 50 > 0 then 9000000000000 + id end, case when id % 50 = 0 then 43101 end, 1, 1, case when id % 50 = 0 then 4 else 5 end
     from made`,
    [benchAppid, people, messages],
  );
  await pool.query('analyze');
}

async function timed(what: string, wish: (n: number) => Partial<DeliveryWish>): Promise<void> {
  const times: number[] = [];
  let found = 0;
  for (let n = 0; n < asks; n++) {
    const start = performance.now();
    found += (await searchDeliveries(app, actor, { limit: 50, ...wish(n) })).data.length;
    times.push(performance.now() - start);
  }
  times.sort((a, b) => a - b);
  const at = (share: number): string => (times[Math.min(asks - 1, Math.floor(asks * share))] ?? 0).toFixed(1);
  console.log(
    `${what.padEnd(14)} p50 ${at(0.5).padStart(6)} ms  p99 ${at(0.99).padStart(6)} ms  max ${at(1).padStart(6)} ms  ${(found / asks).toFixed(1)} found`,
  );
}

try {
  await saveBenchAccount(store, 'http://127.0.0.1:1');
  const start = performance.now();
  await build();
  console.log(
    `${recipients.toLocaleString('en')} recipients and ${messages.toLocaleString('en')} messages in ${((performance.now() - start) / 1000).toFixed(0)} s`,
  );
  const person = (n: number): string => `o${String((n * 7919) % people).padStart(27, '0')}`;
  await timed('by person', (n) => ({ touser: person(n) }));
  await timed('by ref', (n) => ({ ref: `order-${1 + ((n * 31) % messages)}` }));
  await timed('by msgid', (n) => ({ msgid: String(1_000_001 + n) }));
  await timed('by errcode', () => ({ errcode: 43101 }));
  const deep = Math.max(1, Math.min(perCampaign, recipients) - 50 * 1_000);
  await timed('campaign', () => ({ campaignId: 1 }));
  await timed('… page 1,000', () => ({ campaignId: 1, cursor: `9999999999999999.1.${deep}` }));
} finally {
  await clients.close();
  await store.close();
  await database.close();
  await rm(directory, { recursive: true, force: true });
}
