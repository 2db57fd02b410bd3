/**
 * How many people a kill leaves in doubt, on a channel on which WeChat drops no repeats: they stay `unknown (crash)`.
 *
 *     npm run bench:doubt [-- --rates 100,1000,5000 --kills 10 --latency 50 --channel mp-subscribe]
 *
 * For each rate (messages/s, the account's ceiling) one sender, a process of its own, delivers a campaign, and is killed with
 * -9 at some moment once it is at its rate; then its chunks are claimed as another node would. *in doubt* is what that claim
 * notes; *had it* are those of them that had reached WeChat, which are in doubt rightly. *in flight* is rate × latency.
 * The same for single messages, of which more wait than can be sent. Medians over the kills, and the most.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { silentLogger } from '../src/base/logger.ts';
import { startEngine } from '../src/engine/engine.ts';
import { saveAccount } from '../src/store/accounts/accounts.ts';
import { claimChunk } from '../src/store/campaigns/chunks.ts';
import { fenceDeadNodes } from '../src/store/database/nodes.ts';
import type { Connection, Pool } from '../src/store/database/pool.ts';
import { doubtMessages, lostOwners } from '../src/store/messages/open-messages.ts';
import { openBenchDatabase, openBenchStore } from './bench-campaign.ts';
import { respond } from './parts/respond.ts';

const appid = 'wxbench00000000000';
const templateId = 'bench-template-id-of-43-characters_________';
const message = JSON.stringify({ template_id: templateId, data: { thing1: { value: '标题' } } });
const program = import.meta.filename;
/** How long it sends before it is killed, ms, and a random part. */
const steadyMs = 1_500;
const spreadMs = 700;

interface Order {
  connection: Connection;
  window: number;
}

/** When asked, tells the numbers of all whom it has heard of, or how many they are. */
function listenForNumbers(latencyMs: number): void {
  const heard = new Set<number>();
  respond(latencyMs, (request) => {
    const number = /"touser":"oBench(\d+)"/.exec(request)?.[1];
    if (number !== undefined) heard.add(Number(number));
  });
  parentPort?.on('message', (what: 'count' | 'all') => {
    parentPort?.postMessage(what === 'count' ? heard.size : [...heard]);
    if (what === 'all') heard.clear();
  });
}

async function ask<T>(responder: Worker, what: 'count' | 'all'): Promise<T> {
  const answer = once(responder, 'message');
  responder.postMessage(what);
  // The responder answers a count with a number, and all with numbers.
  return (await answer)[0] as T;
}

/** What is killed: a node that delivers whatever the database has. */
async function send({ connection, window }: Order): Promise<void> {
  const { store, clients } = await openBenchStore(connection, window);
  await startEngine({ store, clients, logger: silentLogger, role: 'demo', version: 'bench', window });
}

interface Kill {
  perSecond: number;
  doubted: number;
  /** Of the doubted: who had it. */
  reached: number;
}

interface Case {
  rate: number;
  window: number;
  pool: Pool;
  connection: Connection;
  responder: Worker;
}

/** One kill. `start` gives the sender work for long enough, `takeOver` the numbers of those in doubt. */
async function kill(
  { pool, connection, window, rate, responder }: Case,
  start: () => Promise<void>,
  takeOver: () => Promise<number[]>,
): Promise<Kill> {
  await pool.query('update accounts set rate_per_s = $1', [rate]);
  await pool.query('delete from account_pace');
  await start();
  await ask(responder, 'all');
  const child = fork(program, ['sender']);
  child.send({ connection, window } satisfies Order);
  const gone = once(child, 'exit');
  while ((await ask<number>(responder, 'count')) < Math.max(20, rate / 4)) await pause(20);
  await pause(steadyMs + Math.random() * spreadMs);
  const before = await ask<number>(responder, 'count');
  const measured = performance.now();
  await pause(300);
  const perSecond =
    ((await ask<number>(responder, 'count')) - before) / ((performance.now() - measured) / 1000);
  child.kill('SIGKILL');
  await gone;
  // What the kernel still had of it arrives, and a statement that was under way ends.
  await pause(200);
  const heard = new Set(await ask<number[]>(responder, 'all'));
  const doubted = await takeOver();
  return { perSecond, doubted: doubted.length, reached: doubted.filter((no) => heard.has(no)).length };
}

async function killCampaign(of: Case, channel: string): Promise<Kill> {
  const { pool, rate } = of;
  let id = 0;
  const taken = await kill(
    of,
    async () => {
      id = await insertCampaign(pool, channel, Math.max(4_000, rate * 12));
    },
    async () => {
      await pool.query(
        "update chunks set lease_until = clock_timestamp() - interval '1 s' where campaign_id = $1 and owner is not null",
        [id],
      );
      const other = crypto.randomUUID();
      while ((await claimChunk(pool, id, other, 60_000, 0, [])) !== null);
      const found = await pool.query<{ no: number }>(
        'select no from facts where campaign_id = $1 and kind = 2',
        [id],
      );
      return found.rows.map(({ no }) => no);
    },
  );
  await pool.query("update campaigns set state = 'cancelled' where id = $1", [id]);
  return taken;
}

async function killMessages(of: Case): Promise<Kill> {
  const { pool, rate } = of;
  const taken = await kill(
    of,
    () => insertMessages(pool, rate * 15),
    async () => {
      await pool.query("update nodes set lease_until = clock_timestamp() - interval '1 s'");
      await fenceDeadNodes(pool);
      for (const lost of await lostOwners(pool)) await doubtMessages(pool, lost, 0);
      const found = await pool.query<{ no: number }>(
        `select substr(openid, 7)::integer as no from message_facts f join messages m on m.id = f.message_id where kind = 2`,
      );
      return found.rows.map(({ no }) => no);
    },
  );
  await pool.query('truncate messages, open_messages, message_facts');
  return taken;
}

/** As its plan would have left it, in several chunks. */
async function insertCampaign(pool: Pool, channel: string, planned: number): Promise<number> {
  const { rows } = await pool.query<{ id: number }>(
    `insert into campaigns (appid, channel, state, fingerprint, template_id, audience, message, variables, dedupe, on_invalid,
       plan_bucket, audience_count, planned_count, probed, started_at)
     values ($1, $2, 'staging', 'bench', $3, '{"kind":"list","count":0}', $4, '{}', 'openid', 'reject', 64, $5, $5, true, clock_timestamp())
     returning id`,
    [appid, channel, templateId, message, planned],
  );
  const id = rows[0]?.id ?? 0;
  await pool.query(
    `insert into recipients (campaign_id, no, openid) select $1, n, 'oBench' || lpad(n::text, 22, '0') from generate_series(1, $2) n`,
    [id, planned],
  );
  await pool.query(
    'insert into chunks (campaign_id, first_no, last_no, watermark) select $1, n, least(n + 999, $2), n - 1 from generate_series(1, $2, 1000) n',
    [id, planned],
  );
  await pool.query("update campaigns set state = 'running' where id = $1", [id]);
  return id;
}

/** Waiting for whoever claims them. */
async function insertMessages(pool: Pool, count: number): Promise<void> {
  await pool.query(
    `with made as (
       insert into messages (appid, uuid, channel, openid, template_id, fingerprint, body)
       select $1, gen_random_uuid(), 'kf', 'oBench' || lpad(n::text, 22, '0'), null, '\\x00', $2 from generate_series(1, $3) n
       returning id)
     insert into open_messages (message_id, appid, channel) select id, $1, 'kf' from made`,
    [appid, '{"msgtype":"text","text":{"content":"在吗"}}', count],
  );
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

function median(numbers: number[]): number {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN;
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      rates: { type: 'string', default: '100,1000,5000' },
      kills: { type: 'string', default: '10' },
      latency: { type: 'string', default: '50' },
      channel: { type: 'string', default: 'mp-subscribe' },
      messages: { type: 'boolean', default: true },
    },
    allowNegative: true,
  });
  const latency = Number(values.latency);
  const directory = await mkdtemp(join(tmpdir(), 'hongyan-bench-'));
  await chmod(directory, 0o711);
  const database = await openBenchDatabase(directory);
  const { store, clients } = await openBenchStore(database.connection, 1);
  const { pool } = store;
  const responder = new Worker(program, { workerData: latency });
  try {
    const [port] = await once(responder, 'message');
    await saveAccount(pool, store.sealer, {
      ...{ appid, name: '', tokenSource: 'secret', secret: '0'.repeat(32), proxy: null },
      kind: values.channel === 'mp-subscribe' ? 'miniprogram' : 'service',
      baseUrl: `http://127.0.0.1:${port}`,
    });
    // Single messages get the whole rate when nothing else sends; a day's quota would end the larger ones.
    console.log(`${values.kills} kills each, answers after ${latency} ms`);
    console.log(
      '                          rate   messages/s   in flight   in doubt   most   had it   never sent',
    );
    const run = async (what: string, rate: number, one: (of: Case) => Promise<Kill>): Promise<void> => {
      const window = Math.max(64, (2 * rate * latency) / 1000);
      const kills: Kill[] = [];
      while (kills.length < Number(values.kills))
        kills.push(await one({ rate, window, pool, connection: database.connection, responder }));
      const row = [
        median(kills.map((k) => k.perSecond)),
        (rate * latency) / 1000,
        median(kills.map((k) => k.doubted)),
        Math.max(...kills.map((k) => k.doubted)),
        median(kills.map((k) => k.reached)),
        median(kills.map((k) => k.doubted - k.reached)),
      ];
      const widths = [10, 9, 8, 4, 6, 10];
      const cells = row.map((n, i) =>
        Math.round(n)
          .toString()
          .padStart(widths[i] ?? 0),
      );
      console.log(`${what.padEnd(22)} ${String(rate).padStart(7)}   ${cells.join('   ')}`);
    };
    for (const rate of values.rates.split(',').map(Number)) {
      await run(`campaign, ${values.channel}`, rate, (of) => killCampaign(of, values.channel));
      if (values.messages) await run('single messages, kf', rate, killMessages);
    }
  } finally {
    await clients.close();
    await store.close();
    await responder.terminate();
    await database.close();
    await rm(directory, { recursive: true, force: true });
  }
}

if (!isMainThread) listenForNumbers(Number(workerData));
else if (process.argv[2] === 'sender') {
  const [order] = await once(process, 'message');
  await send(order as Order); // `kill` sends one
} else await main();
