/** What is typed into a draft is kept, whatever becomes of the connection, the session or the page. */
import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import type { Page, Route } from 'playwright-core';
import { consoleSite } from '../support/console.ts';
import { signal } from '../support/in-time.ts';
import { wizard, wizardScene } from './wizard.ts';

const site = await consoleSite();
const { account } = site;
const { appid } = account;
const { templateOf, synced, written } = wizardScene(site);
const to = { audience: 'list', openids: account.openid(1) };

before(async () => {
  await synced();
});

const contentOf = (id: number): string => `/campaigns/new?draft=${id}&step=content`;

/** As an administrator does it for a device that was lost. */
async function endSessions(name: string): Promise<void> {
  const users = await site.call('GET /v1/users');
  const { data } = users.body as { data: { id: string; name: string }[] }; // as its row says
  const id = data.find((one) => one.name === name)?.id ?? '';
  await site.call('DELETE /v1/users/{id}/sessions', { params: { id } });
}

/** What the server has of a draft. */
async function valuesOf(id: number): Promise<Record<string, string>> {
  const { body } = await site.call('GET /v1/drafts/{id}', { params: { id } });
  return (body as { client: { values: Record<string, string> } }).client.values; // as the wizard keeps it
}

/**
 * Writings are answered by this until it is stopped; the rest goes its way. The route stays: where one is taken away, the
 * browser goes on with what is under way, and it would be answered twice.
 */
async function onWriting(page: Page, answer: (route: Route) => Promise<void>): Promise<() => Promise<void>> {
  const underWay = new Set<Promise<void>>();
  let isStopped = false;
  await page.route(/\/v1\/drafts(?:\/\d+)?$/, async (route) => {
    if (isStopped || route.request().method() === 'GET') return await route.fallback();
    const answering = answer(route);
    underWay.add(answering);
    await answering.finally(() => underWay.delete(answering));
  });
  return async () => {
    isStopped = true;
    await Promise.all(underWay);
  };
}

const away = (route: Route): Promise<void> => route.abort();
const lost = '连接不上服务器。';
const elsewhere = '该草稿已在别处被修改';

describe('what is typed', () => {
  test('while the connection is lost is written once it is back, with no further key', async () => {
    const id = await written(to);
    await using visit = await site.open(contentOf(id));
    const { page } = visit;
    await page.getByLabel('标题').fill('到货');
    await wizard(page).kept();
    await visit.context.setOffline(true);
    await page.getByLabel('标题').fill('断网时写的');
    await page.getByRole('alert').getByText(lost).waitFor();
    await visit.context.setOffline(false);
    await wizard(page).kept();
    assert.equal((await valuesOf(id)).keyword1, '断网时写的');
    await page.getByRole('alert').getByText(lost).waitFor({ state: 'detached' });
    visit.clean(/ERR_INTERNET_DISCONNECTED|ERR_NETWORK/);
  });

  test('and not yet written survives a reload, and is written then', async () => {
    const id = await written(to);
    await using visit = await site.open(contentOf(id));
    const { page } = visit;
    await page.getByLabel('标题').waitFor();
    const stop = await onWriting(page, away);
    await page.getByLabel('标题').fill('没来得及保存');
    await page.getByRole('alert').getByText(lost).waitFor();
    await page.reload();
    await wizard(page).at('content');
    assert.equal(await page.getByLabel('标题').inputValue(), '没来得及保存');
    await stop();
    await wizard(page).kept();
    assert.equal((await valuesOf(id)).keyword1, '没来得及保存');
    visit.clean(/ERR_FAILED/);
  });

  test('into a new draft survives a reload before the server has any; it is made once', async () => {
    await using visit = await site.open(`/campaigns/new?template=${templateOf('消息通知')}`);
    const { page } = visit;
    await page.getByLabel('标题').waitFor();
    const drafts = async (): Promise<number> => {
      const { body } = await site.call('GET /v1/drafts', { query: { appid, limit: 100 } });
      return (body as { data: unknown[] }).data.length; // as its row says
    };
    const found = await drafts();
    // It is made, and nobody is told.
    const stop = await onWriting(page, async (route) => {
      await route.fetch();
      await route.abort();
    });
    await page.getByLabel('标题').fill('第一稿');
    await page.getByRole('alert').getByText(lost).waitFor();
    await page.reload();
    await wizard(page).at('content');
    assert.equal(await page.getByLabel('标题').inputValue(), '第一稿');
    await stop();
    await page.waitForURL(/draft=\d+/);
    await wizard(page).kept();
    const id = Number(new URL(page.url()).searchParams.get('draft'));
    assert.equal((await valuesOf(id)).keyword1, '第一稿');
    assert.equal(await drafts(), found + 1);
    visit.clean(/ERR_FAILED/);
  });

  for (const [name, answer] of [
    ['no answer', (route: Route) => route.abort()],
    ['the word of a gateway', (route: Route) => route.fulfill({ status: 502, body: 'Bad Gateway' })],
  ] as const)
    test(`and written, with ${name}, is no change of somebody else`, async () => {
      const id = await written(to);
      await using visit = await site.open(contentOf(id));
      const { page } = visit;
      await page.getByLabel('标题').waitFor();
      const arrived: number[] = [];
      const stop = await onWriting(page, async (route) => {
        arrived.push((await route.fetch()).status());
        await answer(route);
      });
      await page.getByLabel('标题').fill('写到了');
      await page.getByRole('alert').first().waitFor();
      await stop();
      await page.getByLabel('内容').fill('接着写');
      await wizard(page).kept();
      assert.equal(arrived[0], 200);
      const { keyword1, keyword2 } = await valuesOf(id);
      assert.deepEqual([keyword1, keyword2], ['写到了', '接着写']);
      assert.equal(await page.getByText(elsewhere).count(), 0);
      visit.clean(/ERR_FAILED|502|409/);
    });

  test('over an ended session is written once somebody has signed in', async () => {
    const id = await written(to);
    const cookie = await site.signedIn('writer');
    await using visit = await site.open(contentOf(id), { as: null, cookie });
    const { page } = visit;
    await page.getByLabel('标题').waitFor();
    await endSessions('writer');
    await page.getByLabel('标题').fill('登录过期时写的');
    const ended = page.getByRole('alertdialog', { name: '登录已过期' });
    await ended.getByLabel('密码').fill(site.password);
    await page.keyboard.press('Enter');
    await ended.waitFor({ state: 'detached' });
    await wizard(page).kept();
    assert.equal((await valuesOf(id)).keyword1, '登录过期时写的');
    visit.clean(/401/);
  });

  test('and refused for the session of before, when there is a new one, is written: nobody is asked twice', async () => {
    const id = await written(to);
    const cookie = await site.signedIn('returning');
    await using visit = await site.open(contentOf(id), { as: null, cookie });
    const { page } = visit;
    await page.getByLabel('标题').waitFor();
    const [refused, go] = [signal('a writing is refused'), signal('its refusal may arrive')];
    // What the page asks for by itself is refused too, and brings the dialog: here not before the writing has left.
    await page.route(/\/v1\//, async (route) => {
      await refused.promise;
      await route.fallback();
    });
    await endSessions('returning');
    const stop = await onWriting(page, async (route) => {
      const response = await route.fetch();
      if (response.status() === 401) {
        refused.give();
        await go.promise;
      }
      await route.fulfill({ response });
    });
    await page.getByLabel('标题').fill('登录过期时写的');
    await refused.promise;
    const ended = page.getByRole('alertdialog', { name: '登录已过期' });
    await ended.getByLabel('密码').fill(site.password);
    await page.keyboard.press('Enter');
    await ended.waitFor({ state: 'detached' });
    go.give();
    await stop();
    await wizard(page).kept();
    assert.equal((await valuesOf(id)).keyword1, '登录过期时写的');
    assert.equal(await ended.count(), 0);
    visit.clean(/401/);
  });

  test('by one member is not shown to another one who signs in over it', async () => {
    const id = await written(to);
    const cookie = await site.signedIn('first');
    await site.signedIn('second');
    await using visit = await site.open(contentOf(id), { as: null, cookie });
    const { page } = visit;
    await page.getByLabel('标题').waitFor();
    await endSessions('first');
    await page.getByLabel('标题').fill('前一位写的');
    const ended = page.getByRole('alertdialog', { name: '登录已过期' });
    await ended.getByLabel('用户名').fill('second');
    await ended.getByLabel('密码').fill(site.password);
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'second' }).waitFor();
    await wizard(page).at('content');
    assert.equal(await page.getByLabel('标题').inputValue(), '会员日');
    assert.equal((await valuesOf(id)).keyword1, '会员日');
    visit.clean(/401/);
  });

  test('for the template that was chosen last is there after a reload', async () => {
    await using visit = await site.open(`/campaigns/new?template=${templateOf('订单发货通知')}`);
    const { page } = visit;
    const { choose, next, at, kept } = wizard(page);
    await page.getByLabel('商品名称').fill('鸿雁牌毛笔');
    await page.waitForURL(/draft=\d+/);
    await page
      .getByRole('navigation')
      .getByRole('link', { name: /模板 订单发货通知/ })
      .click();
    await choose('消息通知');
    await next('content');
    await page.getByLabel('标题').fill('到货');
    await kept();
    await page.reload();
    await at('content');
    assert.equal(await page.getByLabel('标题').inputValue(), '到货');
    visit.clean();
  });
});
