import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { consoleSite, views } from '../support/console.ts';

const site = await consoleSite();
const { account } = site;
const { appid } = account;

describe('from the templates to a planned campaign', () => {
  test('templates are synced; content is checked as it is typed; a file with bad rows, a test, the plan', async () => {
    await site.call('PATCH /v1/accounts/{appid}', {
      params: { appid },
      body: { testOpenids: [account.openid(19)] },
    });
    await using visit = await site.open('/templates');
    const { page } = visit;
    await page.getByRole('button', { name: '从微信同步' }).click();
    const order = page
      .locator('section')
      .filter({ has: page.getByRole('heading', { name: '订单发货通知' }) });
    await order.getByText('最多 20 字').first().waitFor();
    await order.getByRole('link', { name: '用它新建推送' }).click();

    await page.getByLabel('商品名称').fill('一二三四五六七八九十一二三四五六七八九十一');
    await page
      .getByText(/已用 21/)
      .or(page.getByRole('textbox', { name: '商品名称' }).locator('xpath=..').getByText(/20/))
      .first()
      .waitFor();
    await page.getByText('上传文件', { exact: true }).click();
    await page.getByLabel('名单文件').setInputFiles({
      name: '三月.csv',
      mimeType: 'text/csv',
      buffer: Buffer.from(`openid,单号\n${account.openid(0)},SF-1\n${account.openid(1)},SF-2\nnobody,SF-3\n`),
    });
    await page.getByText(/2 人，1 行有问题/).waitFor();
    await page.getByRole('link', { name: '下载有问题的行' }).waitFor();
    await page.getByRole('button', { name: '插入变量“单号”' }).first().click();
    await page.getByLabel('商品名称').fill('鸿雁牌毛笔');
    await page.getByLabel('发货时间').fill('2026年3月8日 09:12');
    await page.getByLabel('订单金额').fill('￥100.00');
    await page.getByLabel('订单状态').fill('已发货');
    await page.getByRole('article', { name: '订单发货通知' }).getByText('鸿雁牌毛笔').waitFor();
    const card = page.getByRole('article', { name: '订单发货通知' });
    await card.getByText('SF-1').waitFor();
    await page.getByRole('button', { name: '下一位' }).click();
    await card.getByText('SF-2').waitFor();
    await page.getByRole('button', { name: '发送测试' }).click();
    await page.getByText('微信已受理。').waitFor();
    assert.equal(account.receivedCount(account.openid(19)), 1);
    // Another page, and back: nothing is lost.
    await page.getByRole('link', { name: '节点' }).click();
    await page.getByRole('heading', { name: '节点' }).waitFor();
    await page.goBack();
    await page.getByLabel('商品名称').waitFor();
    assert.equal(await page.getByLabel('商品名称').inputValue(), '鸿雁牌毛笔');
    assert.equal(await page.getByLabel('订单编号').inputValue(), '{{单号}}');

    // What is missing is marked once somebody wants to go on, and nothing is planned.
    await page.getByLabel('发货时间').fill('');
    await page.getByRole('button', { name: '检查并生成计划' }).click();
    await page.getByText('请填写').waitFor();
    await page.getByLabel('发货时间').fill('2026年3月8日 09:12');
    await page.getByLabel('“单号”为空时填').fill('见详情');
    assert.equal(await page.getByLabel('订单编号').inputValue(), '{{单号|见详情}}');
    await page.getByLabel('“单号”为空时填').fill('');
    await page.getByRole('button', { name: '检查并生成计划' }).click();
    await page.getByRole('button', { name: '向 2 人发送' }).waitFor();
    await page
      .getByRole('article')
      .getByText(/SF-[12]/)
      .waitFor();
    visit.clean();
  });

  test('a draft is on the server: another tab goes on with it, and neither writes over the other unseen', async () => {
    await site.call('POST /v1/accounts/{appid}/templates/sync', { params: { appid } });
    const title = '消息通知';
    const template = account
      .templates()
      .find((one) => one.family === 'oa' && one.title === title)?.template_id;
    await using visit = await site.open(`/campaigns/new?template=${template}`);
    const { page } = visit;
    await page.getByLabel('标题').fill('到货');
    await page.waitForURL(/draft=\d+/);
    await page.getByText('草稿已保存').waitFor();
    const other = await visit.context.newPage();
    await other.goto(page.url());
    assert.equal(await other.getByLabel('标题').inputValue(), '到货');
    await other.getByLabel('内容').fill('第二个标签页');
    await other.getByText('草稿已保存').waitFor();
    await page.getByLabel('内容').fill('第一个标签页');
    await page.getByText('该草稿已在别处被修改').waitFor();
    await page.getByRole('button', { name: '用这里的内容覆盖' }).click();
    await page.getByText('草稿已保存').waitFor();
    await other.getByLabel('标题').fill('到货了');
    await other.getByText('该草稿已在别处被修改').waitFor();
    await other.getByRole('button', { name: '载入最新内容' }).click();
    await other.getByText('该草稿已在别处被修改').waitFor({ state: 'detached' });
    assert.equal(await other.getByLabel('内容').inputValue(), '第一个标签页');
    // From the menu a new one is begun; the draft is in the list.
    await page.getByRole('link', { name: '新建推送' }).click();
    await page.getByRole('link', { name: title }).first().click();
    assert.equal(await page.getByLabel('内容').inputValue(), '第一个标签页');
    visit.clean(/409/);
  });

  test('another template takes along nothing that was typed for the one before', async () => {
    await site.call('POST /v1/accounts/{appid}/templates/sync', { params: { appid } });
    const [order, other] = ['订单发货通知', '消息通知'].map(
      (title) => account.templates().find((one) => one.family === 'oa' && one.title === title)?.template_id,
    );
    await using visit = await site.open(`/campaigns/new?template=${order}`);
    const { page } = visit;
    await page.getByLabel('商品名称').fill('鸿雁牌毛笔');
    await page.getByRole('article').getByText('鸿雁牌毛笔').waitFor();
    await page.goto(page.url().replace(String(order), String(other)));
    await page.getByLabel('标题').fill('到货');
    const card = page.getByRole('article', { name: '消息通知' });
    await card.getByText('到货').waitFor();
    assert.equal(await card.getByText('鸿雁牌毛笔').count(), 0);
    visit.clean();
  });

  for (const { name, ...view } of views) {
    for (const path of ['/templates', '/campaigns/new']) {
      test(`${path} can be read by everybody: ${name}`, async () => {
        await site.call('POST /v1/accounts/{appid}/templates/sync', { params: { appid } });
        const template = account.templates()[0]?.template_id;
        await using visit = await site.open(`${path}?template=${template}`, view);
        await visit.page.getByRole('article').first().waitFor();
        await visit.accessible();
        await visit.fits();
        visit.clean();
      });
    }
  }
});
