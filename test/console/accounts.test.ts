import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { startSimulator } from '../../src/simulator/index.ts';
import { consoleSite, views } from '../support/console.ts';
import { typeDate } from './hands.ts';

const site = await consoleSite();
const { appid } = site.account;

describe('accounts', () => {
  test('an account is added once WeChat has taken its credentials, and removed by typing its appid', async () => {
    await using other = await startSimulator({ kind: 'sandbox', followers: 3, seed: 'another' });
    const account = other.account();
    await using visit = await site.open('/accounts');
    const { page } = visit;
    await page.getByRole('button', { name: '添加账号' }).click();
    const form = page.getByRole('dialog', { name: '添加账号' });
    await form.getByRole('button', { name: /类型/ }).click();
    await page.getByRole('option', { name: '测试号' }).click();
    await form.getByRole('textbox', { name: 'appid' }).fill(account.appid);
    await form.getByRole('textbox', { name: '名称' }).fill('练习用');
    await form.getByLabel('AppSecret', { exact: true }).fill('0'.repeat(32));
    await form.getByRole('textbox', { name: '微信接口地址' }).fill(other.url);
    await form.getByRole('button', { name: '核对并添加' }).click();
    await form.getByRole('alert').waitFor();
    // Nothing is lost, and nothing was stored.
    assert.equal(await form.getByRole('textbox', { name: '名称' }).inputValue(), '练习用');
    assert.equal(
      (await site.call('GET /v1/accounts/{appid}', { params: { appid: account.appid } })).status,
      404,
    );
    await form.getByLabel('AppSecret', { exact: true }).fill(account.secret);
    await form.getByRole('button', { name: '核对并添加' }).click();
    await page.getByRole('heading', { name: '练习用' }).waitFor();
    await page.getByRole('button', { name: '删除账号' }).click();
    const remove = page.getByRole('alertdialog', { name: '删除账号' });
    assert.ok(await remove.getByRole('button', { name: '永久删除' }).isDisabled());
    await remove.getByRole('textbox').fill(account.appid);
    await remove.getByRole('button', { name: '永久删除' }).click();
    await page.getByRole('heading', { name: '账号', exact: true }).waitFor();
    assert.equal(
      (await site.call('GET /v1/accounts/{appid}', { params: { appid: account.appid } })).status,
      404,
    );
    visit.clean(/400|502/);
  });

  test('rules are changed, and what the server refuses stands beside its field', async () => {
    await using visit = await site.open(`/accounts/${appid}`);
    const { page } = visit;
    await page.getByLabel('速率上限（条/秒）').fill('120');
    await typeDate(page, '免打扰开始', '22:00');
    await page.getByText('两项须同时填写或都留空').waitFor();
    assert.ok(await page.getByRole('button', { name: '保存' }).last().isDisabled());
    await typeDate(page, '免打扰结束', '08:00');
    await page.getByLabel('每人最多').fill('3');
    await page.getByLabel('在多少天内').fill('7');
    await page.getByRole('button', { name: '保存' }).last().click();
    await page.getByText('已保存。').waitFor();
    const { body } = await site.call('GET /v1/accounts/{appid}', { params: { appid } });
    const { ratePerS, quietHours, fatigue } = body as Record<string, unknown>;
    assert.deepEqual(
      { ratePerS, quietHours, fatigue },
      { ratePerS: 120, quietHours: { from: '22:00', to: '08:00' }, fatigue: { limit: 3, days: 7 } },
    );
    visit.clean();
  });

  test('what another tab changed meanwhile stays: only what was changed here is saved', async () => {
    await using visit = await site.open(`/accounts/${appid}`);
    const { page } = visit;
    const save = page.getByRole('button', { name: '保存' }).last();
    const days = page.getByLabel('明细保留天数');
    await days.waitFor();
    assert.ok(await save.isDisabled(), 'nothing was changed');
    await site.call('PATCH /v1/accounts/{appid}', { params: { appid }, body: { approvalAbove: 5_000 } });
    await days.fill('180');
    await save.click();
    await page.getByText('已保存。').waitFor();
    const { body } = await site.call('GET /v1/accounts/{appid}', { params: { appid } });
    const { approvalAbove, keepDays } = body as Record<string, unknown>;
    assert.deepEqual({ approvalAbove, keepDays }, { approvalAbove: 5_000, keepDays: 180 });
    visit.clean();
  });

  test('programs are let in through the relay, and the quota that is kept from campaigns is set', async () => {
    await using visit = await site.open(`/accounts/${appid}`);
    const { page } = visit;
    const shown = async () => (await site.call('GET /v1/accounts/{appid}', { params: { appid } })).body;
    await page.getByText('允许程序使用此账号').click();
    await page.getByText(`${site.url}/wx/${appid}`).waitFor();
    assert.equal(((await shown()) as { wxRelay: boolean }).wxRelay, true);
    await page.getByText('允许程序使用此账号').click();
    await page.getByText(`${site.url}/wx/${appid}`).waitFor({ state: 'detached' });
    assert.equal(((await shown()) as { wxRelay: boolean }).wxRelay, false);

    await page.getByLabel('每日额度预留（%）').fill('x');
    await page.getByText('请填写整数').waitFor();
    await page.getByLabel('每日额度预留（%）').fill('15');
    await typeDate(page, '额度重置时间', '00:30');
    await page.getByRole('button', { name: '保存' }).first().click();
    await page.getByText('已保存。').waitFor();
    const { quotaReservePercent, quotaReset } = (await shown()) as Record<string, unknown>;
    assert.deepEqual({ quotaReservePercent, quotaReset }, { quotaReservePercent: 15, quotaReset: '00:30' });
    visit.clean();
  });

  test('an account is paused with a question and used again', async () => {
    await using visit = await site.open(`/accounts/${appid}`);
    const { page } = visit;
    await page.getByRole('button', { name: '暂停' }).click();
    await page.getByRole('alertdialog').getByRole('button', { name: '暂停' }).click();
    await page.getByText('已暂停', { exact: true }).waitFor();
    await page.getByRole('button', { name: '恢复' }).click();
    await page.getByText('正常', { exact: true }).waitFor();
    visit.clean();
  });

  test('the callback is set up: what to paste is shown when asked for', async () => {
    await using visit = await site.open(`/accounts/${appid}`);
    const { page } = visit;
    await page.getByText('尚未设置').waitFor();
    await page.getByLabel('本服务器的公网地址').fill('https://push.example.com');
    const callback = page.locator('section', { hasText: '消息推送（服务器配置）' });
    await callback.getByRole('button', { name: '保存' }).click();
    await page.getByText(`https://push.example.com/callback/${appid}`).waitFor();
    await page.getByText('还没有收到过，尚不能确认微信可以访问本服务器').waitFor();
    await page.getByRole('button', { name: '查看要填写的内容' }).click();
    await page.getByText(/Token/).last().waitFor();
    visit.clean();
  });

  test('whoever may only look has nothing to press', async () => {
    const cookie = await site.signedIn('looker', 'viewer');
    await using visit = await site.open(`/accounts/${appid}`, { as: null, cookie });
    const { page } = visit;
    await page.getByRole('heading', { name: '发送规则' }).waitFor();
    for (const name of ['保存', '暂停', '删除账号']) {
      assert.equal(await page.getByRole('button', { name }).count(), 0, name);
    }
    visit.clean();
  });

  for (const { name, ...view } of views) {
    for (const path of ['/accounts', `/accounts/${appid}`]) {
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
