import assert from 'node:assert/strict';
import { syncTemplates } from '../../src/engine/content/templates.ts';
import { contractSite, foreign, row } from '../support/contract.ts';
import { templateOf } from '../support/wechat.ts';

const site = await contractSite({ kind: 'service', followers: 5 });
const { account } = site;
await syncTemplates(site.app, account.appid);
const body = {
  ...{ appid: account.appid, channel: 'template', cron: '0 9 * * 1', audience: { kind: 'all' } },
  message: {
    template_id: templateOf(account, '消息通知'),
    data: { keyword1: '标题', keyword2: '内容', keyword3: '2026-11-22' },
  },
};

interface Schedule {
  id: number;
  cron: string;
  templateTitle: string;
  nextRunAt: string | null;
  pausedAt: string | null;
}

async function added(): Promise<Schedule> {
  const { status, body: made } = await site.call('POST /v1/schedules', { body });
  assert.equal(status, 201, JSON.stringify(made));
  return made as Schedule;
}

row('POST /v1/schedules', 'repeats a push, and refuses what cannot be fetched again', async () => {
  const { templateTitle, nextRunAt } = await added();
  assert.equal(templateTitle, '消息通知');
  assert.ok(Date.parse(nextRunAt ?? '') > Date.now());
  const wrong = await site.call('POST /v1/schedules', { body: { ...body, cron: 'daily' } });
  assert.deepEqual([wrong.status, (wrong.body as { code: string }).code], [400, 'CRON_INVALID']);
});

row('GET /v1/schedules', 'lists them, and for another account none', async () => {
  const { id } = await added();
  const { data } = (await site.call('GET /v1/schedules')).body as { data: Schedule[] };
  assert.ok(data.some((one) => one.id === id));
  const as = await site.key(['campaign.read'], ['wx00000000000000ff']);
  assert.deepEqual((await site.call('GET /v1/schedules', { as })).body, { data: [], next: null });
});

row('GET /v1/accounts/{appid}/schedule-times', 'says when a cron expression would be due', async () => {
  const times = (cron: string) =>
    site.call('GET /v1/accounts/{appid}/schedule-times', {
      params: { appid: account.appid },
      query: { cron },
    });
  const { runs, timeZone } = (await times('0 9 * * 1')).body as { runs: string[]; timeZone: string };
  assert.equal(timeZone, 'Asia/Shanghai');
  assert.equal(runs.length, 5);
  // Nine o'clock there, and a week between each two.
  assert.ok(runs.every((run) => new Date(run).getUTCHours() === 1));
  assert.equal(Date.parse(runs[1] ?? '') - Date.parse(runs[0] ?? ''), 7 * 86_400_000);
  assert.deepEqual(((await times('30 2 30 2 *')).body as { runs: string[] }).runs, []);
  assert.equal(((await times('daily')).body as { code: string }).code, 'CRON_INVALID');
});

row('GET /v1/schedules/{id}', 'shows one', async () => {
  const { id } = await added();
  assert.equal((await site.call('GET /v1/schedules/{id}', { params: { id } })).status, 200);
  assert.equal((await site.call('GET /v1/schedules/{id}', { params: { id: 9_999 } })).status, 404);
});

row('PATCH /v1/schedules/{id}', 'changes what is named', async () => {
  const { id } = await added();
  const change = { cron: '30 8 * * *' };
  const { status, body: now } = await site.call('PATCH /v1/schedules/{id}', { params: { id }, body: change });
  assert.deepEqual(
    [status, (now as Schedule).cron, (now as Schedule).templateTitle],
    [...[200, '30 8 * * *', '消息通知']],
  );
});

row('POST /v1/schedules/{id}/pause', 'lets nothing run', async () => {
  const { id } = await added();
  const { body: now } = await site.call('POST /v1/schedules/{id}/pause', { params: { id } });
  assert.equal((now as Schedule).nextRunAt, null);
  assert.notEqual((now as Schedule).pausedAt, null);
});

row('POST /v1/schedules/{id}/resume', 'lets it run again', async () => {
  const { id } = await added();
  await site.call('POST /v1/schedules/{id}/pause', { params: { id } });
  const { body: now } = await site.call('POST /v1/schedules/{id}/resume', { params: { id } });
  assert.notEqual((now as Schedule).nextRunAt, null);
});

row('DELETE /v1/schedules/{id}', 'ends it', async () => {
  const { id } = await added();
  assert.equal((await site.call('DELETE /v1/schedules/{id}', { params: { id } })).status, 204);
  assert.equal((await site.call('GET /v1/schedules/{id}', { params: { id } })).status, 404);
});

const foreignly = async (key: Parameters<typeof foreign>[0], change?: object) => {
  const { id } = await added();
  const as = await site.key(['campaign.read', 'campaign.send'], ['wx00000000000000ff']);
  return await site.call(key, { params: { id }, as, ...(change === undefined ? {} : { body: change }) });
};
foreign('GET /v1/schedules/{id}', () => foreignly('GET /v1/schedules/{id}'));
foreign('PATCH /v1/schedules/{id}', () => foreignly('PATCH /v1/schedules/{id}', {}));
foreign('POST /v1/schedules/{id}/pause', () => foreignly('POST /v1/schedules/{id}/pause'));
foreign('POST /v1/schedules/{id}/resume', () => foreignly('POST /v1/schedules/{id}/resume'));
foreign('DELETE /v1/schedules/{id}', () => foreignly('DELETE /v1/schedules/{id}'));
