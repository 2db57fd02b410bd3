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
  const ofTemplate = async (templateId: string) => {
    const answer = await site.call('GET /v1/contacts/{openid}/credits', {
      params,
      query: { ...query, templateId },
    });
    const { credits, sources: own } = answer.body as Record<'credits' | 'sources', { templateId: string }[]>;
    return [...credits, ...own].map((one) => one.templateId);
  };
  assert.deepEqual(await ofTemplate(template), [template, template]);
  assert.deepEqual(await ofTemplate('another'), ['another'], 'its balance, which nobody knows');
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
    // Those of other templates, whatever they are called, stay when one is ended.
    const others = ['0', '~'];
    const { pool } = site.store;
    await pool.query('insert into credit_rules select $1, unnest($2::text[]), 1, 7', [account.appid, others]);
    assert.equal((await put({ rule: null })).status, 200);
    const left = ((await rules()) as { data: { templateId: string }[] }).data;
    assert.deepEqual(left.map(({ templateId }) => templateId).sort(), others);
    await pool.query('delete from credit_rules where appid = $1', [account.appid]);
    assert.deepEqual(await rules(), { data: [] });
  },
);

row('GET /v1/accounts/{appid}/credit-rules', 'lists none where there are none', async () => {
  const { body } = await site.call('GET /v1/accounts/{appid}/credit-rules', {
    params: { appid: account.appid },
  });
  assert.deepEqual(body, { data: [] });
});

row(
  'POST /v1/accounts/{appid}/credits/import',
  'sets balances as the file arrives, and tells the rows it cannot use',
  async () => {
    const { appid } = account;
    const openids = [5, 6, 7].map((i) => account.openid(i));
    const csv = [
      'openid,template_id,count,at',
      `${openids[0]},${template},3,2026-01-02 03:04`,
      `${openids[1]},${template},many,2026-01-02 03:04`,
      `${openids[2]},${template},1,1767294240`,
    ].join('\n');
    const send = (body: string, query = {}) =>
      site.call('POST /v1/accounts/{appid}/credits/import', {
        params: { appid },
        query: { name: 'credits.csv', ...query },
        body,
        headers: { 'content-type': 'text/csv' },
      });
    const first = await send(csv);
    assert.equal(first.status, 200, JSON.stringify(first.body));
    const { badRows, ...counts } = first.body as { badRows: { line: number; code: string }[] };
    assert.deepEqual(counts, { kind: 'balances', rows: 3, added: 2, repeated: 0, bad: 1 });
    assert.deepEqual(
      badRows.map(({ line, code }) => [line, code]),
      [[3, 'count-invalid']],
    );
    assert.equal(((await send(csv)).body as { repeated: number }).repeated, 2);
    const left = async (openid = '') => {
      const asked = { params: { openid }, query: { appid } };
      const { body } = await site.call('GET /v1/contacts/{openid}/credits', asked);
      return (body as { credits: { left: number }[] }).credits[0]?.left;
    };
    assert.deepEqual([await left(openids[0]), await left(openids[2])], [3, 1]);
    const missing = await send(`openid,count\n${openids[0]},2\n`);
    assert.deepEqual(
      [missing.status, (missing.body as { code: string }).code],
      [400, 'CREDIT_COLUMN_MISSING'],
    );
    const given = await send(`openid,count\n${openids[1]},2\n`, {
      templateId: template,
      at: '2026-01-02T03:04:00+08:00',
    });
    assert.equal((given.body as { added: number }).added, 1, JSON.stringify(given.body));
  },
);
