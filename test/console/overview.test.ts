import assert from 'node:assert/strict';
import { test } from 'node:test';
import { consoleSite } from '../support/console.ts';
import { announcement, confirmCampaign, firstOf, planCampaign } from '../support/contract/campaigns.ts';

const people = 300;
const site = await consoleSite({ kind: 'service', followers: people });
const { account } = site;
const { appid } = account;

test('of a campaign that runs no number is shown before it is known', async () => {
  await site.call('PATCH /v1/accounts/{appid}', { params: { appid }, body: { ratePerS: 1 } });
  const id = await planCampaign(site, announcement(account, firstOf(account, people)));
  await confirmCampaign(site, id);
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
