import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, test } from 'node:test';
import { createClient, HongyanProblem, HongyanUnreachable } from '../../src/client/index.ts';
import { syncTemplates } from '../../src/engine/content/templates.ts';
import { adminKey, contractSite } from '../support/contract.ts';
import { inTime, until } from '../support/in-time.ts';
import { templateOf } from '../support/wechat.ts';

const site = await contractSite();
const { account, url } = site;
await syncTemplates(site.app, account.appid);
const hongyan = createClient({ baseUrl: url, key: adminKey });

const message = {
  ...{ appid: account.appid, channel: 'template', touser: account.openid(1) },
  template_id: templateOf(account, '消息通知'),
  data: { keyword1: '标题', keyword2: '内容', keyword3: '2026-11-22' },
};

test('a message is sent once under a key, and its outcome is typed', async () => {
  const first = await hongyan.call('POST /v1/messages', { body: message, key: 'order-1' });
  const again = await hongyan.call('POST /v1/messages', { body: message, key: 'order-1' });
  assert.deepEqual([again.id, again.isRepeat], [first.id, true]);
  const shown = { params: { id: first.id }, query: { wait: 10_000 } };
  const { state } = await until('it has its outcome', async () => {
    const found = await hongyan.call('GET /v1/messages/{id}', shown);
    return found.state !== 'waiting' && found;
  });
  assert.equal(
    state satisfies 'waiting' | 'accepted' | 'rejected' | 'unknown' | 'held' | 'unsent',
    'accepted',
  );
});

test('a refusal has code, words in the language and the wrong fields', async () => {
  const chinese = createClient({ baseUrl: url, key: adminKey, lang: 'zh' });
  const refused = await chinese
    .call('POST /v1/keys', { body: { name: '', permissions: ['node.read'] } })
    .then(
      () => null,
      (error: unknown) => error,
    );
  assert.ok(refused instanceof HongyanProblem);
  assert.deepEqual([refused.code, refused.status], ['REQUEST_INVALID', 400]);
  assert.match(refused.message, /请求不符合要求：name：至少 1 个字符/);
  assert.equal(refused.body.fields?.[0]?.path, 'name');
});

test('what does not fit the table does not compile', () => {
  const never = async () => {
    // @ts-expect-error there is no such route
    await hongyan.call('GET /v1/nothing');
    // @ts-expect-error the id is missing
    await hongyan.call('GET /v1/messages/{id}');
    // @ts-expect-error there is no such permission
    await hongyan.call('POST /v1/keys', { body: { name: 'x', permissions: ['fly'] } });
    // @ts-expect-error not a list
    hongyan.each('GET /v1/me');
    // @ts-expect-error there is no such field
    (await hongyan.call('GET /v1/me')).nothing;
  };
  assert.equal(typeof never, 'function');
});

test('a list is read page after page', async () => {
  for (const name of ['a', 'b', 'c', 'd', 'e'])
    await hongyan.call('POST /v1/keys', { body: { name, permissions: ['node.read'] } });
  const names: string[] = [];
  for await (const key of hongyan.each('GET /v1/keys', { query: { limit: 2 } })) names.push(key.name);
  assert.deepEqual(names.slice(0, 5), ['e', 'd', 'c', 'b', 'a']);
});

/** A server that answers one thing, for what the real one never says. */
async function answering(handler: Parameters<typeof createServer>[1]): Promise<string> {
  const server = createServer({}, handler).listen(0, '127.0.0.1');
  after(() => server.close());
  await inTime('it listens', once(server, 'listening'));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`; // it listens on TCP
}

test('no answer, a cut one and a gateway’s page are told apart', async () => {
  const cut = createClient({ baseUrl: await answering((request) => request.socket.destroy()) });
  await assert.rejects(cut.call('GET /v1/me'), HongyanUnreachable);
  const half = createClient({
    baseUrl: await answering((_, response) => {
      response.writeHead(200, { 'content-length': 100 }).write('{"kind"');
      setImmediate(() => response.destroy());
    }),
  });
  await assert.rejects(half.call('GET /v1/me'), HongyanUnreachable);
  const gateway = createClient({
    baseUrl: await answering((_, response) =>
      response.writeHead(502, { 'retry-after': '7' }).end('<html>Bad gateway</html>'),
    ),
  });
  await assert.rejects(gateway.call('GET /v1/me'), (error: HongyanProblem) => {
    assert.deepEqual([error.code, error.status, error.retryAfterS], ['HTTP_502', 502, 7]);
    return true;
  });
  const json = createClient({
    baseUrl: await answering((_, response) => response.writeHead(503).end('{"message":"no upstream"}')),
  });
  await assert.rejects(json.call('GET /v1/me'), { code: 'HTTP_503', message: '{"message":"no upstream"}' });
});

test('a stream that breaks off, or says nothing for too long, is unreachable', async () => {
  const server = createServer((request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write('event: start\nid: 1\ndata: {}\n\n');
    if (request.url?.includes('events')) response.write(': heartbeat\n\n', () => response.destroy());
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  after(() => server.close());
  after(() => server.closeAllConnections());
  const silent = createClient({ baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });
  for (const topics of ['campaigns', 'events']) {
    const seen: string[] = [];
    const read = async (): Promise<void> => {
      const events = silent.events('GET /v1/stream', { query: { topics }, silenceMs: 5_000 });
      for await (const { event } of events) seen.push(event);
    };
    await assert.rejects(read, HongyanUnreachable);
    assert.deepEqual(seen, ['start']);
  }
});
