/**
 * Time from the commit of a single message to its request, on the embedded database.
 *
 *   node bench/messages.ts [--seconds 10] [--rates 200,1000] [--latency 80] [--ceiling 3000] [--window 256]
 *
 * One node, as `hongyan serve` runs it, and a responder in a thread of its own that answers after `latency` ms. For each
 * rate, without and with a campaign of the same account that takes what the ceiling (messages/s of the account) leaves.
 * Messages are submitted one by one at even distances. Prints p50, p99 and the largest in ms: from the call to the commit,
 * and from the commit, as this process learns of it, to the whole request having arrived at the responder.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { systemClock } from '../src/base/clock.ts';
import { silentLogger } from '../src/base/logger.ts';
import { createSealer } from '../src/base/seal.ts';
import { Deliverer } from '../src/engine/delivery/deliverer.ts';
import { MessageDelivery } from '../src/engine/messages/message-delivery.ts';
import { AccountClients } from '../src/engine/sending/account-clients.ts';
import { NodeLease } from '../src/engine/sending/node-lease.ts';
import { Pacing } from '../src/engine/sending/pacing.ts';
import { saveAccount } from '../src/store/accounts/accounts.ts';
import { storeTemplates } from '../src/store/accounts/templates.ts';
import { openEmbeddedPostgres } from '../src/store/embedded/open.ts';
import { openStore, type Store } from '../src/store/store.ts';
import { respond } from './parts/respond.ts';

const appid = 'wx0000000000000000';
const templateId = 'bench-template-id-of-43-characters_________';
const body = { template_id: templateId, data: { keyword1: { value: '标题' }, keyword2: { value: '内容' } } };
const leaseMs = 10_000;

/** Comparable between threads. */
function time(): number {
  return performance.timeOrigin + performance.now();
}

function messageOpenid(n: number): string {
  return `oMessage${String(n).padStart(20, '0')}`;
}

/** When asked, tells when each single message arrived, and how many others. */
function listenForArrivals(latencyMs: number): void {
  let arrived: [number, number][] = [];
  let others = 0;
  respond(latencyMs, (request) => {
    const message = /"touser":"oMessage(\d+)"/.exec(request);
    if (message !== null) arrived.push([Number(message[1]), time()]);
    else others++;
  });
  parentPort?.on('message', () => {
    parentPort?.postMessage({ arrived, others });
    arrived = [];
    others = 0;
  });
}

interface Arrivals {
  arrived: [number, number][];
  others: number;
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      seconds: { type: 'string', default: '10' },
      rates: { type: 'string', default: '200,1000' },
      latency: { type: 'string', default: '80' },
      ceiling: { type: 'string', default: '3000' },
      window: { type: 'string', default: '256' },
    },
  });
  const seconds = Number(values.seconds);
  const ceiling = Number(values.ceiling);
  const window = Number(values.window);
  const directory = await mkdtemp(join(tmpdir(), 'hongyan-messages-'));
  const database = await openEmbeddedPostgres({ dataDir: join(directory, 'data') });
  const responder = new Worker(fileURLToPath(import.meta.url), { workerData: Number(values.latency) });
  const port = await new Promise<number>((resolve) => responder.once('message', resolve));
  const logger = silentLogger;
  const store = await openStore({
    connection: database.connection,
    sealer: createSealer(Buffer.alloc(32, 1)),
    logger,
  });
  const clients = new AccountClients({ store, logger, connections: window });
  try {
    await prepare(store, port, ceiling);
    process.stdout.write(
      `answers after ${values.latency} ms, ceiling ${ceiling}/s, window ${window}, ${seconds} s each; ms as p50 / p99 / most\n` +
        'messages/s   campaign/s   call to commit        commit to request     load\n',
    );
    for (const rate of values.rates.split(',').map(Number))
      for (const withCampaign of [false, true])
        await measure(store, clients, responder, { rate, seconds, withCampaign, window });
  } finally {
    await clients.close();
    await store.close();
    await responder.terminate();
    await database.close();
    await rm(directory, { recursive: true, force: true });
  }
}

async function prepare(store: Store, port: number, ratePerS: number): Promise<void> {
  await saveAccount(store.pool, store.sealer, {
    appid,
    kind: 'sandbox',
    name: '',
    tokenSource: 'secret',
    secret: 'bench',
    baseUrl: `http://127.0.0.1:${port}`,
    proxy: null,
    ratePerS,
  });
  const fields = ['keyword1', 'keyword2'].map((key) => ({ key, label: '', class: null }));
  await storeTemplates(
    store.pool,
    appid,
    ['template'],
    [
      {
        templateId,
        family: 'template',
        title: 'bench',
        content: '',
        example: '',
        kind: 'free',
        type: null,
        fields,
      },
    ],
  );
}

interface Case {
  rate: number;
  seconds: number;
  withCampaign: boolean;
  window: number;
}

async function measure(
  store: Store,
  clients: AccountClients,
  responder: Worker,
  { rate, seconds, withCampaign, window }: Case,
): Promise<void> {
  const nodeId = crypto.randomUUID();
  const common = { store, clients, logger: silentLogger, nodeId, leaseMs };
  const lease = new NodeLease({
    pool: store.pool,
    clock: systemClock,
    logger: silentLogger,
    node: { id: nodeId, role: 'serve', version: 'bench' },
    leaseMs,
    guard: store.installation.guard,
  });
  await lease.start();
  const pacing = new Pacing({ ...common, pool: store.pool, clock: systemClock, window });
  const deliverer = new Deliverer({ ...common, pacing, window });
  let committedAt = 0;
  const messages = new MessageDelivery({
    ...common,
    lease,
    pacing,
    hooks: {
      reached(point) {
        if (point === 'inserted') committedAt = time();
      },
    },
  });
  const campaign = withCampaign ? await startCampaign(store, 1_000_000) : null;
  await deliverer.start();
  await messages.start();
  const called: number[] = [];
  const committed: number[] = [];
  const submit = (n: number): Promise<unknown> => {
    called[n] = time();
    const message = { body };
    return messages
      .submit({ appid, channel: 'oa-template', openid: messageOpenid(n), message, lang: 'en' })
      .then(() => {
        committed[n] = committedAt;
      });
  };
  // A second to warm up: connections, the token, the campaign's first answers.
  const warm = rate;
  const total = warm + rate * seconds;
  const start = time();
  const sent: Promise<unknown>[] = [];
  await new Promise<void>((resolve) => {
    const turn = (): void => {
      const due = Math.min(total, Math.floor(((time() - start) * rate) / 1000));
      while (sent.length < due) sent.push(submit(sent.length));
      if (sent.length >= total) resolve();
      else setTimeout(turn, 1);
    };
    turn();
  });
  await Promise.all(sent);
  const elapsed = (time() - start) / 1000;
  await new Promise((resolve) => setTimeout(resolve, 2_000));
  const { arrived, others } = await new Promise<Arrivals>((resolve) => {
    responder.once('message', resolve);
    responder.postMessage('tell');
  });
  if (campaign !== null)
    await store.pool.query("update campaigns set state = 'cancelled' where id = $1", [campaign]);
  await Promise.all([messages.stop(), deliverer.stop()]);
  await lease.close();
  const counted = arrived.filter(([n]) => n >= warm);
  if (counted.length !== total - warm)
    process.stdout.write(`only ${counted.length} of ${total - warm} arrived\n`);
  const toRequest = counted.map(([n, at]) => at - (committed[n] ?? 0));
  const toCommit = committed.map((at, n) => at - (called[n] ?? 0)).slice(warm);
  process.stdout.write(
    `${String(rate).padStart(10)}   ${String(Math.round(others / elapsed)).padStart(10)}   ${row(toCommit)}   ${row(toRequest)}   ${loadavg()[0]?.toFixed(1)}\n`,
  );
  await store.pool.query('truncate messages, open_messages, message_facts');
}

function row(values: number[]): string {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share: number): string => (sorted[Math.floor((sorted.length - 1) * share)] ?? 0).toFixed(1);
  return `${at(0.5)} / ${at(0.99)} / ${at(1)}`.padEnd(19);
}

/** A running campaign as its plan would have left it. */
async function startCampaign(store: Store, planned: number): Promise<number> {
  const { rows } = await store.pool.query<{ id: number }>(
    `insert into campaigns (appid, channel, state, fingerprint, template_id, audience, message, variables, dedupe, on_invalid,
       plan_bucket, audience_count, planned_count, probed, started_at)
     values ($1, 'oa-template', 'running', 'bench', $2, '{"kind":"list","count":0}', $3, '{}', 'openid', 'reject', 64, $4, $4, true, clock_timestamp())
     returning id`,
    [appid, templateId, JSON.stringify(body), planned],
  );
  const id = rows[0]?.id ?? 0;
  await store.pool.query(
    `insert into recipients (campaign_id, no, openid) select $1, n, 'oCampaign' || lpad(n::text, 19, '0') from generate_series(1, $2) n`,
    [id, planned],
  );
  await store.pool.query(
    'insert into chunks (campaign_id, first_no, last_no, watermark) select $1, n, n + 999, n - 1 from generate_series(1, $2, 1000) n',
    [id, planned],
  );
  return id;
}

if (isMainThread) await main();
else listenForArrivals(Number(workerData));
