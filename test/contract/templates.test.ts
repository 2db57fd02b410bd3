import assert from 'node:assert/strict';
import { contractSite, row } from '../support/contract.ts';
import { templateOf } from '../support/wechat.ts';

const site = await contractSite({ kind: 'service', followers: 5 });
const { appid } = site.account;
const templateId = templateOf(site.account, '订单发货通知');
const params = { appid, templateId };

row('POST /v1/accounts/{appid}/templates/sync', 'fetches them from WeChat', async () => {
  const answer = await site.call('POST /v1/accounts/{appid}/templates/sync', { params: { appid } });
  assert.ok((answer.body as { stored: number }).stored > 0, JSON.stringify(answer.body));
});

row('GET /v1/accounts/{appid}/templates', 'lists them with their fields', async () => {
  const { body } = await site.call('GET /v1/accounts/{appid}/templates', { params: { appid } });
  assert.ok((body as { data: { templateId: string }[] }).data.some((one) => one.templateId === templateId));
});

row('GET /v1/accounts/{appid}/templates/{templateId}', 'says what each field takes', async () => {
  const headers = { 'accept-language': 'zh' };
  const { body } = await site.call('GET /v1/accounts/{appid}/templates/{templateId}', { params, headers });
  const { fields, channel } = body as {
    channel: string;
    fields: { key: string; class: string; maxLength: number | null; form: string | null }[];
  };
  assert.equal(channel, 'oa-template');
  const thing = fields.find(({ key }) => key === 'thing2');
  assert.deepEqual([thing?.class, thing?.maxLength], ['thing', 20]);
  assert.match(String(thing?.form), /\p{Script=Han}/u);
  const missing = await site.call('GET /v1/accounts/{appid}/templates/{templateId}', {
    params: { appid, templateId: 'OPENTM207498902' },
  });
  assert.equal((missing.body as { code: string }).code, 'TEMPLATE_NOT_FOUND');
});

row(
  'POST /v1/accounts/{appid}/templates/{templateId}/preview',
  'shows the card and what is wrong with it',
  async () => {
    const data = {
      character_string1: 'SF-{{no}}',
      thing2: { value: '毛笔' },
      time3: '2026-11-22 12:00',
      amount4: '￥8.00',
      const5: '已发货',
    };
    const ask = async (body: object) =>
      (
        await site.call('POST /v1/accounts/{appid}/templates/{templateId}/preview', {
          params,
          body,
          headers: { 'accept-language': 'zh' },
        })
      ).body as {
        ok: boolean;
        card: { lines: { label: string; value: string }[]; opens: unknown };
        fields: { key: string; problem: { rule: string; message: string } | null }[];
      };
    const good = await ask({
      data,
      variables: { no: '1001', from: 'a&b=#毛' },
      url: 'https://example.com/?no={{no}}&from={{from}}',
    });
    assert.equal(good.ok, true, JSON.stringify(good.fields));
    assert.equal(good.card.lines[0]?.value, 'SF-1001');
    // As in the message itself, a value changes nothing of the address but its own place.
    const from = 'a%26b%3D%23%E6%AF%9B';
    assert.deepEqual(good.card.opens, { kind: 'url', url: `https://example.com/?no=1001&from=${from}` });
    const { thing2: _, ...less } = data;
    const bad = await ask({ data: { ...less, thing9: 'x', time3: '昨天' }, variables: { no: '1' } });
    assert.equal(bad.ok, false);
    const rules = bad.fields.flatMap(({ key, problem }) => (problem === null ? [] : [[key, problem.rule]]));
    assert.deepEqual(rules, [
      ['thing2', 'missing'],
      ['time3', 'format'],
      ['thing9', 'unknown'],
    ]);
    const unset = await site.call('POST /v1/accounts/{appid}/templates/{templateId}/preview', {
      params,
      body: { data },
    });
    assert.deepEqual(
      [unset.status, (unset.body as { code: string }).code],
      [400, 'TEMPLATE_VARIABLE_MISSING'],
    );
  },
);
