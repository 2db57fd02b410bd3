import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { consoleSite, views } from '../support/console.ts';
import {
  announcement,
  campaignIs,
  confirmCampaign,
  firstOf,
  submitCampaign,
} from '../support/contract/campaigns.ts';

const site = await consoleSite({ kind: 'service', followers: 120 });
const { account } = site;

/** A campaign to the first so many people. */
function submitted(people: number): Promise<number> {
  const { message, ...request } = announcement(account, firstOf(account, people));
  return submitCampaign(site, { ...request, message: { ...message, url: 'https://example.com/' } });
}

/** A campaign to so many people that is over. */
async function done(people: number): Promise<number> {
  const id = await submitted(people);
  await campaignIs(site, id, 'planned');
  await confirmCampaign(site, id);
  await campaignIs(site, id, 'done');
  return id;
}

describe('campaigns', () => {
  test('is looked at, confirmed by typing the number, watched to its end, and sent again to whoever was refused', async () => {
    account.unfollow(account.openid(4));
    const id = await submitted(5);
    await using visit = await site.open(`/campaigns/${id}`);
    const { page } = visit;
    const send = page.getByRole('button', { name: '向 5 人发送' });
    await send.waitFor();
    await page.getByRole('article', { name: '消息通知' }).getByText('三月会员日').waitFor();
    assert.ok(await send.isDisabled());
    await page.getByLabel('输入人数以确认：5').fill('4');
    assert.ok(await send.isDisabled());
    await page.getByLabel('输入人数以确认：5').fill('5');
    await send.click();
    await page.getByText('已完成').first().waitFor();
    await page.getByText(/43004/).first().waitFor();
    await page.getByRole('button', { name: /结果/ }).click();
    await page.getByRole('option', { name: '被拒绝' }).click();
    const rows = page.getByRole('region', { name: '接收人' }).getByRole('row');
    await page.getByRole('row', { name: new RegExp(account.openid(4)) }).waitFor();
    assert.equal(await rows.count(), 2);
    await page.waitForURL((url) => url.searchParams.get('outcome') === 'rejected');
    await page.getByText(/被拒绝：1 人/).click();
    await page.getByRole('button', { name: '生成计划' }).click();
    await page.getByRole('button', { name: '向 1 人发送' }).waitFor();
    await page.waitForURL(({ pathname }) => pathname !== `/campaigns/${id}`);
    visit.clean();
  });

  test('that is over shows the next recipients at one press', async () => {
    const id = await done(120);
    await using visit = await site.open(`/campaigns/${id}`);
    const rows = visit.page.getByRole('region', { name: '接收人' }).getByRole('row');
    for (const shown of [51, 101]) {
      await rows.nth(shown - 1).waitFor();
      await visit.page.getByRole('button', { name: '加载更多' }).click();
      await rows.nth(shown).waitFor();
    }
    assert.equal(await rows.count(), 121);
    visit.clean();
  });

  test('tells receipts that are to come from those that never came, in numbers and in people', async () => {
    const params = { appid: account.appid };
    // WeChat is not told of it, and pushes none.
    await site.call('PATCH /v1/accounts/{appid}/callback', {
      params,
      body: { publicUrl: site.url, mode: 'plain' },
    });
    try {
      const id = await done(3);
      const look = async (is: string, isNot: string): Promise<void> => {
        await using visit = await site.open(`/campaigns/${id}`);
        const { page } = visit;
        await page.getByRole('button', { name: `${is}：3，查看这些人` }).click();
        const chosen = page.getByRole('button', { name: /结果$/ });
        await chosen.filter({ hasText: is }).waitFor();
        // None of the rows that were there before.
        await page.reload();
        await chosen.filter({ hasText: is }).waitFor();
        await page.getByRole('region', { name: '接收人' }).getByRole('row').nth(3).waitFor();
        assert.equal(await page.getByRole('button', { name: new RegExp(`^${isNot}：`) }).count(), 0);
        await chosen.click();
        await page.getByRole('option', { name: isNot }).click();
        await page.getByText('没有符合条件的接收人').waitFor();
        visit.clean();
      };
      await look('等待回执', '无回执');
      await site.store.pool.query(
        "update chunks set last_at = last_at - interval '25 hours' where campaign_id = $1",
        [id],
      );
      await look('无回执', '等待回执');
    } finally {
      await site.call('DELETE /v1/accounts/{appid}/callback', { params });
    }
  });

  test('tells by words alone what became of a message that WeChat did not answer', async () => {
    const id = await submitted(3);
    await using visit = await site.open(`/campaigns/${id}`);
    const { page } = visit;
    await page.getByLabel('输入人数以确认：3').fill('3');
    site.wechat.addFault({ kind: 'cut', next: 1, path: '/cgi-bin/message/template/send' });
    await page.getByRole('button', { name: '向 3 人发送' }).click();
    const reasons = page.getByRole('region', { name: '未成功的原因' }).last();
    const row = reasons.getByRole('row').filter({ hasText: '应答前连接中断' });
    await row.getByText('结果未知').waitFor();
    // Our own name of it is no errcode of WeChat's.
    assert.equal(await row.locator('code').count(), 0, await row.innerText());
    visit.clean();
  });

  test('has a rate of its own, which is changed and taken away', async () => {
    const id = await submitted(3);
    await using visit = await site.open(`/campaigns/${id}`);
    const { page } = visit;
    const rateOf = async (): Promise<number | null> =>
      ((await site.call('GET /v1/campaigns/{id}', { params: { id } })).body as { ratePerS: number | null })
        .ratePerS;
    const set = async (text: string, said: string): Promise<void> => {
      await page.getByRole('button', { name: '本任务速率' }).click();
      const dialog = page.getByRole('dialog', { name: '本任务速率' });
      await dialog.getByLabel('每秒条数').fill(text);
      await dialog.getByRole('button', { name: '保存' }).click();
      await page.getByText(said).waitFor();
    };
    await set('3', '本任务速率已改为 3 条/秒');
    assert.equal(await rateOf(), 3);
    await set('', '本任务只受账号速率上限约束');
    assert.equal(await rateOf(), null);
    await site.call('POST /v1/campaigns/{id}/cancel', { params: { id } });
    visit.clean();
  });

  test('what waits for somebody stands first on the overview, and leads there', async () => {
    const id = await submitted(2);
    await using visit = await site.open('/');
    const { page } = visit;
    const item = page.getByRole('listitem').filter({ hasText: `推送 #${id} 待确认：2 人` });
    await item.getByRole('link', { name: '检查并确认' }).click();
    await page.getByRole('button', { name: '向 2 人发送' }).waitFor();
    await page.getByRole('button', { name: '取消推送' }).click();
    await page.getByRole('alertdialog').getByRole('button', { name: '取消推送' }).click();
    await page.getByText('已取消').first().waitFor();
    visit.clean();
  });

  test('an editor sees the plan and has nothing to send with', async () => {
    const id = await submitted(2);
    const cookie = await site.signedIn('editor', 'editor');
    await using visit = await site.open(`/campaigns/${id}`, { as: null, cookie });
    const { page } = visit;
    await page.getByText('需由有发送权限的人确认。').waitFor();
    assert.equal(await page.getByRole('button', { name: /发送|取消推送/ }).count(), 0);
    visit.clean();
  });

  for (const { name, ...view } of views) {
    test(`can be read by everybody: ${name}`, async () => {
      const id = await submitted(3);
      for (const path of ['/', '/campaigns', `/campaigns/${id}`]) {
        await using visit = await site.open(path, view);
        await visit.page.getByRole('row').nth(1).or(visit.page.getByRole('article')).first().waitFor();
        await visit.accessible();
        await visit.fits();
        visit.clean();
      }
    });
  }
});
