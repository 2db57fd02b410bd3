import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { type Simulator, startSimulator } from '../../src/simulator/index.ts';
import { inTime } from '../support/in-time.ts';
import { Caller, errcodeOf } from '../support/simulated.ts';

const TEMPLATE_SEND = '/cgi-bin/message/template/send';

async function admin(
  simulator: Simulator,
  method: string,
  path: string,
  body?: object,
  // biome-ignore lint/suspicious/noExplicitAny: answers of many shapes, looked at member by member
): Promise<{ status: number; body: any }> {
  const response = await fetch(`${simulator.url}/_simulator${path}`, {
    method,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: response.status, body: await response.json() };
}

test('shows what each openid received, how often, and who received something twice', async () => {
  await using simulator = await startSimulator();
  const caller = await new Caller(simulator).login();
  const { account } = caller;
  const template_id = caller.template('oa');
  for (const index of [3, 4, 3]) {
    await caller.post(TEMPLATE_SEND, { touser: account.openid(index), template_id, data: {} });
  }
  await caller.post(TEMPLATE_SEND, { touser: 'x', template_id, data: {} });
  const { body: all } = await admin(simulator, 'GET', '');
  const [summary] = all.accounts;
  assert.equal(summary.accepted, 3);
  assert.equal(summary.duplicates, 1);
  assert.deepEqual(summary.channels, [{ channel: 'oa-template', template_id, recipients: 2, duplicates: 1 }]);
  assert.deepEqual(summary.byApi[TEMPLATE_SEND].byErrcode, { 0: 3, 40003: 1 });
  assert.equal(summary.byErrcode['40003'], 1);

  const base = `/accounts/${account.appid}`;
  const { body: one } = await admin(simulator, 'GET', `${base}/received?openid=${account.openid(3)}`);
  assert.equal(one.count, 2);
  assert.equal(one.messages.length, 2);
  assert.equal(one.messages[0].template_id, template_id);

  const lines = await (await fetch(`${simulator.url}/_simulator${base}/received.ndjson`)).text();
  const counts = lines
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  assert.deepEqual(
    counts.map(({ openid, count }) => [openid, count]),
    [
      [account.openid(3), 2],
      [account.openid(4), 1],
    ],
  );
  await admin(simulator, 'POST', `${base}/received/clear`);
  assert.equal((await admin(simulator, 'GET', base)).body.accepted, 0);
});

test('only the last messages are kept, while counts go on', async () => {
  await using simulator = await startSimulator({ keepMessages: 3 });
  const caller = await new Caller(simulator).login();
  const { account } = caller;
  const template_id = caller.template('oa');
  for (let index = 0; index < 8; index++) {
    await caller.post(TEMPLATE_SEND, { touser: account.openid(index), template_id, data: {} });
  }
  assert.deepEqual(
    account.messages().map(({ seq }) => seq),
    [6, 7, 8],
  );
  assert.equal(account.receivedCount(account.openid(0)), 1);
  const { body } = await admin(simulator, 'GET', `/accounts/${account.appid}/messages?limit=1`);
  assert.deepEqual(
    body.messages.map(({ openid }: { openid: string }) => openid),
    [account.openid(7)],
  );
});

test('changes people, credits, quotas, tokens, time and faults', async () => {
  await using simulator = await startSimulator({
    accounts: [{}, { kind: 'miniprogram', creditsPerUser: 0 }],
  });
  const caller = await new Caller(simulator).login();
  const { account } = caller;
  const change = async (path: string, body: object = {}, appid = account.appid): Promise<unknown> => {
    const answer = await admin(simulator, 'POST', `/accounts/${appid}/${path}`, body);
    assert.equal(answer.status, 200, JSON.stringify(answer.body));
    return answer.body;
  };
  const send = async (): Promise<number> =>
    errcodeOf(
      await caller.post(TEMPLATE_SEND, {
        touser: account.openid(0),
        template_id: caller.template('oa'),
        data: {},
      }),
    );
  const openid = account.openid(0);
  await change('unfollow', { openid });
  assert.equal(await send(), 43004);
  await change('follow', { openids: [openid] });
  await change('block', { openid });
  assert.equal(await send(), 43019);
  await change('unblock', { openid });
  await change('quota', { path: TEMPLATE_SEND, daily: 0 });
  assert.equal(await send(), 45009);
  await change('quota', { path: TEMPLATE_SEND, daily: null });
  assert.equal(await send(), 0);
  await change('tokens/end', { how: 'superseded' });
  assert.equal(await send(), 40001);
  await caller.login();
  await change('tokens/end', { how: 'expired' });
  assert.equal(await send(), 42001);
  await change('secret/freeze');
  assert.equal(errcodeOf(await caller.classic()), 40243);
  await change('secret/freeze', { frozen: false });
  await change('secret', { secret: 'a'.repeat(32) });
  assert.equal(account.secret, 'a'.repeat(32));
  await caller.login();
  await change('state', { errcode: 50007 });
  assert.equal(await send(), 50007);
  await change('state', { errcode: 0 });
  await change('ip-whitelist', { entries: ['10.0.0.1'] });
  assert.equal(await send(), 40164);
  await change('ip-whitelist', { entries: null });
  assert.equal(await send(), 0);

  const program = simulator.accounts[1];
  assert.ok(program !== undefined);
  const user = program.openid(5);
  const template_id = program.templates()[0]?.template_id;
  const granted = await change('credits/grant', { openid: user, template_id, credits: 4 }, program.appid);
  assert.deepEqual(granted, { credits: 4 });
  assert.deepEqual(await change('credits/revoke', { openid: user, template_id }, program.appid), {
    credits: 0,
  });
  const { js_code } = (await change('js-codes', { openid: user }, program.appid)) as { js_code: string };
  assert.equal(js_code.length, 32);

  assert.equal((await admin(simulator, 'POST', '/faults', { kind: -1, next: 1 })).body.faults.length, 1);
  assert.equal(await send(), -1);
  assert.equal((await admin(simulator, 'GET', '/faults')).body.faults[0].struck, 1);
  assert.deepEqual((await admin(simulator, 'DELETE', '/faults')).body, { faults: [] });
  const { body: clock } = await admin(simulator, 'POST', '/clock', { advanceMs: 7_200_000, frozen: true });
  assert.equal(clock.frozen, true);
  assert.equal(await send(), 42001);
  await admin(simulator, 'POST', '/reset');
  assert.equal((await admin(simulator, 'GET', '')).body.frozen, false);
  assert.notEqual(account.secret, 'a'.repeat(32));
  assert.equal(account.summary().accepted, 0);
});

test('a time that is set and held in one request is exactly that time, then runs on from there', async (t) => {
  await using simulator = await startSimulator();
  const start = Date.now();
  let looks = 0;
  t.mock.method(Date, 'now', () => start + looks++); // each look at the system's clock is a millisecond later
  const now = Date.parse('2026-06-01T15:59:00Z');
  const set = await admin(simulator, 'POST', '/clock', { now, frozen: true });
  assert.deepEqual(set.body, { now, frozen: true });
  const moved = await admin(simulator, 'POST', '/clock', { advanceMs: 500 });
  assert.deepEqual(moved.body, { now: now + 500, frozen: true });
  await admin(simulator, 'POST', '/clock', { frozen: false });
  const first = simulator.now();
  assert.ok(first >= now + 500, 'time does not jump');
  assert.ok(simulator.now() > first, 'time runs on');
});

test('its Date header follows its time, moved or held, as WeChat’s follows WeChat’s', async () => {
  await using simulator = await startSimulator();
  const date = async (): Promise<number> => {
    const answer = await fetch(`${simulator.url}/cgi-bin/token?grant_type=client_credential`);
    await answer.text();
    return Date.parse(answer.headers.get('date') ?? '');
  };
  const now = Date.parse('2020-06-01T15:59:00Z');
  await admin(simulator, 'POST', '/clock', { now, frozen: true });
  assert.equal(await date(), now);
  await admin(simulator, 'POST', '/clock', { frozen: false });
  assert.ok((await date()) - now < 86_400_000, 'it goes on from there');
  await admin(simulator, 'POST', '/reset');
  assert.ok((await date()) > now + 86_400_000, 'it is the machine’s again');
});

test('wrong admin requests say what is wrong and change nothing', async () => {
  await using simulator = await startSimulator();
  const base = `/accounts/${simulator.account().appid}`;
  const cases: [string, string, object | undefined, number, RegExp][] = [
    ['GET', '/nothing', undefined, 404, /no GET/],
    ['POST', '/accounts/wx/unfollow', {}, 404, /no account wx/],
    ['POST', `${base}/toString`, {}, 404, /no POST/],
    ['POST', `${base}/unfollow`, { openid: 'x' }, 400, /no such openid/],
    ['POST', `${base}/unfollow`, {}, 400, /needs openid or openids/],
    ['POST', `${base}/ip-whitelist`, { entries: ['localhost'] }, 400, /localhost/],
    ['POST', '/faults', { kind: 'cut' }, 400, /exactly one/],
    ['POST', '/faults', { kind: 'cutt', rate: 1 }, 400, /kind: must be an errcode .* reset, cut or slow/],
    ['POST', '/faults', { kind: 0, rate: 1 }, 400, /kind: must be an errcode/],
    ['POST', '/clock', { advance: 5 }, 400, /advance/],
  ];
  for (const [method, path, body, status, message] of cases) {
    const answer = await admin(simulator, method, path, body);
    assert.equal(answer.status, status, path);
    assert.match(answer.body.message, message);
  }
});

test("shows one person's phone: the same person in every account, with the last messages, events and credits", async () => {
  await using simulator = await startSimulator({
    accounts: [
      { kind: 'service', followers: 5 },
      { kind: 'miniprogram', followers: 3 },
    ],
    keepMessages: 2,
  });
  const [service, miniprogram] = simulator.accounts;
  assert.ok(service !== undefined && miniprogram !== undefined);
  const caller = await new Caller(simulator, service).login();
  const template_id = caller.template('oa');
  for (const index of [0, 2, 2, 0]) {
    await caller.post(TEMPLATE_SEND, { touser: service.openid(index), template_id, data: {} });
  }
  await service.events.setCallback({ url: 'http://127.0.0.1:9/', verify: false });
  service.events.pause();
  service.user(service.openid(0)).sendText('你好');
  service.user(service.openid(2)).unfollow();
  service.user(service.openid(2)).blockMessages();

  const { body: found } = await admin(simulator, 'GET', `/people?openid=${miniprogram.openid(2)}`);
  assert.deepEqual(found, { index: 2, appid: miniprogram.appid });
  const { body: second } = await admin(simulator, 'GET', '/people/2');
  assert.equal(second.people, 5);
  assert.deepEqual(
    second.accounts.map((one: Record<string, unknown>) => one.openid),
    [service.openid(2), miniprogram.openid(2)],
  );
  const [own] = second.accounts;
  assert.deepEqual([own.received, own.messages.length, own.follows, own.refuses], [2, 1, false, true]);
  assert.deepEqual(
    own.events.map(({ event, fate }: Record<string, unknown>) => [event, fate]),
    [['unsubscribe', 'pending']],
  );
  // The first person is not mistaken for an empty place of the log.
  const { body: first } = await admin(simulator, 'GET', '/people/0');
  assert.deepEqual(
    first.accounts[0].events.map(({ event, content }: Record<string, unknown>) => [event, content]),
    [['text', '你好']],
  );
  // Some accounts have fewer people than others.
  const { body: fourth } = await admin(simulator, 'GET', '/people/4');
  assert.equal(fourth.accounts.length, 1);
  assert.equal((await admin(simulator, 'GET', '/people/5')).status, 400);
  assert.equal((await admin(simulator, 'GET', '/people?openid=x')).status, 400);
});

test('a page of another site cannot command the simulator, by its own name or by a script', async () => {
  await using simulator = await startSimulator();
  const { port } = simulator;
  const reset = async (
    headers: Record<string, string>,
  ): Promise<{ status: number; code: string | undefined }> => {
    const sent = request({
      port,
      host: '127.0.0.1',
      method: 'POST',
      path: '/_simulator/reset',
      headers,
    }).end();
    const [response] = (await inTime('it is answered', once(sent, 'response'))) as [IncomingMessage];
    const answer: { code?: string } = JSON.parse(await text(response));
    return { status: response.statusCode ?? 0, code: answer.code };
  };
  const refused = { status: 403, code: 'SIMULATOR_FOREIGN' };
  const here = `127.0.0.1:${port}`;
  for (const headers of [
    { host: 'attacker.example.com' },
    { host: `rebound.example.com:${port}` },
    { host: here, origin: 'http://attacker.example.com' },
    { host: here, origin: 'null' },
    { host: here, origin: `http://127.0.0.1:${port + 1}` },
    { host: here, origin: `https://${here}` },
    { host: here, 'sec-fetch-site': 'cross-site' },
  ])
    assert.deepEqual(await reset(headers), refused, JSON.stringify(headers));
  for (const headers of [
    { host: here },
    { host: here, origin: `http://${here}` },
    { host: `localhost:${port}`, origin: `http://localhost:${port}`, 'sec-fetch-site': 'same-origin' },
    { host: `[::1]:${port}` },
    { host: `simulator:${port}` },
  ])
    assert.deepEqual(await reset(headers), { status: 200, code: undefined }, JSON.stringify(headers));
});
