/** What happens is shown as it happens; and where that breaks off, it is said, and shown all the same. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { consoleSite } from '../support/console.ts';

const site = await consoleSite();
const { account } = site;
const template = account.templates().find(({ title }) => title === '消息通知');

async function planned(people: number): Promise<number> {
  const { status, body } = await site.call('POST /v1/campaigns', {
    body: {
      ...{ appid: account.appid, channel: 'oa-template', again: true },
      message: {
        template_id: template?.template_id,
        data: { keyword1: '三月会员日', keyword2: '您的权益已更新', keyword3: '2026年3月8日' },
      },
      audience: { kind: 'list', openids: Array.from({ length: people }, (_, n) => account.openid(n)) },
    },
  });
  assert.equal(status, 202, JSON.stringify(body));
  return (body as { campaign: { id: number } }).campaign.id; // as its row says
}

describe('what happens', () => {
  test('is shown in both tabs as the stream tells it, with no question between', async () => {
    await using visit = await site.open('/campaigns');
    const { page } = visit;
    const other = await visit.context.newPage();
    await other.goto(`${site.url}/campaigns`);
    for (const tab of [page, other]) await tab.getByText('实时', { exact: true }).waitFor();
    // Nobody asks again by the clock: the list that is shown next is asked for because the stream told of it.
    const asked: number[] = [];
    page.on('request', (request) => {
      if (request.url().includes('/v1/campaigns?')) asked.push(performance.now());
    });
    const startedAt = performance.now();
    const id = await planned(2);
    for (const tab of [page, other])
      await tab.getByRole('row', { name: new RegExp(`推送 #${id} .*待确认`) }).waitFor();
    assert.ok((asked[0] ?? 0) > startedAt);
    await other.close();
    visit.clean();
  });

  test('is read again every few seconds while the stream is away, and the page says so', async () => {
    // The route stays: where one is taken away, the browser goes on with what it is just refusing.
    let isAway = true;
    await using visit = await site.open('/nodes');
    const { page } = visit;
    await page.getByText('实时', { exact: true }).waitFor();
    await page.route('**/v1/stream', (route) => (isAway ? route.abort() : route.fallback()));
    await page.goto(`${site.url}/campaigns`);
    await page.getByText('实时更新中断').waitFor();
    assert.equal(await page.getByText('实时', { exact: true }).count(), 0);
    const id = await planned(3);
    await page.getByRole('row', { name: new RegExp(`推送 #${id} `) }).waitFor();
    isAway = false;
    await page.getByText('实时', { exact: true }).waitFor();
    await page.getByText('实时更新中断').waitFor({ state: 'detached' });
    visit.clean(/ERR_FAILED/);
  });

  test('while a session has ended is not asked for with it; signed in again, the page is live', async () => {
    const cookie = await site.signedIn('watcher');
    await using visit = await site.open('/campaigns', { as: null, cookie });
    const { page } = visit;
    await page.getByText('实时', { exact: true }).waitFor();
    const users = await site.call('GET /v1/users');
    const { data } = users.body as { data: { id: string; name: string }[] }; // as its row says
    const id = data.find(({ name }) => name === 'watcher')?.id ?? '';
    await site.call('DELETE /v1/users/{id}/sessions', { params: { id } });
    // The list is asked for since the stream tells of a campaign, and the answer says that the session is over.
    await planned(2);
    const ended = page.getByRole('alertdialog', { name: '登录已过期' });
    await ended.getByLabel('密码').fill(site.password);
    await page.keyboard.press('Enter');
    await ended.waitFor({ state: 'detached' });
    const next = await planned(4);
    await page.getByRole('row', { name: new RegExp(`推送 #${next} `) }).waitFor();
    visit.clean(/401/);
  });

  test('after the server was away is said and shown anew', async () => {
    await using visit = await site.open('/campaigns');
    const { page } = visit;
    await page.getByText('实时', { exact: true }).waitFor();
    await visit.context.setOffline(true);
    // A stream that the browser has not cut tells of it, and what is asked then does not arrive; one that is cut is not there again.
    const id = await planned(2);
    await page.getByText(/与服务器的连接已断开/).waitFor();
    await visit.context.setOffline(false);
    await page.getByText('与服务器的连接已恢复，数据已更新。').waitFor();
    await page.getByRole('row', { name: new RegExp(`推送 #${id} `) }).waitFor();
    visit.clean(/ERR_INTERNET_DISCONNECTED|ERR_NETWORK/);
  });
});
