import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { httpServer, tcpServer } from './support/raw-server.ts';
import { accepted, appid, outcome, path, rawAnswer, TestTransport, withClient } from './support/transport.ts';

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
  const answer = (text: string): string => `HTTP/1.1 200 OK\r\nContent-Length: ${text.length}\r\n\r\n${text}`;
  for (const late of [false, true]) {
    await using server = await tcpServer((socket) => {
      socket.once('data', () => {
        if (late) socket.write(answer(accepted), () => setTimeout(() => socket.write(answer(refused)), 20));
        else socket.write(answer(accepted) + answer(refused));
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
  const code = `import { WechatClient } from ${JSON.stringify(new URL('../src/wechat/client.ts', import.meta.url).href)};
    const client = new WechatClient({ appid: '${appid}', token: { kind: 'none' }, baseUrl: '${server.url}' });
    console.log((await client.send('${path}', '{}')).kind);`;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', code], {
    timeout: 20_000,
  });
  assert.equal(stdout.trim(), 'accepted');
});
