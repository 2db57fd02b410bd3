import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { startRobot } from '../support/alerts/stand-ins.ts';
import { until } from '../support/cli.ts';
import { consoleSite, views } from '../support/console.ts';
import { hands } from './hands.ts';

const site = await consoleSite();
const { pool } = site.store;
const { appid } = site.account;

describe('alerts', () => {
  test('a channel is added, tested, paused and removed; its key is not shown again', async () => {
    const robot = await startRobot('dingtalk', { signs: true });
    await using visit = await site.open('/alerts');
    const { page } = visit;
    await page.getByText('还没有告警渠道').waitFor();
    await page.getByRole('button', { name: '添加渠道' }).click();
    const form = page.getByRole('dialog', { name: '添加渠道' });
    await form.getByRole('button', { name: /类型/ }).click();
    await page.getByRole('option', { name: '钉钉群机器人' }).click();
    await form.getByRole('textbox', { name: '地址' }).fill(robot.target.url);
    await form.getByRole('textbox', { name: '名称' }).fill('值班群');
    await form.getByRole('textbox', { name: '加签密钥' }).fill('wrong');
    await form.getByRole('button', { name: '添加', exact: true }).click();
    const row = page.getByRole('row', { name: /值班群/ });
    await row.waitFor();
    assert.ok(!(await page.content()).includes('token-of-the-group'));
    await row.getByRole('button', { name: '发送测试' }).click();
    await page.getByText(/310000 sign not match/).waitFor();
    await row.getByRole('button', { name: /更多操作/ }).click();
    await page.getByRole('menuitem', { name: '暂停' }).click();
    await row.getByText('已暂停').waitFor();
    await row.getByRole('button', { name: /更多操作/ }).click();
    await page.getByRole('menuitem', { name: '删除' }).click();
    await page.getByRole('alertdialog').getByRole('button', { name: '删除' }).click();
    await page.getByText('还没有告警渠道').waitFor();
  });

  test('a channel is added with nothing but the keyboard', async () => {
    const robot = await startRobot('feishu');
    await using visit = await site.open('/alerts');
    const { page } = visit;
    const { press, type, choose } = hands.keyboard(visit);
    await press(page.getByRole('button', { name: '添加渠道' }));
    const form = page.getByRole('dialog', { name: '添加渠道' });
    await choose(form.getByRole('button', { name: /类型/ }), '飞书群机器人');
    await type(form.getByRole('textbox', { name: '地址' }), robot.target.url);
    await type(form.getByRole('textbox', { name: '名称' }), '键盘群');
    await press(form.getByRole('button', { name: '添加', exact: true }));
    const row = page.getByRole('row', { name: /键盘群/ });
    await row.waitFor();
    await press(row.getByRole('button', { name: /更多操作/ }));
    await page.getByRole('menuitem', { name: '删除' }).waitFor();
    await page.keyboard.press('End');
    await page.keyboard.press('Enter');
    await press(page.getByRole('alertdialog').getByRole('button', { name: '删除' }));
    await row.waitFor({ state: 'detached' });
    visit.clean();
  });

  test('what is wrong stands on the overview and on the page, in the same words, with its way to mend it', async () => {
    await pool.query(
      `insert into campaigns (appid, channel, state, state_reason, fingerprint, audience, message, variables, dedupe, on_invalid, finished_at)
       values ($1, 'oa-template', 'failed', 'nobody', '', '{}', '{}', '{}', 'openid', 'skip', clock_timestamp())`,
      [appid],
    );
    await until('it is seen', async () => {
      const { rowCount } = await pool.query(
        `select 1 from incidents where kind = 'campaign-failed' and state = 'open'`,
      );
      return rowCount === 1;
    });
    await using visit = await site.open('/');
    const { page } = visit;
    await page.getByText(/推送任务 \d+ 失败 · 原因：没有可推送的接收人/).waitFor();
    await page.getByRole('link', { name: '告警' }).click();
    const row = page.getByRole('row', { name: /推送任务 \d+ 失败/ });
    await row.getByText('持续中').waitFor();
    await row.getByRole('link', { name: '查看' }).click();
    await page.waitForURL(/\/campaigns\/\d+$/);
    visit.clean();
  });

  for (const { name, ...view } of views)
    test(`/alerts can be read by everybody: ${name}`, async () => {
      await using visit = await site.open('/alerts', view);
      await visit.page.getByRole('heading', { level: 1 }).waitFor();
      await visit.page.getByRole('row').first().waitFor();
      await visit.accessible();
      await visit.fits();
      visit.clean();
    });
});
