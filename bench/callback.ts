/**
 * `npm run bench:callback`: signed and encrypted events at a steady rate against a `hongyan serve` process on its
 * embedded PostgreSQL, as WeChat pushes them; how long each answer took, and how many events are stored.
 *
 * Open loop: an event is due at its time whether or not earlier ones were answered, and its latency counts from then.
 * Everything runs on this machine, so the load's own CPU is part of what the cores carry.
 */
import { spawn } from 'node:child_process';
import { createCipheriv, createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type Dispatcher, Pool as HttpPool } from 'undici';
import { silentLogger } from '../src/base/logger.ts';
import { createSealer, parseSecretKey } from '../src/base/seal.ts';
import { saveAccount } from '../src/store/accounts.ts';
import { saveCallback } from '../src/store/callbacks.ts';
import { openEmbeddedPostgres } from '../src/store/embedded/open.ts';
import { createPool } from '../src/store/pool.ts';

const { values } = parseArgs({
  options: {
    rate: { type: 'string', default: '3000' },
    seconds: { type: 'string', default: '30' },
    connections: { type: 'string', default: '64' },
    /** Part of the events that are follows, each of another person; the rest are receipts. */
    follows: { type: 'string', default: '0.2' },
  },
});
const rate = Number(values.rate);
const seconds = Number(values.seconds);
const follows = Number(values.follows);
const appid = 'wx00000000000000b1';
const token = 'benchToken';
const aesKey = `${randomBytes(30).toString('hex').slice(0, 42)}A`;
const secretKey = randomBytes(32).toString('base64');

const key = Buffer.from(`${aesKey}=`, 'base64');
const sha1 = (...parts: string[]): string => createHash('sha1').update(parts.sort().join('')).digest('hex');

function push(no: number): { path: string; body: string } {
  const createTime = Math.floor(Date.now() / 1000);
  const openid = `o${String(no).padStart(27, '0')}`;
  const rest =
    no % 100 < follows * 100
      ? '<Event><![CDATA[subscribe]]></Event><EventKey><![CDATA[]]></EventKey>'
      : `<Event><![CDATA[TEMPLATESENDJOBFINISH]]></Event><MsgID>${3_557_254_367_693_750_000n + BigInt(no)}</MsgID><Status><![CDATA[success]]></Status>`;
  const text = `<xml><ToUserName><![CDATA[gh_0123456789ab]]></ToUserName><FromUserName><![CDATA[${openid}]]></FromUserName><CreateTime>${createTime}</CreateTime><MsgType><![CDATA[event]]></MsgType>${rest}</xml>`;
  const message = Buffer.from(text);
  const head = Buffer.concat([randomBytes(16), Buffer.alloc(4)]);
  head.writeUInt32BE(message.length, 16);
  const bare = Buffer.concat([head, message, Buffer.from(appid)]);
  const pad = 32 - (bare.length % 32);
  const cipher = createCipheriv('aes-256-cbc', key, key.subarray(0, 16)).setAutoPadding(false);
  const sealed = Buffer.concat([cipher.update(bare), cipher.update(Buffer.alloc(pad, pad)), cipher.final()]);
  const encrypted = sealed.toString('base64');
  const [timestamp, nonce] = [String(createTime), String(no + 100_000_000)];
  const query = `signature=${sha1(token, timestamp, nonce)}&timestamp=${timestamp}&nonce=${nonce}&openid=${openid}&encrypt_type=aes&msg_signature=${sha1(token, timestamp, nonce, encrypted)}`;
  return {
    path: `/callback/${appid}?${query}`,
    body: `<xml><ToUserName><![CDATA[gh_0123456789ab]]></ToUserName><Encrypt><![CDATA[${encrypted}]]></Encrypt></xml>`,
  };
}

interface Load {
  latencies: Float64Array;
  accepted: number;
  refused: number;
  failed: number;
  elapsedS: number;
}

async function run(url: string, count: number): Promise<Load> {
  // Before the clock runs: encrypting is WeChat's work, and here it would take the cores that are measured.
  const pushes = Array.from({ length: count }, (_, no) => push(no));
  const http = new HttpPool(url, { connections: Number(values.connections), pipelining: 1 });
  const load: Load = { latencies: new Float64Array(count), accepted: 0, refused: 0, failed: 0, elapsedS: 0 };
  const started = performance.now();
  let answered = 0;
  const done = Promise.withResolvers<void>();
  const finish = (no: number, due: number): void => {
    load.latencies[no] = performance.now() - due;
    answered++;
    if (answered === count) done.resolve();
  };
  const send = (no: number): void => {
    const due = started + (no / rate) * 1000;
    const { path, body } = pushes[no]!; // one was made for each number
    let text = '';
    let status = 0;
    const handler: Dispatcher.DispatchHandler = {
      onRequestStart() {},
      onResponseStart(_, statusCode) {
        status = statusCode;
      },
      onResponseData(_, chunk) {
        text += chunk.toString('latin1');
      },
      onResponseEnd() {
        if (status === 200 && text === 'success') load.accepted++;
        else load.refused++;
        finish(no, due);
      },
      onResponseError() {
        load.failed++;
        finish(no, due);
      },
    };
    http.dispatch({ path, method: 'POST', body, headers: { 'content-type': 'text/xml' } }, handler);
  };
  let next = 0;
  const timer = setInterval(() => {
    const due = Math.min(count, Math.floor(((performance.now() - started) / 1000) * rate));
    while (next < due) send(next++);
    if (next === count) clearInterval(timer);
  }, 1);
  await done.promise;
  load.elapsedS = (performance.now() - started) / 1000;
  await http.close();
  return load;
}

async function cpuSeconds(pid: number): Promise<number> {
  const fields = (await readFile(`/proc/${pid}/stat`, 'utf8')).split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

const directory = await mkdtemp(join(tmpdir(), 'hongyan-bench-'));
// Run by root, the database's own user must get through to its part.
await chmod(directory, 0o711);
const env = {
  PATH: process.env.PATH ?? '',
  HOME: directory,
  HONGYAN_DATA_DIR: join(directory, 'data'),
  HONGYAN_SECRET_KEY: secretKey,
  HONGYAN_LISTEN: '127.0.0.1:0',
  HONGYAN_LOG_LEVEL: 'warn',
};
const serve = spawn(process.execPath, [new URL('../bin/hongyan.js', import.meta.url).pathname, 'serve'], {
  env,
  stdio: ['ignore', 'pipe', 'inherit'],
});
try {
  let printed = '';
  serve.stdout.setEncoding('utf8').on('data', (text: string) => {
    printed += text;
  });
  while (!/Listening on (\S+)/.test(printed)) await once(serve.stdout, 'data');
  const url = /Listening on (\S+)/.exec(printed)?.[1] ?? '';
  const database = await openEmbeddedPostgres({ dataDir: env.HONGYAN_DATA_DIR, logger: silentLogger });
  const pool = createPool(database.connection, { max: 2 });
  const sealer = createSealer(parseSecretKey(secretKey));
  await saveAccount(pool, sealer, {
    ...{ appid, kind: 'service', name: '', secret: null, baseUrl: null, proxy: null },
    tokenSource: 'none',
  });
  await saveCallback(pool, sealer, {
    ...{ appid, token, aesKey, previousAesKey: null, mode: 'secure', format: 'xml', publicUrl: null },
    ...{ forwardTo: null, reply: 'none', exclusive: false, unsignedFrom: [] },
  });
  await new Promise((resolve) => setTimeout(resolve, 3_000));
  const loadBefore = loadavg()[0] ?? 0;
  await run(url, rate * 2); // warms both processes up
  const [cpuBefore, ownBefore] = [await cpuSeconds(serve.pid ?? 0), process.cpuUsage()];
  const load = await run(url, rate * seconds);
  const [cpu, own] = [(await cpuSeconds(serve.pid ?? 0)) - cpuBefore, process.cpuUsage(ownBefore)];
  const counted = await pool.query<{ stored: number; followers: number }>(
    `select (select count(*) from events where appid = $1) + (select count(*) from receipts where appid = $1) as stored,
       (select count(*) from contacts where appid = $1 and follows) as followers`,
    [appid],
  );
  const sorted = load.latencies.toSorted();
  const at = (part: number): string =>
    (sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0).toFixed(1);
  const { stored, followers } = counted.rows[0] ?? { stored: 0, followers: 0 };
  process.stdout.write(
    [
      `${cpus().length} cores, load average before ${loadBefore.toFixed(1)}; ${rate}/s for ${seconds} s, ${values.connections} connections, ${follows * 100} % follows`,
      `answered success  ${load.accepted} of ${rate * seconds} (${(load.accepted / load.elapsedS).toFixed(0)}/s), other answers ${load.refused}, errors ${load.failed}`,
      `latency ms        p50 ${at(0.5)}  p90 ${at(0.9)}  p99 ${at(0.99)}  p99.9 ${at(0.999)}  max ${at(1)}`,
      `stored            ${stored} events with the warm-up's, ${followers} followers`,
      `CPU               serve ${((cpu / load.accepted) * 1e6).toFixed(0)} µs an event, this load ${((own.user + own.system) / load.accepted).toFixed(0)} µs`,
      '',
    ].join('\n'),
  );
  await pool.end();
  await database.close();
} finally {
  const gone = once(serve, 'exit');
  serve.kill('SIGTERM');
  await gone;
  await rm(directory, { recursive: true, force: true });
}
