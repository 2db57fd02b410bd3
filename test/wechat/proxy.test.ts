import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { test } from 'node:test';
import { WechatClient } from '../../src/wechat/client.ts';
import { httpServer, tcpServer } from '../support/wechat/raw-server.ts';

const appid = 'wx0123456789abcdef';
const accepted = '{"errcode":0,"errmsg":"ok","msgid":3557254367693750277}';

/** A forward proxy that knows only CONNECT, with the user goose and the password hunter2. */
async function connectProxy() {
  const tunnels: string[] = [];
  const sockets = new Set<{ destroy(): void }>();
  const server = createServer((_request, response) => response.writeHead(405).end());
  server.on('connection', (socket) => sockets.add(socket));
  server.on('connect', (request, socket) => {
    socket.on('error', () => {});
    const credentials = `Basic ${Buffer.from('goose:hunter2').toString('base64')}`;
    if (request.headers['proxy-authorization'] !== credentials) {
      socket.end('HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n');
      return;
    }
    tunnels.push(request.url ?? '');
    const target = connect(Number(request.url?.split(':')[1]), '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      target.pipe(socket).pipe(target);
    });
    sockets.add(target);
    target.on('error', () => socket.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    tunnels,
    // A listening TCP server has an AddressInfo.
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

test('messages go through the account’s proxy, over kept tunnels', async () => {
  await using server = await httpServer((_request, _body, response) => response.end(accepted));
  await using proxy = await connectProxy();
  await using client = new WechatClient({
    appid,
    token: { kind: 'none' },
    baseUrl: server.url,
    proxy: `http://goose:hunter2@${proxy.host}`,
    connections: 2,
  });
  for (let i = 0; i < 10; i += 1) assert.equal((await client.send('/p', '{}')).kind, 'accepted');
  assert.deepEqual(new Set(proxy.tunnels), new Set([`127.0.0.1:${server.port}`]));
  assert.equal(proxy.tunnels.length, server.connections);
  assert.ok(server.connections <= 2);
});

test('a proxy that refuses, fails or stays silent means that nothing left', async () => {
  await using proxy = await connectProxy();
  await using silent = await tcpServer(() => {});
  await using closing = await tcpServer((socket) => socket.destroy());
  const target = 'http://127.0.0.1:9';
  const cases = [
    ['wrong password', `http://goose:wrong-pw@${proxy.host}`, target],
    ['target down', `http://goose:hunter2@${proxy.host}`, target],
    ['silent', `http://goose:hunter2@127.0.0.1:${silent.port}`, target],
    ['closing', `http://goose:hunter2@127.0.0.1:${closing.port}`, target],
  ] as const;
  for (const [name, url, baseUrl] of cases) {
    await using client = new WechatClient({
      appid,
      token: { kind: 'none' },
      baseUrl,
      proxy: url,
      connectTimeoutMs: 100,
    });
    const answer = await client.send('/p', '{}');
    assert.ok(answer.kind === 'not-sent' && answer.reason === 'connect', name);
    const { message, stack, cause } = answer.error;
    for (const text of [message, stack, JSON.stringify(answer.error), String(cause)]) {
      assert.doesNotMatch(text ?? '', /hunter2|wrong-pw/, name);
    }
  }
});
