import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { consoleSite, views } from '../support/console.ts';

const site = await consoleSite();
const password = '一只大雁往南飞 2026';

/** A new person's link, as whoever made them sends it. */
async function invite(name: string, role = 'admin', accounts: string[] | null = null): Promise<string> {
  const { status, body } = await site.call('POST /v1/users', { body: { name, role, accounts } });
  assert.equal(status, 201, JSON.stringify(body));
  return (body as { link: { path: string } }).link.path;
}

describe('signing in', () => {
  test('the one-time link sets the password, leads in, and is then used up', async () => {
    const link = await invite('minghua');
    await using visit = await site.open(link, { as: null });
    const { page } = visit;
    await page.getByRole('heading', { name: '设置密码' }).waitFor();
    await visit.accessible();
    const set = page.getByRole('button', { name: '设置并继续' });
    await page.getByLabel('新密码').fill('123456789012');
    await page.getByLabel('再输入一次').fill('12345678901x');
    await page.getByText('两次输入不一致').waitFor();
    assert.ok(await set.isDisabled());
    await page.getByLabel('再输入一次').fill('123456789012');
    await set.click();
    await page.getByRole('alert').getByText('PASSWORD_WEAK').waitFor();
    await page.getByLabel('新密码').fill(password);
    await page.getByLabel('再输入一次').fill(password);
    await set.click();
    await page.getByRole('button', { name: '当前用户：minghua' }).waitFor();
    await page.waitForURL(({ hash }) => hash === '');
    assert.doesNotMatch(await page.evaluate('document.cookie'), /hongyan/, 'scripts cannot read the session');

    await using again = await site.open(link, { as: null });
    await again.page.getByLabel('新密码').fill(password);
    await again.page.getByLabel('再输入一次').fill(password);
    await again.page.getByRole('button', { name: '设置并继续' }).click();
    await again.page.getByRole('alert').getByText('LINK_INVALID').waitFor();
    await again.page.getByRole('link', { name: '登录' }).click();
    await again.page.getByLabel('用户名').fill('minghua');
    await again.page.getByLabel('密码').fill('wrong and long enough');
    await again.page.keyboard.press('Enter');
    await again.page.getByRole('alert').getByText('SIGN_IN_FAILED').waitFor();
    assert.equal(await again.page.getByLabel('用户名').inputValue(), 'minghua');
    await again.page.getByLabel('密码').fill(password);
    await again.page.keyboard.press('Enter');
    await again.page.getByRole('button', { name: '当前用户：minghua' }).waitFor();
    visit.clean(/40[014]/);
    again.clean(/40[01]|410/);
  });

  test('whoever is not signed in comes to where they wanted to go', async () => {
    await site.signedIn('keeper');
    await using visit = await site.open('/keys', { as: null });
    const { page } = visit;
    await page.getByRole('heading', { name: '登录' }).waitFor();
    await visit.accessible();
    await page.getByLabel('用户名').fill('keeper');
    await page.getByLabel('密码').fill(site.password);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: '密钥' }).waitFor();
    visit.clean(/401/);
  });

  test('a session that ends in between asks for the password over the page, and nothing typed is lost', async () => {
    const cookie = await site.signedIn('busy');
    await using visit = await site.open('/keys', { as: null, cookie });
    const { page } = visit;
    await page.getByRole('button', { name: '新建密钥' }).first().click();
    const form = page.getByRole('dialog', { name: '新建密钥' });
    await form.getByRole('textbox', { name: '名称' }).fill('写到一半');
    const users = await site.call('GET /v1/users');
    const id =
      (users.body as { data: { id: string; name: string }[] }).data.find(({ name }) => name === 'busy')?.id ??
      '';
    await site.call('DELETE /v1/users/{id}/sessions', { params: { id } });
    await form.getByRole('button', { name: '创建密钥' }).click();
    const ended = page.getByRole('alertdialog', { name: '登录已过期' });
    await ended.getByLabel('密码').fill(site.password);
    await page.keyboard.press('Enter');
    await ended.waitFor({ state: 'detached' });
    assert.equal(await form.getByRole('textbox', { name: '名称' }).inputValue(), '写到一半');
    await form.getByRole('button', { name: '创建密钥' }).click();
    await page.getByRole('alertdialog', { name: '写到一半' }).waitFor();
    visit.clean(/401/);
  });

  test('signing out leaves nothing behind; another tab says so', async () => {
    const cookie = await site.signedIn('leaver');
    await using visit = await site.open('/nodes', { as: null, cookie });
    const { page } = visit;
    await page.getByRole('row').nth(1).waitFor();
    const other = await visit.context.newPage();
    await other.goto(`${site.url}/nodes`);
    await other.getByRole('row').nth(1).waitFor();
    await page.getByRole('button', { name: '当前用户：leaver' }).click();
    await page.getByRole('menuitem', { name: '退出登录' }).click();
    await page.getByRole('heading', { name: '登录' }).waitFor();
    await other.getByRole('alertdialog', { name: '登录已过期' }).waitFor();
    visit.clean(/401/);
  });

  test('the password is changed by whoever knows the old one', async () => {
    const cookie = await site.signedIn('changer');
    await using visit = await site.open('/nodes', { as: null, cookie });
    const { page } = visit;
    await page.getByRole('button', { name: '当前用户：changer' }).click();
    await page.getByRole('menuitem', { name: '修改密码' }).click();
    const dialog = page.getByRole('dialog', { name: '修改密码' });
    await dialog.getByLabel('当前密码').fill('not the old one');
    await dialog.getByLabel('新密码').fill(`${password}!`);
    await dialog.getByLabel('再输入一次').fill(`${password}!`);
    await dialog.getByRole('button', { name: '保存' }).click();
    await dialog.getByText('用户名或密码错误').waitFor();
    assert.equal(await page.getByRole('alertdialog').count(), 0, 'the session has not ended');
    await dialog.getByLabel('当前密码').fill(site.password);
    await dialog.getByRole('button', { name: '保存' }).click();
    await page.getByText('密码已修改').waitFor();
    const signIn = (text: string): Promise<{ status: number }> =>
      site.call('POST /v1/sessions', {
        as: null,
        headers: { 'x-requested-with': 'hongyan' },
        body: { name: 'changer', password: text },
      });
    assert.equal((await signIn(`${password}!`)).status, 201);
    visit.clean(/401/);
  });
});

describe('members', () => {
  test('a member is added, sent the link, limited, disabled, and told from oneself', async () => {
    const cookie = await site.signedIn('boss');
    await using visit = await site.open('/users', { as: null, cookie });
    const { page } = visit;
    await page.getByRole('button', { name: '添加成员' }).click();
    const form = page.getByRole('dialog', { name: '添加成员' });
    await form.getByRole('textbox', { name: '用户名' }).fill('newcomer');
    await form.getByText('可以新建和测试，不能正式发送').click();
    await form.getByText('仅限所选账号').click();
    await form.getByRole('checkbox', { name: site.account.appid }).check({ force: true });
    await form.getByRole('button', { name: '添加', exact: true }).click();
    const shown = page.getByRole('alertdialog', { name: '把此链接发给 newcomer' });
    const link = (await shown.locator('code').textContent()) ?? '';
    await shown.getByRole('button', { name: '完成' }).click();
    await page.getByRole('row', { name: /boss 你/ }).waitFor();
    const row = page.getByRole('row', { name: /newcomer/ });
    await row.getByText('尚未设置密码').waitFor();

    await using other = await site.open(link.slice(site.url.length), { as: null });
    await other.page.getByLabel('新密码').fill(password);
    await other.page.getByLabel('再输入一次').fill(password);
    await other.page.getByRole('button', { name: '设置并继续' }).click();
    await other.page.getByRole('button', { name: '当前用户：newcomer' }).waitFor();
    // An editor has no business with keys.
    assert.equal(await other.page.getByRole('link', { name: '密钥' }).count(), 0);

    await row.getByRole('button', { name: 'newcomer 的更多操作' }).click();
    await page.getByRole('menuitem', { name: '停用' }).click();
    await row.getByText('已停用').waitFor();
    visit.clean();
    other.clean(/40[14]/);
  });

  for (const { name, ...view } of views) {
    test(`can be read by everybody: ${name}`, async () => {
      const cookie = await site.signedIn('reader');
      await using visit = await site.open('/users', { ...view, as: null, cookie });
      await visit.page.getByRole('row').nth(1).waitFor();
      await visit.accessible();
      await visit.fits();
      await visit.page.getByRole('button', { name: view.lang === 'zh' ? '添加成员' : 'New member' }).click();
      await visit.page.getByRole('dialog').waitFor();
      await visit.accessible();
      visit.clean();
    });
  }
});
