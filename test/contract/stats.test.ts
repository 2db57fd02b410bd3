import assert from 'node:assert/strict';
import { test } from 'node:test';
import { syncTemplates } from '../../src/engine/content/templates.ts';
import { beginPrune } from '../../src/store/campaigns/retention.ts';
import { until } from '../support/cli.ts';
import { confirmCampaign, planCampaign } from '../support/contract/campaigns.ts';
import { contractSite, row } from '../support/contract.ts';
import { untilDayIsLong } from '../support/in-time.ts';
import { templateOf } from '../support/wechat.ts';

const site = await contractSite();
const { account } = site;
const { appid } = account;
const { pool } = site.store;
await syncTemplates(site.app, appid);
await untilDayIsLong();

const content = {
  template_id: templateOf(account, '消息通知'),
  data: { keyword1: '标题', keyword2: '内容', keyword3: '2026-11-22' },
};

async function message(touser: string): Promise<number> {
  return (await site.sent({ appid, channel: 'template', touser, ...content })).id;
}

async function campaign(from: number, to: number, more: object = {}): Promise<number> {
  const openids = Array.from({ length: to - from }, (_, i) => account.openid(from + i));
  const wish = { appid, channel: 'template', message: content, audience: { kind: 'list', openids }, ...more };
  const id = await planCampaign(site, { ...wish, again: true });
  await confirmCampaign(site, id);
  return id;
}

async function isAt(id: number, state: string): Promise<void> {
  await until(`it is ${state}`, async () => {
    const { body } = await site.call('GET /v1/campaigns/{id}', { params: { id } });
    return (body as { state: string }).state === state;
  });
}

async function stats(query: Record<string, string | number> = {}, as?: string): Promise<object[]> {
  const { body } = await site.call('GET /v1/stats', { query, ...(as === undefined ? {} : { as }) });
  return (body as { data: object[] }).data;
}

/** The local day `ago` days before today, by the database. */
async function dayOf(ago: number): Promise<string> {
  const { rows } = await pool.query<{ day: string }>(
    `select to_char((clock_timestamp() at time zone 'Asia/Shanghai')::date - $1::integer, 'YYYY-MM-DD') as day`,
    [ago],
  );
  return rows[0]?.day ?? '';
}

/** Moves what is stored of a message to so many minutes after the beginning of the account's day. */
async function moveTo(id: number, minutes: number): Promise<void> {
  await pool.query(
    `update message_facts set at = date_trunc('day', clock_timestamp() at time zone 'Asia/Shanghai') at time zone 'Asia/Shanghai'
       + make_interval(mins => $2::integer) where message_id = $1`,
    [id, minutes],
  );
}

const nothing = { accepted: 0, rejected: 0, unknown: 0, held: 0, unsent: 0 };
const counts = (day: string, some: Partial<typeof nothing>) => ({
  ...{ day, appid, channel: 'oa-template', ...nothing },
  ...some,
});

row('GET /v1/stats', 'counts messages and campaigns once, on days of the account', async () => {
  assert.deepEqual(await stats(), []);
  await message(account.openid(0));
  await message('oNobodyKnowsThisOne000000000');
  const sent = await campaign(1, 6);
  await isAt(sent, 'done');
  const waiting = await campaign(6, 9, {
    startAt: new Date(Date.now() + 3_600_000).toISOString(),
  });
  const today = await dayOf(0);
  assert.deepEqual(await stats(), [counts(today, { accepted: 6, rejected: 1 })], 'what waits is not counted');
  await site.call('POST /v1/campaigns/{id}/cancel', { params: { id: waiting } });
  const all = [counts(today, { accepted: 6, rejected: 1, unsent: 3 })];
  assert.deepEqual(await stats(), all);

  assert.equal(await beginPrune(pool, sent, { appid, olderThanDays: 0 }), true);
  assert.deepEqual(await stats(), all, 'a campaign that loses its recipients keeps its counts');
});

test('a day begins at midnight in the account’s zone, and older ones are left out', async () => {
  const [early, late, old] = [
    await message(account.openid(0)),
    await message(account.openid(1)),
    await message(account.openid(2)),
  ];
  await moveTo(early, 1);
  await moveTo(late, -1);
  await moveTo(old, -24 * 60 - 1);
  const [today, yesterday, before] = [await dayOf(0), await dayOf(1), await dayOf(2)];
  const now = counts(today, { accepted: 7, rejected: 1, unsent: 3 });
  const one = { accepted: 1 };
  assert.deepEqual(await stats({ days: 1 }), [now]);
  assert.deepEqual(await stats({ days: 2 }), [now, counts(yesterday, one)]);
  assert.deepEqual(await stats({ appid }), [now, counts(yesterday, one), counts(before, one)]);
});

test('a key sees its accounts only, and no more than 92 days', async () => {
  assert.deepEqual(await stats({}, await site.key(['message.read'], ['wx00000000000000ff'])), []);
  assert.notDeepEqual(await stats({}, await site.key(['message.read'], [appid])), []);
  assert.equal((await site.call('GET /v1/stats', { query: { days: 93 } })).status, 400);
  assert.equal((await site.call('GET /v1/stats', { query: { appid: 'wx00000000000000ff' } })).status, 404);
});
