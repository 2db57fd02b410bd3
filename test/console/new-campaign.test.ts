import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { consoleSite, views } from '../support/console.ts';
import { wizard, wizardScene } from './wizard.ts';

const site = await consoleSite();
const { account } = site;
const { appid } = account;
const { templateOf, synced, written, known } = wizardScene(site);

before(known);

describe('from the templates to a campaign', () => {
  test('step by step: what is missing is said, nothing is lost by back, reload or another page', async () => {
    await site.call('PATCH /v1/accounts/{appid}', {
      params: { appid },
      body: { testOpenids: [account.openid(19)] },
    });
    await using visit = await site.open('/templates');
    const { page } = visit;
    const { at, next, back, rail, kept } = wizard(page);
    await page.getByRole('button', { name: '从微信同步' }).click();
    const order = page
      .locator('section')
      .filter({ has: page.getByRole('heading', { name: '订单发货通知' }) });
    await order.getByText('最多 20 字').first().waitFor();
    await order.getByRole('link', { name: '用它新建推送' }).click();
    await at('content');

    // On without a word: it stays, says why, and the first empty field has the focus.
    await next('audience');
    await page.getByRole('alert').getByText('还有字段没有填写。').waitFor();
    await visit.hasFocus(page.getByLabel('订单编号'));
    assert.equal(await rail.getByRole('link', { name: /人群/ }).count(), 0);

    await page.getByLabel('商品名称').fill('一二三四五六七八九十一二三四五六七八九十一');
    await page
      .getByText(/已用 21/)
      .or(page.getByRole('textbox', { name: '商品名称' }).locator('xpath=..').getByText(/20/))
      .first()
      .waitFor();
    await page.getByLabel('名单文件').setInputFiles({
      name: '三月.csv',
      mimeType: 'text/csv',
      buffer: Buffer.from(`openid,单号\n${account.openid(0)},SF-1\n${account.openid(1)},SF-2\nnobody,SF-3\n`),
    });
    await page.getByText(/2 人，1 行有问题/).waitFor();
    await page.getByRole('link', { name: '下载有问题的行' }).waitFor();
    await page.getByRole('button', { name: '插入变量“单号”' }).first().click();
    await page.getByLabel('发货时间').fill('2026年3月8日 09:12');
    await page.getByLabel('订单金额').fill('￥100.00');
    await page.getByLabel('订单状态').fill('已发货');
    // Twenty-one characters: WeChat would refuse it.
    await next('audience');
    await page.getByRole('alert').getByText('有字段不符合微信的规则。').waitFor();
    await page.getByLabel('商品名称').fill('鸿雁牌毛笔');
    const card = page.getByRole('article', { name: '订单发货通知' });
    await card.getByText('鸿雁牌毛笔').waitFor();
    await card.getByText('SF-1').waitFor();
    await page.getByRole('button', { name: '下一位' }).click();
    await card.getByText('SF-2').waitFor();
    await page.getByLabel('“单号”为空时填').fill('SF-0');
    assert.equal(await page.getByLabel('订单编号').inputValue(), '{{单号|SF-0}}');
    await kept();

    // Another page, and back; a reload; the browser's own way back.
    await page.getByRole('link', { name: '节点' }).click();
    await page.getByRole('heading', { name: '节点' }).waitFor();
    await page.goBack();
    await at('content');
    assert.equal(await page.getByLabel('商品名称').inputValue(), '鸿雁牌毛笔');
    await page.reload();
    await at('content');
    assert.equal(await page.getByLabel('订单编号').inputValue(), '{{单号|SF-0}}');
    await next('audience');
    await at('audience');
    await visit.hasFocus(page.getByRole('heading', { level: 2, name: '人群', exact: true }));
    await page.goBack();
    await at('content');
    await page.goForward();
    await at('audience');

    // A file whose column is called otherwise: the variable is mapped, by a choice.
    await page.getByLabel('名单文件').setInputFiles({
      name: '四月.csv',
      mimeType: 'text/csv',
      buffer: Buffer.from(`openid,运单\n${account.openid(0)},SF-4\n${account.openid(1)},\n`),
    });
    await page.getByText(/2 人，0 行有问题/).waitFor();
    await next('checks');
    await page
      .getByRole('alert')
      .getByText(/没有对应的列/)
      .waitFor();
    await page.getByRole('button', { name: /“单号”对应的列/ }).click();
    await page.getByRole('option', { name: '运单' }).click();
    await card.getByText('SF-4').waitFor();
    await page.getByRole('button', { name: '下一位' }).click();
    await card.getByText('SF-0').waitFor();

    await next('checks');
    await at('checks');
    const checks = page.getByRole('list', { name: '检查结果' });
    await checks
      .getByRole('listitem')
      .filter({ hasText: '将收到消息' })
      .getByText('2 人', { exact: true })
      .waitFor();
    await next('test');
    await page.getByRole('button', { name: '发送测试' }).click();
    await page.getByText('微信已受理。').waitFor();
    assert.equal(account.receivedCount(account.openid(19)), 1);
    await next('time');
    await next('confirm');
    await at('confirm');
    await page.getByLabel('输入人数以确认：2').fill('3');
    await page.getByText('与计划人数 2 不一致').waitFor();
    assert.ok(await page.getByRole('button', { name: '向 2 人发送' }).isDisabled());
    // Nothing was changed by going back: the plan is the same one.
    const planned = async (): Promise<number> =>
      (
        (await site.call('GET /v1/campaigns', { query: { appid, limit: 1 } })).body as {
          data: { id: number }[];
        }
      ).data[0]?.id ?? 0;
    const id = await planned();
    await back();
    await at('time');
    await next('confirm');
    await page.getByLabel('输入人数以确认：2').fill('2');
    await page.getByRole('button', { name: '向 2 人发送' }).click();
    await page.getByRole('heading', { level: 1, name: `推送 #${id}` }).waitFor();
    await page.getByText('已完成').first().waitFor();
    // The way back leads to the campaign, not to a draft that is over.
    await page.goBack();
    await page.getByRole('heading', { level: 1, name: `推送 #${id}` }).waitFor();
    visit.clean();
  });

  test('a draft is on the server: another tab goes on with it, and neither writes over the other unseen', async () => {
    await synced();
    const title = '消息通知';
    await using visit = await site.open(`/campaigns/new?template=${templateOf(title)}`);
    const { page } = visit;
    const { kept } = wizard(page);
    await page.getByLabel('标题').fill('到货');
    await page.waitForURL(/draft=\d+/);
    await kept();
    const other = await visit.context.newPage();
    await other.goto(page.url());
    assert.equal(await other.getByLabel('标题').inputValue(), '到货');
    await other.getByLabel('内容').fill('第二个标签页');
    await wizard(other).kept();
    await page.getByLabel('内容').fill('第一个标签页');
    await page.getByText('该草稿已在别处被修改').waitFor();
    await page.getByRole('button', { name: '用这里的内容覆盖' }).click();
    await kept();
    await other.getByLabel('标题').fill('到货了');
    await other.getByText('该草稿已在别处被修改').waitFor();
    await other.getByRole('button', { name: '载入最新内容' }).click();
    await other.getByText('该草稿已在别处被修改').waitFor({ state: 'detached' });
    assert.equal(await other.getByLabel('内容').inputValue(), '第一个标签页');
    // From the menu a new one is begun; the draft is in the list, and removed after a question.
    await page.getByRole('link', { name: '新建推送' }).click();
    const draft = page.getByRole('row').filter({ has: page.getByRole('link', { name: title }) });
    await draft.first().getByText('密钥 api.token').waitFor();
    await draft.first().getByRole('link').click();
    await page.getByLabel('内容').waitFor();
    assert.equal(await page.getByLabel('内容').inputValue(), '第一个标签页');
    const id = new URL(page.url()).searchParams.get('draft');
    await page.getByRole('link', { name: '推送', exact: true }).click();
    await page
      .getByRole('row')
      .filter({ has: page.locator(`a[href*="draft=${id}&"]`) })
      .getByRole('button', { name: '删除' })
      .click();
    await page.getByRole('alertdialog').getByRole('button', { name: '删除' }).click();
    await page.locator(`a[href*="draft=${id}&"]`).waitFor({ state: 'detached' });
    visit.clean(/409/);
  });

  test('the rail says of later steps what was chosen in them, and nothing that nobody chose', async () => {
    const people = [account.openid(0), account.openid(1)].join('\n');
    const draft = await written({ audience: 'list', openids: people });
    await using visit = await site.open(`/campaigns/new?draft=${draft}&step=content`);
    const { at, rail } = wizard(visit.page);
    await at('content');
    await rail.getByText('2 人').waitFor();
    for (const unchosen of ['立即', '未发送'])
      assert.equal(await rail.getByText(unchosen).count(), 0, unchosen);
    visit.clean();
  });

  test('another template takes along nothing that was typed for the one before', async () => {
    await synced();
    const [order, other] = [templateOf('订单发货通知'), templateOf('消息通知')];
    await using visit = await site.open(`/campaigns/new?template=${order}`);
    const { page } = visit;
    const { choose, next, at } = wizard(page);
    await page.getByLabel('商品名称').fill('鸿雁牌毛笔');
    await page.getByRole('article').getByText('鸿雁牌毛笔').waitFor();
    await page.goto(page.url().replace(String(order), String(other)));
    await page.getByLabel('标题').fill('到货');
    const card = page.getByRole('article', { name: '消息通知' });
    await card.getByText('到货').waitFor();
    assert.equal(await card.getByText('鸿雁牌毛笔').count(), 0);
    await page
      .getByRole('navigation')
      .getByRole('link', { name: /模板 消息通知/ })
      .click();
    await choose('订单发货通知');
    await next('content');
    await at('content');
    assert.equal(await page.getByLabel('商品名称').inputValue(), '');
    visit.clean();
  });
});

describe('every step', () => {
  for (const { name, ...view } of views) {
    test(`can be read by everybody: ${name}`, async () => {
      await using templates = await site.open('/templates', view);
      await synced();
      await templates.page.getByRole('article').first().waitFor();
      await templates.accessible();
      await templates.fits();
      const openids = [9, 10].map((n) => account.openid(n)).join('\n');
      const id = await written({ audience: 'list', openids }, { again: true });
      for (const step of [
        'account',
        'template',
        'content',
        'audience',
        'checks',
        'test',
        'time',
        'confirm',
      ]) {
        await using visit = await site.open(`/campaigns/new?draft=${id}&step=${step}`, view);
        await wizard(visit.page, view.lang).at(step);
        if (step === 'checks')
          await visit.page.getByRole('listitem').filter({ hasText: '2' }).first().waitFor();
        await visit.settled();
        await visit.accessible();
        await visit.reads();
        await visit.fits();
        visit.clean();
      }
    });
  }
});
