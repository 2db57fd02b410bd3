import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { connect } from 'node:net';
import { test } from 'node:test';
import { request } from 'undici';
import { saveCallback } from '../../src/store/events/callbacks.ts';
import { listEvents, type ShownEvent } from '../../src/store/events/events.ts';
import { makeCallbackSite } from '../support/callback/site.ts';
import { until } from '../support/cli.ts';
import { inTime } from '../support/in-time.ts';
import {
  callbackSettings,
  encrypt,
  makeEvent,
  makePush,
  makeVerification,
  type PushAnswer,
  type RawPush,
  send,
  write,
} from '../support/push.ts';

const site = await makeCallbackSite();
const { url } = site;
const { pool, sealer } = site.store;

const events = (appid: string): Promise<ShownEvent[]> => listEvents(pool, appid, null, 1_000);

for (const mode of ['plain', 'compatible', 'secure'] as const) {
  for (const [kind, format] of [
    ['service', 'xml'],
    ['miniprogram', 'xml'],
    ['miniprogram', 'json'],
  ] as const) {
    test(`takes ${mode} ${format} pushes of a ${kind} account as they are`, async () => {
      const settings = await site.account(kind, { mode, format });
      const message = {
        ToUserName: 'gh_0123456789ab',
        FromUserName: 'oABCDEFGHIJKLMNOPQRSTUVWXYZ0',
        CreateTime: 1_764_000_000,
        MsgType: 'text',
        Content: '你好 🦢 𠮷 <b>&amp;]]',
        MsgId: '6074746557628292943',
      };
      const answer = await send(url, settings.appid, makePush(settings, message));
      assert.deepEqual([answer.status, answer.body], [200, 'success']);
      const [stored, ...others] = await events(settings.appid);
      assert.deepEqual(others, []);
      assert.equal(stored?.type, 'message');
      assert.equal(stored?.openid, message.FromUserName);
      assert.equal(stored?.createdAt.getTime(), 1_764_000_000_000);
      assert.deepEqual(stored?.fields, { ...message, CreateTime: '1764000000' });
    });
  }
}

test('answers a verification with the bare echostr', async () => {
  const settings = await site.account('service');
  const path = `${url}/callback/${settings.appid}`;
  const answer = await request(`${path}?${makeVerification(settings.token, '4375120948345356249')}`);
  assert.deepEqual([answer.statusCode, await answer.body.text()], [200, '4375120948345356249']);
  assert.match(String(answer.headers['content-type']), /^text\/plain/);
});

/** Everything of an answer that could tell one refusal from another; the connection ends behind what was not read. */
interface Refusal {
  status: number;
  headers: [string, unknown][];
  body: string;
}

async function raw(path: string, method: 'GET' | 'POST', body: string | Buffer | null): Promise<Refusal> {
  const answer = await request(url + path, { method, body, headers: { 'content-type': 'text/xml' } });
  const headers = Object.entries(answer.headers).filter(
    ([name]) => !['date', 'keep-alive', 'connection'].includes(name),
  );
  return { status: answer.statusCode, headers, body: await answer.body.text() };
}

test('takes a push of up to 1 MiB, and refuses a larger one though it is signed rightly', async () => {
  const settings = await site.account('service', { mode: 'plain' });
  const fields = makeEvent('subscribe', { EventKey: '' });
  const bare = Buffer.byteLength(makePush(settings, fields).body);
  const ofSize = (bytes: number): RawPush =>
    makePush(settings, { ...fields, EventKey: 'a'.repeat(bytes - bare) });
  const tooLarge = await send(url, settings.appid, ofSize(1024 * 1024 + 1));
  assert.notEqual(tooLarge.body, 'success');
  assert.deepEqual(await events(settings.appid), []);
  const largest = await send(url, settings.appid, ofSize(1024 * 1024));
  assert.deepEqual([largest.status, largest.body], [200, 'success']);
  assert.equal((await events(settings.appid)).length, 1);
});

test('a body that says it is too large is refused before it comes', async () => {
  // Signed rightly: a stranger is refused by the query, whatever he says of the body.
  const settings = await site.account('service');
  const { query } = makePush(settings, makeEvent('subscribe'));
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  let answer = '';
  socket.setEncoding('utf8').on('data', (text: string) => {
    answer += text;
  });
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  const length = 1024 * 1024 + 1;
  socket.write(
    `POST /callback/${settings.appid}?${query} HTTP/1.1\r\nHost: x\r\nContent-Length: ${length}\r\n\r\n`,
  );
  await until('it is answered', async () => answer.includes('HTTP/1.1') || socket.destroyed);
  assert.match(answer, /^HTTP\/1.1 4\d\d /);
  socket.destroy();
  await inTime('the connection ends', closed);
});

test('refuses whatever is not WeChat’s with one and the same answer, and stores nothing', async () => {
  const settings = await site.account('service');
  const other = await site.account('service');
  const { appid, token, aesKey } = settings;
  const good = makePush(settings, makeEvent('subscribe'));
  const plain = makePush({ ...settings, mode: 'plain' }, makeEvent('subscribe'));
  const path = (push: RawPush, to = appid): string => `/callback/${to}?${push.query}`;
  /** Signed rightly around a ciphertext of the test's choice. */
  const around = (sealed: string): RawPush => {
    const push = makePush(
      { ...settings, mode: 'plain' },
      write({ ToUserName: 'gh_1', Encrypt: sealed }, 'xml'),
    );
    return signAnew(push, token, sealed);
  };
  const text = write(makeEvent('subscribe'), 'xml');
  const cases: [string, string, 'GET' | 'POST', string | Buffer | null][] = [
    ['an account that is not there', path(good, 'wxffffffffffffffff'), 'POST', good.body],
    ['no appid of any form', '/callback/%20?signature=1', 'POST', 'x'],
    ['a push of another account', path(good, other.appid), 'POST', good.body],
    ['no query', `/callback/${appid}`, 'POST', good.body],
    [
      'another signature',
      path({ ...good, query: good.query.replace(/msg_signature=./, 'msg_signature=z') }),
      'POST',
      good.body,
    ],
    ['a plain push to a secure account', path(plain), 'POST', plain.body],
    [
      'a changed body',
      path(good),
      'POST',
      good.body.replace(/(<Encrypt><!\[CDATA\[.)(.)/, (_, head, one) => `${head}${one === 'A' ? 'B' : 'A'}`),
    ],
    ['an empty body', path(good), 'POST', ''],
    ['no body', path(good), 'POST', null],
    ['the key of another account', ...post(around(encrypt(other.aesKey, appid, text)))],
    ['the appid of another account', ...post(around(encrypt(aesKey, other.appid, text)))],
    ['bad padding', ...post(around(encrypt(aesKey, appid, text).slice(0, -44)))],
    ['no whole block', ...post(around('AAAA'))],
    ['no Base64', ...post(around('*'))],
    ['over 1 MB', path(good), 'POST', Buffer.alloc(1024 * 1024 + 1, 65)],
    [
      'a verification with another signature',
      `/callback/${appid}?signature=ab&timestamp=1&nonce=2&echostr=hello`,
      'GET',
      null,
    ],
    [
      'a verification of nobody',
      '/callback/wxffffffffffffffff?signature=ab&timestamp=1&nonce=2&echostr=hello',
      'GET',
      null,
    ],
  ];
  function post(push: RawPush): [string, 'POST', string] {
    return [path(push), 'POST', push.body];
  }
  const expected = await raw(`/callback/${appid}?signature=bad`, 'POST', 'x');
  assert.deepEqual([expected.status, expected.body], [403, '']);
  for (const [what, to, method, body] of cases) assert.deepEqual(await raw(to, method, body), expected, what);
  assert.deepEqual(await events(appid), []);
  assert.deepEqual(await events(other.appid), []);
  assert.deepEqual(await send(url, appid, good).then(({ status }) => status), 200, 'the good one is good');
  // No account of ours, another one, and what is refused before anybody looks.
  const unnamed = 5;
  await until(
    'they are counted',
    async () => (await site.counter(appid, 'refused')) === cases.length + 1 - unnamed,
  );
  const warned = site.logged.filter(
    ({ message, fields }) => /request was refused/.test(message) && fields.appid === appid,
  );
  assert.equal(warned.length, 1, 'one line a minute');
});

/** The same push with a msg_signature over `sealed`. */
function signAnew(push: RawPush, token: string, sealed: string): RawPush {
  const query = new URLSearchParams(push.query);
  const parts = [token, query.get('timestamp') ?? '', query.get('nonce') ?? '', sealed];
  query.set('msg_signature', createHash('sha1').update(parts.sort().join('')).digest('hex'));
  return { ...push, query: query.toString() };
}

test('a compatible push counts by what is encrypted, whatever stands beside it', async () => {
  const settings = await site.account('service', { mode: 'compatible' });
  const push = makePush(settings, makeEvent('subscribe', { FromUserName: 'oTRUE' }));
  await send(url, settings.appid, { ...push, body: push.body.replace('oTRUE', 'oFALSE') });
  assert.deepEqual(
    (await events(settings.appid)).map(({ openid, fields }) => [openid, fields.FromUserName]),
    [['oTRUE', 'oTRUE']],
  );
});

test('reads what was encrypted with the key before', async () => {
  const old = await site.account('service');
  const rotated = {
    ...{ ...old, aesKey: callbackSettings('x').aesKey, previousAesKey: old.aesKey },
    previousAesKeyUntil: new Date(Date.now() + 60_000),
  };
  await saveCallback(pool, sealer, rotated);
  for (const settings of [old, rotated]) {
    const { appid } = settings;
    const push = makePush(settings, makeEvent('subscribe'));
    await until('the change is seen', async () => (await send(url, appid, push)).status === 200);
  }
  assert.equal((await events(old.appid)).length, 2);
});

test('keeps and shows events that nobody knows, with texts that PostgreSQL cannot keep', async () => {
  const settings = await site.account('miniprogram', { format: 'json' });
  const odd =
    '{"FromUserName":"o1","CreateTime":1764000000,"MsgType":"event","Event":"brand_new","a":"\\u0000","b":"\\ud800","List":[{"x":3557254367693750277}]}';
  const answer = await send(url, settings.appid, makePush(settings, odd));
  assert.deepEqual([answer.status, answer.body], [200, 'success']);
  const shown = await site.cli.ok(['events', 'list', settings.appid, '--type', 'unknown']);
  assert.match(shown, /unknown +o1 +\{.*"3557254367693750277".*"Event":"brand_new"/);
});

test('keeps and shows what became of a mass message', async () => {
  const settings = await site.account('service');
  const result = `<xml><ToUserName>gh_1</ToUserName><FromUserName>oSystem</FromUserName><CreateTime>1764000000</CreateTime>
<MsgType>event</MsgType><Event>MASSSENDJOBFINISH</Event><MsgID>1000001625</MsgID><Status>send success</Status>
<TotalCount>100</TotalCount><FilterCount>80</FilterCount><SentCount>75</SentCount><ErrorCount>5</ErrorCount></xml>`;
  assert.equal((await send(url, settings.appid, makePush(settings, result))).status, 200);
  const shown = await site.cli.ok(['events', 'list', settings.appid, '--type', 'mass-receipt']);
  assert.match(shown, /"MsgID":"1000001625"/);
  assert.match(shown, /"Status":"send success"/);
  assert.match(shown, /"SentCount":"75"/);
});

test('cuts a body that comes too slowly, and serves others meanwhile', async () => {
  const settings = await site.account('service');
  const push = makePush(settings, makeEvent('subscribe'));
  const { port } = new URL(url);
  const sockets = Array.from({ length: 50 }, () => connect(Number(port), '127.0.0.1'));
  const closed = sockets.map(
    (socket) =>
      new Promise<void>((resolve) => {
        socket.on('error', () => {});
        socket.once('close', () => resolve());
      }),
  );
  for (const socket of sockets)
    socket.write(
      `POST /callback/${settings.appid}?${push.query} HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n<xml>`,
    );
  const others: PushAnswer = await send(url, settings.appid, push);
  assert.equal(others.status, 200);
  await inTime('all are cut', Promise.all(closed));
  assert.equal((await events(settings.appid)).length, 1);
});
