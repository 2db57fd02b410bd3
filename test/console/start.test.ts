import assert from 'node:assert/strict';
import { test } from 'node:test';
import { syncTemplates } from '../../src/engine/content/templates.ts';
import { consoleSite } from '../support/console.ts';
import { until } from '../support/in-time.ts';

const site = await consoleSite({ kind: 'service', followers: 20 });
const { account } = site;
const { appid } = account;
const params = { appid };

/** What WeChat has pushed of these people, stored. */
async function stored(): Promise<number> {
  const { body } = await site.call('GET /v1/accounts/{appid}/events', { params, query: { limit: 100 } });
  return (body as { data: unknown[] }).data.length; // as its row says
}

/** Whoever does this is stored before somebody else does something. */
async function raises(events: number, act: () => void): Promise<void> {
  const before = await stored();
  act();
  await until('it is stored', async () => (await stored()) >= before + events);
}

async function follows(person: number): Promise<void> {
  const user = account.user(account.openid(person));
  await raises(2, () => {
    user.unfollow();
    user.follow();
  });
}

test('the first message is offered to whoever followed last, each once, and to those who follow meanwhile', async () => {
  await syncTemplates(site.app, appid);
  await site.call('PATCH /v1/accounts/{appid}/callback', {
    params,
    body: { publicUrl: site.url, mode: 'plain' },
  });
  const paste = await site.call('GET /v1/accounts/{appid}/callback/paste', { params });
  const { lines } = paste.body as { lines: { label: string; value: string }[] };
  const token = lines.find(({ label }) => /token/i.test(label))?.value ?? '';
  await account.events.setCallback({ url: `${site.url}/callback/${appid}`, token, mode: 'plain' });
  for (const person of [7, 3, 11, 7]) await follows(person);
  await raises(1, () => void account.user(account.openid(5)).sendText('在吗？'));

  await using visit = await site.open('/start');
  const { page } = visit;
  await page.getByText('最近关注', { exact: true }).waitFor();
  const offered = page.getByRole('button', { name: /^o[\w-]{27}$/ });
  const openids = (...people: number[]) => people.map((person) => account.openid(person));
  assert.deepEqual(await offered.allTextContents(), openids(7, 11, 3));
  await follows(13);
  await page.getByRole('button', { name: account.openid(13) }).waitFor();
  assert.deepEqual(await offered.allTextContents(), openids(13, 7, 11, 3));
  await offered.first().click();
  assert.equal(await page.getByLabel('自己的 openid').inputValue(), account.openid(13));
  visit.clean();
});
