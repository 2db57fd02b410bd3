import assert from 'node:assert/strict';
import { test } from 'node:test';
import { permissions } from '../../src/contract/permissions.ts';
import { type Answered, contractSite, row } from '../support/contract.ts';

const site = await contractSite({
  followers: 20,
  accounts: [{ kind: 'service' }, { kind: 'service' }],
});
const [first, second] = site.wechat.accounts;
assert.ok(first && second);
const { appid } = first;
const params = { appid };
const token = { source: 'secret', secret: second.secret };

const codeOf = ({ status, body }: Answered): [number, unknown] => [status, (body as { code?: string }).code];
const fieldOf = ({ body }: Answered, name: string): unknown => Reflect.get(Object(body), name);

row(
  'POST /v1/accounts',
  'stores nothing that WeChat refuses, nor a second time, and gives no secret',
  async () => {
    const body = { appid: second.appid, kind: 'service', token, baseUrl: site.wechat.url };
    const wrong = { ...body, token: { source: 'secret', secret: '0'.repeat(32) } };
    assert.deepEqual(codeOf(await site.call('POST /v1/accounts', { body: wrong })), [502, 'WECHAT_ERROR']);
    const other = { ...body, kind: 'miniprogram' };
    const unsuited = await site.call('POST /v1/accounts', { body: other });
    assert.deepEqual(codeOf(unsuited), [409, 'ACCOUNT_KIND_WRONG']);
    const made = await site.call('POST /v1/accounts', { body });
    assert.equal(made.status, 201, JSON.stringify(made.body));
    assert.doesNotMatch(JSON.stringify(made.body), new RegExp(second.secret));
    assert.deepEqual(codeOf(await site.call('POST /v1/accounts', { body })), [409, 'ACCOUNT_EXISTS']);
  },
);

row('GET /v1/accounts', 'lists page by page those that the key may see', async () => {
  const query = { limit: 1 };
  const page = await site.call('GET /v1/accounts', { query });
  assert.equal((fieldOf(page, 'data') as unknown[]).length, 1);
  const next = String(fieldOf(page, 'next'));
  const rest = await site.call('GET /v1/accounts', { query: { limit: 10, cursor: next } });
  assert.equal(fieldOf(rest, 'next'), null);
  const as = await site.key(permissions, [appid]);
  const seen = await site.call('GET /v1/accounts', { as });
  assert.deepEqual(
    (fieldOf(seen, 'data') as { appid: string }[]).map((one) => one.appid),
    [appid],
  );
});

row('GET /v1/accounts/{appid}', 'gives one without its secrets', async () => {
  const answer = await site.call('GET /v1/accounts/{appid}', { params });
  assert.deepEqual([answer.status, fieldOf(answer, 'kind')], [200, 'service']);
  const missing = await site.call('GET /v1/accounts/{appid}', { params: { appid: 'wx00000000000000aa' } });
  assert.deepEqual(codeOf(missing), [404, 'ACCOUNT_NOT_FOUND']);
});

row('PATCH /v1/accounts/{appid}', 'changes what is named and leaves the rest', async () => {
  const quietHours = { from: '22:00', to: '08:00' };
  const body = { name: '商城', ratePerS: 40, quietHours, testOpenids: [first.openid(1)] };
  const changed = await site.call('PATCH /v1/accounts/{appid}', { params, body });
  assert.equal(changed.status, 200, JSON.stringify(changed.body));
  const { appid: _, kind, ...after } = changed.body as Record<string, unknown>;
  assert.equal(kind, 'service');
  assert.deepEqual({ ...after, ...body }, after);
  const again = await site.call('PATCH /v1/accounts/{appid}', { params, body: { approvalAbove: 500 } });
  assert.deepEqual([fieldOf(again, 'quietHours'), fieldOf(again, 'approvalAbove')], [quietHours, 500]);
  for (const wrong of [
    { quietHours: { from: '08:00', to: '08:00' } },
    { testOpenids: ['nobody'] },
    { timeZone: 'Nowhere/Land' },
  ]) {
    const refused = await site.call('PATCH /v1/accounts/{appid}', { params, body: wrong });
    assert.deepEqual(codeOf(refused), [400, 'ACCOUNT_INVALID'], JSON.stringify(wrong));
  }
});

test('PATCH /v1/accounts/{appid}: a new address wants the secret again, and then WeChat is asked', async () => {
  const to = { baseUrl: 'http://127.0.0.1:1' };
  const params = { appid: second.appid };
  const refused = await site.call('PATCH /v1/accounts/{appid}', { params, body: to });
  assert.deepEqual(codeOf(refused), [400, 'ACCOUNT_INVALID']);
  const unreachable = await site.call('PATCH /v1/accounts/{appid}', { params, body: { ...to, token } });
  assert.equal(codeOf(unreachable)[1], 'WECHAT_UNREACHABLE');
  const shown = await site.call('GET /v1/accounts/{appid}', { params });
  assert.equal(fieldOf(shown, 'baseUrl'), site.wechat.url);
  const moved = await site.call('PATCH /v1/accounts/{appid}', {
    params,
    body: { ...to, token, check: false },
  });
  assert.equal(fieldOf(moved, 'baseUrl'), to.baseUrl);
});

test('what an account’s changes leave in the audit holds no secret and no openid', async () => {
  const { body } = await site.call('GET /v1/audit', { query: { limit: 200 } });
  const text = JSON.stringify(body);
  assert.match(text, /accounts\.change/);
  for (const secret of [second.secret, first.secret, first.openid(1)]) assert.ok(!text.includes(secret));
});

row('POST /v1/accounts/{appid}/pause', 'stops the account', async () => {
  const paused = await site.call('POST /v1/accounts/{appid}/pause', { params });
  assert.deepEqual([fieldOf(paused, 'state'), fieldOf(paused, 'stateReason')], ['paused', 'operator']);
});

row('POST /v1/accounts/{appid}/resume', 'uses it again', async () => {
  const answers = [];
  for (let i = 0; i < 2; i++)
    answers.push((await site.call('POST /v1/accounts/{appid}/resume', { params })).body);
  assert.deepEqual(answers, [
    { activated: true, pausedCampaigns: [] },
    { activated: false, pausedCampaigns: [] },
  ]);
});

row('POST /v1/accounts/{appid}/check', 'asks WeChat, whose refusal says what to do', async () => {
  const good = await site.call('POST /v1/accounts/{appid}/check', { params });
  assert.equal(good.status, 200, JSON.stringify(good.body));
  first.setIpWhitelist(['203.0.113.7']);
  const headers = { 'accept-language': 'zh' };
  const refused = await site.call('POST /v1/accounts/{appid}/check', { params, headers });
  assert.equal(fieldOf(refused, 'errcode'), 40164);
  assert.match(String(fieldOf(refused, 'hint')), /微信开发者平台.*网段/);
  first.setIpWhitelist(undefined);
});

row('GET /v1/accounts/{appid}/quota', 'says limit and use by API', async () => {
  const answer = await site.call('GET /v1/accounts/{appid}/quota', { params });
  assert.equal(answer.status, 200, JSON.stringify(answer.body));
  const paths = (fieldOf(answer, 'apis') as { path: string }[]).map(({ path }) => path);
  assert.ok(paths.includes('/cgi-bin/message/template/send'));
});

row('PATCH /v1/accounts/{appid}/quota', 'sets a limit', async () => {
  const body = { limit: { channel: 'oa-template', daily: 1_000 }, reservePercent: 10 };
  assert.equal((await site.call('PATCH /v1/accounts/{appid}/quota', { params, body })).status, 204);
  const { body: after } = await site.call('GET /v1/accounts/{appid}/quota', { params });
  const [api] = (after as { apis: { limit: number; left: number }[] }).apis;
  assert.deepEqual([api?.limit, api?.left], [1_000, 900]);
});

row('POST /v1/accounts/{appid}/quota/clear', 'uses one of the ten of the month', async () => {
  const { body } = await site.call('POST /v1/accounts/{appid}/quota/clear', { params });
  assert.deepEqual(body, { left: 9 });
});

row('DELETE /v1/accounts/{appid}', 'removes it', async () => {
  const params = { appid: second.appid };
  const removed = await site.call('DELETE /v1/accounts/{appid}', { params });
  assert.deepEqual([removed.status, removed.body], [200, { contacts: 0, campaigns: 0 }]);
  const again = await site.call('DELETE /v1/accounts/{appid}', { params });
  assert.deepEqual(codeOf(again), [404, 'ACCOUNT_NOT_FOUND']);
});
