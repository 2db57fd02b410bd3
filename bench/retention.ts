/**
 * What the removal of old rows costs a campaign that runs: its rate while they are removed, against its rate without.
 *
 *     npm run bench:retention [-- --rows 10000000 --messages 200000 --rate 2000 --latency 20]
 *
 * `--rows` counts recipients and facts of campaigns that are over their time, two facts to a recipient as after a resend. The
 * campaign is sent again and again until all of them are gone; one process, embedded PostgreSQL, the responder of
 * bench/throughput.ts. `--rate` is the account's ceiling, messages a second; far above what the machine does, the question
 * is who gets the processor.
 */
import { spawn } from 'node:child_process';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { silentLogger } from '../src/base/logger.ts';
import { pruneCampaigns } from '../src/engine/campaigns/retention.ts';
import { startEngine } from '../src/engine/engine.ts';
import { setRate } from '../src/store/accounts/pace.ts';
import type { Store } from '../src/store/store.ts';
import {
  benchAppid,
  openBenchDatabase,
  openBenchStore,
  planBenchCampaign,
  runCampaign,
} from './bench-campaign.ts';

const { values } = parseArgs({
  options: {
    rows: { type: 'string', default: '1000000' },
    messages: { type: 'string', default: '20000' },
    rate: { type: 'string', default: '2000' },
    latency: { type: 'string', default: '20' },
  },
});
const [rows, messages, rate] = [values.rows, values.messages, values.rate].map(Number);
if (!rows || !messages || !rate) throw new Error('--rows, --messages and --rate are numbers');
const inFlight = 64;

/** Campaigns of up to 100,000 recipients that ended 40 days ago. */
async function insertOld({ pool }: Store, like: number, recipients: number): Promise<void> {
  for (let left = recipients; left > 0; left -= 100_000) {
    const n = Math.min(left, 100_000);
    const { rows: made } = await pool.query<{ id: number }>(
      `insert into campaigns (appid, channel, state, fingerprint, template_id, audience, message, variables, dedupe, on_invalid,
         plan_bucket, audience_count, planned_count, probed, started_at, finished_at)
       select appid, channel, 'done', 'old', template_id, audience, message, variables, dedupe, on_invalid,
         64, $2, $2, true, clock_timestamp() - interval '40 days', clock_timestamp() - interval '40 days'
       from campaigns where id = $1 returning id`,
      [like, n],
    );
    const id = made[0]?.id ?? 0;
    await pool.query(
      "insert into recipients (campaign_id, no, openid) select $1, n, 'oOld' || lpad(n::text, 24, '0') from generate_series(1, $2::integer) n",
      [id, n],
    );
    await pool.query(
      `insert into facts (campaign_id, at, msgid, no, epoch, flush_group, attempt, kind)
       select $1, clock_timestamp() - interval '40 days', $1::bigint * 1000000 + n * 2 + k, n, 1, 1, k + 1, case k when 0 then 0 else 5 end
       from generate_series(1, $2::integer) n, generate_series(0, 1) k`,
      [id, n],
    );
    await pool.query(
      `insert into chunks (campaign_id, first_no, last_no, state, watermark, accepted)
       select $1, f, least(f + 999, $2::integer), 'done', least(f + 999, $2::integer), least(1000, $2::integer - f + 1)
       from generate_series(1, $2::integer, 1000) f`,
      [id, n],
    );
  }
  await pool.query('vacuum analyze recipients, facts, chunks');
}

const here = (file: string): string => fileURLToPath(new URL(file, import.meta.url));
const responder = spawn(process.execPath, [here('./responder.ts'), values.latency], {
  stdio: ['ignore', 'pipe', 'inherit'],
});
const port = await new Promise<string>((resolve, reject) => {
  createInterface({ input: responder.stdout }).once('line', resolve);
  responder.once('exit', (code) => reject(new Error(`the responder ended with ${code}`)));
});
const url = `http://127.0.0.1:${port}`;
const directory = await mkdtemp(join(tmpdir(), 'hongyan-retention-'));
await chmod(directory, 0o711);
const database = await openBenchDatabase(directory);
const opened = await openBenchStore(database.connection, inFlight);
const { store, clients } = opened;
const engine = await startEngine({
  ...{ store, clients, logger: silentLogger, role: 'demo', version: 'bench' },
  window: inFlight,
});
try {
  /** Messages a second of one campaign. */
  const send = async (): Promise<{ id: number; perSecond: number }> => {
    const id = await planBenchCampaign(opened, url, messages);
    await setRate(store.pool, benchAppid, rate);
    const begun = performance.now();
    const sent = await runCampaign(store, id, messages);
    if (sent !== messages) throw new Error(`${sent} of ${messages} were sent`);
    return { id, perSecond: messages / ((performance.now() - begun) / 1000) };
  };
  const { id } = await send(); // whatever a first campaign warms up
  await insertOld(store, id, Math.ceil(rows / 3));
  const without = Math.max((await send()).perSecond, (await send()).perSecond);
  console.log(`without: ${Math.round(without)} messages/s`);

  await store.pool.query('update accounts set keep_days = 30');
  const begun = performance.now();
  let isOver = false;
  const pruning = pruneCampaigns(
    { pool: store.pool, logger: silentLogger },
    { appid: null, olderThanDays: null },
  ).finally(() => {
    isOver = true;
  });
  pruning.catch(() => {}); // awaited below
  const during: number[] = [];
  while (!isOver) {
    const { perSecond } = await send();
    // One that was sent after the last row was gone says nothing.
    if (!isOver || during.length === 0) during.push(perSecond);
  }
  const { recipients } = await pruning;
  const seconds = (performance.now() - begun) / 1000;
  const mean = during.length / during.reduce((sum, one) => sum + 1 / one, 0);
  console.log(
    `while ${recipients * 3} rows were removed (${Math.round(seconds)} s, ${during.length} campaigns): ${Math.round(mean)} messages/s, ${(mean / without).toFixed(2)} of it`,
  );
} finally {
  await engine.stop();
  await clients.close();
  await store.close();
  await database.close();
  await rm(directory, { recursive: true, force: true });
  responder.kill('SIGTERM');
}
