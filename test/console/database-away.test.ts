/** The console of a server whose database does not answer: it says so, keeps what is shown, and goes on by itself. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TestBrowser } from '../support/browser.ts';
import { makeSite } from '../support/campaign.ts';
import { Cli } from '../support/cli.ts';
import { linkDatabase } from '../support/store/database-link.ts';

const site = await makeSite();
const token = 'a'.repeat(32);

test('a database that answers nothing any more is said over the page, which is shown on, and is new when it is over', async () => {
  const link = await linkDatabase(site.database);
  const cli = new Cli({ ...site.cli.env, HONGYAN_DATABASE_URL: link.url });
  await using browser = await TestBrowser.launch();
  try {
    const serve = cli.start(['serve'], {
      env: { HONGYAN_LISTEN: '127.0.0.1:0', HONGYAN_API_TOKEN: token },
    });
    const [, url = ''] = await serve.printed(/Listening on (http:\S+)/);
    await using visit = await browser.visit(`${url}/nodes`, {
      headers: { authorization: `Bearer ${token}` },
    });
    const { page } = visit;
    page.setDefaultTimeout(90_000); // it is noticed within 17 s, and asked again every 15 s
    await page.getByText('实时', { exact: true }).waitFor();
    await page.getByRole('row').nth(1).waitFor();
    const nodes = await page.getByRole('row').count();
    link.stall();
    await page.getByText(/服务器的数据库没有应答，当前显示的是 .* 的数据/).waitFor();
    assert.equal(await page.getByRole('row').count(), nodes);
    link.forget();
    await page.getByText('与服务器的连接已恢复，数据已更新。').waitFor();
    await page.getByText('实时', { exact: true }).waitFor();
    visit.clean(/503/);
  } finally {
    await cli.close();
  }
});
