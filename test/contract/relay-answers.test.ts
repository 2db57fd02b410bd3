import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { saveAccount } from '../../src/store/accounts/accounts.ts';
import { listQuotas } from '../../src/store/accounts/quotas.ts';
import { setAccountRules } from '../../src/store/accounts/rules.ts';
import { other, relayScene, sendPath, tokens } from '../support/contract/relay.ts';
import { bodiesOf } from '../support/wechat.ts';

const { site, scripted, ask, message } = await relayScene();
const { account, store } = site;
const { appid } = account;
const { pool } = store;

test('a token that WeChat no longer takes is renewed, and what it refused is sent once more', async () => {
  const touser = account.openid(1);
  for (const how of ['expired', 'superseded'] as const) {
    account.endTokens(how);
    assert.equal((await ask(appid, 'cgi-bin/user/get')).json.total, 20, how);
    account.endTokens(how);
    assert.equal((await ask(appid, sendPath, { body: message(touser) })).json.errcode, 0, how);
  }
  assert.equal(bodiesOf(account, touser).length, 2, 'each message once');
});

test('only a refused token has something sent again, once, and only while its body is there', async () => {
  const asked = async (errcode: number, body: string): Promise<string[]> => {
    scripted.served.length = 0;
    scripted.answer = (_request, _body, response) => response.end(JSON.stringify({ errcode, errmsg: 'x' }));
    const { json } = await ask(other, 'cgi-bin/menu/create', { body });
    assert.equal(json.errcode, errcode, 'WeChat’s answer comes through');
    return scripted.served.map(({ url }) => /access_token=([\w-]+)/.exec(url)?.[1] ?? '');
  };
  for (const errcode of [0, -1, 45009, 43101])
    assert.deepEqual(await asked(errcode, '{}'), [tokens[0]], String(errcode));
  scripted.given = 1;
  assert.deepEqual(await asked(40001, '{}'), [tokens[0], tokens[1]]);
  assert.equal(new Set(scripted.served.map(({ body }) => body)).size, 1, 'the same body');
  scripted.given = 0;
  const long = JSON.stringify({ text: 'x'.repeat(2 * 1024 * 1024) });
  assert.deepEqual(await asked(42001, long), [tokens[1]], 'it is no longer there');
  assert.deepEqual(await asked(0, long), [tokens[0]], 'the next one has the new token');
});

test('files go through in both directions, also those that are not held in memory', async () => {
  const form = new FormData();
  const bytes = randomBytes(3 * 1024 * 1024);
  form.set('media', new Blob([bytes]), 'a.png');
  const encoded = new Response(form);
  const body = Buffer.from(await encoded.arrayBuffer());
  const type = encoded.headers.get('content-type') ?? '';
  const sent = { body: new Uint8Array(body), headers: { 'content-type': type } };
  const uploaded = await ask(appid, 'cgi-bin/media/upload?type=image', sent);
  assert.equal(uploaded.json.type, 'image', uploaded.text);
  scripted.answer = (_request, _body, response) => {
    response.writeHead(200, { 'content-type': 'image/png', 'content-length': bytes.length });
    response.end(bytes);
  };
  const got = await ask(other, 'cgi-bin/media/get?media_id=1');
  assert.equal(got.headers.get('content-type'), 'image/png');
  assert.ok(got.bytes.equals(bytes));
});

test('a body that is too long, or long and without its length, is refused', async () => {
  const headers = { 'content-type': 'application/octet-stream' };
  const long = await ask(other, 'cgi-bin/media/upload', {
    body: new Uint8Array(16 * 1024 * 1024 + 1),
    headers,
  });
  assert.deepEqual([long.status, long.json.code], [413, 'BODY_TOO_LARGE']);
  const chunks = (count: number): ReadableStream<Uint8Array> =>
    new ReadableStream({
      start(controller) {
        for (let i = 0; i < count; i++) controller.enqueue(new Uint8Array(64 * 1024));
        controller.close();
      },
    });
  const unmeasured = await ask(other, 'cgi-bin/media/upload', { body: chunks(17), headers });
  assert.deepEqual([unmeasured.status, unmeasured.json.code], [411, 'WX_RELAY_LENGTH']);
  scripted.served.length = 0;
  scripted.answer = (request, _body, response) =>
    response.end(JSON.stringify({ length: request.headers['content-length'] ?? null }));
  const short = await ask(other, 'cgi-bin/media/upload', { body: chunks(1), headers });
  assert.equal(short.json.length, String(64 * 1024), 'WeChat gets a length');
});

test('status, type and body are WeChat’s own', async () => {
  for (const [status, type, text] of [
    [502, 'text/html', '<h1>Bad Gateway</h1>'],
    [404, 'text/plain; charset=utf-8', 'no such 接口'],
    [200, 'application/json', '{"errcode":40003,"errmsg":"invalid openid"}'],
  ] as const) {
    scripted.answer = (_request, _body, response) =>
      response.writeHead(status, { 'content-type': type }).end(text);
    const given = await ask(other, 'cgi-bin/user/info?openid=o1');
    assert.deepEqual([given.status, given.headers.get('content-type'), given.text], [status, type, text]);
  }
});

test('the token is in no answer, wherever WeChat repeats it', async () => {
  scripted.answer = (request, _body, response) => {
    const where = `https://example.com${request.url}`;
    response.writeHead(200, {
      'content-type': 'text/plain',
      location: where,
      'set-cookie': `at=${tokens[0]}`,
    });
    response.write(`asked: ${where.slice(0, 60)}`);
    setImmediate(() => response.end(`${where.slice(60)} and ${tokens[0]} ${'x'.repeat(9_000)}${tokens[0]}`));
  };
  const given = await ask(other, 'cgi-bin/user/info?openid=o1');
  assert.match(
    given.text,
    /^asked: https:\/\/example\.com\/prefix\/cgi-bin\/user\/info\?access_token=\*+&openid=o1 and /,
  );
  const all = JSON.stringify([given.text, [...given.headers]]);
  assert.ok(!all.includes(tokens[0] ?? '?'), all.slice(0, 500));
});

test('the program’s own token does not reach WeChat, however it is spelled', async () => {
  scripted.answer = (_request, _body, response) => response.end('{}');
  scripted.served.length = 0;
  for (const name of ['access_token', 'Access_Token', 'access%5Ftoken', '%61ccess_token'])
    await ask(other, `cgi-bin/user/info?${name}=theirs&openid=o1&${name}=theirs`);
  const expected = `/prefix/cgi-bin/user/info?access_token=${tokens[0]}&openid=o1`;
  assert.deepEqual(
    scripted.served.map(({ url }) => url),
    Array(4).fill(expected),
  );
});

test('no answer is told from never sent', async () => {
  scripted.answer = (request) => request.socket.destroy();
  const lost = await ask(other, 'cgi-bin/user/info');
  assert.deepEqual([lost.status, lost.json.code], [504, 'WECHAT_NO_ANSWER']);
  const nowhere = 'wx00000000000000bb';
  await saveAccount(pool, store.sealer, {
    ...{ appid: nowhere, kind: 'service', name: '', tokenSource: 'url', secret: `${scripted.url}/token` },
    ...{ baseUrl: 'http://127.0.0.1:9', proxy: null },
  });
  await setAccountRules(pool, nowhere, { wxRelay: true });
  const never = await ask(nowhere, 'cgi-bin/user/info');
  assert.deepEqual([never.status, never.json.code], [502, 'WECHAT_UNREACHABLE']);
  assert.ok(!never.text.includes(tokens[0] ?? '?'));
  const counted = await listQuotas(pool, nowhere);
  assert.deepEqual([counted[0]?.path, counted[0]?.leased], ['/cgi-bin/user/info', 0], 'it does not count');
});
