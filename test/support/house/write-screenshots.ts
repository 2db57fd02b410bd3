/**
 * Pictures of console and phone from a real server: `npm run screenshots`. Those of the documents go to docs/images; every page in
 * every view to dist/pictures, to be looked at.
 */
import { mkdir } from 'node:fs/promises';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { TestBrowser, type View } from '../browser.ts';
import { adminKey } from '../contract.ts';
import { pictureScene } from './picture-scene.ts';

const images = fileURLToPath(new URL('../../../docs/images/', import.meta.url));
const all = fileURLToPath(new URL('../../../dist/pictures/', import.meta.url));
/** As the documents show them. */
const shownViews: Record<string, View> = {
  zh: { lang: 'zh' },
  'en-dark': { lang: 'en', dark: true },
  'zh-narrow': { lang: 'zh', width: 390, height: 844 },
};
const views: Record<string, View> = {
  ...shownViews,
  'zh-dark': { lang: 'zh', dark: true },
  en: { lang: 'en' },
  'en-narrow': { lang: 'en', dark: true, width: 390, height: 844 },
};

test('pictures', async () => {
  const { site, template, done, running, waiting, webhook } = await pictureScene();
  const documented = {
    overview: '/',
    plan: `/campaigns/${waiting}`,
    campaign: `/campaigns/${done}`,
    new: `/campaigns/new?template=${template}`,
  };
  const openid = site.account.openid(12);
  const others = {
    running: `/campaigns/${running}`,
    campaigns: '/campaigns',
    deliveries: `/deliveries?q=${openid}`,
    templates: '/templates',
    contacts: '/contacts',
    person: `/contacts/${openid}`,
    schedules: '/schedules',
    accounts: '/accounts',
    account: `/accounts/${site.account.appid}`,
    events: '/events',
    webhooks: '/webhooks',
    webhook: `/webhooks/${webhook}`,
    keys: '/keys',
    users: '/users',
    audit: '/audit',
    nodes: '/nodes',
  };
  await mkdir(images, { recursive: true });
  await mkdir(all, { recursive: true });
  await using browser = await TestBrowser.launch();
  const headers = { authorization: `Bearer ${adminKey}` };
  for (const [name, view] of Object.entries(views)) {
    for (const [page, path] of Object.entries({ ...documented, ...others })) {
      await using visit = await browser.visit(site.url + path, { ...view, headers });
      await visit.page.getByRole('heading', { level: 1 }).waitFor();
      await visit.settled();
      if (name in shownViews && page in documented)
        await visit.page.screenshot({ path: `${images}${page}-${name}.png` });
      await visit.page.screenshot({ path: `${all}${page}-${name}.png`, fullPage: true });
    }
    await using outside = await browser.visit(site.url, view);
    await outside.page.getByRole('heading', { level: 1 }).waitFor();
    await outside.page.screenshot({ path: `${all}sign-in-${name}.png` });
    if (!(name in shownViews)) continue;
    await using phone = await browser.visit(`${site.wechat.url}/?chat=${site.account.appid}`, view);
    await phone.page.getByRole('article').first().waitFor();
    await phone.page.screenshot({ path: `${images}phone-${name}.png` });
  }
});
