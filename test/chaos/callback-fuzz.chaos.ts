/** The long form of ../callback-fuzz.test.ts, about ten minutes on two cores: `npm run test:chaos`. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Pool } from 'undici';
import { errorCode } from '../../src/base/errors.ts';
import { isWhollyReceipts, receiptsOf } from '../../src/engine/events/receipts.ts';
import { saveAccount } from '../../src/store/accounts/accounts.ts';
import { saveCallback } from '../../src/store/events/callbacks.ts';
import type { CallbackEvent, CallbackFields } from '../../src/wechat/callback/event.ts';
import { eventKey } from '../../src/wechat/callback/event-key.ts';
import { openCallback } from '../../src/wechat/callback/open-callback.ts';
import { parseEvent } from '../../src/wechat/callback/parse-event.ts';
import { unreadableEvent } from '../../src/wechat/callback/unreadable.ts';
import { callbackFuzz, type FuzzedRequest } from '../support/callback/fuzz.ts';
import { testKeys } from '../support/callback/request.ts';
import { makeSite, type Site } from '../support/campaign.ts';
import { heard, inTime } from '../support/in-time.ts';

const program = fileURLToPath(new URL('../../bin/hongyan.js', import.meta.url));
const total = 1_000_000;
const inFlight = 64;
/** Requests between two looks at the memory. */
const lookEvery = 10_000;
/** Bytes that are no HTTP request, and one that is too large, once in so many. */
const breakEvery = 1_000;

/** A serving process on a free port. */
async function serve(site: Site): Promise<{ child: ChildProcess; url: string; log: () => string }> {
  const child = spawn(process.execPath, [program, '--log-level', 'warn', 'serve'], {
    env: { PATH: process.env.PATH ?? '', ...site.cli.env, HONGYAN_LISTEN: '127.0.0.1:0' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let log = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    log += text;
  });
  let printed = '';
  const listening = new Promise<string>((resolve, reject) => {
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      printed += text;
      const found = /http:\/\/127\.0\.0\.1:\d+/.exec(printed);
      if (found !== null) resolve(found[0]);
    });
    child.once('exit', () => reject(new Error(`serve ended: ${printed}${log}`)));
  });
  return { child, url: await inTime('serve listens', listening), log: () => log };
}

/** Resident memory in MB. */
async function memory(pid: number): Promise<number> {
  const kilobytes = /^VmRSS:\s+(\d+) kB/m.exec(await readFile(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Number(kilobytes) / 1024;
}

/** What is left of a connection that breaks off or never was HTTP. */
async function breakIn(url: string, path: string, n: number): Promise<void> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  const head = `POST ${path} HTTP/1.1\r\nHost: x\r\n`;
  const texts = [
    `${head}Content-Length: 100\r\n\r\n<xml>`,
    `${head}Transfer-Encoding: chunked\r\n\r\nzz\r\n`,
    `${head}Content-Length: 5\r\nContent-Length: 6\r\n\r\n<xml>`,
    `${head}Content-Length: 2000000\r\n\r\n${'x'.repeat(70_000)}`,
    `${head}Content-Type: \x01\r\n\r\n`,
    '\0\x01\x02\x03 not HTTP\r\n\r\n',
  ];
  socket.on('error', () => {});
  // Without a reader the end is never seen.
  socket.resume();
  socket.write(texts[n % texts.length] ?? '');
  socket.end();
  await inTime('the connection ends', heard(socket, 'close'));
}

function answerOf(status: number, contentType: unknown, body: string): string {
  return `${status} ${contentType ?? 'no content type'} ${body}`;
}

function median(values: number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

/** What the request must come to, or null when it is refused. */
function expected({ rawQuery, body }: FuzzedRequest): CallbackEvent | null {
  const opened = openCallback({ query: new URLSearchParams(rawQuery), body, keys: testKeys });
  return opened.kind === 'event' ? opened.event : null;
}

/** What an event is stored as: receipts in a table of their own, and what they do not hold under the event's key. */
function stored(event: CallbackEvent): string[] {
  const receipts = receiptsOf(testKeys.appid, event).map(({ createdAt, msgid }) => `${createdAt} ${msgid}`);
  return isWhollyReceipts(event) ? receipts : [eventKey(event), ...receipts];
}

test('1,000,000 changed requests leave the server up, its memory flat, and nothing stored that was not signed', async (t) => {
  const site = await makeSite();
  const { pool, sealer } = site.store;
  const { appid, token, aesKeys } = testKeys;
  await saveAccount(pool, sealer, {
    ...{ appid, kind: 'service', name: '', secret: null, baseUrl: null, proxy: null },
    tokenSource: 'none',
  });
  await saveCallback(pool, sealer, {
    ...{
      appid,
      token,
      aesKey: aesKeys[0] ?? '',
      ...{ previousToken: null, previousTokenUntil: null, previousAesKey: null, previousAesKeyUntil: null },
      mode: 'secure',
      format: 'xml',
    },
    ...{ publicUrl: null, forwardTo: null, reply: 'none', exclusive: false, unsignedFrom: [] },
  });
  const { child, url, log } = await serve(site);
  const client = new Pool(url, { connections: inFlight });
  const path = `/callback/${appid}`;
  const fuzz = callbackFuzz(Date.now());
  const signed = new Set<string>();
  const refusals = new Map<string, number>();
  const looks: number[] = [];
  let [sent, taken, repeated] = [0, 0, 0];

  async function one(n: number): Promise<void> {
    const request = fuzz.next();
    const event = expected(request);
    if (event !== null) {
      assert.ok(request.isSigned || fuzz.known.has(eventKey(event)), `nobody signed ${request.body}`);
      for (const name of stored(event)) signed.add(name);
    }
    const post = async (): Promise<{ status: number; answer: string }> => {
      const { statusCode, headers, body } = await client.request({
        method: 'POST',
        path: `${path}?${request.rawQuery}`,
        headers: { 'content-type': ['text/xml', 'application/json', 'text/plain'][n % 3] ?? '' },
        body: request.body,
      });
      const answer = answerOf(statusCode, headers['content-type'], await body.text());
      return { status: statusCode, answer };
    };
    let { status, answer } = await post();
    // Not stored within 4 s, on a machine that does other things too: WeChat would come again.
    for (let tries = 1; status === 503 && tries < 10; tries++) {
      repeated++;
      await sleep(200 * tries);
      ({ status, answer } = await post());
    }
    const what = `request ${n}, ${request.mutation}: ${request.rawQuery}\n${request.body}\n${answer}`;
    if (event !== null) {
      taken++;
      assert.equal(status, 200, what);
    } else {
      assert.match(answer, /^4/, what);
      refusals.set(answer, (refusals.get(answer) ?? 0) + 1);
    }
  }

  async function worker(): Promise<void> {
    while (sent < total) {
      const n = ++sent;
      if (n % lookEvery === 0) looks.push(await memory(child.pid ?? 0));
      if (n % breakEvery === 0) await breakIn(url, path, n / breakEvery);
      else await one(n);
    }
  }

  try {
    const started = performance.now();
    await Promise.all(Array.from({ length: inFlight }, worker));
    const seconds = (performance.now() - started) / 1000;

    // Refused before it has arrived; the answer is lost when the connection closes under the rest of it.
    const tooLarge = await client
      .request({ method: 'POST', path, body: Buffer.alloc(1024 * 1024 + 1, 0x3c) })
      .then(async ({ statusCode, headers, body }) =>
        answerOf(statusCode, headers['content-type'], await body.text()),
      )
      .catch((error: unknown) => {
        assert.match(errorCode(error) ?? '', /^(EPIPE|ECONNRESET|UND_ERR_SOCKET)$/);
        return null;
      });
    if (tooLarge !== null) refusals.set(tooLarge, (refusals.get(tooLarge) ?? 0) + 1);
    assert.equal((await client.request({ method: 'GET', path: '/healthz' })).statusCode, 200);

    const { rows } = await pool.query<{
      appid: string;
      key: string;
      fields: CallbackFields;
      raw: Buffer | null;
    }>('select appid, key, fields, raw from events');
    for (const row of rows) {
      assert.equal(row.appid, appid);
      assert.ok(signed.has(row.key), `nobody signed ${JSON.stringify(row)}`);
      const event = row.raw === null ? parseEvent(row.fields) : unreadableEvent(row.raw);
      assert.equal(eventKey(event), row.key, JSON.stringify(row));
    }
    const receipts = await pool.query<{ appid: string; name: string }>(
      "select appid, extract(epoch from created_at)::bigint || ' ' || msgid as name from receipts",
    );
    for (const row of receipts.rows) {
      assert.equal(row.appid, appid);
      assert.ok(signed.has(row.name), `nobody signed ${JSON.stringify(row)}`);
    }
    // A user's message has one key at any CreateTime, which a hostile body may change.
    const names = new Set([...rows.map(({ key }) => key), ...receipts.rows.map(({ name }) => name)]);
    assert.equal(names.size, signed.size, 'what was signed and answered with success is stored');

    // The first quarter warms up.
    const early = median(looks.slice(looks.length / 4, looks.length / 2));
    const late = median(looks.slice((looks.length * 3) / 4));
    const most = Math.max(...looks);
    t.diagnostic(
      `${total} requests in ${seconds.toFixed(0)} s, ${taken} taken as ${rows.length} events and ${receipts.rows.length} receipts, ${repeated} asked to come again, ` +
        `memory ${early.toFixed(0)} MB in the second quarter, ${late.toFixed(0)} MB in the last, at most ${most.toFixed(0)} MB; ` +
        [...refusals].map(([answer, count]) => `${count} refused with ${JSON.stringify(answer)}`).join(),
    );
    assert.ok(late < early + 40, `memory grows: ${looks.map(Math.round).join(' ')}`);
    assert.equal(refusals.size, 1, `the answers tell refusals apart: ${JSON.stringify([...refusals])}`);
    // A line a minute for the account and one for requests of none, and two at the end.
    const lines = log()
      .split('\n')
      .filter((line) => line !== '');
    assert.ok(lines.length <= (2 * seconds) / 60 + 4, lines.slice(0, 20).join('\n'));

    const exit = once(child, 'exit');
    child.kill('SIGTERM');
    assert.deepEqual(await exit, [0, null], log());
  } catch (error) {
    t.diagnostic(log().slice(-3000));
    throw error;
  } finally {
    child.kill('SIGKILL');
    await client.close();
  }
});
