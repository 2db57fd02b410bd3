import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { Worker } from 'node:worker_threads';
import { momentOf, shifted, systemClock } from '../../src/base/clock.ts';
import { WechatClient } from '../../src/wechat/client.ts';
import { inTime } from '../support/in-time.ts';
import { httpServer, tcpServer } from '../support/wechat/raw-server.ts';
import {
  accepted,
  appid,
  outcome,
  path,
  rawAnswer,
  TestTransport,
  withClient,
} from '../support/wechat/transport.ts';

/** A whole answer with this body. */
function answerOf(text: string): string {
  return `HTTP/1.1 200 OK\r\nContent-Length: ${text.length}\r\n\r\n${text}`;
}

test('connections are kept and never outnumber the setting', async () => {
  let open = 0;
  let most = 0;
  await using server = await httpServer((_request, _body, response) => {
    open += 1;
    most = Math.max(most, open);
    setImmediate(() => {
      open -= 1;
      response.end(accepted);
    });
  });
  await withClient({ baseUrl: server.url, connections: 5 }, async (client) => {
    for (let i = 0; i < 20; i += 1) await client.send(path, '{}');
    // A connection is free again one turn of the event loop after its answer, so a loop takes two in turn.
    assert.ok(server.connections <= 2);
    const answers = await Promise.all(Array.from({ length: 200 }, () => client.send(path, '{}')));
    assert.ok(answers.every((answer) => answer.kind === 'accepted'));
    assert.equal(server.connections, 5);
    assert.ok(most <= 5);
  });
});

test('a kept connection that the server closes never makes a message go out twice', async () => {
  const seen = new Map<string, number>();
  await using server = await httpServer((request, body, response) => {
    seen.set(body, (seen.get(body) ?? 0) + 1);
    // Promises to keep the connection, then closes it.
    response.end(accepted, () => request.socket.end());
  });
  await withClient({ baseUrl: server.url, connections: 3 }, async (client) => {
    const sendAll = async (from: number): Promise<void> => {
      for (let i = from; i < 90; i += 3) {
        const answer = await client.send(path, String(i));
        const times = seen.get(String(i)) ?? 0;
        if (answer.kind === 'accepted') assert.equal(times, 1);
        else if (answer.kind === 'not-sent') assert.equal(times, 0);
        else assert.ok(answer.kind === 'no-answer' && times <= 1);
      }
    };
    await Promise.all([sendAll(0), sendAll(1), sendAll(2)]);
  });
});

test('an answer that could be read in two ways is in doubt, and its connection is not used again', async () => {
  const forms = [
    `Content-Length: ${accepted.length}\r\nContent-Length: 2\r\n\r\n${accepted}`,
    `Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n${accepted.length.toString(16)}\r\n${accepted}\r\n0\r\n\r\n`,
  ];
  for (const form of forms) {
    await using server = await tcpServer(rawAnswer(`HTTP/1.1 200 OK\r\n${form}`, 'stay'));
    assert.equal(await outcome({ baseUrl: server.url, connections: 1 }), 'no-answer unparsable', form);
    assert.equal(server.connections, 2);
  }
});

test('bytes behind an answer, or without a request, are nobody’s answer', async () => {
  const refused = '{"errcode":43004,"errmsg":"require subscribe"}';
  for (const late of [false, true]) {
    await using server = await tcpServer((socket) => {
      socket.once('data', () => {
        if (late)
          socket.write(answerOf(accepted), () => setTimeout(() => socket.write(answerOf(refused)), 20));
        else socket.write(answerOf(accepted) + answerOf(refused));
      });
    });
    await withClient({ baseUrl: server.url, connections: 1 }, async (client) => {
      for (let n = 1; n <= 3; n++) {
        assert.equal((await client.send(path, '{}')).kind, 'accepted');
        assert.equal(server.connections, n);
        if (late) await new Promise((resolve) => setTimeout(resolve, 60));
      }
    });
  }
});

test('an idle connection is kept as long as the server says, less a margin, or 4 s', async () => {
  let hint = '';
  await using server = await tcpServer((socket) => {
    socket.on('data', () => {
      socket.write(`HTTP/1.1 200 OK\r\n${hint}Content-Length: ${accepted.length}\r\n\r\n${accepted}`);
    });
  });
  await withClient({ baseUrl: server.url, connections: 1 }, async (client) => {
    await client.send(path, '{}');
    await client.send(path, '{}');
    assert.equal(server.connections, 1);
    hint = 'Keep-Alive: timeout=2\r\n';
    await client.send(path, '{}');
    assert.equal(server.connections, 1);
    await client.send(path, '{}');
    assert.equal(server.connections, 2, 'it may close at any moment');
  });
});

test('a path or header that cannot be a line of HTTP is never written', async () => {
  let bytes = '';
  await using server = await tcpServer((socket) => {
    socket.on('data', (data) => {
      bytes += data;
    });
  });
  await using transport = new TestTransport({ baseUrl: server.url });
  const request = { method: 'POST', path: '/', body: '{}' } as const;
  for (const bad of [{ path: '/a b' }, { path: '/a\r\nX: y' }, { path: 'a' }, { path: '/中' }])
    await assert.rejects(transport.request({ ...request, ...bad }), { reason: 'connect', left: false });
  for (const headers of [
    ['a', 'b\r\nc: d'],
    ['a b', 'c'],
    ['a', '中'],
  ])
    await assert.rejects(transport.request({ ...request, headers }), { reason: 'connect', left: false });
  assert.equal(bytes, '');
});

test('a process ends although it leaves connections open', async () => {
  await using server = await httpServer((_request, _body, response) => response.end(accepted));
  const code = `import { WechatClient } from ${JSON.stringify(new URL('../../src/wechat/client.ts', import.meta.url).href)};
    const client = new WechatClient({ appid: '${appid}', token: { kind: 'none' }, baseUrl: '${server.url}' });
    console.log((await client.send('${path}', '{}')).kind);`;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', code], {
    timeout: 120_000,
  });
  assert.equal(stdout.trim(), 'accepted');
});

test('what lies unread in a kept connection is not the next message’s answer, and its end costs no message', async () => {
  const own = answerOf('{"errcode":43004,"errmsg":"require subscribe"}');
  for (const what of ['stray', 'fin', 'rst']) {
    // The server is a thread of its own, which goes on while this one is busy with something else.
    const flags = new Int32Array(new SharedArrayBuffer(4));
    const worker = new Worker(
      `const { parentPort, workerData: { flags, what, first, stray, own } } = require('node:worker_threads');
       let seen = 0;
       const server = require('node:net').createServer((socket) => {
         socket.on('error', () => {});
         socket.on('data', () => {
           if (++seen > 1) { setTimeout(() => socket.write(own), 20); return; }
           socket.write(first);
           parentPort.once('message', () => {
             const done = () => { Atomics.store(flags, 0, 1); Atomics.notify(flags, 0); };
             if (what === 'stray') socket.write(stray, done);
             else if (what === 'fin') socket.end(done);
             else socket.resetAndDestroy().once('close', done);
           });
         });
       }).listen(0, '127.0.0.1', () => parentPort.postMessage(server.address().port));`,
      {
        eval: true,
        workerData: {
          flags,
          what,
          own,
          first: answerOf(accepted),
          stray: answerOf('{"errcode":0,"errmsg":"ok","msgid":666}'),
        },
      },
    );
    const [port] = await inTime('the server listens', once(worker, 'message'));
    await withClient({ baseUrl: `http://127.0.0.1:${port}`, connections: 1 }, async (client) => {
      assert.equal((await client.send(path, '{}')).kind, 'accepted');
      // From here to the next message nothing is read.
      worker.postMessage('now');
      assert.equal(Atomics.wait(flags, 0, 0, 40_000), 'ok');
      const answer = await client.send(path, '{}');
      assert.deepEqual([answer.kind, 'errcode' in answer && answer.errcode], ['refused', 43004], what);
    });
    await worker.terminate();
  }
});

test('thousands that wait until it is too late are all told, and so is the one that was answered', async () => {
  await using server = await httpServer((_request, _body, response) => {
    setTimeout(() => response.end(accepted), 100);
  });
  await withClient({ baseUrl: server.url, connections: 1 }, async (client) => {
    const first = client.send(path, '{}');
    const deadline = shifted(momentOf(systemClock), 20);
    const late = Array.from({ length: 5_000 }, () => client.send(path, '{}', { deadline }));
    assert.equal((await first).kind, 'accepted');
    const kinds = new Set((await Promise.all(late)).map(({ kind }) => kind));
    assert.deepEqual([...kinds], ['not-sent']);
    assert.equal((await client.send(path, '{}')).kind, 'accepted');
  });
});

test('closing twice at once is closing', async () => {
  await using server = await httpServer((_request, _body, response) => {
    setTimeout(() => response.end(accepted), 30);
  });
  const client = new WechatClient({ appid, token: { kind: 'none' }, baseUrl: server.url, connections: 1 });
  const answers = [client.send(path, '{}'), client.send(path, '{}')];
  await Promise.all([client.close(), client.close()]);
  assert.deepEqual(
    (await Promise.all(answers)).map(({ kind }) => kind),
    ['accepted', 'accepted'],
  );
  await client.close();
});

test('a connection that cannot even be begun is a message that never left', async () => {
  const code = `import { WechatClient } from ${JSON.stringify(new URL('../../src/wechat/client.ts', import.meta.url).href)};
    const client = new WechatClient({ appid: '${appid}', token: { kind: 'none' }, baseUrl: 'https://127.0.0.1:1', connections: 1 });
    const answers = await Promise.all([client.send('${path}', '{}'), client.send('${path}', '{}')]);
    await client.close();
    console.log(answers.map((answer) => answer.kind + ' ' + answer.reason).join());`;
  const flags = ['--tls-cipher-list=NO-SUCH-CIPHER', '--input-type=module'];
  const { stdout } = await promisify(execFile)(process.execPath, [...flags, '-e', code], {
    timeout: 120_000,
  });
  assert.equal(stdout.trim(), 'not-sent connect,not-sent connect');
});

test('headers of a caller’s replace the host and nothing else that the connection says itself', async () => {
  const heads: string[] = [];
  await using server = await tcpServer((socket) => {
    socket.on('data', (data) => {
      heads.push(String(data));
      socket.write(answerOf('{}'));
    });
  });
  await using transport = new TestTransport({ baseUrl: server.url });
  await transport.request({
    method: 'GET',
    path: '/token',
    headers: ['Host', 'token.internal', 'authorization', 'x'],
  });
  assert.deepEqual(heads, [
    'GET /token HTTP/1.1\r\nhost: token.internal\r\nconnection: keep-alive\r\nauthorization: x\r\n\r\n',
  ]);
  for (const name of ['Connection', 'content-length', 'Transfer-Encoding'])
    await assert.rejects(transport.request({ method: 'GET', path: '/', headers: [name, '5'] }), {
      reason: 'connect',
    });
});
