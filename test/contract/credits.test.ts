import assert from 'node:assert/strict';
import { contractSite, row } from '../support/contract.ts';
import { templateOf } from '../support/wechat.ts';

const site = await contractSite({ kind: 'miniprogram', followers: 20 });
const { account } = site;
const template = templateOf(account, '订单发货通知');
const params = { openid: account.openid(1) };

row('POST /v1/contacts/{openid}/credits', 'counts a report once', async () => {
  const body = { appid: account.appid, results: { [template]: 'accept' }, key: 'tap-1' };
  const effects = [];
  for (let i = 0; i < 2; i++) {
    const answer = await site.call('POST /v1/contacts/{openid}/credits', { params, body });
    assert.equal(answer.status, 200, JSON.stringify(answer.body));
    effects.push((answer.body as { credits: { effect: string }[] }).credits[0]?.effect);
  }
  assert.deepEqual(effects, ['counted', 'repeated']);
  const { key: _, ...unnamed } = body;
  const refused = await site.call('POST /v1/contacts/{openid}/credits', { params, body: unnamed });
  const { code } = refused.body as { code: string };
  assert.deepEqual([refused.status, code], [400, 'CREDIT_REPORT_INVALID']);
});

row('GET /v1/contacts/{openid}/credits', 'says what is left, and where it comes from', async () => {
  const query = { appid: account.appid };
  const { status, body } = await site.call('GET /v1/contacts/{openid}/credits', { params, query });
  assert.deepEqual([status, (body as { openid: string }).openid], [200, params.openid]);
  const { sources } = body as { sources: { templateId: string; kind: string; delta: number }[] };
  const [source, ...more] = sources;
  assert.deepEqual(
    [source?.templateId, source?.kind, source?.delta, more.length],
    [template, 'report', 1, 0],
  );
});

row(
  'PUT /v1/accounts/{appid}/credit-rules/{templateId}',
  'limits a template, and ends the limit',
  async () => {
    const of = { appid: account.appid, templateId: template };
    const rule = { perPeriod: 1, periodDays: 7 };
    const put = async (body: unknown) =>
      await site.call('PUT /v1/accounts/{appid}/credit-rules/{templateId}', { params: of, body });
    assert.deepEqual((await put({ rule })).body, { templateId: template, rule });
    const rules = async () =>
      (await site.call('GET /v1/accounts/{appid}/credit-rules', { params: { appid: account.appid } })).body;
    assert.deepEqual(await rules(), { data: [{ templateId: template, rule }] });
    assert.equal((await put({ rule: { perPeriod: 0, periodDays: 7 } })).status, 400);
    assert.equal((await put({ rule: null })).status, 200);
    assert.deepEqual(await rules(), { data: [] });
  },
);

row('GET /v1/accounts/{appid}/credit-rules', 'lists none where there are none', async () => {
  const { body } = await site.call('GET /v1/accounts/{appid}/credit-rules', {
    params: { appid: account.appid },
  });
  assert.deepEqual(body, { data: [] });
});
