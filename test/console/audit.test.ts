import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { consoleSite, views } from '../support/console.ts';
import { typeDate } from './hands.ts';

const site = await consoleSite();

describe('audit and nodes', () => {
  test('a change and a refusal are rows in words; filters are in the address', async () => {
    await site.key(['message.read']);
    const weak = await site.key(['message.read']);
    await site.call('GET /v1/nodes', { as: weak });
    await using visit = await site.open('/audit');
    const { page } = visit;
    const choose = async (label: string, option: RegExp): Promise<void> => {
      await page.getByRole('button', { name: new RegExp(label) }).click();
      await page.getByRole('option', { name: option }).click();
    };
    const refused = page.getByRole('row', { name: /nodes.list/ });
    await refused.getByText('已拒绝').waitFor();
    await choose('操作', /^新建密钥/);
    await page.getByRole('button', { name: '筛选' }).click();
    await refused.waitFor({ state: 'detached' });
    await page.waitForURL((url) => url.search === '?action=keys.create');
    await page
      .getByRole('row', { name: /新建密钥/ })
      .first()
      .getByRole('button', { name: '详情' })
      .click();
    const details = page.getByRole('dialog', { name: '新建密钥' });
    await details.getByText('"message.read"').waitFor();
    await page.keyboard.press('Escape');

    await choose('结果', /^已拒绝$/);
    await page.keyboard.press('Escape');
    await page.getByRole('textbox', { name: '操作人' }).fill('key with 1 permissions');
    await page.keyboard.press('Enter');
    await page.getByText('没有符合条件的记录').waitFor();
    await page.getByRole('button', { name: '查看全部' }).click();
    await refused.waitFor();
    assert.equal(await page.getByRole('textbox', { name: '操作人' }).inputValue(), '');
    visit.clean();
  });

  test('who, account, outcome and days come from the address, and days are those of the account', async () => {
    // Midnight may pass at any place below: all days are counted from here, before what they are to include.
    const begun = Date.now();
    const day = (offset: number): string =>
      new Intl.DateTimeFormat('en-CA', { timeZone: 'Asia/Shanghai' }).format(begun + offset * 86_400_000);
    const weak = await site.key(['message.read']);
    await site.call('GET /v1/users', { as: weak });
    const who = encodeURIComponent('key with 1 permissions');
    await using visit = await site.open(`/audit?who=${who}&outcome=refused&from=${day(0)}&to=${day(1)}`);
    const { page } = visit;
    await page
      .getByRole('row', { name: /users.list/ })
      .first()
      .waitFor();
    const from = page.getByRole('group', { name: '开始日期' });
    assert.equal((await from.innerText()).replaceAll(/\s/g, ''), day(0));
    await typeDate(page, '结束日期', day(-2));
    await typeDate(page, '开始日期', day(-3));
    await page.getByRole('button', { name: '筛选' }).click();
    await page.getByText('没有符合条件的记录').waitFor();
    visit.clean();
  });

  test('goes on page by page', async () => {
    for (let made = 0; made < 55; made++) await site.key(['event.read']);
    await using visit = await site.open('/audit?action=keys.create');
    const { page } = visit;
    await page.getByRole('button', { name: '加载更多' }).click();
    await page.getByRole('row').nth(55).waitFor();
    visit.clean();
  });

  test('whoever may not see something has no entry for it, and is told which permission is missing', async () => {
    await using visit = await site.open('/audit', { as: await site.key(['node.read']) });
    const { page } = visit;
    await page.getByRole('heading', { level: 1, name: '没有权限' }).waitFor();
    await page.getByText(/没有“查看审计”的权限/).waitFor();
    const menu = page.getByRole('navigation', { name: '菜单' });
    assert.equal(await menu.getByRole('link', { name: '审计' }).count(), 0);
    await menu.getByRole('link', { name: '节点' }).click();
    await page.getByRole('cell', { name: String(process.pid), exact: true }).waitFor();
    visit.clean(/403/);
  });

  test('an address that is no page says so and leads on', async () => {
    await using visit = await site.open('/keys/nothing/here');
    await visit.page.getByText('没有这个页面').first().waitFor();
    visit.clean();
  });

  for (const { name, ...view } of views) {
    for (const path of ['/audit', '/nodes']) {
      test(`${path} can be read by everybody: ${name}`, async () => {
        await using visit = await site.open(path, view);
        await visit.page.getByRole('row').nth(1).waitFor();
        await visit.accessible();
        await visit.fits();
        visit.clean();
      });
    }
  }
});
