/**
 * One contender of bench/throughput.ts in a process of its own: sends the messages, prints one JSON line.
 *
 *     node bench/contender.ts NAME URL MESSAGES IN_FLIGHT [DATA_DIR [WEBHOOK_URL [LATENCY_MS]]]
 */
import { createRequire } from 'node:module';
import { setFlagsFromString } from 'node:v8';
import { Pool } from 'undici';
import { silentLogger } from '../src/base/logger.ts';
import { startEngine } from '../src/engine/engine.ts';
import { addWebhook } from '../src/store/webhooks/webhooks.ts';
import { WechatClient } from '../src/wechat/client.ts';
import {
  benchAppid,
  benchFields as fields,
  openBenchDatabase,
  openBenchStore,
  benchOpenid as openid,
  planBenchCampaign,
  runCampaign,
  benchTemplateId as templateId,
} from './bench-campaign.ts';
import { type Ramp, type Steady, steadyOf, steadyOfCampaign } from './sending/steady.ts';

// As bin/hongyan.js does, and for the same reason.
setFlagsFromString('--semi-space-growth-factor=1');
const [
  name = '',
  url = '',
  messagesText = '0',
  inFlightText = '1',
  dataDir = '',
  webhookUrl = '',
  latencyText = '0',
] = process.argv.slice(2);
const messages = Number(messagesText);
const inFlight = Number(inFlightText);
const latencyMs = Number(latencyText);
/** ms of each answer of a loop, since its start. */
const answers: number[] = [];

function message(i: number): object {
  const data = Object.fromEntries(Object.entries(fields).map(([key, value]) => [key, { value }]));
  return { touser: openid(i), template_id: templateId, url: 'https://example.com/', data };
}

/** Of a contender with a database: its PostgreSQL, and what is read in the end. */
interface Durable {
  postgresPid: number;
  walBytes(): Promise<number>;
  databaseBytes(): Promise<number>;
  steady(): Promise<Steady & { ramp: Ramp }>;
}

/** Measures the sending alone: what was set up before does not count. */
async function measured(send: () => Promise<number>, durable?: Durable): Promise<void> {
  const postgresCpu = async (): Promise<number> =>
    durable === undefined ? 0 : await cpuOfTree(durable.postgresPid);
  const walBefore = (await durable?.walBytes()) ?? 0;
  const cpu = process.cpuUsage();
  const postgresBefore = await postgresCpu();
  const start = performance.now();
  const sent = await send();
  const seconds = (performance.now() - start) / 1000;
  const used = process.cpuUsage(cpu);
  const postgresMs = (await postgresCpu()) - postgresBefore;
  const walBytes = ((await durable?.walBytes()) ?? 0) - walBefore;
  const steady =
    (await durable?.steady()) ??
    steadyOf(
      answers.map((at) => at - start),
      latencyMs,
    );
  console.log(
    JSON.stringify({
      name,
      sent,
      perSecond: Math.round(sent / seconds),
      cpuMicros: Math.round(((used.user + used.system) / sent) * 10) / 10,
      postgresMicros: Math.round(((postgresMs * 1000) / sent) * 10) / 10,
      peakMb: Math.round(process.resourceUsage().maxRSS / 1024),
      databaseBytes: (await durable?.databaseBytes()) ?? 0,
      walBytes: Math.round(walBytes / sent),
      steady,
    }),
  );
}

/** CPU of PostgreSQL and all its processes, ms; ended backends count through their parent. */
async function cpuOfTree(pid: number): Promise<number> {
  const { readFile, readdir } = await import('node:fs/promises');
  const ticks = async (one: string): Promise<{ parent: number; own: number; waited: number } | null> => {
    const stat = await readFile(`/proc/${one}/stat`, 'utf8').catch(() => null);
    if (stat === null) return null;
    const rest = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return {
      parent: Number(rest[1]),
      own: Number(rest[11]) + Number(rest[12]),
      waited: Number(rest[13]) + Number(rest[14]),
    };
  };
  let sum = 0;
  for (const one of await readdir('/proc')) {
    if (!/^\d+$/.test(one)) continue;
    const found = await ticks(one);
    if (found === null) continue;
    if (Number(one) === pid) sum += found.own + found.waited;
    else if (found.parent === pid) sum += found.own;
  }
  return sum * 10; // 100 ticks a second on every Linux that Node runs on
}

/** `work` for 0..messages-1, so many at once. */
async function loop(work: (i: number) => Promise<unknown>): Promise<number> {
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < messages) {
      await work(next++);
      answers.push(performance.now());
    }
  };
  await Promise.all(Array.from({ length: inFlight }, lane));
  return messages;
}

async function floor(): Promise<void> {
  const pool = new Pool(url, { connections: inFlight, pipelining: 1 });
  const path = '/cgi-bin/message/template/send?access_token=BENCH_TOKEN';
  const headers = ['content-type', 'application/json; charset=utf-8'];
  const one = (i: number): Promise<void> =>
    new Promise((resolve, reject) => {
      let text = '';
      pool.dispatch(
        { path, method: 'POST', headers, body: JSON.stringify(message(i)) },
        {
          onRequestStart() {},
          onResponseStart() {},
          onResponseData(_controller, chunk) {
            text += chunk.toString('latin1');
          },
          onResponseEnd() {
            if (text.startsWith('{"errcode":0')) resolve();
            else reject(new Error(text));
          },
          onResponseError(_controller, error) {
            reject(error);
          },
        },
      );
    });
  await measured(() => loop(one));
  await pool.close();
}

/** Hongyan's client without its engine: nothing is recorded. */
async function client(): Promise<void> {
  const token = { kind: 'secret', secret: '0'.repeat(32) } as const;
  const wechat = new WechatClient({ appid: benchAppid, token, baseUrl: url, connections: inFlight });
  await wechat.token.get();
  const path = '/cgi-bin/message/template/send';
  await measured(() =>
    loop(
      (i) =>
        new Promise<void>((resolve, reject) => {
          wechat.sendThen(path, JSON.stringify(message(i)), undefined, (answer) => {
            if (answer.kind === 'accepted') resolve();
            else reject(new Error(answer.kind));
          });
        }),
    ),
  );
  await wechat.close();
}

async function hongyan(): Promise<void> {
  const database = await openBenchDatabase(dataDir);
  const opened = await openBenchStore(database.connection, inFlight);
  const { store, clients } = opened;
  const id = await planBenchCampaign(opened, url, messages);
  if (webhookUrl !== '') {
    const secret = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
    const topics = ['outcome.accepted', 'outcome.rejected', 'outcome.unknown'];
    const webhook = { appid: benchAppid, url: new URL(webhookUrl), secret, topics, createdBy: '' };
    await addWebhook(store.pool, store.sealer, webhook);
  }
  const engine = await startEngine({
    store,
    clients,
    logger: silentLogger,
    role: 'demo',
    version: 'bench',
    window: inFlight,
    webhookAllow: ['127.0.0.1'],
  });
  const bytes = async (expression: string): Promise<number> => {
    const { rows } = await store.pool.query<{ bytes: number }>(
      `select (${expression})::double precision as bytes`,
    );
    return rows[0]?.bytes ?? 0;
  };
  await measured(() => runCampaign(store, id, messages), {
    postgresPid: database.pid,
    walBytes: () => bytes("pg_current_wal_insert_lsn() - '0/0'"),
    databaseBytes: () => bytes('pg_database_size(current_database())'),
    steady: () => steadyOfCampaign(store, id, latencyMs),
  });
  await engine.stop();
  await clients.close();
  await store.close();
  await database.close();
}

const require = createRequire(new URL('./peers/package.json', import.meta.url));

async function coWechatApi(): Promise<void> {
  const Api = require('co-wechat-api');
  const api = new Api(benchAppid, '0'.repeat(32));
  api.prefix = `${url}/cgi-bin/`;
  const data = Object.fromEntries(Object.entries(fields).map(([key, value]) => [key, { value }]));
  await measured(() =>
    loop((i) => api.sendTemplate(openid(i), templateId, 'https://example.com/', '', data)),
  );
}

async function nodeEasywechat(): Promise<void> {
  const { OfficialAccount } = require('node-easywechat');
  const app = new OfficialAccount({
    app_id: benchAppid,
    secret: '0'.repeat(32),
    http: { baseURL: url },
  });
  // Its file cache would keep tokens between runs; memory is kinder to it.
  const memory = new Map<string, unknown>();
  app.setCache({
    get: async (key: string) => memory.get(key),
    set: async (key: string, value: unknown) => {
      memory.set(key, value);
      return true;
    },
    has: async (key: string) => memory.has(key),
    delete: async (key: string) => memory.delete(key),
  });
  const client = app.getClient();
  await measured(() =>
    loop(async (i) => {
      const answer = await client.postJson('/cgi-bin/message/template/send', message(i));
      if (answer.toObject().errcode !== 0) throw new Error('refused');
    }),
  );
}

switch (name) {
  case 'floor':
    await floor();
    break;
  case 'client':
    await client();
    break;
  case 'hongyan':
    await hongyan();
    break;
  case 'co-wechat-api':
    await coWechatApi();
    break;
  case 'node-easywechat':
    await nodeEasywechat();
    break;
  default:
    throw new Error(`no contender ${name}`);
}
