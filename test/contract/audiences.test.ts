import assert from 'node:assert/strict';
import { syncTemplates } from '../../src/engine/content/templates.ts';
import { removeExpiredUploads } from '../../src/store/campaigns/uploads.ts';
import { until } from '../support/cli.ts';
import { contractSite, foreign, row } from '../support/contract.ts';
import { templateOf } from '../support/wechat.ts';

const site = await contractSite({ kind: 'service', followers: 20 });
const { account } = site;
const { appid } = account;
const { pool } = site.store;
await syncTemplates(site.app, appid);

const csv = [
  'openid,name,order',
  `${account.openid(1)},王小明,A1`,
  `nobody,李雷,A2`,
  `${account.openid(2)},韩梅梅,A3`,
  `${account.openid(3)},"断,A4`,
  `${account.openid(4)},Lily,A5`,
].join('\n');

interface Audience {
  id: number;
  columns: string[];
  rows: number;
  good: number;
  bad: number;
  first: { line: number; openid: string; values: Record<string, string> }[];
  badRows: { line: number; code: string; detail: string }[];
}

const uploading = (body: string, query: Record<string, string> = {}, headers = {}) =>
  site.call('POST /v1/audiences', {
    query: { appid, name: 'orders.csv', ...query },
    body,
    headers: { 'content-type': 'text/csv', ...headers },
  });

async function uploaded(): Promise<Audience> {
  const { status, body } = await uploading(csv);
  assert.equal(status, 201, JSON.stringify(body));
  return body as Audience;
}

row(
  'POST /v1/audiences',
  'says what is in the file, and leaves nothing of one that cannot be read',
  async () => {
    const found = await uploaded();
    assert.deepEqual(found.columns, ['name', 'order']);
    assert.deepEqual([found.rows, found.good, found.bad], [5, 3, 2]);
    assert.deepEqual(found.first[0], {
      ...{ line: 2, openid: account.openid(1), values: { name: '王小明', order: 'A1' } },
    });
    assert.deepEqual(
      found.badRows.map(({ line, code }) => [line, code]),
      [
        [3, 'openid-malformed'],
        [5, 'quote-broken'],
      ],
    );
    const chinese = await uploading(csv, {}, { 'accept-language': 'zh' });
    assert.match((chinese.body as Audience).badRows[0]?.detail ?? '', /不是 openid/);
    const before = await pool.query('select count(*)::int as n from uploads');
    const refused = await uploading('a,b\n1,2\n');
    assert.deepEqual(
      [refused.status, (refused.body as { code: string }).code],
      [400, 'RECIPIENT_OPENID_COLUMN_MISSING'],
    );
    assert.match((refused.body as { hint: string }).hint, /openidColumn=NAME/);
    assert.deepEqual((await pool.query('select count(*)::int as n from uploads')).rows, before.rows);
    const parts = await pool.query(
      'select 1 from upload_parts p where not exists (select 1 from uploads u where u.id = p.upload_id)',
    );
    assert.equal(parts.rowCount, 0);
  },
);

row('GET /v1/audiences/{id}', 'shows one until its time is over', async () => {
  const { id } = await uploaded();
  assert.equal((await site.call('GET /v1/audiences/{id}', { params: { id } })).status, 200);
  await pool.query("update uploads set expires_at = clock_timestamp() - interval '1 s' where id = $1", [id]);
  assert.equal((await site.call('GET /v1/audiences/{id}', { params: { id } })).status, 404);
  assert.equal(await removeExpiredUploads(pool), 1);
});

row('GET /v1/audiences', 'lists them, and for another account none', async () => {
  const { id } = await uploaded();
  const { data } = (await site.call('GET /v1/audiences', { query: { appid } })).body as { data: Audience[] };
  assert.equal(data[0]?.id, id);
  const as = await site.key(['campaign.read'], ['wx00000000000000ff']);
  assert.deepEqual((await site.call('GET /v1/audiences', { as })).body, { data: [], next: null });
});

row(
  'GET /v1/audiences/{id}/bad-rows',
  'is a file to mend, as wide where a line could not be read',
  async () => {
    const { id } = await uploaded();
    const { body } = await site.call('GET /v1/audiences/{id}/bad-rows', { params: { id } });
    const lines = String(body).trim().split('\r\n');
    assert.match(lines[0] ?? '', /line,code,detail,column,openid,name,order$/);
    assert.match(lines[1] ?? '', /^3,openid-malformed,.*,openid,nobody,李雷,A2$/);
    assert.equal(lines.length, 3);
    const people = [`{"openid":"${account.openid(1)}","name":"王小明","order":"A1"}`, '{"openid":'].join(
      '\n',
    );
    const upload = await uploading(people, { name: 'orders.ndjson' }, { 'content-type': 'text/plain' });
    assert.equal(upload.status, 201, JSON.stringify(upload.body));
    const broken = await site.call('GET /v1/audiences/{id}/bad-rows', {
      params: { id: (upload.body as Audience).id },
    });
    const [head, bad] = String(broken.body).split('\r\n');
    assert.match(head ?? '', /line,code,detail,column,openid,name,order$/);
    assert.match(bad ?? '', /^2,.*,,,,$/);
  },
);

row('DELETE /v1/audiences/{id}', 'removes it, and can be repeated', async () => {
  const { id } = await uploaded();
  for (let i = 0; i < 2; i++)
    assert.equal((await site.call('DELETE /v1/audiences/{id}', { params: { id } })).status, 204);
});

row(
  'POST /v1/campaigns',
  'reads an uploaded file, and only the columns that it uses spoil a row',
  async () => {
    const { id } = await uploaded();
    const body = {
      ...{ appid, channel: 'template', audience: { kind: 'upload', id } },
      message: {
        template_id: templateOf(account, '消息通知'),
        data: { keyword1: '{{name}}', keyword2: '{{order}}', keyword3: '2026-11-22' },
      },
    };
    const { status, body: taken } = await site.call('POST /v1/campaigns', { body });
    assert.equal(status, 202, JSON.stringify(taken));
    const { campaign } = taken as { campaign: { id: number } };
    const counts = await until('it is planned', async () => {
      const found = await site.call('GET /v1/campaigns/{id}', { params: { id: campaign.id } });
      const { state, counts } = found.body as { state: string; counts: Record<string, number> };
      return state === 'planned' && counts;
    });
    assert.deepEqual([counts.audience, counts.planned, counts.invalid], [5, 3, 2]);
  },
);

const foreignly = async (key: Parameters<typeof foreign>[0]) => {
  const { id } = await uploaded();
  const as = await site.key(['campaign.read', 'campaign.create'], ['wx00000000000000ff']);
  return await site.call(key, { params: { id }, as });
};
foreign('GET /v1/audiences/{id}', () => foreignly('GET /v1/audiences/{id}'));
foreign('GET /v1/audiences/{id}/bad-rows', () => foreignly('GET /v1/audiences/{id}/bad-rows'));
foreign('DELETE /v1/audiences/{id}', () => foreignly('DELETE /v1/audiences/{id}'));
