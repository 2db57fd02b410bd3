import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { connect } from 'node:net';
import { test } from 'node:test';
import { listEvents } from '../../src/store/events/events.ts';
import { makeCallbackSite } from '../support/callback/site.ts';
import { until } from '../support/cli.ts';
import { inTime, untilWithin } from '../support/in-time.ts';
import { decrypt, makeEvent, makePush, type RawPush, send } from '../support/push.ts';
import { httpServer } from '../support/wechat/raw-server.ts';

const site = await makeCallbackSite();
const { cli, url } = site;
const { pool } = site.store;
const hourAgo = (hours: number): number => Math.floor(Date.now() / 1000) - hours * 3_600;
const count = async (appid: string): Promise<number> => (await listEvents(pool, appid, null, 100)).length;

/** What is answered to a head whose body never comes, until the connection ends. */
function answerToHead(path: string): Promise<string> {
  const answered = new Promise<string>((resolve, reject) => {
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    let answer = '';
    socket.setEncoding('utf8').on('data', (text: string) => {
      answer += text;
    });
    socket.once('error', reject);
    socket.once('close', () => resolve(answer));
    socket.write(
      `POST ${path} HTTP/1.1\r\nHost: x\r\nContent-Type: text/xml\r\nContent-Length: 900000\r\n\r\n<`,
    );
  });
  return inTime(`${path} is answered`, answered);
}

test('a stranger is refused by the query, before anything of a body is read', async () => {
  const settings = await site.account('service');
  const { appid } = settings;
  const other = await site.account('service');
  const { query } = makePush(settings, makeEvent('subscribe'));
  const unsigned = new URLSearchParams(query);
  unsigned.delete('signature');
  for (const [what, path] of [
    ['no account', `/callback/wxffffffffffffffff?${query}`],
    ['no query', `/callback/${appid}`],
    ['another account', `/callback/${other.appid}?${query}`],
    ['another signature', `/callback/${appid}?${query.replace(/signature=./, 'signature=x')}`],
    ['no signature of the query', `/callback/${appid}?${unsigned}`],
  ] as const) {
    // A body is waited for 5 s.
    await untilWithin(`${what}: it was answered at once`, 3_000, async () =>
      assert.match(await answerToHead(path), /^HTTP\/1.1 403 .*\r\ncontent-length: 0\r\n/is, what),
    );
  }
});

test('an odd path under /callback is refused like a wrong signature', async () => {
  const { appid } = await site.account('service');
  const { hostname, port } = new URL(url);
  /** As written: URLs are not cleaned on the way. */
  const statusOf = (method: string, path: string): Promise<string> =>
    new Promise((resolve, reject) => {
      const socket = connect(Number(port), hostname);
      let answer = '';
      socket.setEncoding('utf8').on('data', (text: string) => {
        answer += text;
      });
      socket.once('error', reject);
      socket.once('close', () => resolve(`${answer.slice(9, 12)} ${answer.split('\r\n\r\n')[1] ?? ''}`));
      socket.write(`${method} ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
    });
  for (const path of [
    ...[
      '/callback',
      '/callback/',
      '/callback/%zz',
      '/callback/%E0%A4%A',
      '/callback/%00',
      `/callback/${appid}%00`,
    ],
    ...[
      `/callback/${'a'.repeat(200)}`,
      `/callback/${'a'.repeat(9_000)}`,
      `/callback/${appid}/more`,
      `/callback/${appid}/../x`,
    ],
    ...[`/callback/${appid}?%zz&signature=%E0%A4%A`, `/callback/${appid}?${'&'.repeat(5_000)}`],
  ])
    for (const method of ['GET', 'POST', 'PUT', 'DELETE', 'OPTIONS'])
      assert.equal(await statusOf(method, path), '403 ', `${method} ${path.slice(0, 60)}`);
});

test('a push that is over an hour old is taken once, and relayed once', async () => {
  const relayed: string[] = [];
  await using behind = await httpServer((request, _body, response) => {
    relayed.push(request.url ?? '');
    response.end('success');
  });
  const settings = await site.account('service', { forwardTo: behind.url });
  const { appid } = settings;
  const [old, fresh] = [
    makePush(settings, makeEvent('subscribe'), hourAgo(2)),
    makePush(settings, makeEvent('subscribe')),
  ];
  for (const [push, statuses] of [
    [old, [200, 403, 403]],
    [fresh, [200, 200, 200]],
  ] as const)
    for (const status of statuses) assert.equal((await send(url, appid, push)).status, status);
  assert.equal(await count(appid), 2);
  assert.equal(relayed.filter((one) => one.includes(old.query)).length, 1);
  await until('they are counted', async () => (await site.counter(appid, 'refused')) === 2);
  // Of those whose first sight nobody remembers any more.
  const forgotten = makePush(settings, makeEvent('subscribe'), hourAgo(24 * 91));
  assert.equal((await send(url, appid, forgotten)).status, 403);
  assert.equal(await count(appid), 2);
});

test('the signature of a plain push, which covers no content, is good for an hour', async () => {
  const settings = await site.account('service', { mode: 'plain' });
  const { appid } = settings;
  const seen = makePush(settings, makeEvent('subscribe'));
  const forged = (openid: string): RawPush => ({
    ...seen,
    body: makePush(settings, makeEvent('subscribe', { FromUserName: openid })).body,
  });
  assert.equal((await send(url, appid, seen)).status, 200);
  // What a plain signature allows to whoever saw it is documented.
  assert.equal((await send(url, appid, forged('oForgedAtOnce'))).status, 200);
  const age = "update callback_signatures set seen_at = seen_at - interval '61 minutes' where appid = $1";
  assert.equal((await pool.query(age, [appid])).rowCount, 1);
  assert.equal((await send(url, appid, forged('oForgedLater'))).status, 403);
  assert.equal((await send(url, appid, makePush(settings, makeEvent('subscribe')))).status, 200);
  assert.deepEqual(
    (await listEvents(pool, appid, null, 100))
      .map(({ openid }) => openid.slice(0, 7))
      .filter((one) => one === 'oForged').length,
    1,
  );
});

test('a Token and a key that were replaced are taken until a stated time, and no longer', async () => {
  const old = await site.account('service', { reply: 'text:in reply' });
  const { appid } = old;
  const config = ['callback', 'config', appid];
  const text = await cli.ok([...config, '--rotate-key', '--rotate-token', '--old-for', '2']);
  assert.match(text, /the key before this one is read until \d{4}-.* \+08:00/);
  assert.match(text, /the Token before this one is taken until \d{4}-/);
  const { token, encodingAesKey, previousKeyUntil } = await cli.json([...config, '--json']);
  const ahead = Date.parse(String(previousKeyUntil)) - Date.now();
  assert.ok(Math.abs(ahead - 2 * 3_600_000) < 60_000, `${ahead} ms`);
  const current = { ...old, token: String(token), aesKey: String(encodingAesKey) };
  const message = {
    ToUserName: 'gh_1',
    FromUserName: 'oU',
    CreateTime: hourAgo(0),
    MsgType: 'text',
    Content: 'hi',
  };
  // Until the change is seen, what was before it is taken anyway: so the new ones come first.
  const first = makePush(current, { ...message, MsgId: '700' });
  await until('the change is seen', async () => (await send(url, appid, first)).status === 200);
  for (const [i, settings] of [current, old].entries()) {
    const answer = await send(url, appid, makePush(settings, { ...message, MsgId: String(700 + i) }));
    assert.equal(answer.status, 200, i === 0 ? 'the current ones' : 'those before');
    const sealed = /<Encrypt><!\[CDATA\[([^\]]+)/.exec(answer.body)?.[1] ?? '';
    assert.match(decrypt(settings.aesKey, sealed).message, /in reply/);
    const part = (name: string): string =>
      new RegExp(`<${name}>(?:<!\\[CDATA\\[)?([^<\\]]+)`).exec(answer.body)?.[1] ?? '';
    const parts = [settings.token, part('TimeStamp'), part('Nonce'), sealed].sort().join('');
    assert.equal(
      part('MsgSignature'),
      createHash('sha1').update(parts).digest('hex'),
      'signed as the push was',
    );
  }
  await pool.query(
    `update account_callbacks set previous_aes_key_until = clock_timestamp() - interval '1 s' where appid = $1`,
    [appid],
  );
  const underOldKey = (): Promise<number> =>
    send(url, appid, makePush(old, makeEvent('subscribe'))).then(({ status }) => status);
  await until('the old key has ended', async () => (await underOldKey()) === 403);
  assert.equal((await send(url, appid, makePush(current, makeEvent('subscribe')))).status, 200);

  const ended = await cli.ok([...config, '--rotate-token', '--old-for', '0']);
  assert.doesNotMatch(ended, /before this one/);
  const underOldToken = (): Promise<number> =>
    send(url, appid, makePush(current, makeEvent('subscribe'))).then(({ status }) => status);
  await until('the old Token has ended', async () => (await underOldToken()) === 403);
  assert.match(await cli.fails(2, [...config, '--rotate-key', '--old-for', '721']), /--old-for .*720/);
});

test('nothing is relayed to where a cloud keeps its credentials, and no secret stands on a command line', async () => {
  const { appid } = await site.account('service');
  const config = ['callback', 'config', appid];
  for (const address of ['http://169.254.169.254/latest/meta-data/', 'http://[::ffff:a9fe:a9fe]/'])
    assert.match(await cli.fails(2, [...config, '--forward-to', address]), /CALLBACK_SETTING_INVALID/);
  const refused = await cli.fails(2, [...config, '--forward-to', 'https://old.example.com/wx?key=s3cret']);
  assert.match(refused, /--forward-to-file/);
  assert.doesNotMatch(refused, /s3cret/);
  const file = await site.file('forward', 'https://old.example.com/wx?key=s3cret\n');
  assert.match(
    await cli.ok([...config, '--forward-to-file', file]),
    /relayed to https:\/\/old.example.com\/wx,/,
  );
});
