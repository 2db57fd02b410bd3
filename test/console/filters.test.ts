/** Saved filters on the page of people. */
import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { until } from '../support/cli.ts';
import { consoleSite, views } from '../support/console.ts';

const followers = 60;
const site = await consoleSite({
  ...{ kind: 'service', followers },
  tags: [{ name: 'vip', share: 0.5 }],
});
const { account } = site;
const { appid } = account;
const params = { appid };

interface Filter {
  id: number;
  name: string;
}

async function counted(rules: Record<string, unknown>): Promise<number> {
  const { body } = await site.call('POST /v1/accounts/{appid}/filters/count', { params, body: { rules } });
  return (body as { count: number }).count; // as its row says
}

async function saved(name: string, rules: Record<string, unknown>): Promise<Filter> {
  const { status, body } = await site.call('POST /v1/accounts/{appid}/filters', {
    params,
    body: { name, rules },
  });
  assert.equal(status, 201, JSON.stringify(body));
  return body as Filter; // as its row says
}

const tag = async (): Promise<number> => {
  const { body } = await site.call('GET /v1/accounts/{appid}/tags', { params });
  const { data } = body as { data: { id: number; name: string }[] }; // as its row says
  return data.find(({ name }) => name === 'vip')?.id ?? -1;
};

before(async () => {
  await site.call('POST /v1/accounts/{appid}/templates/sync', { params });
  await site.call('POST /v1/accounts/{appid}/follower-syncs', { params, body: { details: true } });
  await until(
    'the details are there',
    async () => (await counted({ subscribedWithinDays: 3650 })) === followers,
  );
});

describe('saved filters', () => {
  test('one is made, counted, changed, its people are looked at, and it is removed', async () => {
    const vips = await counted({ tags: [await tag()] });
    assert.ok(vips > 0 && vips < followers);
    await using visit = await site.open('/contacts');
    const { page } = visit;
    const list = page.getByRole('region', { name: '筛选', exact: true });
    await page.getByText('还没有保存的筛选').waitFor();
    await page.getByRole('button', { name: '新建筛选' }).click();
    const form = page.getByRole('dialog', { name: '新建筛选' });
    await form.getByRole('textbox', { name: '名称' }).fill('十年内关注');
    await form.getByLabel('最近多少天内关注').fill('3650');
    await form.getByText(`目前符合 ${followers} 人`).waitFor();
    await form.getByRole('button', { name: '保存' }).click();
    const row = list.getByRole('row', { name: /十年内关注/ });
    await row.getByText('最近 3,650 天内关注').waitFor();
    await row.getByText(`${followers} 人`, { exact: true }).waitFor();

    await row.getByRole('button', { name: '更多操作：十年内关注' }).click();
    await page.getByRole('menuitem', { name: '修改' }).click();
    const edit = page.getByRole('dialog', { name: '修改筛选' });
    await edit.getByText('vip', { exact: true }).click();
    await edit.getByRole('button', { name: '保存' }).click();
    await row.getByText('标签：vip；最近 3,650 天内关注').waitFor();
    await row.getByText(`${vips} 人`, { exact: true }).waitFor();

    await row.getByRole('link', { name: '十年内关注' }).click();
    await page.getByText('仅显示筛选“十年内关注”目前符合的用户').waitFor();
    const people = page.getByRole('link', { name: /^o[\w-]{27}$/ });
    await until('only they are shown', async () => (await people.count()) === Math.min(50, vips));
    await page.waitForURL((url) => url.searchParams.has('filter'));
    await page.getByRole('button', { name: '显示全部用户' }).click();
    await people.nth(49).waitFor();

    await row.getByRole('button', { name: '更多操作：十年内关注' }).click();
    await page.getByRole('menuitem', { name: '删除' }).click();
    await page.getByRole('alertdialog').getByRole('button', { name: '删除' }).click();
    await page.getByText('还没有保存的筛选').waitFor();
    visit.clean();
  });

  test('a push is begun with it; one that a schedule sends to is kept, and why is said', async () => {
    const { id, name } = await saved('常客', { subscribedWithinDays: 3650 });
    const template = account.templates().find(({ title }) => title === '消息通知');
    const made = await site.call('POST /v1/schedules', {
      body: {
        ...{ appid, channel: 'oa-template', cron: '0 9 * * 1', audience: { kind: 'filter', id } },
        message: {
          template_id: template?.template_id,
          data: { keyword1: '会员日', keyword2: '您的权益已更新', keyword3: '2026年3月8日' },
        },
      },
    });
    assert.equal(made.status, 201, JSON.stringify(made.body));
    await using visit = await site.open('/contacts');
    const { page } = visit;
    const row = page.getByRole('row', { name: new RegExp(name) });
    await row.getByRole('button', { name: `更多操作：${name}` }).click();
    await page.getByRole('menuitem', { name: '删除' }).click();
    const question = page.getByRole('alertdialog');
    await question.getByRole('button', { name: '删除' }).click();
    await question.getByText('FILTER_IN_USE', { exact: false }).waitFor();
    await question.getByRole('button', { name: '取消' }).click();

    await row.getByRole('link', { name: '用它新建推送' }).click();
    await page.locator('label').filter({ hasText: '消息通知' }).first().click();
    await page.waitForURL(/draft=\d+/);
    const draft = new URL(page.url()).searchParams.get('draft');
    await until('the server has whom it is for', async () => {
      const { body } = await site.call('GET /v1/drafts/{id}', { params: { id: draft ?? '' } });
      const { request } = body as { request: { audience?: unknown } }; // as its row says
      return JSON.stringify(request.audience) === JSON.stringify({ kind: 'filter', id });
    });
    visit.clean(/409/);
  });

  test('many are counted without asking for more at once than the server takes; a reader sees them and changes nothing', async () => {
    for (let n = 1; n <= 15; n++) await saved(`人群 ${n}`, { subscribedWithinDays: 3000 + n });
    const made = await site.call('POST /v1/keys', {
      body: { name: '看人群', permissions: ['account.read', 'contact.read'], accounts: [appid] },
    });
    const { key } = made.body as { key: string }; // as its row says
    await using visit = await site.open('/contacts', { as: key });
    const { page } = visit;
    const list = page.getByRole('region', { name: '筛选', exact: true });
    await list.getByRole('row', { name: /人群 1 .*\d+ 人/ }).waitFor();
    await list.getByRole('row', { name: /人群 15 .*\d+ 人/ }).waitFor();
    await until('all are counted', async () => (await list.getByText('正在统计…').count()) === 0);
    assert.equal(await list.getByRole('alert').count(), 0);
    assert.equal(await page.getByRole('button', { name: '新建筛选' }).count(), 0);
    assert.equal(await list.getByRole('button').count(), 0);
    assert.equal(await list.getByRole('link', { name: '用它新建推送' }).count(), 0);
    visit.clean();
  });

  for (const { name, ...view } of views)
    test(`can be read by everybody: ${name}`, async () => {
      await using visit = await site.open('/contacts', view);
      const { page } = visit;
      await page.getByRole('row', { name: /人群 15/ }).waitFor();
      await visit.settled();
      await visit.accessible();
      await visit.fits();
      visit.clean();
    });
});
