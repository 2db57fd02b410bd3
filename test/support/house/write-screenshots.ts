/** Pictures of console and phone for docs/images, from a real server: `npm run screenshots`. */
import { mkdir } from 'node:fs/promises';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { TestBrowser, type View } from '../browser.ts';
import { until } from '../cli.ts';
import { adminKey, contractSite } from '../contract.ts';

const images = fileURLToPath(new URL('../../../docs/images/', import.meta.url));
const views: Record<string, View> = {
  zh: { lang: 'zh' },
  'en-dark': { lang: 'en', dark: true },
  'zh-narrow': { lang: 'zh', width: 390, height: 844 },
};

test('pictures', async () => {
  const site = await contractSite({ kind: 'service', followers: 40, record: 'full' });
  const { account } = site;
  const { appid } = account;
  await site.call('PATCH /v1/accounts/{appid}', {
    params: { appid },
    body: { name: '示例服务号', ratePerS: 100 },
  });
  await site.call('POST /v1/accounts/{appid}/templates/sync', { params: { appid } });
  for (const left of [3, 8]) account.unfollow(account.openid(left));
  const template = account.templates()[0]?.template_id ?? '';
  const make = async (people: number): Promise<number> => {
    const { body } = await site.call('POST /v1/campaigns', {
      body: {
        ...{ appid, channel: 'oa-template', again: true },
        message: {
          template_id: template,
          data: { keyword1: '三月会员日', keyword2: '您的会员权益已更新', keyword3: '2026年3月8日 09:12' },
          url: 'https://example.com/members',
        },
        audience: { kind: 'list', openids: Array.from({ length: people }, (_, n) => account.openid(n)) },
      },
    });
    const { id } = (body as { campaign: { id: number } }).campaign; // as its row says
    await until('planned', async () => (await state(id)) === 'planned');
    return id;
  };
  const state = async (id: number): Promise<string> =>
    ((await site.call('GET /v1/campaigns/{id}', { params: { id } })).body as { state: string }).state;
  const done = await make(24);
  const plan = await site.call('GET /v1/campaigns/{id}/plan', { params: { id: done } });
  const { planHash } = plan.body as { planHash: string }; // as its row says
  await site.call('POST /v1/campaigns/{id}/confirm', {
    params: { id: done },
    body: { planned: 24, planHash },
  });
  await until('done', async () => (await state(done)) === 'done');
  const waiting = await make(12);
  await mkdir(images, { recursive: true });
  await using browser = await TestBrowser.launch();
  const pages = {
    overview: '/',
    plan: `/campaigns/${waiting}`,
    campaign: `/campaigns/${done}`,
    new: `/campaigns/new?template=${template}`,
  };
  for (const [name, view] of Object.entries(views)) {
    for (const [page, path] of Object.entries(pages)) {
      const headers = { authorization: `Bearer ${adminKey}` };
      await using visit = await browser.visit(site.url + path, { ...view, headers });
      await visit.page.getByRole('heading', { level: 1 }).waitFor();
      await visit.page.waitForLoadState('networkidle').catch(() => {}); // a live page never rests
      await visit.page.screenshot({ path: `${images}${page}-${name}.png` });
    }
    await using phone = await browser.visit(`${site.wechat.url}/?chat=${appid}`, view);
    await phone.page.getByRole('article').first().waitFor();
    await phone.page.screenshot({ path: `${images}phone-${name}.png` });
  }
});
