/** What a plan says of those who are left out, of the quota, and of what WeChat's review did the last time. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { syncTemplates } from '../../src/engine/content/templates.ts';
import { campaignIs, confirmCampaign, planCampaign } from '../support/contract/campaigns.ts';
import { contractSite } from '../support/contract.ts';
import { templateOf } from '../support/wechat.ts';

const site = await contractSite({ kind: 'service', followers: 200 });
const { account } = site;
const { appid } = account;
await syncTemplates(site.app, appid);
const params = { appid };

interface Plan {
  planHash: string;
  campaign: { counts: { planned: number } };
  quota: { left: number; short: number } | null;
  leftOut: { reason: string; code: string; count: number }[];
  lastCanary: { campaign: number; at: string } | null;
}

const openids = (from: number, to: number): string[] =>
  Array.from({ length: to - from }, (_, index) => account.openid(from + index));

async function planned(to: string[], title = '消息通知'): Promise<{ id: number; plan: Plan }> {
  const data =
    title === '消息通知'
      ? { keyword1: '标题', keyword2: '内容', keyword3: '2026-11-22' }
      : {
          character_string1: 'SF-1',
          thing2: '毛笔',
          time3: '2026年3月8日 09:12',
          amount4: '￥100.00',
          const5: '已发货',
        };
  const message = { template_id: templateOf(account, title), data };
  const audience = { kind: 'list', openids: to };
  const id = await planCampaign(site, { ...{ appid, channel: 'template', message, audience }, again: true });
  const { body: plan } = await site.call('GET /v1/campaigns/{id}/plan', { params: { id } });
  return { id, plan: plan as Plan };
}

async function sent(to: string[]): Promise<number> {
  const { id } = await planned(to);
  await confirmCampaign(site, id);
  await campaignIs(site, id, 'done');
  return id;
}

test('who is left out for what, and by how many the quota is too small', async () => {
  const [suppressed = '', recent = '', stranger = ''] = openids(0, 3);
  const note = { openids: [suppressed], note: '投诉' };
  await site.call('POST /v1/accounts/{appid}/suppressions', { params, body: note });
  await sent([recent]);
  account.unfollow(stranger);
  await site.call('PATCH /v1/accounts/{appid}', { params, body: { fatigue: { limit: 1, days: 7 } } });
  await site.call('PATCH /v1/accounts/{appid}/quota', {
    params,
    body: { limit: { channel: 'oa-template', daily: 3 }, reservePercent: 0 },
  });
  const { plan } = await planned([...openids(0, 6), account.openid(5)]);
  assert.deepEqual(plan.leftOut, [
    { reason: 'duplicate', code: 'duplicate', count: 1 },
    { reason: 'excluded', code: 'fatigue', count: 1 },
    { reason: 'excluded', code: 'suppressed', count: 1 },
  ]);
  const { left = 9, short } = plan.quota ?? {};
  assert.ok(left < 4);
  assert.equal(short, 4 - left);
  const undo = { limit: { channel: 'oa-template', daily: null } };
  await site.call('PATCH /v1/accounts/{appid}/quota', { params, body: undo });
});

test('how many WeChat held of the first ones of the last campaign, of this template rather than of another', async () => {
  assert.equal((await planned(openids(6, 7))).plan.lastCanary, null);
  account.holds.configure({ share: 1, reviewMs: null });
  const id = await sent(openids(10, 70));
  account.holds.configure({ share: 0 });
  const held = { campaign: id, of: 60, held: 60, mostHeldPercent: 1 };
  const { at: _at, ...same } = (await planned(openids(6, 7))).plan.lastCanary ?? { at: '' };
  assert.deepEqual(same, { ...held, isSameTemplate: true });
  const { at: _other, ...other } = (await planned(openids(6, 7), '订单发货通知')).plan.lastCanary ?? {
    at: '',
  };
  assert.deepEqual(other, { ...held, isSameTemplate: false });
});
