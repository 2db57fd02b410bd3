import assert from 'node:assert/strict';
import { test } from 'node:test';
import { revokeKey } from '../../src/app/access/keys.ts';
import { createUser } from '../../src/app/access/users.ts';
import { terminalActor } from '../../src/app/actor.ts';
import type { Permission } from '../../src/contract/permissions.ts';
import { startServer } from '../../src/server/server.ts';
import { setRate } from '../../src/store/accounts/pace.ts';
import { listQuotas, quotaRules, setQuotaRules, storeLimit } from '../../src/store/accounts/quotas.ts';
import { setAccountRules } from '../../src/store/accounts/rules.ts';
import { other, relayScene, sendPath } from '../support/contract/relay.ts';
import { adminKey, row } from '../support/contract.ts';
import { until } from '../support/in-time.ts';
import { bodiesOf, callsOf } from '../support/wechat.ts';

const { site, scripted, ask, message } = await relayScene();
const { account, wechat, store } = site;
const { appid } = account;
const { pool } = store;

/** What a program gets in the place of an access_token. */
async function passOf(permissions: readonly Permission[] = ['wx.relay']): Promise<string> {
  const secret = await site.key(permissions, [appid]);
  const query = { grant_type: 'client_credential', appid, secret };
  const { body } = await site.call('GET /wx/{appid}/cgi-bin/token', { params: { appid }, query, as: null });
  return (body as { access_token: string }).access_token;
}

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
  const before = scripted.served.length;
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
  assert.equal(scripted.served.length, before, 'nothing reached WeChat');
});

test('messages share the account’s rate and limits', async () => {
  const sent = async (i: number) => await ask(appid, sendPath, { body: message(account.openid(i)) });
  const path = `/${sendPath}`;
  await storeLimit(pool, appid, path, { daily: 0, source: 'operator', used: null });
  const full = await sent(2);
  assert.deepEqual([full.status, full.json.code], [429, 'WX_RELAY_BUSY']);
  // What campaigns leave is for other programs too.
  const { reservePercent } = await quotaRules(pool, appid);
  await setQuotaRules(pool, appid, { reset: null, reservePercent: 99 });
  await storeLimit(pool, appid, path, { daily: 50, source: 'operator', used: null });
  assert.equal((await sent(2)).json.errcode, 0);
  await setQuotaRules(pool, appid, { reset: null, reservePercent });
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
  scripted.answer = (_request, _body, response) => response.end('{"errcode":0}');
  scripted.served.length = 0;
  await pool.query(`update accounts set state = 'paused' where appid = $1`, [other]);
  assert.equal(await refused(), 'WX_RELAY_REFUSED');
  await pool.query(`update accounts set state = 'active' where appid = $1`, [other]);
  const changed = await site.call('PATCH /v1/accounts/{appid}/callback', {
    params: { appid: other },
    body: { exclusive: true },
  });
  assert.equal(changed.status, 200, JSON.stringify(changed.body));
  assert.equal(await refused(), 'WX_RELAY_REFUSED');
  assert.equal(scripted.served.length, 0);
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
