import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { after, test } from 'node:test';
import { revokeKey } from '../../src/app/access/keys.ts';
import { createUser } from '../../src/app/access/users.ts';
import { terminalActor } from '../../src/app/actor.ts';
import type { Permission } from '../../src/contract/permissions.ts';
import { startServer } from '../../src/server/server.ts';
import { saveAccount } from '../../src/store/accounts/accounts.ts';
import { setRate } from '../../src/store/accounts/pace.ts';
import { listQuotas, storeLimit } from '../../src/store/accounts/quotas.ts';
import { setAccountRules } from '../../src/store/accounts/rules.ts';
import { adminKey, contractSite, row } from '../support/contract.ts';
import { until } from '../support/in-time.ts';
import { httpServer } from '../support/wechat/raw-server.ts';
import { bodiesOf, callsOf, templateOf } from '../support/wechat.ts';

const site = await contractSite({ kind: 'service', followers: 20 });
const { account, wechat, store } = site;
const { appid } = account;
const { pool } = store;
await setAccountRules(pool, appid, { wxRelay: true });

/** A WeChat of the test's own, that answers what it is told to. */
const tokens = ['a-first-token-of-the-test-1', 'a-second-token-of-the-test-2'];
/** The one that its token server gives. */
let given = 0;
let answer: (request: IncomingMessage, body: string, response: ServerResponse) => void = () => {};
const served: { url: string; body: string }[] = [];
const scripted = await httpServer((request, body, response) => {
  if (request.url === '/token')
    return void response.end(JSON.stringify({ access_token: tokens[given], expires_in: 7200 }));
  served.push({ url: request.url ?? '', body });
  answer(request, body, response);
});
after(() => scripted[Symbol.asyncDispose]());
const other = 'wx00000000000000aa';
await saveAccount(pool, store.sealer, {
  ...{ appid: other, kind: 'service', name: '', tokenSource: 'url', secret: `${scripted.url}/token` },
  ...{ baseUrl: `${scripted.url}/prefix`, proxy: null },
});
await setAccountRules(pool, other, { wxRelay: true });

interface Asked {
  as?: string | null;
  body?: string | Uint8Array<ArrayBuffer> | FormData | ReadableStream<Uint8Array>;
  headers?: Record<string, string>;
}

async function ask(of: string, path: string, { as = adminKey, body, headers = {} }: Asked = {}) {
  const given = await fetch(`${site.url}/wx/${of}/${path}`, {
    method: body === undefined ? 'GET' : 'POST',
    headers: { ...(as === null ? {} : { authorization: `Bearer ${as}` }), ...headers },
    ...(body === undefined ? {} : { body, duplex: 'half' }),
  });
  const bytes = Buffer.from(await given.arrayBuffer());
  const text = bytes.toString();
  const json = (text.startsWith('{') ? JSON.parse(text) : {}) as Record<string, unknown>; // a JSON object
  return { status: given.status, headers: given.headers, bytes, text, json };
}

/** What a program gets in the place of an access_token. */
async function passOf(permissions: readonly Permission[] = ['wx.relay']): Promise<string> {
  const secret = await site.key(permissions, [appid]);
  const query = { grant_type: 'client_credential', appid, secret };
  const { body } = await site.call('GET /wx/{appid}/cgi-bin/token', { params: { appid }, query, as: null });
  return (body as { access_token: string }).access_token;
}

const template = templateOf(account, '消息通知');
const message = (touser: string): string =>
  JSON.stringify({ touser, template_id: template, data: { keyword1: { value: '中文' } } });
const sendPath = 'cgi-bin/message/template/send';

row('GET /wx/{appid}/{path}', 'is answered by WeChat, with the account’s token', async () => {
  const as = await site.key(['wx.relay'], [appid]);
  const params = { appid, path: 'cgi-bin/user/get' };
  const query = { next_openid: '', access_token: 'one of another time' };
  const given = await site.call('GET /wx/{appid}/{path}', { params, query, as });
  assert.deepEqual([given.status, (given.body as { total: number }).total], [200, 20]);
  assert.equal(given.headers.get('cache-control'), 'no-store');
  const quota = (await listQuotas(pool, appid)).find(({ path }) => path === '/cgi-bin/user/get');
  assert.equal(quota?.leased, 1, 'it counts in the day’s quota');
});

row('POST /wx/{appid}/{path}', 'sends a message with message.send, and not without', async () => {
  const touser = account.openid(0);
  const params = { appid, path: sendPath };
  const body = JSON.parse(message(touser)) as object;
  const without = await site.key(['wx.relay'], [appid]);
  const refused = await site.call('POST /wx/{appid}/{path}', { params, body, as: without });
  assert.deepEqual([refused.status, (refused.body as { code: string }).code], [403, 'FORBIDDEN']);
  assert.equal(bodiesOf(account, touser).length, 0);
  const as = await site.key(['wx.relay', 'message.send'], [appid]);
  const sent = await site.call('POST /wx/{appid}/{path}', { params, body, as });
  assert.deepEqual([sent.status, (sent.body as { errcode: number }).errcode], [200, 0]);
  assert.deepEqual(
    bodiesOf(account, touser).map(({ data }) => data),
    [{ keyword1: { value: '中文' } }],
  );
});

row('GET /wx/{appid}/cgi-bin/token', 'gives what works here and nowhere else', async () => {
  const pass = await passOf();
  assert.equal((await ask(appid, `cgi-bin/user/get?access_token=${pass}`, { as: null })).json.total, 20);
  const elsewhere = await ask(other, `cgi-bin/user/get?access_token=${pass}`, { as: null });
  assert.deepEqual([elsewhere.status, elsewhere.json.errcode], [200, 40001], 'another account');
  const direct = await fetch(`${wechat.url}/cgi-bin/user/get?access_token=${pass}`);
  assert.equal(((await direct.json()) as { errcode: number }).errcode, 40014, 'WeChat itself');
  const me = await site.call('GET /v1/me', { as: pass });
  assert.equal(me.status, 401, 'it is no API key');
});

row('POST /wx/{appid}/cgi-bin/stable_token', 'gives the same', async () => {
  const secret = await site.key(['wx.relay'], [appid]);
  const body = { grant_type: 'client_credential', appid, secret, force_refresh: true };
  const given = await site.call('POST /wx/{appid}/cgi-bin/stable_token', {
    params: { appid },
    body,
    as: null,
  });
  const { access_token, expires_in } = given.body as { access_token: string; expires_in: number };
  assert.equal(expires_in, 7200);
  assert.equal(
    (await ask(appid, `cgi-bin/user/get?access_token=${access_token}`, { as: null })).json.total,
    20,
  );
  assert.equal(callsOf(account, '/cgi-bin/stable_token'), 1, 'WeChat was asked for one token, by us');
});

test('a wrong secret is refused as WeChat refuses one, and the admin key is none', async () => {
  const asked = async (of: string, query: object) => {
    const params = { appid: of };
    const sent = { params, query: { ...query }, as: null };
    return (await site.call('GET /wx/{appid}/cgi-bin/token', sent)) as {
      status: number;
      body: Record<string, unknown>;
    };
  };
  const elsewhere = await site.key(['wx.relay'], [other]);
  for (const secret of ['', 'f'.repeat(32), account.secret, adminKey]) {
    const { status, body } = await asked(appid, { appid, secret });
    assert.deepEqual([status, body.errcode], [200, 40125], secret.slice(0, 4));
  }
  assert.equal((await asked(appid, { appid: other, secret: elsewhere })).body.errcode, 40013);
  for (const secret of [elsewhere, await site.key(['message.send'], [appid])]) {
    const { status, body } = await asked(appid, { appid, secret });
    assert.deepEqual([status, body.code], [403, 'FORBIDDEN']);
  }
});

test('what a program has ends with its key', async () => {
  const secret = await site.key(['wx.relay'], [appid]);
  const query = { appid, secret };
  const { body } = await site.call('GET /wx/{appid}/cgi-bin/token', { params: { appid }, query, as: null });
  const pass = (body as { access_token: string }).access_token;
  assert.equal((await ask(appid, `cgi-bin/user/get?access_token=${pass}`, { as: null })).json.total, 20);
  const operator = terminalActor('operator', 'test', 'en');
  await revokeKey(site.app, operator, { id: secret.split('_')[1] ?? '' });
  await until('the end of the key is known', async () => {
    const { status, json } = await ask(appid, `cgi-bin/user/get?access_token=${pass}`, { as: null });
    if (json.errcode === 40001) return true;
    assert.deepEqual([status, json.total], [200, 20]);
    return false;
  });
  const again = await site.call('GET /wx/{appid}/cgi-bin/token', { params: { appid }, query, as: null });
  assert.equal((again.body as { errcode: number }).errcode, 40125);
});

test('is off for the installation, and for each account, until somebody turns it on', async () => {
  const secret = await site.key(['wx.relay'], [appid]);
  await setAccountRules(pool, appid, { wxRelay: false });
  const refused = await ask(appid, 'cgi-bin/user/get', { as: secret });
  assert.deepEqual([refused.status, refused.json.code], [409, 'WX_RELAY_OFF']);
  const token = await ask(appid, `cgi-bin/token?secret=${secret}`, { as: null });
  assert.deepEqual([token.status, token.json.code], [409, 'WX_RELAY_OFF']);
  await setAccountRules(pool, appid, { wxRelay: true });
  const { wxRelay: _on, ...deps } = site.deps;
  const listen = { host: '127.0.0.1', port: 0 };
  const server = await startServer({ ...deps, apiToken: adminKey, listen, strangerDelayMs: 1 });
  try {
    const headers = { authorization: `Bearer ${secret}` };
    for (const path of ['cgi-bin/user/get', `cgi-bin/token?secret=${secret}`]) {
      const { status } = await fetch(`${server.url}/wx/${appid}/${path}`, { headers });
      assert.equal(status, 409, path);
    }
  } finally {
    await server.close();
  }
});

test('credentials, quota and what is none of WeChat’s API are not passed on', async () => {
  const before = served.length;
  for (const path of [
    ...[
      'sns/oauth2/access_token?code=1',
      'sns/jscode2session',
      'cgi-bin/stable_token',
      'cgi-bin/clear_quota',
    ],
    ...[
      'cgi-bin/component/api_component_token',
      'elsewhere/x',
      'cgi-bin/user%2F..%2Ftoken',
      'cgi-bin//token',
    ],
    ...['cgi-bin/token%3Fx', 'cgi-bin/TOKEN', '%2e%2e%2ftoken', 'cgi-bin/user/get%0d%0aX'],
  ]) {
    const { status, json } = await ask(other, path);
    assert.deepEqual([status, json.code], [400, 'WX_RELAY_REFUSED'], path);
  }
  assert.equal(served.length, before, 'nothing reached WeChat');
});

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
    served.length = 0;
    answer = (_request, _body, response) => response.end(JSON.stringify({ errcode, errmsg: 'x' }));
    const { json } = await ask(other, 'cgi-bin/menu/create', { body });
    assert.equal(json.errcode, errcode, 'WeChat’s answer comes through');
    return served.map(({ url }) => /access_token=([\w-]+)/.exec(url)?.[1] ?? '');
  };
  for (const errcode of [0, -1, 45009, 43101])
    assert.deepEqual(await asked(errcode, '{}'), [tokens[0]], String(errcode));
  given = 1;
  assert.deepEqual(await asked(40001, '{}'), [tokens[0], tokens[1]]);
  assert.equal(new Set(served.map(({ body }) => body)).size, 1, 'the same body');
  given = 0;
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
  answer = (_request, _body, response) => {
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
  served.length = 0;
  answer = (request, _body, response) =>
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
    answer = (_request, _body, response) => response.writeHead(status, { 'content-type': type }).end(text);
    const given = await ask(other, 'cgi-bin/user/info?openid=o1');
    assert.deepEqual([given.status, given.headers.get('content-type'), given.text], [status, type, text]);
  }
});

test('the token is in no answer, wherever WeChat repeats it', async () => {
  answer = (request, _body, response) => {
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
  answer = (_request, _body, response) => response.end('{}');
  served.length = 0;
  for (const name of ['access_token', 'Access_Token', 'access%5Ftoken', '%61ccess_token'])
    await ask(other, `cgi-bin/user/info?${name}=theirs&openid=o1&${name}=theirs`);
  const expected = `/prefix/cgi-bin/user/info?access_token=${tokens[0]}&openid=o1`;
  assert.deepEqual(
    served.map(({ url }) => url),
    Array(4).fill(expected),
  );
});

test('no answer is told from never sent', async () => {
  answer = (request) => request.socket.destroy();
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

test('messages share the account’s rate and limits', async () => {
  const sent = async (i: number) => await ask(appid, sendPath, { body: message(account.openid(i)) });
  const path = `/${sendPath}`;
  await storeLimit(pool, appid, path, { daily: 0, source: 'operator', used: null });
  const full = await sent(2);
  assert.deepEqual([full.status, full.json.code], [429, 'WX_RELAY_BUSY']);
  await storeLimit(pool, appid, path, { daily: null, source: 'operator', used: null });
  await setRate(pool, appid, 4);
  const begun = performance.now();
  const all = await Promise.all(Array.from({ length: 10 }, (_, i) => sent(3 + i)));
  assert.deepEqual(
    all.map(({ json }) => json.errcode),
    Array(10).fill(0),
  );
  const ms = performance.now() - begun;
  assert.ok(ms > 2_000, `ten messages at 4/s took ${ms} ms`);
  const many = await Promise.all(Array.from({ length: 60 }, () => sent(14)));
  const busy = many.filter(({ status }) => status === 429);
  assert.ok(busy.length > 0 && busy.length < 60 && busy.every(({ json }) => json.code === 'WX_RELAY_BUSY'));
  await setRate(pool, appid, 1_000_000);
});

test('a limit of WeChat’s that no column holds is stored as the largest', async () => {
  const path = '/cgi-bin/tags/get';
  await storeLimit(pool, appid, path, { daily: 10_000_000_000, source: 'wechat', used: 1 });
  const stored = (await listQuotas(pool, appid)).find((one) => one.path === path);
  assert.equal(stored?.dailyLimit, 2_147_483_647);
});

test('45009 of another program’s message parks the path for ours', async () => {
  account.setQuota(`/${sendPath}`, { daily: 1 });
  const refused = await ask(appid, sendPath, { body: message(account.openid(15)) });
  account.setQuota(`/${sendPath}`, null);
  assert.equal(refused.json.errcode, 45009);
  const row = (await listQuotas(pool, appid)).find(({ path }) => path === `/${sendPath}`);
  assert.ok(row?.parkedUntil instanceof Date);
  await pool.query('update api_quotas set parked_until = null where appid = $1', [appid]);
});

test('nothing is sent for an account that is paused or exclusive, and calls go on', async () => {
  const refused = async (): Promise<unknown> =>
    (await ask(other, sendPath, { body: message('o1') })).json.code;
  answer = (_request, _body, response) => response.end('{"errcode":0}');
  served.length = 0;
  await pool.query(`update accounts set state = 'paused' where appid = $1`, [other]);
  assert.equal(await refused(), 'WX_RELAY_REFUSED');
  await pool.query(`update accounts set state = 'active' where appid = $1`, [other]);
  const changed = await site.call('PATCH /v1/accounts/{appid}/callback', {
    params: { appid: other },
    body: { exclusive: true },
  });
  assert.equal(changed.status, 200, JSON.stringify(changed.body));
  assert.equal(await refused(), 'WX_RELAY_REFUSED');
  assert.equal(served.length, 0);
  assert.equal((await ask(other, 'cgi-bin/user/info')).json.errcode, 0);
});

test('no session opens it: another site’s page could have the browser ask', async () => {
  const operator = terminalActor('operator', 'test', 'en');
  const { link } = await createUser(site.app, operator, { name: 'one', role: 'admin', accounts: null });
  const token = link.path.replace(/^.*#/, '');
  const headers = { 'x-requested-with': 'hongyan' };
  const body = { token, password: 'wild geese carry letters' };
  const begun = await site.call('POST /v1/sessions/link', { body, headers, as: null });
  const cookie = (begun.headers.get('set-cookie') ?? '').replace(/;.*/, '');
  const { status } = await site.call('GET /v1/me', { as: null, headers: { cookie } });
  assert.equal(status, 200, 'they are signed in');
  assert.equal((await ask(appid, 'cgi-bin/user/get', { as: null, headers: { cookie } })).status, 401);
});

test('an hour of calls is one row of the audit for each kind', async () => {
  const as = await site.key(['wx.relay', 'message.send'], [appid]);
  for (let i = 0; i < 3; i++) {
    await ask(appid, 'cgi-bin/user/get', { as });
    await ask(appid, 'cgi-bin/tags/get', { as });
    await ask(appid, sendPath, { as, body: message(account.openid(16)) });
  }
  const id = as.split('_')[1];
  const { rows } = await pool.query(
    'select action, target, input, appid, outcome from audit where actor_id = $1 order by id',
    [id],
  );
  assert.deepEqual(rows, [
    {
      action: 'wx.get',
      target: 'call',
      input: { kind: 'call', path: 'cgi-bin/user/get' },
      appid,
      outcome: 'done',
    },
    { action: 'wx.post', target: 'send', input: { kind: 'send', path: sendPath }, appid, outcome: 'done' },
  ]);
});
