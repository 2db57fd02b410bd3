/** From the first start of a real server to a message on a simulated phone, as somebody does it who has never seen it. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { campaignsWords as campaigns } from '../../src/texts/console/campaigns.ts';
import { confirmWords } from '../../src/texts/console/checks.ts';
import { frameWords } from '../../src/texts/console/frame.ts';
import { newCampaignWords as wizard } from '../../src/texts/console/new-campaign.ts';
import { startWords } from '../../src/texts/console/start.ts';
import { uploadWords } from '../../src/texts/console/upload.ts';
import { textRow, workbook } from '../support/audience/xlsx-file.ts';
import { TestBrowser } from '../support/browser.ts';
import { makeSite } from '../support/campaign.ts';
import { until } from '../support/in-time.ts';
import { hands } from './hands.ts';

type Lang = 'zh' | 'en';

const sites = { zh: await makeSite(), en: await makeSite() };
let browser: TestBrowser;
before(async () => {
  browser = await TestBrowser.launch();
});
after(() => browser[Symbol.asyncDispose]());

const outcome = { delivered: { zh: '已送达', en: 'Delivered' } };
const password = 'a goose flies south';

for (const { lang, by } of [
  { lang: 'zh', by: 'mouse' },
  { lang: 'en', by: 'keyboard' },
] as const) {
  test(`in ${lang}, by ${by}`, async () => {
    const env = { HONGYAN_LISTEN: '127.0.0.1:0', HONGYAN_SIMULATOR: 'on', HONGYAN_LANG: lang };
    const serve = sites[lang].cli.start(['serve'], { env });
    const [, link = ''] = await serve.printed(/(http\S+first-start\S+)/);
    await using visit = await browser.visit(link, { lang });
    const { page } = visit;
    const { press, pick, type } = hands[by](visit);
    const button = (words: Record<Lang, string>) => page.getByRole('button', { name: words[lang] });
    /** On to that step, whose heading is read out and has the focus. */
    const on = async (
      step: 'content' | 'audience' | 'checks' | 'test' | 'time' | 'confirm',
    ): Promise<void> => {
      const name = wizard[`step.${step}`][lang];
      await press(page.getByRole('button', { name: wizard.next[lang].replace('{name}', name) }));
      await visit.hasFocus(page.getByRole('heading', { level: 2, name, exact: true }));
    };

    await type(page.getByLabel(frameWords['password.new'][lang]), password);
    await type(page.getByLabel(frameWords['password.again'][lang]), password);
    await press(button(frameWords['first.do']));

    await page.getByRole('heading', { name: startWords.title[lang] }).waitFor();
    await visit.accessible();
    await press(button(startWords.simulate));
    await page.getByText(startWords.simulated[lang], { exact: true }).waitFor();
    await page.getByText(startWords.callbackDone[lang].split('{')[0] ?? '').waitFor();
    await press(button(startWords.syncDo));
    await page.getByText('2,000').waitFor();
    await press(button(startWords.testDo));
    await page.getByText(outcome.delivered[lang]).waitFor();
    const me = await page.getByLabel(startWords.to[lang]).inputValue();
    await visit.accessible();

    // A workbook of three: one follows, one does not, one is nobody.
    await press(page.getByRole('link', { name: startWords.newCampaign[lang] }).last());
    await pick(page.getByRole('radio', { name: /^消息通知/ }));
    await on('content');
    const stranger = `o${'x'.repeat(27)}`;
    const rows = [
      ['openid', 'name'],
      [me, '小雁'],
      [stranger, '生人'],
      ['nobody', '无名'],
    ];
    const sheet = rows.map((cells, index) => textRow(index + 1, cells)).join('');
    await page.getByLabel(uploadWords.file[lang], { exact: true }).setInputFiles({
      name: 'members.xlsx',
      mimeType: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
      buffer: workbook({ sheets: { Sheet1: sheet } }),
    });
    await page.getByRole('link', { name: uploadWords.badRows[lang] }).waitFor();
    const fields = { 标题: '会员日', 内容: '{{name}}，您的权益已到账', 时间: '2026年3月8日' };
    for (const [label, value] of Object.entries(fields))
      await type(page.getByRole('textbox', { name: label, exact: true }), value);
    await page.getByRole('article').getByText('小雁').waitFor();
    await on('audience');
    await on('checks');
    await page.getByText(wizard.people[lang].replace('{count}', '2')).first().waitFor();
    await visit.accessible();
    await on('test');
    await press(button(wizard.testDo));
    await page.getByText(wizard.testOk[lang]).waitFor();
    await on('time');
    await on('confirm');

    // What is planned is confirmed by its number, and watched.
    await type(page.getByLabel(confirmWords.type[lang].split('{')[0] ?? ''), '2');
    await press(page.getByRole('button', { name: confirmWords.send[lang].replace('{planned}', '2') }));
    await page.getByText(campaigns['state.done'][lang], { exact: true }).first().waitFor();
    await pick(
      page.getByRole('checkbox', { name: campaigns['resend.failed'][lang].replace('{count}', '1') }),
    );
    await press(button(campaigns['resend.do']));
    await page.getByRole('button', { name: confirmWords.send[lang].replace('{planned}', '1') }).waitFor();
    visit.clean();

    // The phone has the card, and what became of it is found by the person.
    const wechat = await visit.context.newPage();
    const simulation = await page.evaluate<{ running: { url: string } }>(
      "fetch('/v1/simulation').then((answer) => answer.json())",
    );
    await wechat.goto(`${simulation.running.url}/?person=0&chat=wx51a51a51a51a51a5`);
    await wechat.getByRole('article').getByText('小雁').first().waitFor();
    await wechat.close();
    await type(page.getByRole('textbox', { name: frameWords.search[lang] }), me);
    await page.keyboard.press('Enter');
    const delivered = page.getByRole('row').filter({ hasText: outcome.delivered[lang] });
    await until('what was found has its receipts', async () => {
      await page.getByRole('row').nth(1).waitFor();
      if ((await delivered.count()) > 1) return true;
      await page.reload();
      return false;
    });
    visit.clean();

    assert.equal((await serve.kill('SIGINT')).code, 0);
  });
}
