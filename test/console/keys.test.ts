import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { consoleSite, views } from '../support/console.ts';
import { typeDate } from './hands.ts';

const site = await consoleSite();

describe('keys', () => {
  test('a key is made with what was chosen, shown once, used, and revoked', async () => {
    await using visit = await site.open('/keys');
    const { page } = visit;
    await page.getByRole('button', { name: '新建密钥' }).click();
    const dialog = page.getByRole('dialog', { name: '新建密钥' });
    await dialog.getByRole('textbox', { name: '名称' }).fill('订单系统');
    await dialog.getByText('查看节点').click();
    await dialog.getByText('仅限所选账号').click();
    assert.ok(await dialog.getByRole('button', { name: '创建密钥' }).isDisabled(), 'none is chosen yet');
    await dialog.getByRole('checkbox', { name: site.account.appid }).check({ force: true });
    await dialog.getByRole('textbox', { name: '每秒请求上限' }).fill('20');
    await dialog.getByRole('button', { name: '创建密钥' }).click();
    const shown = page.getByRole('alertdialog', { name: '订单系统' });
    const key = (await shown.locator('code').textContent()) ?? '';
    const me = await site.call('GET /v1/me', { as: key });
    assert.deepEqual(me.body, {
      ...{ kind: 'key', id: key.split('_')[1], name: '订单系统', role: null },
      ...{ permissions: ['message.send', 'message.read', 'node.read'], accounts: [site.account.appid] },
    });
    const { body } = await site.call('GET /v1/keys', { query: { limit: 1 } });
    assert.equal((body as { data: { ratePerS: number }[] }).data[0]?.ratePerS, 20);
    await shown.getByRole('button', { name: '我已复制' }).click();
    await shown.waitFor({ state: 'detached' });
    assert.ok(!(await page.content()).includes(key));

    const row = page.getByRole('row', { name: /订单系统/ });
    await row.getByText('有效', { exact: true }).waitFor();
    await row.getByRole('button', { name: '吊销' }).click();
    await page.getByRole('alertdialog').getByRole('button', { name: '吊销' }).click();
    await row.getByText('已吊销').waitFor();
    visit.clean();
  });

  test("what the server refuses is said in the form, in the reader's language, and nothing typed is lost", async () => {
    const maker = await site.key(['user.manage', 'message.read'], [site.account.appid]);
    await using visit = await site.open('/keys', { lang: 'en', as: maker });
    const { page } = visit;
    await page.getByRole('button', { name: 'New key' }).click();
    const dialog = page.getByRole('dialog', { name: 'New key' });
    await dialog.getByRole('textbox', { name: 'Name' }).fill('too much');
    // Their own account is chosen, and what they may do themselves; more than that is refused.
    assert.ok(await dialog.getByRole('checkbox', { name: site.account.appid }).isChecked());
    await dialog.getByText('All accounts, also those to come').click();
    await dialog.getByRole('button', { name: 'Make the key' }).click();
    const alert = dialog.getByRole('alert');
    await alert.getByText('FORBIDDEN').waitFor();
    assert.doesNotMatch((await alert.textContent()) ?? '', /\p{Script=Han}/u);
    assert.equal(await dialog.getByRole('textbox', { name: 'Name' }).inputValue(), 'too much');
    visit.clean(/403/);
  });

  test("the end of a key is meant in China's time, and so it is shown", async () => {
    await using visit = await site.open('/keys');
    const { page } = visit;
    await page.getByRole('button', { name: '新建密钥' }).click();
    const dialog = page.getByRole('dialog', { name: '新建密钥' });
    await dialog.getByRole('textbox', { name: '名称' }).fill('短期');
    await typeDate(dialog, '有效期至', '2030-03-08 09:12');
    await dialog.getByRole('button', { name: '创建密钥' }).click();
    await page.getByRole('button', { name: '我已复制' }).click();
    const until = page.getByRole('row', { name: /短期/ }).getByRole('time');
    assert.equal(await until.first().getAttribute('datetime'), '2030-03-08T01:12:00.000Z');
    assert.equal(await until.first().textContent(), '2030-03-08 09:12');
    visit.clean();
  });

  for (const { name, ...view } of views) {
    test(`can be read by everybody: ${name}`, async () => {
      await site.key(['message.send', 'message.read'], [site.account.appid]);
      await using visit = await site.open('/keys', view);
      await visit.page.getByRole('row').nth(1).waitFor();
      await visit.accessible();
      await visit.fits();
      await visit.page.getByRole('button', { name: view.lang === 'zh' ? '新建密钥' : 'New key' }).click();
      await visit.page.getByRole('dialog').waitFor();
      await visit.accessible();
      visit.clean();
    });
  }
});
