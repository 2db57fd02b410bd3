import assert from 'node:assert/strict';
import { test } from 'node:test';
import { until } from '../support/cli.ts';
import { consoleSite } from '../support/console.ts';

const people = 300;
const site = await consoleSite({ kind: 'service', followers: people });
const { account } = site;
const { appid } = account;

test('of a campaign that runs no number is shown before it is known', async () => {
  await site.call('PATCH /v1/accounts/{appid}', { params: { appid }, body: { ratePerS: 1 } });
  const { body } = await site.call('POST /v1/campaigns', {
    body: {
      ...{ appid, channel: 'oa-template', again: true },
      message: {
        template_id: account.templates().find(({ title }) => title === '消息通知')?.template_id,
        data: { keyword1: '三月会员日', keyword2: '您的权益已更新', keyword3: '2026年3月8日' },
      },
      audience: { kind: 'list', openids: Array.from({ length: people }, (_, n) => account.openid(n)) },
    },
  });
  const { id } = (body as { campaign: { id: number } }).campaign; // as its row says
  const state = async (): Promise<string> =>
    ((await site.call('GET /v1/campaigns/{id}', { params: { id } })).body as { state: string }).state;
  await until('it is planned', async () => (await state()) === 'planned');
  const plan = await site.call('GET /v1/campaigns/{id}/plan', { params: { id } });
  const { planHash } = plan.body as { planHash: string }; // as its row says
  await site.call('POST /v1/campaigns/{id}/confirm', { params: { id }, body: { planned: people, planHash } });
  await using visit = await site.open('/nodes');
  const { page } = visit;
  let answer = (): void => {};
  const asked = new Promise<void>((done) => {
    answer = done;
  });
  await page.route(`**/v1/campaigns/${id}`, async (route) => {
    await asked;
    await route.continue();
  });
  await page.goto(`${site.url}/`);
  const row = page.getByRole('listitem').filter({ has: page.getByRole('link', { name: `推送 #${id}` }) });
  await row.first().waitFor();
  assert.equal(await row.getByText('已有结果').count(), 0);
  answer();
  await row.getByText(new RegExp(`已有结果 \\d+ / ${people}`)).waitFor();
  await site.call('POST /v1/campaigns/{id}/cancel', { params: { id } });
  visit.clean();
});
