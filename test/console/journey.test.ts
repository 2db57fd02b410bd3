/** From the first start of a real server to a message on a simulated phone, as somebody does it who has never seen it. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { frameWords } from '../../src/texts/console/frame.ts';
import { startWords } from '../../src/texts/console/start.ts';
import { TestBrowser } from '../support/browser.ts';
import { makeSite } from '../support/campaign.ts';
import { hands } from './hands.ts';

type Lang = 'zh' | 'en';

const sites = { zh: await makeSite(), en: await makeSite() };
let browser: TestBrowser;
before(async () => {
  browser = await TestBrowser.launch();
});
after(() => browser[Symbol.asyncDispose]());

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
    const { press, type } = hands[by](visit);
    const button = (words: Record<Lang, string>) => page.getByRole('button', { name: words[lang] });

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
    await page.getByText(lang === 'zh' ? '已送达' : 'Delivered').waitFor();
    await page.getByText(lang === 'zh' ? '已送达' : 'Delivered').waitFor();
    await visit.accessible();
    visit.clean();

    assert.equal((await serve.kill('SIGINT')).code, 0);
  });
}
