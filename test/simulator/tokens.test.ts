import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startSimulator } from '../../src/simulator/index.ts';
import { Caller, errcodeOf, holdClock, refusal, tokenOf, withoutRid } from '../support/simulated.ts';

const NOT_LATEST =
  'invalid credential, access_token is invalid or not latest, could get access_token by getStableAccessToken, more details at https://mmbizurl.cn/s/JtxxFh33r';

test('a token answer is compact JSON without errcode, under WeChat’s own content type', async () => {
  await using simulator = await startSimulator();
  const { appid, secret } = simulator.account();
  const response = await fetch(
    `${simulator.url}/cgi-bin/token?grant_type=client_credential&appid=${appid}&secret=${secret}`,
  );
  assert.equal(response.headers.get('content-type'), 'application/json; encoding=utf-8');
  const answer = await response.text();
  assert.match(answer, /^\{"access_token":"\d+_[A-Za-z0-9_-]+","expires_in":7200\}$/);
  assert.equal(tokenOf(answer).length, 136);
});

test('wrong credentials are refused with the documented codes', async () => {
  await using simulator = await startSimulator();
  const caller = new Caller(simulator);
  const cases: [Record<string, string>, number, string][] = [
    [{ grant_type: 'password' }, 40002, 'invalid grant_type'],
    [{ appid: '' }, 41002, 'appid missing'],
    [{ appid: 'wx0000000000000000' }, 40013, 'invalid appid'],
    [{ secret: '' }, 41004, 'appsecret missing'],
    [{ secret: 'f'.repeat(32) }, 40125, 'invalid appsecret'],
  ];
  for (const [query, errcode, text] of cases) {
    assert.equal(withoutRid(await caller.classic(query)), refusal(errcode, text));
  }
  caller.account.freezeSecret();
  assert.equal(errcodeOf(await caller.classic()), 40243);
});

test('a rid begins with the Unix time and can be looked up by the account that caused it', async () => {
  await using simulator = await startSimulator({ accounts: [{}, { kind: 'miniprogram' }] });
  const caller = await new Caller(simulator).login();
  const other = await new Caller(simulator, simulator.accounts[1]).login();
  const failed = await caller.post('/cgi-bin/message/template/send', { touser: 'x' });
  const rid = /rid: ([0-9a-f-]{26})/.exec(failed)?.[1] ?? '';
  assert.ok(Math.abs(Number.parseInt(rid.slice(0, 8), 16) - simulator.now() / 1000) < 60);
  const found = JSON.parse(await caller.post('/cgi-bin/openapi/rid/get', { rid }));
  assert.equal(found.errcode, 0);
  assert.equal(found.request.response_body, failed);
  assert.equal(found.request.request_body, '{"touser":"x"}');
  assert.equal(found.request.request_url, `access_token=${caller.token.slice(0, 9)}xxxx`);
  assert.equal(errcodeOf(await other.post('/cgi-bin/openapi/rid/get', { rid })), 76003);
  assert.equal(errcodeOf(await caller.post('/cgi-bin/openapi/rid/get', { rid: 'x' })), 76002);
  const unknown = `${rid.slice(0, 8)}-00000000-00000000`;
  assert.equal(errcodeOf(await caller.post('/cgi-bin/openapi/rid/get', { rid: unknown })), 76001);
  simulator.advance(8 * 86_400_000);
  await caller.login();
  assert.equal(errcodeOf(await caller.post('/cgi-bin/openapi/rid/get', { rid })), 76004);
});

test('a new classic token kills the one before; the stable one is untouched', async () => {
  await using simulator = await startSimulator();
  const caller = new Caller(simulator);
  const first = tokenOf(await caller.classic());
  const stable = tokenOf(await caller.stable());
  const second = tokenOf(await caller.classic());
  const get = (token: string): Promise<string> =>
    caller.raw('GET', `/cgi-bin/user/get?access_token=${token}`);
  assert.equal(withoutRid(await get(first)), refusal(40001, NOT_LATEST));
  assert.equal(errcodeOf(await get(second)), 0);
  assert.equal(errcodeOf(await get(stable)), 0);
});

test('an overlap lets the replaced token live so long', async () => {
  await using simulator = await startSimulator({ tokenOverlapSeconds: 300 });
  await holdClock(simulator);
  const caller = new Caller(simulator);
  const first = tokenOf(await caller.classic());
  await caller.classic();
  const get = (): Promise<string> => caller.raw('GET', `/cgi-bin/user/get?access_token=${first}`);
  simulator.advance(299_000);
  assert.equal(errcodeOf(await get()), 0);
  simulator.advance(2000);
  assert.equal(errcodeOf(await get()), 40001);
});

test('absent, malformed, unknown and expired tokens answer differently', async () => {
  await using simulator = await startSimulator();
  await holdClock(simulator);
  const caller = await new Caller(simulator).login();
  const get = (query: string): Promise<string> => caller.raw('GET', `/cgi-bin/user/get${query}`);
  assert.equal(withoutRid(await get('')), refusal(41001, 'access_token missing'));
  assert.equal(withoutRid(await get('?access_token=x')), refusal(40014, 'invalid access_token'));
  const unknown = `50_${'A'.repeat(133)}`;
  assert.equal(withoutRid(await get(`?access_token=${unknown}`)), refusal(40001, NOT_LATEST));
  simulator.advance(7_199_000);
  assert.equal(errcodeOf(await caller.get('/cgi-bin/user/get')), 0);
  simulator.advance(2000);
  assert.equal(withoutRid(await caller.get('/cgi-bin/user/get')), refusal(42001, 'access_token expired'));
});

test('stable_token gives the same token with its remaining life, and the next one in the last 5 minutes', async () => {
  await using simulator = await startSimulator();
  await holdClock(simulator);
  const caller = new Caller(simulator);
  const first = JSON.parse(await caller.stable());
  assert.equal(first.expires_in, 7200);
  simulator.advance(1_000_000);
  const again = JSON.parse(await caller.stable());
  assert.equal(again.access_token, first.access_token);
  assert.equal(again.expires_in, 6200);
  simulator.advance(6_200_000 - 299_000);
  const next = JSON.parse(await caller.stable());
  assert.notEqual(next.access_token, first.access_token);
  assert.equal(next.expires_in, 7200);
  caller.token = first.access_token;
  assert.equal(errcodeOf(await caller.get('/cgi-bin/user/get')), 0);
});

test('a forced refresh kills the old token at once, not twice within 30 s, 20 times a day', async () => {
  await using simulator = await startSimulator();
  await holdClock(simulator);
  const caller = new Caller(simulator);
  const first = tokenOf(await caller.stable());
  const second = tokenOf(await caller.stable({ force_refresh: true }));
  assert.notEqual(second, first);
  caller.token = first;
  assert.equal(errcodeOf(await caller.get('/cgi-bin/user/get')), 40001);
  assert.equal(tokenOf(await caller.stable({ force_refresh: true })), second);
  for (let n = 2; n <= 20; n++) {
    simulator.advance(31_000);
    tokenOf(await caller.stable({ force_refresh: true }));
  }
  simulator.advance(31_000);
  assert.equal(errcodeOf(await caller.stable({ force_refresh: true })), 45009);
  assert.equal(errcodeOf(await caller.stable()), 0);
});

test('the method, the body and the path are checked as WeChat does', async () => {
  await using simulator = await startSimulator();
  const caller = await new Caller(simulator).login();
  assert.equal(withoutRid(await caller.raw('GET', '/cgi-bin/nothing')), refusal(40066, 'invalid url'));
  assert.equal(
    withoutRid(await caller.raw('GET', '/cgi-bin/stable_token')),
    refusal(43002, 'require POST method'),
  );
  assert.equal(withoutRid(await caller.post('/cgi-bin/user/get', {})), refusal(43001, 'require GET method'));
  const path = `/cgi-bin/message/template/send?access_token=${caller.token}`;
  assert.equal(withoutRid(await caller.raw('POST', path)), refusal(44002, 'empty post data'));
  for (const body of ['touser=x', '[1]', '"x"', '{']) {
    assert.equal(withoutRid(await caller.raw('POST', path, body)), refusal(47001, 'data format error'));
  }
});

test('the IP whitelist names the caller; a Mini Program checks it only where the secret is used', async () => {
  await using simulator = await startSimulator({ accounts: [{}, { kind: 'miniprogram' }] });
  const text = 'invalid ip 127.0.0.1 ipv6 ::ffff:127.0.0.1, not in whitelist';
  const service = await new Caller(simulator).login();
  service.account.setIpWhitelist(['10.0.0.0/8']);
  assert.equal(withoutRid(await service.get('/cgi-bin/user/get')), refusal(40164, text));
  assert.equal(withoutRid(await service.classic()), refusal(40164, text));
  service.account.setIpWhitelist(['127.0.0.0/8']);
  assert.equal(errcodeOf(await service.get('/cgi-bin/user/get')), 0);
  const program = await new Caller(simulator, simulator.accounts[1]).login();
  program.account.setIpWhitelist(['10.0.0.1']);
  assert.equal(errcodeOf(await program.get('/wxaapi/newtmpl/gettemplate')), 0);
  assert.equal(errcodeOf(await program.classic()), 40164);
});

test('daily quotas answer 45009 until midnight in Shanghai, minute quotas 45011 until the next minute', async () => {
  await using simulator = await startSimulator({ quotas: { '/cgi-bin/user/get': { daily: 2 } } });
  await holdClock(simulator);
  const caller = await new Caller(simulator).login();
  const { account } = caller;
  assert.equal(errcodeOf(await caller.get('/cgi-bin/user/get')), 0);
  assert.equal(errcodeOf(await caller.get('/cgi-bin/user/get')), 0);
  assert.equal(
    withoutRid(await caller.get('/cgi-bin/user/get')),
    refusal(45009, 'reach max api daily quota limit'),
  );
  assert.equal(
    await caller.post('/cgi-bin/openapi/quota/get', { cgi_path: '/cgi-bin/user/get' }),
    '{"errcode":0,"errmsg":"ok","quota":{"daily_limit":2,"used":2,"remain":0}}',
  );
  for (let n = 1; n <= 10; n++) {
    assert.equal(
      await caller.post('/cgi-bin/clear_quota', { appid: account.appid }),
      '{"errcode":0,"errmsg":"ok"}',
    );
  }
  assert.equal(errcodeOf(await caller.post('/cgi-bin/clear_quota', { appid: account.appid })), 48006);
  assert.equal(errcodeOf(await caller.get('/cgi-bin/user/get')), 0);
  simulator.advance(86_400_000);
  await caller.login();
  account.setQuota('/cgi-bin/user/info', { minute: 1 });
  const info = (): Promise<string> => caller.get('/cgi-bin/user/info', { openid: account.openid(0) });
  assert.equal(errcodeOf(await info()), 0);
  assert.equal(
    withoutRid(await info()),
    refusal(45011, 'api minute-quota reach limit, must slower, retry next minute'),
  );
  simulator.advance(60_000);
  assert.equal(errcodeOf(await info()), 0);
});

test('the token endpoint has its own quota text, and clear_quota/v2 takes its parameters either way', async () => {
  await using simulator = await startSimulator({ quotas: { '/cgi-bin/token': { daily: 1 } } });
  await holdClock(simulator);
  const caller = new Caller(simulator);
  const { appid, secret } = caller.account;
  await caller.classic();
  const text =
    'reach max api daily quota limit, could get access_token by getStableAccessToken, more details at https://mmbizurl.cn/s/JtxxFh33r';
  assert.equal(withoutRid(await caller.classic()), refusal(45009, text));
  const query = `/cgi-bin/clear_quota/v2?appid=${appid}&appsecret=${secret}`;
  assert.equal(await caller.raw('POST', query), '{"errcode":0,"errmsg":"ok"}');
  assert.equal(errcodeOf(await caller.classic()), 0);
  const body = { appid, appsecret: secret };
  assert.equal(await caller.raw('POST', '/cgi-bin/clear_quota/v2', body), '{"errcode":0,"errmsg":"ok"}');
  assert.equal(errcodeOf(await caller.classic()), 0);
});

test('wx.login codes work once and for 5 minutes; refusals of /sns carry a comma before the rid', async () => {
  await using simulator = await startSimulator({ kind: 'miniprogram', openPlatform: 'shop' });
  const caller = new Caller(simulator);
  const { account } = caller;
  const login = (js_code: string): Promise<string> =>
    caller.raw(
      'GET',
      `/sns/jscode2session?${new URLSearchParams({ appid: account.appid, secret: account.secret, js_code, grant_type: 'authorization_code' })}`,
    );
  const code = account.issueJsCode(account.openid(7));
  const session = JSON.parse(await login(code));
  assert.equal(session.openid, account.openid(7));
  assert.equal(Buffer.from(session.session_key, 'base64').length, 16);
  assert.match(session.unionid, /^o[A-Za-z0-9_-]{27}$/);
  assert.equal('errcode' in session, false);
  assert.equal(withoutRid(await login(code)), '{"errcode":40163,"errmsg":"code been used, rid: RID"}');
  assert.equal(withoutRid(await login('nonsense')), '{"errcode":40029,"errmsg":"invalid code, rid: RID"}');
  const late = account.issueJsCode(account.openid(8));
  simulator.advance(300_001);
  assert.equal(errcodeOf(await login(late)), 40029);
});

test('a day ends at midnight in Shanghai, or at the hour that was asked for', async () => {
  for (const [dailyResetHour, resetAt] of [
    [0, '2026-06-01T16:00:00Z'],
    [9, '2026-06-02T01:00:00Z'],
  ] as const) {
    await using simulator = await startSimulator({
      dailyResetHour,
      quotas: { '/cgi-bin/user/get': { daily: 1 } },
    });
    const caller = new Caller(simulator);
    const now = Date.parse(resetAt) - 60_000;
    const body = JSON.stringify({ now, frozen: true });
    await fetch(`${simulator.url}/_simulator/clock`, { method: 'POST', body });
    await caller.login();
    assert.equal(errcodeOf(await caller.get('/cgi-bin/user/get')), 0);
    simulator.advance(59_999);
    assert.equal(errcodeOf(await caller.get('/cgi-bin/user/get')), 45009);
    simulator.advance(1);
    assert.equal(errcodeOf(await caller.get('/cgi-bin/user/get')), 0);
  }
});
