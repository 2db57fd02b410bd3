import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { until } from '../support/cli.ts';
import { consoleSite, views } from '../support/console.ts';
import { typeDate } from './hands.ts';

const site = await consoleSite();
const { account } = site;
/** The day of the last message in the account's zone, which may not be that of the test. */
let sentOn = '';
const template_id = account.templates()[0]?.template_id ?? '';

before(async () => {
  account.unfollow(account.openid(1));
  for (const person of [0, 1]) {
    const { status, body } = await site.call('POST /v1/messages', {
      body: {
        ...{ appid: account.appid, channel: 'oa-template', touser: account.openid(person), template_id },
        data: { keyword1: '标题', keyword2: '您的订单已发货', keyword3: '2026年3月8日' },
        ref: 'SF-42',
      },
    });
    assert.equal(status, 202);
    const { id } = body as { id: string }; // as its row says
    // The page is no live one.
    await until('it has its outcome', async () => {
      const found = await site.call('GET /v1/messages/{id}', { params: { id } });
      return ['accepted', 'rejected'].includes((found.body as { state: string }).state);
    });
  }
  const { rows } = await site.store.pool.query<{ day: string }>(
    `select to_char(max(created_at) at time zone 'Asia/Shanghai', 'YYYY-MM-DD') as day from messages`,
  );
  sentOn = rows[0]?.day ?? '';
});

describe('deliveries', () => {
  test('one box finds by own number, openid and msgid; what was refused says why', async () => {
    await using visit = await site.open('/deliveries');
    const { page } = visit;
    await page.getByText('想查谁、查哪一条？').waitFor();
    const box = page.getByRole('textbox', { name: 'openid、业务单号或 msgid' });
    await box.fill('SF-42');
    await page.keyboard.press('Enter');
    const refused = page.getByRole('row', { name: /被拒绝/ });
    await refused.getByText(/43004.*关注/).waitFor();
    assert.equal(await page.getByRole('row', { name: /微信已受理/ }).count(), 1);
    await page.waitForURL((url) => url.searchParams.get('q') === 'SF-42');

    await box.fill(account.openid(0));
    await page.keyboard.press('Enter');
    await refused.waitFor({ state: 'detached' });
    await page
      .getByRole('row', { name: /微信已受理/ })
      .getByRole('button', { name: '详情' })
      .click();
    const details = page.getByRole('dialog', { name: '模板消息' });
    const msgid = (await details.locator('code').nth(1).textContent()) ?? '';
    assert.match(msgid, /^\d{12,}$/);
    await page.keyboard.press('Escape');
    await box.fill(msgid);
    await page.keyboard.press('Enter');
    await page.getByRole('row', { name: new RegExp(account.openid(0)) }).waitFor();
    visit.clean();
  });

  test('the box at the top leads here; days are in the zone of the account, and both included', async () => {
    await using visit = await site.open('/nodes');
    const { page } = visit;
    await page.getByRole('search').getByRole('textbox').fill('SF-42');
    await page.keyboard.press('Enter');
    await page.getByRole('row', { name: /被拒绝/ }).waitFor();
    await typeDate(page, '开始日期', sentOn);
    await typeDate(page, '结束日期', sentOn);
    await page.getByRole('button', { name: '查询' }).click();
    await page.getByRole('row', { name: /被拒绝/ }).waitFor();
    await typeDate(page, '结束日期', '2020-01-02');
    await typeDate(page, '开始日期', '2020-01-01');
    await page.getByRole('button', { name: '查询' }).click();
    await page.getByText('没有查到记录').waitFor();
    visit.clean();
  });

  for (const { name, ...view } of views) {
    test(`can be read by everybody: ${name}`, async () => {
      await using visit = await site.open('/deliveries?q=SF-42', view);
      await visit.page.getByRole('row').nth(1).waitFor();
      await visit.accessible();
      await visit.fits();
      await visit.page.getByRole('row').nth(1).getByRole('button').click();
      await visit.page.getByRole('dialog').waitFor();
      await visit.accessible();
      visit.clean();
    });
  }
});
