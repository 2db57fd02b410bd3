import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { consoleSite, views } from '../support/console.ts';
import { hands } from './hands.ts';

const site = await consoleSite();
const { appid } = site.account;

before(async () => {
  await site.call('PATCH /v1/accounts/{appid}/callback', {
    params: { appid },
    body: { publicUrl: site.url, mode: 'plain' },
  });
});

describe('webhooks and events', () => {
  test('a webhook is added, its secret shown once, paused, and removed after a question', async () => {
    await using visit = await site.open('/webhooks');
    const { page } = visit;
    await page.getByRole('button', { name: '添加 Webhook' }).click();
    const form = page.getByRole('dialog', { name: '添加 Webhook' });
    await form.getByRole('textbox', { name: '接收地址' }).fill('https://hooks.example.com/in?key=1');
    await form.getByText('推送状态').click();
    await form.getByRole('button', { name: '添加', exact: true }).click();
    const shown = page.getByRole('alertdialog', { name: /请立即复制签名密钥/ });
    assert.match((await shown.locator('code').textContent()) ?? '', /^whsec_/);
    await shown.getByRole('button', { name: '我已复制' }).click();
    await page.getByRole('link', { name: 'hooks.example.com' }).click();
    await page.getByRole('heading', { name: 'hooks.example.com' }).waitFor();
    await page.getByText(/发送结果.*回执|回执.*发送结果/).waitFor();
    await page.getByRole('button', { name: '更多' }).click();
    await page.getByRole('menuitem', { name: '暂停' }).click();
    await page.getByText('已暂停').waitFor();
    await page.getByRole('button', { name: '更多' }).click();
    await page.getByRole('menuitem', { name: '删除' }).click();
    await page.getByRole('alertdialog').getByRole('button', { name: '删除' }).click();
    await page.getByText('还没有 Webhook').waitFor();
    visit.clean();
  });

  test('a webhook is added with nothing but the keyboard', async () => {
    await using visit = await site.open('/webhooks');
    const { page } = visit;
    const { press, type, pick } = hands.keyboard(visit);
    await press(page.getByRole('button', { name: '添加 Webhook' }).first());
    const form = page.getByRole('dialog', { name: '添加 Webhook' });
    await type(form.getByRole('textbox', { name: '接收地址' }), 'https://keys.example.com/in');
    await pick(form.getByRole('checkbox', { name: /推送状态/ }));
    await press(form.getByRole('button', { name: '添加', exact: true }));
    await press(page.getByRole('alertdialog').getByRole('button', { name: '我已复制' }));
    await press(page.getByRole('link', { name: 'keys.example.com' }));
    await page.getByRole('heading', { name: 'keys.example.com' }).waitFor();
    await press(page.getByRole('button', { name: '更多' }));
    await page.getByRole('menuitem', { name: '删除' }).waitFor();
    await page.keyboard.press('End');
    await page.keyboard.press('Enter');
    await press(page.getByRole('alertdialog').getByRole('button', { name: '删除' }));
    await page.getByText('还没有 Webhook').waitFor();
    visit.clean();
  });

  test('events come in live, with their raw text', async () => {
    await using visit = await site.open('/events');
    const { page } = visit;
    await page.getByText('还没有事件').waitFor();
    const paste = await site.call('GET /v1/accounts/{appid}/callback/paste', { params: { appid } });
    const lines = (paste.body as { lines: { label: string; value: string }[] }).lines;
    const token = lines.find(({ label }) => /token/i.test(label))?.value ?? '';
    await site.account.events.setCallback({ url: `${site.url}/callback/${appid}`, token, mode: 'plain' });
    site.account.user(site.account.openid(2)).sendText('什么时候发货？');
    const row = page.getByRole('row', { name: /用户消息.*什么时候发货？/ });
    await row.waitFor();
    await row.getByRole('button', { name: '原文' }).click();
    await page.getByRole('dialog', { name: '用户消息' }).locator('pre').getByText('什么时候发货？').waitFor();
    visit.clean();
  });

  for (const { name, ...view } of views) {
    for (const path of ['/webhooks', '/events']) {
      test(`${path} can be read by everybody: ${name}`, async () => {
        await using visit = await site.open(path, view);
        await visit.page.getByRole('heading', { level: 1 }).waitFor();
        await visit.accessible();
        await visit.fits();
        visit.clean();
      });
    }
  }
});
