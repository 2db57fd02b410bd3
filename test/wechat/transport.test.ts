import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { Worker } from 'node:worker_threads';
import { momentOf, shifted } from '../../src/base/clock.ts';
import { WechatClient } from '../../src/wechat/client.ts';
import { Transport } from '../../src/wechat/http/transport.ts';
import { inTime, signal, until } from '../support/in-time.ts';
import { manualClock } from '../support/manual-clock.ts';
import { freePort } from '../support/store/free-port.ts';
import { httpServer, tcpServer } from '../support/wechat/raw-server.ts';
import { accepted, appid, outcome, path, rawAnswer, withClient } from '../support/wechat/transport.ts';

test('a refused connection never left', async () => {
  assert.equal(await outcome({ baseUrl: `http://127.0.0.1:${await freePort()}` }), 'not-sent connect');
});

test('an unknown host never left', async () => {
  assert.equal(await outcome({ baseUrl: 'http://no-such-host.invalid' }), 'not-sent connect');
});

test('a connection that is never established (TLS unanswered) never left', async () => {
  await using silent = await tcpServer(() => {});
  const baseUrl = `https://127.0.0.1:${silent.port}`;
  assert.equal(await outcome({ baseUrl, connectTimeoutMs: 100 }), 'not-sent connect');
  await until('both attempts came', async () => silent.connections === 2);
});

test('a server that does not speak TLS never left', async () => {
  await using plain = await tcpServer(rawAnswer('HTTP/1.1 400 Bad Request\r\n\r\n', 'end'));
  assert.equal(await outcome({ baseUrl: `https://127.0.0.1:${plain.port}` }), 'not-sent connect');
});

test('503 never left', async () => {
  await using server = await httpServer((_request, _body, response) => {
    response.writeHead(503).end('<html>busy</html>');
  });
  assert.equal(await outcome({ baseUrl: server.url }), 'not-sent busy');
});

test('a connection reset with the request unread is in doubt', async () => {
  await using server = await tcpServer((socket) => {
    // Paused, so that nothing is consumed: readable says that bytes have arrived.
    socket.once('readable', () => socket.resetAndDestroy());
  });
  assert.equal(await outcome({ baseUrl: server.url }), 'no-answer reset');
});

test('a connection closed after the request was read is in doubt', async () => {
  await using server = await httpServer((request) => request.socket.destroy());
  assert.equal(await outcome({ baseUrl: server.url }), 'no-answer reset');
});

test('an answer cut in its body is in doubt, with and without a length', async () => {
  const cut = `HTTP/1.1 200 OK\r\nContent-Length: ${accepted.length}\r\n\r\n${accepted.slice(0, 20)}`;
  await using counted = await tcpServer(rawAnswer(cut, 'end'));
  assert.equal(await outcome({ baseUrl: counted.url }), 'no-answer reset');
  const chunk = `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n14\r\n${accepted.slice(0, 20)}\r\n`;
  await using chunked = await tcpServer(rawAnswer(chunk, 'destroy'));
  assert.equal(await outcome({ baseUrl: chunked.url }), 'no-answer reset');
  // Without a length the end of the connection is the end of the answer: what came is cut JSON.
  await using open = await tcpServer(
    rawAnswer(`HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n${accepted.slice(0, 20)}`, 'end'),
  );
  assert.equal(await outcome({ baseUrl: open.url }), 'no-answer unparsable');
});

test('no answer, and an answer that trickles for ever, time out in doubt', async () => {
  await using hanging = await httpServer(() => {});
  assert.equal(await outcome({ baseUrl: hanging.url, timeoutMs: 50 }), 'no-answer timeout');
  await using trickling = await httpServer((_request, _body, response) => {
    response.writeHead(200);
    const timer = setInterval(() => response.write(' '), 5);
    response.on('close', () => clearInterval(timer));
  });
  assert.equal(await outcome({ baseUrl: trickling.url, timeoutMs: 50 }), 'no-answer timeout');
});

test('an answer that came while the event loop was blocked is not a timeout', async () => {
  // The server answers from a thread of its own, once this thread says that it is blocked.
  const flags = new Int32Array(new SharedArrayBuffer(8));
  const worker = new Worker(
    `const { parentPort, workerData: flags } = require('node:worker_threads');
     const server = require('node:http').createServer((request, response) => {
       parentPort.postMessage('arrived');
       Atomics.wait(flags, 0, 0);
       response.end('${accepted}', () => { Atomics.store(flags, 1, 1); Atomics.notify(flags, 1); });
     }).listen(0, '127.0.0.1', () => parentPort.postMessage(server.address().port));`,
    { eval: true, workerData: flags },
  );
  const [port] = await inTime('the server listens', once(worker, 'message'));
  // Long enough for a busy machine to have told of the request by then.
  const timeoutMs = 4_000;
  await withClient({ baseUrl: `http://127.0.0.1:${port}`, timeoutMs }, async (client) => {
    const arrived = inTime('the request arrives', once(worker, 'message'));
    const answer = client.send(path, '{}');
    await arrived;
    const over = performance.now() + timeoutMs + 20;
    Atomics.store(flags, 0, 1);
    Atomics.notify(flags, 0);
    Atomics.wait(flags, 1, 0);
    Atomics.wait(flags, 1, 1, over - performance.now());
    assert.equal((await answer).kind, 'accepted');
  });
  await worker.terminate();
});

test('what the gateway says instead of WeChat is in doubt', async () => {
  for (const status of [500, 502, 504, 404, 302, 413, 201]) {
    await using server = await httpServer((_request, _body, response) => {
      response.writeHead(status).end('<html>gateway</html>');
    });
    assert.equal(await outcome({ baseUrl: server.url }), 'no-answer gateway', String(status));
  }
  for (const text of ['<html>maintenance</html>', '', '[]', 'ok', accepted.slice(0, -2)]) {
    await using server = await httpServer((_request, _body, response) => response.end(text));
    assert.equal(await outcome({ baseUrl: server.url }), 'no-answer unparsable', text);
  }
  await using garbage = await tcpServer(rawAnswer('SSH-2.0-OpenSSH_9.2\r\n', 'stay'));
  assert.equal(await outcome({ baseUrl: garbage.url }), 'no-answer unparsable');
});

test('an answer over the size limit is refused without being kept', async () => {
  await using server = await httpServer((_request, _body, response) => response.end('x'.repeat(5_000)));
  const transport = new Transport({ baseUrl: server.url, maxAnswerBytes: 4_999 });
  await assert.rejects(transport.request({ method: 'GET', path: '/' }), { reason: 'unparsable', left: true });
  await transport.close();
});

test('a message whose deadline has passed is not written', async () => {
  const bodies: string[] = [];
  await using server = await httpServer((_request, body, response) => {
    bodies.push(body);
    response.end(accepted);
  });
  const clock = manualClock();
  const begun = momentOf(clock);
  await withClient({ baseUrl: server.url, clock }, async (client) => {
    clock.advance(10);
    assert.equal((await client.send(path, '"on time"', { deadline: shifted(begun, 11) })).kind, 'accepted');
    const late = await client.send(path, '"late"', { deadline: shifted(begun, 10) });
    assert.equal(late.kind === 'not-sent' && late.reason, 'deadline');
  });
  assert.deepEqual(bodies, ['"on time"']);
});

test('a message whose deadline passes while it waits for a connection is not written', async () => {
  const bodies: string[] = [];
  const arrived = signal<() => void>('the request arrives');
  await using server = await httpServer((_request, body, response) => {
    bodies.push(body);
    if (bodies.length === 1) arrived.give(() => response.end(accepted));
    else response.end(accepted);
  });
  const clock = manualClock();
  await withClient({ baseUrl: server.url, clock, connections: 1 }, async (client) => {
    const first = client.send(path, '"first"');
    const second = client.send(path, '"second"', { deadline: shifted(momentOf(clock), 5) });
    const release = await arrived.promise;
    clock.advance(6);
    release();
    assert.equal((await first).kind, 'accepted');
    const late = await second;
    assert.equal(late.kind === 'not-sent' && late.reason, 'deadline');
    assert.equal((await client.send(path, '"third"')).kind, 'accepted');
  });
  assert.deepEqual(bodies, ['"first"', '"third"']);
});

test('a machine that slept past a message’s deadline does not write it', async () => {
  const bodies: string[] = [];
  await using server = await httpServer((_request, body, response) => {
    bodies.push(body);
    response.end(accepted);
  });
  const clock = manualClock();
  await withClient({ baseUrl: server.url, clock, connections: 1 }, async (client) => {
    await client.send(path, '"first"');
    // On the kept connection, which is looked into before it is written on.
    const second = client.send(path, '"second"', { deadline: shifted(momentOf(clock), 5_000) });
    clock.suspend(60_000);
    const late = await second;
    assert.equal(late.kind === 'not-sent' && late.reason, 'deadline');
  });
  assert.deepEqual(bodies, ['"first"']);
});

test('a machine that slept while a message waited for its token does not write it', async () => {
  const bodies: string[] = [];
  const asked = signal<() => void>('the token is asked for');
  await using server = await httpServer((request, body, response) => {
    if (request.url?.startsWith('/cgi-bin/stable_token')) {
      asked.give(() => response.end('{"access_token":"T0KEN_1","expires_in":7200}'));
      return;
    }
    bodies.push(body);
    response.end(accepted);
  });
  const clock = manualClock();
  const token = { kind: 'secret', secret: '5ec4e7' } as const;
  await using client = new WechatClient({ appid, token, baseUrl: server.url, clock });
  const sent = client.send(path, '"late"', { deadline: shifted(momentOf(clock), 5_000) });
  const answer = await asked.promise;
  clock.suspend(60_000);
  answer();
  const late = await sent;
  assert.equal(late.kind === 'not-sent' && late.reason, 'deadline');
  assert.deepEqual(bodies, []);
});

test('aborting tells whether the message had left', async () => {
  const arrived = signal('the request arrives');
  await using server = await httpServer(() => arrived.give());
  await withClient({ baseUrl: server.url, connections: 1 }, async (client) => {
    const before = await client.send(path, '{}', { signal: AbortSignal.abort() });
    assert.equal(before.kind === 'not-sent' && before.reason, 'deadline');
    const controller = new AbortController();
    const first = client.send(path, '{}', { signal: controller.signal });
    const waiting = client.request({ method: 'POST', path, signal: controller.signal });
    await arrived.promise;
    controller.abort();
    const answer = await first;
    assert.equal(answer.kind === 'no-answer' && answer.reason, 'reset');
    await assert.rejects(waiting, { reason: 'cancelled', left: false });
  });
});

test('the base URL keeps its path prefix, the body is raw UTF-8 and its length is stated', async () => {
  const seen: unknown[] = [];
  await using server = await httpServer((request, body, response) => {
    const { method, url, headers } = request;
    seen.push([method, url, body, headers['content-type'], headers['content-length']]);
    response.end('{}');
  });
  await withClient({ baseUrl: `${server.url}/wechat/` }, async (client) => {
    await client.request({
      method: 'POST',
      path: '/p',
      query: { a: '中 &', b: undefined, c: 0 },
      body: { t: '鸿雁' },
    });
  });
  const type = 'application/json; charset=utf-8';
  assert.deepEqual(seen, [['POST', '/wechat/p?a=%E4%B8%AD%20%26&c=0', '{"t":"鸿雁"}', type, '14']]);
  for (const baseUrl of ['ftp://x', 'x', 'https://x/?a=1', 'https://user:pw@x']) {
    assert.throws(() => new Transport({ baseUrl }), { code: 'BASE_URL_INVALID' }, baseUrl);
  }
});

test('a form arrives whole, with a length and its file name', async () => {
  const seen: { length: string | undefined; body: string }[] = [];
  await using server = await httpServer((request, body, response) => {
    seen.push({ length: request.headers['content-length'], body });
    response.end('{"media_id":"m"}');
  });
  const form = new FormData();
  form.set('media', new Blob(['PNG鸿'], { type: 'image/png' }), '图.png');
  await withClient({ baseUrl: server.url }, (client) => client.request({ method: 'POST', path: '/u', form }));
  const { length, body } = seen[0] ?? { length: undefined, body: '' };
  assert.equal(length, String(Buffer.byteLength(body)));
  assert.match(body, /name="media"; filename="图.png"\r\nContent-Type: image\/png\r\n\r\nPNG鸿\r\n/);
});

test('after close nothing is sent, and close waits for what is under way', async () => {
  const arrived = signal<() => void>('the request arrives');
  await using server = await httpServer((_request, _body, response) => {
    arrived.give(() => response.end(accepted));
  });
  const client = new WechatClient({ appid, token: { kind: 'none' }, baseUrl: server.url });
  const under = client.send(path, '{}');
  const release = await arrived.promise;
  const closed = client.close();
  const after = await client.send(path, '{}');
  assert.equal(after.kind, 'not-sent');
  release();
  assert.equal((await under).kind, 'accepted');
  await closed;
});
