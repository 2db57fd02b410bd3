import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { consoleSite, views } from '../support/console.ts';
import { typeDate } from './hands.ts';

const site = await consoleSite();
const { account } = site;
const { appid } = account;

before(async () => {
  await site.call('POST /v1/accounts/{appid}/templates/sync', { params: { appid } });
});

interface Schedule {
  id: number;
  cron: string;
  validMinutes: number;
  pausedAt: string | null;
  message: { data: Record<string, { value: string }> };
}

async function stored(): Promise<Schedule[]> {
  return ((await site.call('GET /v1/schedules')).body as { data: Schedule[] }).data; // as its row says
}

describe('schedules', () => {
  test('one is made with its next runs shown before, changed, paused, and removed after a question', async () => {
    await using visit = await site.open('/schedules');
    const { page } = visit;
    await page.getByRole('button', { name: '新建定时任务' }).click();
    const form = page.getByRole('dialog', { name: '新建定时任务' });
    await form.getByText('接下来的执行时间（Asia/Shanghai）').waitFor();
    const runs = form.getByRole('listitem').filter({ hasText: /^\d{4}-\d\d-\d\d 09:00$/ });
    await runs.nth(4).waitFor();
    const make = form.getByRole('button', { name: '创建' });
    assert.ok(await make.isDisabled());
    await form.getByRole('button', { name: /频率/ }).click();
    await page.getByRole('option', { name: '每周' }).click();
    await typeDate(form, '时间', '18:30');
    await form
      .getByRole('listitem')
      .filter({ hasText: / 18:30$/ })
      .nth(4)
      .waitFor();
    await form.getByRole('button', { name: /模板/ }).click();
    await page.getByRole('option', { name: /消息通知/ }).click();
    for (const [name, value] of [
      ['标题', '每周提醒'],
      ['内容', '本周权益已更新'],
      ['时间', '每周一'],
    ] as const)
      await form.getByRole('textbox', { name, exact: true }).fill(value);
    await visit.accessible();
    await make.click();
    await page.getByText('已创建，到时间自动执行。').waitFor();
    const row = page.getByRole('row', { name: /消息通知/ });
    await row.getByText('每周一 18:30').waitFor();
    const [made] = await stored();
    assert.equal(made?.message.data.keyword1?.value, '每周提醒');

    await row.getByRole('button', { name: /更多操作/ }).click();
    await page.getByRole('menuitem', { name: '修改' }).click();
    const edit = page.getByRole('dialog', { name: /修改定时任务/ });
    assert.equal(await edit.getByRole('textbox', { name: '标题', exact: true }).inputValue(), '每周提醒');
    await edit.getByRole('button', { name: /频率/ }).click();
    await page.getByRole('option', { name: 'cron 表达式' }).click();
    await edit.getByRole('textbox', { name: 'cron 表达式' }).fill('99 9 * * *');
    await edit.getByText('CRON_INVALID').waitFor();
    await edit.getByRole('textbox', { name: 'cron 表达式' }).fill('*/30 9-11 * * 1-5');
    await edit.getByRole('textbox', { name: '标题', exact: true }).fill('工作日提醒');
    await edit.getByRole('textbox', { name: /最多延迟/ }).fill('15');
    await edit.getByRole('button', { name: '保存' }).click();
    await row.getByText('*/30 9-11 * * 1-5').waitFor();
    const [changed] = await stored();
    assert.deepEqual(
      [changed?.validMinutes, changed?.message.data.keyword1?.value, changed?.message.data.keyword2?.value],
      [15, '工作日提醒', '本周权益已更新'],
    );

    await row.getByRole('button', { name: /更多操作/ }).click();
    await page.getByRole('menuitem', { name: '暂停' }).click();
    await row.getByText('已暂停').waitFor();
    assert.notEqual((await stored())[0]?.pausedAt, null);
    await row.getByRole('button', { name: /更多操作/ }).click();
    await page.getByRole('menuitem', { name: '删除' }).click();
    await page.getByRole('alertdialog').getByRole('button', { name: '删除' }).click();
    await page.getByText('还没有定时任务').waitFor();
    visit.clean(/400/);
  });

  for (const { name, ...view } of views) {
    test(`can be read by everybody: ${name}`, async () => {
      await using visit = await site.open('/schedules', view);
      await visit.page.getByRole('heading', { level: 1 }).waitFor();
      await visit.accessible();
      await visit.fits();
      visit.clean();
    });
  }
});
