/** Dates and times are asked for in the language of the page, not of the browser, and on the clocks of the account. */
import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { consoleSite } from '../support/console.ts';
import { typeDate } from './hands.ts';

const site = await consoleSite();

/** On the other side of the line where days begin: its day is never that of the browser's zone and China's together. */
const zone = 'Pacific/Kiritimati';
const dayThere = new Intl.DateTimeFormat('en-CA', { timeZone: zone });

before(async () => {
  await site.call('PATCH /v1/accounts/{appid}', {
    params: { appid: site.account.appid },
    body: { timeZone: zone },
  });
});

describe('a day', () => {
  test('is typed or chosen by keyboard alone, shown as everywhere on the page, and taken out again', async () => {
    // The browser speaks English, the person chose Chinese.
    await using visit = await site.open('/deliveries?q=SF-42', { lang: 'en' });
    const { page } = visit;
    await page.getByRole('banner').getByRole('button').last().click();
    await page.getByRole('menuitem', { name: '中文' }).click();
    const field = page.getByRole('group', { name: '开始日期' });
    await field.getByText('年', { exact: true }).waitFor();
    await typeDate(page, '开始日期', '2026-03-08');
    assert.equal((await field.innerText()).replaceAll(/\s/g, ''), '2026-03-08');

    await visit.tabTo(field.getByRole('button', { name: /日历|开始日期/ }).last());
    await page.keyboard.press('Enter');
    const calendar = page.getByRole('dialog').getByRole('application');
    await calendar.getByText('2026年3月').first().waitFor();
    await visit.accessible();
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('Enter');
    await calendar.waitFor({ state: 'detached' });
    await page.getByRole('button', { name: '查询' }).click();
    await page.waitForURL(/from=2026-03-09/);

    await page.getByRole('button', { name: '清空开始日期' }).click();
    await field.getByText('年', { exact: true }).waitFor();
    await page.getByRole('button', { name: '查询' }).click();
    await page.waitForURL((url) => !url.searchParams.has('from'));
    visit.clean();
  });

  test('begins at today on the clocks of the account', async () => {
    await using visit = await site.open('/deliveries', { lang: 'en' });
    const { page } = visit;
    const now = dayThere.format(new Date());
    const year = page.getByRole('group', { name: 'From' }).getByRole('spinbutton', { name: /year/ });
    await year.focus();
    // The first press of an arrow takes today's year; the days follow.
    for (const part of ['year', 'month', 'day']) {
      await page
        .getByRole('group', { name: 'From' })
        .getByRole('spinbutton', { name: new RegExp(part) })
        .press('ArrowUp');
    }
    await page.getByRole('button', { name: 'Search', exact: true }).click();
    await page.waitForURL(/from=/);
    const shown = new URL(page.url()).searchParams.get('from');
    // Midnight may have passed between.
    assert.ok(shown === now || shown === dayThere.format(new Date()), `${shown}, not ${now}`);
    visit.clean();
  });

  test('an address that names none is taken for none', async () => {
    await using visit = await site.open('/deliveries?q=SF-42&from=yesterday&to=2026-99-99');
    await visit.page.getByRole('group', { name: '开始日期' }).getByText('年', { exact: true }).waitFor();
  });
});
