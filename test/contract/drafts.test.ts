import assert from 'node:assert/strict';
import { test } from 'node:test';
import { campaignRequest } from '../../src/contract/campaigns/campaign-shapes.ts';
import { draftRequest } from '../../src/contract/campaigns/drafts.ts';
import { syncTemplates } from '../../src/engine/content/templates.ts';
import { removeExpiredDrafts } from '../../src/store/campaigns/drafts.ts';
import { contractSite, foreign, row } from '../support/contract.ts';
import { templateOf } from '../support/wechat.ts';

const site = await contractSite({ kind: 'service', followers: 5 });
const { account } = site;
const { pool } = site.store;
const { appid } = account;
await syncTemplates(site.app, appid);
const message = {
  template_id: templateOf(account, '消息通知'),
  data: { keyword1: '标题', keyword2: '内容', keyword3: '2026-11-22' },
};
const request = {
  channel: 'template',
  message,
  audience: { kind: 'list', openids: ['o-draft-1', 'o-draft-2'] },
};

interface Draft {
  id: number;
  revision: number;
  name: string;
  request: Record<string, unknown>;
  client: Record<string, unknown>;
  changedBy: string;
  planned: { campaign: number; state: string; revision: number } | null;
}
interface Problem {
  code: string;
  detail: string;
  fields?: { path: string; rule: string }[];
}
interface Taken {
  campaign: { id: number; state: string };
  isRepeat: boolean;
}

async function kept(body: object = {}): Promise<Draft> {
  const { status, body: made } = await site.call('POST /v1/drafts', { body: { appid, ...body } });
  assert.equal(status, 201, JSON.stringify(made));
  return made as Draft;
}

const shown = async (id: number): Promise<Draft> =>
  (await site.call('GET /v1/drafts/{id}', { params: { id } })).body as Draft;
const listed = async (): Promise<number[]> =>
  ((await site.call('GET /v1/drafts', { query: { appid } })).body as { data: Draft[] }).data.map(
    ({ id }) => id,
  );
const edited = (id: number, body: object, as?: string) =>
  site.call('PATCH /v1/drafts/{id}', { params: { id }, body, ...(as === undefined ? {} : { as }) });
const planned = (id: number, revision: number) =>
  site.call('POST /v1/drafts/{id}/plan', { params: { id }, body: { revision } });

test('a draft holds the fields of a campaign, and none of them is required', () => {
  const { appid: _appid, key: _key, again: _again, ...fields } = campaignRequest.shape;
  assert.deepEqual(Object.keys(draftRequest.shape), Object.keys(fields));
  assert.deepEqual(draftRequest.parse({}), {});
});

row('POST /v1/drafts', 'keeps what is there, and names what is misspelt', async () => {
  const client = { step: 3, half: { keyword1: '' } };
  const draft = await kept({ name: '春季', request: { channel: 'template' }, client });
  assert.deepEqual(
    [draft.revision, draft.name, draft.request, draft.client, draft.planned],
    [...[1, '春季', { channel: 'template' }, client, null]],
  );
  const wrong = await site.call('POST /v1/drafts', { body: { appid, request: { chanel: 'template' } } });
  assert.equal(wrong.status, 400);
  assert.match((wrong.body as Problem).detail, /request\.chanel.*channel/);
});

row('GET /v1/drafts', 'lists the newest first, and none of another account', async () => {
  const [first, second] = [await kept(), await kept({ request })];
  const ids = await listed();
  assert.deepEqual(
    ids.filter((id) => id === first.id || id === second.id),
    [second.id, first.id],
  );
  const as = await site.key(['campaign.create'], ['wx00000000000000ff']);
  assert.deepEqual((await site.call('GET /v1/drafts', { as })).body, { data: [], next: null });
});

row('GET /v1/drafts/{id}', 'shows one as it was kept', async () => {
  const { id } = await kept({ request });
  assert.deepEqual((await shown(id)).request, request);
  assert.equal((await site.call('GET /v1/drafts/{id}', { params: { id: 9_999 } })).status, 404);
});

row('PATCH /v1/drafts/{id}', 'overwrites nobody, and says who was faster', async () => {
  const { id } = await kept({ name: 'a', request });
  const colleague = await site.key(['campaign.create'], [appid]);
  const theirs = await edited(id, { revision: 1, name: 'b' }, colleague);
  assert.equal(theirs.status, 200);
  assert.deepEqual((theirs.body as Draft).request, request);
  const mine = await edited(id, { revision: 1, name: 'c' });
  const problem = mine.body as Problem;
  assert.deepEqual([mine.status, problem.code], [409, 'DRAFT_CHANGED']);
  assert.match(problem.detail, /by key key with 1 permissions on \d{4}-\d\d-\d\d/);
  const now = await shown(id);
  assert.deepEqual([now.name, now.revision], ['b', 2]);
});

test('of two windows that save at the same moment one is told', async () => {
  const { id } = await kept();
  const answers = await Promise.all([1, 2, 3, 4].map((n) => edited(id, { revision: 1, name: `${n}` })));
  assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 409, 409, 409]);
});

row('DELETE /v1/drafts/{id}', 'removes it, also twice', async () => {
  const { id } = await kept();
  for (const _ of [1, 2])
    assert.equal((await site.call('DELETE /v1/drafts/{id}', { params: { id } })).status, 204);
  assert.equal((await site.call('GET /v1/drafts/{id}', { params: { id } })).status, 404);
});

row('POST /v1/drafts/{id}/plan', 'names what is missing, then plans once for each revision', async () => {
  const { id } = await kept({ request: { channel: 'template' } });
  const early = await planned(id, 1);
  const problem = early.body as Problem;
  assert.deepEqual([early.status, problem.code], [409, 'DRAFT_INCOMPLETE']);
  assert.deepEqual(
    problem.fields?.map(({ path, rule }) => [path, rule]),
    [
      ['request.message', 'missing'],
      ['request.audience', 'missing'],
    ],
  );
  await edited(id, { revision: 1, request });
  assert.equal(((await planned(id, 1)).body as Problem).code, 'DRAFT_CHANGED');
  const { status, body } = await planned(id, 2);
  assert.equal(status, 202, JSON.stringify(body));
  const first = body as Taken;
  const again = (await planned(id, 2)).body as Taken;
  assert.deepEqual([first.isRepeat, again.isRepeat, again.campaign.id], [false, true, first.campaign.id]);
  assert.deepEqual((await shown(id)).planned?.campaign, first.campaign.id);

  await edited(id, {
    revision: 2,
    request: { ...request, audience: { kind: 'list', openids: ['o-draft-1'] } },
  });
  const second = (await planned(id, 3)).body as Taken;
  assert.notEqual(second.campaign.id, first.campaign.id);
  const old = await site.call('GET /v1/campaigns/{id}', { params: { id: first.campaign.id } });
  assert.equal((old.body as { state: string }).state, 'cancelled');
});

row(
  'POST /v1/drafts/{id}/schedule',
  'makes one schedule of it, and the draft and its plan are over',
  async () => {
    const scheduled = (of: number, body: object) =>
      site.call('POST /v1/drafts/{id}/schedule', { params: { id: of }, body });
    const unrepeatable = await scheduled((await kept({ request })).id, { revision: 1, cron: '0 9 * * 1' });
    assert.deepEqual(
      [
        unrepeatable.status,
        (unrepeatable.body as Problem).code,
        (unrepeatable.body as Problem).fields?.[0]?.path,
      ],
      [409, 'DRAFT_INCOMPLETE', 'request.audience.kind'],
    );

    const everybody = { ...request, audience: { kind: 'all' }, validUntil: '2099-01-01T00:00:00Z' };
    const { id } = await kept({ request: everybody });
    const { campaign } = (await planned(id, 1)).body as Taken;
    const wrong = await scheduled(id, { revision: 1, cron: 'now and then' });
    assert.equal((wrong.body as Problem).code, 'CRON_INVALID');
    assert.equal((await shown(id)).id, id);
    // Two presses at the same moment: one schedule.
    const body = { revision: 1, cron: '0 9 * * 1', sync: true, validMinutes: 30 };
    const answers = await Promise.all([scheduled(id, body), scheduled(id, body)]);
    assert.deepEqual(answers.map(({ status }) => status).sort(), [201, 404], JSON.stringify(answers));
    const made = answers.find(({ status }) => status === 201)?.body as { id: number; message: unknown };
    const { body: listedThere } = await site.call('GET /v1/schedules');
    const { data } = listedThere as {
      data: { id: number; cron: string; sync: boolean; validMinutes: number }[];
    };
    const mine = data.filter(({ cron }) => cron === body.cron);
    assert.deepEqual(
      mine.map(({ id: one, sync, validMinutes }) => [one, sync, validMinutes]),
      [[made.id, true, 30]],
    );
    assert.equal((await site.call('GET /v1/drafts/{id}', { params: { id } })).status, 404);
    const old = await site.call('GET /v1/campaigns/{id}', { params: { id: campaign.id } });
    const { state, reason } = old.body as { state: string; reason: string };
    assert.deepEqual([state, reason], ['cancelled', 'scheduled_instead']);
    await site.call('DELETE /v1/schedules/{id}', { params: { id: made.id } });
  },
);

test('a draft leaves its list when somebody confirms what was planned of it', async () => {
  const { id } = await kept({ request });
  const { campaign } = (await planned(id, 1)).body as Taken;
  assert.ok((await listed()).includes(id));
  await pool.query(`update campaigns set confirmed_by = 'somebody' where id = $1`, [campaign.id]);
  assert.ok(!(await listed()).includes(id));
  const { rows } = await pool.query('select state from campaigns where id = $1', [campaign.id]);
  assert.notEqual(rows[0].state, 'cancelled');
});

test('a draft that nobody changes for 30 days is gone', async () => {
  const { id } = await kept();
  await pool.query(`update drafts set expires_at = clock_timestamp() - interval '1 s' where id = $1`, [id]);
  assert.equal((await site.call('GET /v1/drafts/{id}', { params: { id } })).status, 404);
  assert.equal(await removeExpiredDrafts(pool), 1);
});

test('the command line lists drafts, shows, plans and removes them', async () => {
  const { id } = await kept({ name: '夏季', request });
  const say = async (...args: string[]) => await site.cli.ok(['campaigns', 'drafts', ...args]);
  assert.match(await say('list', '--account', appid), /夏季/);
  assert.deepEqual(JSON.parse(await say('show', String(id))).request, request);
  const { campaign } = JSON.parse(await say('plan', String(id), '--json')) as { campaign: number };
  assert.equal((await shown(id)).planned?.campaign, campaign);
  await say('remove', String(id));
  assert.equal((await site.call('GET /v1/drafts/{id}', { params: { id } })).status, 404);
});

const foreignly = async (key: Parameters<typeof foreign>[0], body?: object) => {
  const { id } = await kept();
  const as = await site.key(['campaign.create', 'campaign.send'], ['wx00000000000000ff']);
  return await site.call(key, { params: { id }, as, ...(body === undefined ? {} : { body }) });
};
foreign('GET /v1/drafts/{id}', () => foreignly('GET /v1/drafts/{id}'));
foreign('PATCH /v1/drafts/{id}', () => foreignly('PATCH /v1/drafts/{id}', { revision: 1 }));
foreign('DELETE /v1/drafts/{id}', () => foreignly('DELETE /v1/drafts/{id}'));
foreign('POST /v1/drafts/{id}/plan', () => foreignly('POST /v1/drafts/{id}/plan', { revision: 1 }));
foreign('POST /v1/drafts/{id}/schedule', () =>
  foreignly('POST /v1/drafts/{id}/schedule', { revision: 1, cron: '0 9 * * *' }),
);
