/**
 * One contender of bench/throughput.ts in a process of its own: sends the messages, prints one JSON line.
 *
 *     node bench/contender.ts NAME URL MESSAGES IN_FLIGHT [DATA_DIR]
 */
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { Pool } from 'undici';
import { silentLogger } from '../src/base/logger.ts';
import { createSealer } from '../src/base/seal.ts';
import { AccountClients } from '../src/engine/account-clients.ts';
import { stageRecords } from '../src/engine/audience/stage.ts';
import { prepareCampaign } from '../src/engine/campaigns.ts';
import { startEngine } from '../src/engine/engine.ts';
import { planCampaign } from '../src/engine/plan.ts';
import { campaignReport } from '../src/engine/report.ts';
import { saveAccount } from '../src/store/accounts.ts';
import { confirmCampaign, startPlanning } from '../src/store/campaigns.ts';
import { openEmbeddedPostgres } from '../src/store/embedded/open.ts';
import { openStore } from '../src/store/store.ts';
import { storeTemplates } from '../src/store/templates.ts';

// As bin/hongyan.js does, and for the same reason.
setFlagsFromString('--semi-space-growth-factor=1');
const [name = '', url = '', messagesText = '0', inFlightText = '1', dataDir = ''] = process.argv.slice(2);
const messages = Number(messagesText);
const inFlight = Number(inFlightText);
const templateId = 'bench-template-id-of-43-characters_________';
const fields = { keyword1: '标题', keyword2: '内容', keyword3: '2026-11-22 08:00' };

function openid(i: number): string {
  return `oBench${String(i).padStart(22, '0')}`;
}

function message(i: number): object {
  const data = Object.fromEntries(Object.entries(fields).map(([key, value]) => [key, { value }]));
  return { touser: openid(i), template_id: templateId, url: 'https://example.com/', data };
}

/** Measures the sending alone: what was set up before does not count. */
async function measured(
  send: () => Promise<number>,
  postgresPid?: number,
  databaseBytes?: () => Promise<number>,
): Promise<void> {
  const cpu = process.cpuUsage();
  const postgresBefore = postgresPid === undefined ? 0 : await cpuOfTree(postgresPid);
  const start = performance.now();
  const sent = await send();
  const seconds = (performance.now() - start) / 1000;
  const used = process.cpuUsage(cpu);
  const postgresMs = postgresPid === undefined ? 0 : (await cpuOfTree(postgresPid)) - postgresBefore;
  console.log(
    JSON.stringify({
      name,
      sent,
      perSecond: Math.round(sent / seconds),
      cpuMicros: Math.round(((used.user + used.system) / sent) * 10) / 10,
      postgresMicros: Math.round(((postgresMs * 1000) / sent) * 10) / 10,
      peakMb: Math.round(process.resourceUsage().maxRSS / 1024),
      databaseBytes: (await databaseBytes?.()) ?? 0,
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
    while (next < messages) await work(next++);
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

async function hongyan(): Promise<void> {
  const database = await openEmbeddedPostgres({
    dataDir: join(dataDir, 'data'),
    systemDir: join(dataDir, 'system'),
  });
  const store = await openStore({
    connection: database.connection,
    sealer: createSealer(Buffer.alloc(32, 7)),
    logger: silentLogger,
  });
  const clients = new AccountClients({ store, logger: silentLogger, connections: inFlight });
  const appid = 'wxbench00000000000';
  await saveAccount(store.pool, store.sealer, {
    appid,
    kind: 'service',
    name: '',
    tokenSource: 'secret',
    secret: '0'.repeat(32),
    baseUrl: url,
    proxy: null,
    ratePerS: 1_000_000,
  });
  const content = Object.keys(fields)
    .map((key) => `{{${key}.DATA}}`)
    .join('\n');
  await storeTemplates(
    store.pool,
    appid,
    ['template'],
    [
      {
        templateId,
        family: 'template',
        title: 'bench',
        content,
        example: '',
        kind: 'free',
        type: null,
        fields: Object.keys(fields).map((key) => ({ key, label: '', class: null })),
      },
    ],
  );
  const prepared = await prepareCampaign(
    { store, clients },
    {
      appid,
      channel: 'oa-template',
      message: { parts: { templateId, url: 'https://example.com/', data: fields } },
      audience: { kind: 'file', name: 'bench' },
      audienceName: String(Math.random()),
      columns: [],
      onInvalid: 'skip',
      again: true,
      lang: 'en',
    },
  );
  if (prepared.kind !== 'created') throw new Error(prepared.kind);
  const { id } = prepared.campaign;
  await stageRecords(store.pool, prepared.campaign, rows());
  await startPlanning(store.pool, id);
  await planCampaign({ store, clients, logger: silentLogger }, id);
  const engine = await startEngine({
    store,
    clients,
    logger: silentLogger,
    role: 'demo',
    version: 'bench',
    window: inFlight,
  });
  await measured(
    async () => {
      if (!(await confirmCampaign(store.pool, id, messages))) throw new Error('not planned');
      for (;;) {
        const { rows: found } = await store.pool.query(
          'select state, state_reason as reason, state_detail as detail from campaigns where id = $1',
          [id],
        );
        if (found[0]?.state === 'done') break;
        if (found[0]?.state !== 'running') throw new Error(JSON.stringify(found[0]));
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      const report = await campaignReport(store.pool, id);
      return report.accepted;
    },
    database.pid,
    async () => {
      const size = await store.pool.query<{ bytes: number }>(
        'select pg_database_size(current_database()) as bytes',
      );
      return size.rows[0]?.bytes ?? 0;
    },
  );
  await engine.stop();
  await clients.close();
  await store.close();
  await database.close();
}

async function* rows() {
  for (let i = 0; i < messages; i += 1000) {
    yield Array.from({ length: Math.min(1000, messages - i) }, (_, n) => ({
      kind: 'row' as const,
      line: i + n,
      openid: openid(i + n),
      vars: {},
    }));
  }
}

const require = createRequire(new URL('./peers/package.json', import.meta.url));

async function coWechatApi(): Promise<void> {
  const Api = require('co-wechat-api');
  const api = new Api('wxbench00000000000', '0'.repeat(32));
  api.prefix = `${url}/cgi-bin/`;
  const data = Object.fromEntries(Object.entries(fields).map(([key, value]) => [key, { value }]));
  await measured(() =>
    loop((i) => api.sendTemplate(openid(i), templateId, 'https://example.com/', '', data)),
  );
}

async function nodeEasywechat(): Promise<void> {
  const { OfficialAccount } = require('node-easywechat');
  const app = new OfficialAccount({
    app_id: 'wxbench00000000000',
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
