import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { describe, test } from 'node:test';
import { consolePaths } from '../../src/server/console.ts';
import { consoleSite } from '../support/console.ts';

const site = await consoleSite();

describe('the frame', () => {
  test('each page of the console has its address at the server', async () => {
    const source = await readFile(new URL('../../console/frame/routes.tsx', import.meta.url), 'utf8');
    const firsts = [...source.matchAll(/page\('\/([\w-]*)/g)]
      .map(([, first]) => first)
      .filter((first) => first !== '');
    assert.ok(firsts.length > 2);
    for (const first of firsts)
      assert.ok(
        consolePaths.some((one) => one === first),
        `/${first} is not served`,
      );
  });

  test('says in which zone the times are: that of the account', async () => {
    const { appid } = site.account;
    const change = (timeZone: string) =>
      site.call('PATCH /v1/accounts/{appid}', { params: { appid }, body: { timeZone } });
    await using visit = await site.open('/nodes');
    const { page } = visit;
    const shown = page.getByRole('row').nth(1).locator('time').first();
    await page.getByText('时区：Asia/Shanghai').waitFor();
    const at = (await shown.textContent()) ?? '';
    await change('Europe/Lisbon');
    try {
      await page.reload();
      await page.getByText('时区：Europe/Lisbon').waitFor();
      assert.notEqual(await shown.textContent(), at);
    } finally {
      await change('Asia/Shanghai');
    }
    visit.clean();
  });

  test('languages and colours are changed in place and remembered', async () => {
    await using visit = await site.open('/nodes');
    const { page } = visit;
    await page.getByRole('button', { name: '当前用户：api.token' }).click();
    await page.getByRole('menuitem', { name: 'English' }).click();
    await page.getByRole('heading', { name: 'Nodes' }).waitFor();
    await page.getByRole('button', { name: 'Signed in as api.token' }).click();
    await page.getByRole('menuitem', { name: 'Dark' }).click();
    await page.reload();
    await page.getByRole('heading', { name: 'Nodes' }).waitFor();
    assert.equal(await page.locator('html').getAttribute('data-theme'), 'dark');
    assert.equal(await page.locator('html').getAttribute('lang'), 'en-US');
    visit.clean();
  });

  test('is worked by keyboard alone, and says where the content begins', async () => {
    await using visit = await site.open('/nodes');
    const { page } = visit;
    await page.getByRole('heading', { name: '节点' }).waitFor();
    await page.keyboard.press('Tab');
    await visit.hasFocus(page.getByRole('link', { name: '跳到正文' }));
    await visit.tabTo(page.getByRole('link', { name: '密钥' }));
    await page.keyboard.press('Enter');
    await visit.tabTo(page.getByRole('button', { name: '新建密钥' }));
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').waitFor();
    await page.keyboard.press('Escape');
    await visit.hasFocus(page.getByRole('button', { name: '新建密钥' }));
    visit.clean();
  });

  test('under 900 px the menu is a drawer', async () => {
    await using visit = await site.open('/nodes', { width: 390 });
    const { page } = visit;
    await page.getByRole('button', { name: '菜单' }).click();
    await page.getByRole('dialog', { name: '菜单' }).getByRole('link', { name: '审计' }).click();
    await page.getByRole('heading', { name: '审计' }).waitFor();
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    visit.clean();
  });

  test('a server that is away is said so, with the age of what is shown, until it is back', async () => {
    await using visit = await site.open('/nodes');
    const { page } = visit;
    await page.getByRole('row').nth(1).waitFor();
    await visit.context.setOffline(true);
    await page.getByText(/与服务器的连接已断开，当前显示的是 .* 的数据/).waitFor();
    await page.getByRole('row').nth(1).waitFor();
    await visit.context.setOffline(false);
    await page.getByText(/与服务器的连接已断开/).waitFor({ state: 'detached' });
    visit.clean(/ERR_INTERNET_DISCONNECTED|ERR_NETWORK/);
  });
});
