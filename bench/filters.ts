/**
 * How long the live count of a filter with its first rows takes on an embedded database of many contacts, rule by rule.
 *
 *     node bench/filters.ts [--contacts 1000000] [--asks 5]
 *
 * Every second contact has one of 20 tags, every second a known credit, every twentieth is suppressed; half got a campaign.
 */
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { terminalActor } from '../src/app/actor.ts';
import { countFilter, type FilterRules } from '../src/app/audience/filters.ts';
import { silentLogger } from '../src/base/logger.ts';
import { benchAppid, openBenchDatabase, openBenchStore, saveBenchAccount } from './bench-campaign.ts';

const { values } = parseArgs({
  options: { contacts: { type: 'string', default: '1000000' }, asks: { type: 'string', default: '5' } },
});
const contacts = Number(values.contacts);
const asks = Number(values.asks);

const directory = await mkdtemp(join(tmpdir(), 'hongyan-bench-filters-'));
await chmod(directory, 0o711);
const database = await openBenchDatabase(directory);
const { store, clients } = await openBenchStore(database.connection, 1);
const { pool } = store;
const app = { store, clients, logger: silentLogger };
const actor = terminalActor('bench', 'bench', 'en');
// Scattered, as openids are.
const openid = `'o' || left(md5(n::text), 27)`;

async function build(): Promise<number> {
  await pool.query(
    `insert into contacts (appid, openid, follows, tag_ids, detailed_at, subscribed_at)
     select $1, ${openid}, n % 10 > 0, case when n % 2 = 0 then array[100 + n % 20] end, now(), now() - n % 1000 * interval '1 day'
     from generate_series(1, $2::integer) n`,
    [benchAppid, contacts],
  );
  await pool.query(
    `insert into credit_balances (appid, openid, template_id, known, balance)
     select $1, ${openid}, 'template', true, n % 3 from generate_series(1, $2::integer, 2) n`,
    [benchAppid, contacts],
  );
  await pool.query(
    `insert into suppressions (appid, openid) select $1, ${openid} from generate_series(1, $2::integer, 20) n`,
    [benchAppid, contacts],
  );
  const campaign = await pool.query<{ id: number }>(
    `insert into campaigns (appid, channel, fingerprint, audience, message, variables, dedupe, on_invalid, state)
     values ($1, 'oa-template', '', '{"kind":"all"}', '{}', '{}', 'openid', 'skip', 'cancelled') returning id`,
    [benchAppid],
  );
  const id = campaign.rows[0]?.id ?? 0;
  await pool.query(
    `insert into recipients (campaign_id, no, openid) select $1::bigint, n, ${openid} from generate_series(1, $2::integer) n`,
    [id, Math.floor(contacts / 2)],
  );
  await pool.query(
    `insert into facts (campaign_id, at, no, epoch, flush_group, attempt, kind)
     select $1::bigint, now(), n, 1, 1, 1, case when n % 50 = 0 then 4 else 5 end from generate_series(1, $2::integer) n`,
    [id, Math.floor(contacts / 2)],
  );
  await pool.query('vacuum analyze');
  return id;
}

try {
  await saveBenchAccount(store, 'http://127.0.0.1:1');
  const id = await build();
  const credit = (is: 'left' | 'unknown') => ({ credit: { templateId: 'template', is } });
  const wishes: [string, FilterRules][] = [
    ['tags', { tags: [102, 104] }],
    ['subscribedWithinDays', { subscribedWithinDays: 30 }],
    ['suppressed: false', { suppressed: false }],
    ['credit left', credit('left')],
    ['credit unknown', credit('unknown')],
    ['campaign got', { campaigns: [{ id, got: true }] }],
    ['campaign not got', { campaigns: [{ id, got: false }] }],
    [
      'all of them',
      { tags: [102], suppressed: false, ...credit('unknown'), campaigns: [{ id, got: false }] },
    ],
  ];
  console.log(`${contacts} contacts; ms: median, slowest of ${asks}`);
  for (const [name, rules] of wishes) {
    const times: number[] = [];
    let count = 0;
    for (let ask = 0; ask < asks; ask++) {
      const begun = performance.now();
      ({ count } = await countFilter(app, actor, { appid: benchAppid, rules }));
      times.push(performance.now() - begun);
    }
    times.sort((a, b) => a - b);
    const [median, slowest] = [times[Math.floor(asks / 2)] ?? 0, times.at(-1) ?? 0];
    console.log(`${name.padEnd(22)} ${count} people  ${median.toFixed(0)}  ${slowest.toFixed(0)}`);
  }
} finally {
  await clients.close();
  await store.close();
  await database.close();
  await rm(directory, { recursive: true, force: true });
}
