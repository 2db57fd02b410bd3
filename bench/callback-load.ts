/** Signed and encrypted events at a steady rate, as WeChat pushes them, and a `hongyan serve` that takes them. */
import { spawn } from 'node:child_process';
import { createCipheriv, createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Dispatcher, Pool as HttpPool } from 'undici';
import { silentLogger } from '../src/base/logger.ts';
import { createSealer, parseSecretKey, type Sealer } from '../src/base/seal.ts';
import { saveAccount } from '../src/store/accounts/accounts.ts';
import { createPool, type Pool } from '../src/store/database/pool.ts';
import { openEmbeddedPostgres } from '../src/store/embedded/open.ts';
import { saveCallback } from '../src/store/events/callbacks.ts';

export const appid = 'wx00000000000000b1';
const token = 'benchToken';
const aesKey = `${randomBytes(30).toString('hex').slice(0, 42)}A`;
const secretKey = randomBytes(32).toString('base64');

const key = Buffer.from(`${aesKey}=`, 'base64');
const sha1 = (...parts: string[]): string => createHash('sha1').update(parts.sort().join('')).digest('hex');

/** Of whom an event is: each of another person, as hard to compress as WeChat's. */
export function eventOpenid(no: number): string {
  return `o${createHash('sha256').update(String(no)).digest('base64url').slice(0, 27)}`;
}

function push(no: number, follows: number): { path: string; body: string } {
  const createTime = Math.floor(Date.now() / 1000);
  const openid = eventOpenid(no);
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

export interface Load {
  latencies: Float64Array;
  accepted: number;
  refused: number;
  failed: number;
  elapsedS: number;
}

export interface LoadOptions {
  /** Events a second. */
  rate: number;
  connections: number;
  /** Part of the events that are follows; the rest are receipts. */
  follows: number;
  /** The first event's number. */
  first?: number;
  /** Called when an event was answered. */
  onAnswer?: (no: number) => void;
}

/** Open loop: an event is due at its time whether or not earlier ones were answered, and its latency counts from then. */
export async function runLoad(url: string, count: number, options: LoadOptions): Promise<Load> {
  const { rate, connections, follows, first = 0, onAnswer } = options;
  // Before the clock runs: encrypting is WeChat's work, and here it would take the cores that are measured.
  const pushes = Array.from({ length: count }, (_, no) => push(first + no, follows));
  const http = new HttpPool(url, { connections, pipelining: 1 });
  const load: Load = { latencies: new Float64Array(count), accepted: 0, refused: 0, failed: 0, elapsedS: 0 };
  const started = performance.now();
  let answered = 0;
  const done = Promise.withResolvers<void>();
  const finish = (no: number, due: number): void => {
    load.latencies[no] = performance.now() - due;
    onAnswer?.(first + no);
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

export interface BenchServe {
  url: string;
  pid: number;
  pool: Pool;
  sealer: Sealer;
  stop(): Promise<void>;
}

/** A `hongyan serve` process on its own embedded PostgreSQL, with one account whose callback takes the load. */
export async function startServe(more: Record<string, string> = {}): Promise<BenchServe> {
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
    ...more,
  };
  const serve = spawn(process.execPath, [new URL('../bin/hongyan.js', import.meta.url).pathname, 'serve'], {
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
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
    ...{
      appid,
      token,
      aesKey,
      ...{ previousToken: null, previousTokenUntil: null, previousAesKey: null, previousAesKeyUntil: null },
      mode: 'secure',
      format: 'xml',
      publicUrl: null,
    },
    ...{ forwardTo: null, reply: 'none', exclusive: false, unsignedFrom: [] },
  });
  await new Promise((resolve) => setTimeout(resolve, 3_000));
  return {
    url,
    pid: serve.pid ?? 0,
    pool,
    sealer,
    async stop() {
      await pool.end();
      await database.close();
      const gone = once(serve, 'exit');
      serve.kill('SIGTERM');
      await gone;
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** The value below which `part` of the sorted ones lie. */
export function quantile(sorted: ArrayLike<number>, part: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0;
}
