import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { consoleSite } from '../support/console.ts';
import { typeDate } from './hands.ts';
import { wizard, wizardScene } from './wizard.ts';

const site = await consoleSite();
const { account } = site;
const { appid } = account;
const { written, known } = wizardScene(site);

before(known);

describe('the audience', () => {
  test('a filter is made in the wizard, counted while it is typed, chosen, and its people are looked at', async () => {
    const id = await written({});
    await using visit = await site.open(`/campaigns/new?draft=${id}&step=audience`);
    const { page } = visit;
    const { choose, next, at } = wizard(page);
    await choose('按筛选');
    await next('checks');
    await page.getByRole('alert').getByText('请选择人群。').waitFor();
    await page.getByRole('button', { name: '新建筛选' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('名称').fill('十年内关注');
    await dialog.getByText('请至少设置一个条件。').waitFor();
    await dialog.getByLabel('最近多少天内关注').fill('3650');
    const count = await dialog.getByText(/目前符合 [\d,]+ 人/).textContent();
    await visit.accessible();
    await dialog.getByRole('button', { name: '保存' }).click();
    await dialog.waitFor({ state: 'detached' });
    assert.equal(await page.getByText(/目前符合 [\d,]+ 人/).textContent(), count);
    await page.getByText(/第 1 位，共 \d+ 位/).waitFor();
    await page.getByRole('navigation').getByText('十年内关注').waitFor();
    await next('checks');
    await at('checks');
    await page.getByRole('list', { name: '检查结果' }).waitFor();
    visit.clean();
  });

  test('people without columns cannot fill in a variable, and that is said', async () => {
    const values = { keyword1: '{{姓名}}', keyword2: '您的权益已到账', keyword3: '2026年3月8日' };
    const id = await written({ audience: 'all' }, { values });
    await using visit = await site.open(`/campaigns/new?draft=${id}&step=audience`);
    const { page } = visit;
    await page.getByText(/该人群没有可用的列，无法填入.*姓名/).waitFor();
    await wizard(page).next('checks');
    await page
      .getByRole('alert')
      .getByText(/没有对应的列/)
      .waitFor();
    visit.clean();
  });
});

describe('the number', () => {
  test('when it is another one than at the checks, that is said before it is typed', async () => {
    const openids = [4, 5, 6].map((n) => account.openid(n)).join('\n');
    const id = await written({ audience: 'list', openids }, { again: true });
    await using visit = await site.open(`/campaigns/new?draft=${id}&step=checks`);
    const { page } = visit;
    const { next, at, choose } = wizard(page);
    await at('checks');
    await page
      .getByRole('listitem')
      .filter({ hasText: '将收到消息' })
      .getByText('3 人', { exact: true })
      .waitFor();
    await site.call('POST /v1/accounts/{appid}/suppressions', {
      params: { appid },
      body: { openids: [account.openid(4)], note: '投诉' },
    });
    await next('test');
    await next('time');
    // Another time is another plan.
    await choose('定时发送');
    await typeDate(page, '开始时间', '2020-01-01 09:00');
    await next('confirm');
    await page.getByRole('alert').getByText('开始时间已过。').waitFor();
    await typeDate(page, '开始时间', '2099-01-01 09:00');
    await next('confirm');
    await page.getByText('检查时是 3 人，现在是 2 人。', { exact: false }).waitFor();
    await page.getByRole('button', { name: '向 2 人发送' }).waitFor();
    await site.call('DELETE /v1/accounts/{appid}/suppressions/{openid}', {
      params: { appid, openid: account.openid(4) },
    });
    visit.clean();
  });

  test('the same once more within 24 hours is asked about, not done', async () => {
    const openids = account.openid(7);
    const draft = { audience: 'list', openids };
    for (const isSecond of [false, true]) {
      const id = await written(draft);
      await using visit = await site.open(`/campaigns/new?draft=${id}&step=checks`);
      const { page } = visit;
      if (isSecond) {
        await page.getByText('24 小时内已用此模板发给同一人群。').waitFor();
        await page.getByRole('button', { name: '仍要再发' }).click();
      }
      await page
        .getByRole('listitem')
        .filter({ hasText: '将收到消息' })
        .getByText('1 人', { exact: true })
        .waitFor();
      for (const step of ['test', 'time', 'confirm']) await wizard(page).next(step);
      await page.getByLabel('输入人数以确认：1').fill('1');
      await page.getByRole('button', { name: '向 1 人发送' }).click();
      await page.getByText('已完成').first().waitFor();
      visit.clean(/409/);
    }
  });
});

describe('credits', () => {
  test('of a subscription channel: who has one, who has none and is left out, and of whom nobody knows', async () => {
    const found = account.templates().find(({ title }) => title === '活动开始提醒');
    const templateId = found?.template_id ?? '';
    const [some, none, unheard] = [11, 12, 13].map((n) => account.openid(n));
    const at = '2026-01-02 03:04';
    const known = await site.call('POST /v1/accounts/{appid}/credits/import', {
      params: { appid },
      query: { name: 'credits.csv' },
      headers: { 'content-type': 'text/csv' },
      body: `openid,template_id,count,at\n${some},${templateId},2,${at}\n${none},${templateId},0,${at}\n`,
    });
    assert.equal(known.status, 200, JSON.stringify(known.body));
    const values = { thing1: '读书会', time2: '2026年3月8日 09:12' };
    const people = { audience: 'list', openids: [some, none, unheard].join('\n') };
    const id = await written(people, { templateId, values });
    await using visit = await site.open(`/campaigns/new?draft=${id}&step=checks`);
    const { page } = visit;
    const check = (name: string) =>
      page.getByRole('list', { name: '检查结果' }).getByRole('listitem').filter({ hasText: name });
    const says = (name: string, ...texts: (string | RegExp)[]) =>
      Promise.all(texts.map((text) => check(name).getByText(text, { exact: true }).waitFor()));
    await says('将收到消息', '2 人');
    await says('已知有订阅次数', '1', '正常', '可以触达。');
    await says('没有订阅次数', '1', '请留意', '不发送，需引导用户再次订阅。');
    await says('订阅次数未知', '1', '请留意', /^照常发送，没有次数的会被微信拒绝（43101）/);
    await wizard(page).next('test');
    await wizard(page).next('time');
    await wizard(page).next('confirm');
    await page.getByRole('button', { name: '向 2 人发送' }).waitFor();
    visit.clean();

    // A channel that needs no subscription says nothing of them.
    const other = await written(people, { again: true });
    await page.goto(`${site.url}/campaigns/new?draft=${other}&step=checks`);
    await says('将收到消息', '3 人');
    assert.equal(await check('订阅次数').count(), 0);
  });
});

describe('a time that comes again', () => {
  test('its next runs and quiet hours are shown before anything is stored; it makes a schedule and no campaign', async () => {
    await site.call('PATCH /v1/accounts/{appid}', {
      params: { appid },
      body: { quietHours: { from: '22:00', to: '08:00' } },
    });
    const file = await written({ audience: 'list', openids: account.openid(8) }, { again: true });
    await using one = await site.open(`/campaigns/new?draft=${file}&step=time`);
    // It was not checked yet: that comes first.
    await wizard(one.page).at('checks');
    await one.page.getByRole('list', { name: '检查结果' }).waitFor();
    await wizard(one.page).next('test');
    await wizard(one.page).next('time');
    await one.page.getByText(/不能周期发送/).waitFor();
    assert.ok(await one.page.getByRole('radio', { name: /周期发送/ }).isDisabled());

    const id = await written({ audience: 'all' }, { again: true });
    await using visit = await site.open(`/campaigns/new?draft=${id}&step=checks`);
    const { page } = visit;
    const { next, choose } = wizard(page);
    await page.getByRole('list', { name: '检查结果' }).waitFor();
    await next('test');
    await next('time');
    await choose('周期发送');
    await page
      .getByText(/^\d{4}-\d\d-\d\d 09:00$/)
      .first()
      .waitFor();
    await typeDate(page, '时间', '23:30');
    await page.getByText('免打扰，等到 08:00').first().waitFor();
    await visit.accessible();
    const schedules = async (): Promise<{ cron: string; sync: boolean }[]> =>
      ((await site.call('GET /v1/schedules')).body as { data: { cron: string; sync: boolean }[] }).data;
    assert.deepEqual(await schedules(), []);
    await next('confirm');
    const label = page.getByLabel(/输入人数以确认：/);
    const [, people = ''] =
      /：([\d,]+)/.exec((await label.locator('xpath=../label').textContent()) ?? '') ?? [];
    await label.fill(people);
    await page.getByRole('button', { name: '创建定时任务' }).click();
    await page.getByRole('heading', { level: 1, name: '定时任务' }).waitFor();
    assert.deepEqual(
      (await schedules()).map(({ cron, sync }) => [cron, sync]),
      [['30 23 * * *', true]],
    );
    assert.equal((await site.call('GET /v1/drafts/{id}', { params: { id } })).status, 404);
    const { body } = await site.call('GET /v1/campaigns', { query: { appid, limit: 1 } });
    assert.equal((body as { data: { state: string }[] }).data[0]?.state, 'cancelled');
    await site.call('PATCH /v1/accounts/{appid}', { params: { appid }, body: { quietHours: null } });
    visit.clean();
  });
});
