/**
 * Pictures of console and phone from a real server: `npm run screenshots`. Those of the documents go to docs/images; every page in
 * every view to dist/pictures, to be looked at. `node test/support/house/write-screenshots.ts person phone` makes those of these
 * pages only.
 */
import { mkdir } from 'node:fs/promises';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import { TestBrowser, type Visit } from '../browser.ts';
import { adminKey } from '../contract.ts';
import { type PictureScene, pictureScene } from './picture-scene.ts';

const images = fileURLToPath(new URL('../../../docs/images/', import.meta.url));
const all = fileURLToPath(new URL('../../../dist/pictures/', import.meta.url));

interface Look {
  name: string;
  isDark?: boolean;
  isNarrow?: boolean;
  /** The documents show it. */
  isShown?: boolean;
}

/** One visit shows a page in all of them: colours and width change in the open page, as they do for people. */
const looks: Record<'zh' | 'en', readonly Look[]> = {
  zh: [
    { name: 'zh', isShown: true },
    { name: 'zh-dark', isDark: true },
    { name: 'zh-narrow', isNarrow: true, isShown: true },
  ],
  en: [
    { name: 'en' },
    { name: 'en-dark', isDark: true, isShown: true },
    { name: 'en-narrow', isDark: true, isNarrow: true },
  ],
};

interface Picture {
  name: string;
  path: string;
  /** It is in the documents. */
  isShown?: boolean;
  /** What is pressed before, by its name in either language. */
  press?: RegExp;
  /** What is chosen in the dialog after that, in either language. */
  choose?: { field: RegExp; option: RegExp };
  /** Without anybody signed in. */
  isOutside?: boolean;
}

/** Each kind of alert channel by its option. */
const channels = {
  wecom: /企业微信|WeCom/,
  dingtalk: /钉钉|DingTalk/,
  feishu: /飞书|Feishu/,
  email: /邮件|E-mail/,
  webhook: /^Webhook 地址$|Address of your own/,
};

function picturesOf({ site, done, running, waiting, draft, webhook, person }: PictureScene): Picture[] {
  const account = `/accounts/${site.account.appid}`;
  return [
    { name: 'overview', path: '/', isShown: true },
    { name: 'plan', path: `/campaigns/${waiting}`, isShown: true },
    { name: 'campaign', path: `/campaigns/${done}`, isShown: true },
    { name: 'new-account', path: `/campaigns/new?draft=${draft}&step=account` },
    // In this order: a step opens when those before are complete.
    { name: 'new', path: `/campaigns/new?draft=${draft}&step=content`, isShown: true },
    { name: 'new-template', path: `/campaigns/new?draft=${draft}&step=template` },
    { name: 'new-audience', path: `/campaigns/new?draft=${draft}&step=audience` },
    { name: 'new-checks', path: `/campaigns/new?draft=${draft}&step=checks`, isShown: true },
    { name: 'new-test', path: `/campaigns/new?draft=${draft}&step=test` },
    { name: 'new-time', path: `/campaigns/new?draft=${draft}&step=time` },
    { name: 'new-confirm', path: `/campaigns/new?draft=${draft}&step=confirm`, isShown: true },
    { name: 'running', path: `/campaigns/${running}` },
    { name: 'campaigns', path: '/campaigns' },
    { name: 'deliveries', path: `/deliveries?q=${person}` },
    { name: 'templates', path: '/templates' },
    { name: 'contacts', path: '/contacts' },
    { name: 'filter-add', path: '/contacts', press: /^(?:新建筛选|New filter)$/ },
    { name: 'person', path: `/contacts/${person}` },
    { name: 'person-erase', path: `/contacts/${person}`, press: /^(?:删除用户信息|Erase this person)$/ },
    { name: 'schedules', path: '/schedules' },
    { name: 'schedules-new', path: '/schedules', press: /^(?:新建定时任务|New schedule)$/ },
    { name: 'accounts', path: '/accounts' },
    { name: 'accounts-add', path: '/accounts', press: /^(?:添加账号|Add account)$/ },
    { name: 'account', path: account },
    { name: 'events', path: '/events' },
    { name: 'webhooks', path: '/webhooks' },
    { name: 'webhooks-add', path: '/webhooks', press: /^(?:添加 Webhook|Add webhook)$/ },
    { name: 'webhook', path: `/webhooks/${webhook}` },
    { name: 'alerts', path: '/alerts' },
    ...Object.entries(channels).map(([kind, option]) => ({
      ...{ name: `alerts-add-${kind}`, path: '/alerts', press: /^(?:添加渠道|Add channel)$/ },
      choose: { field: /类型|Kind/, option },
    })),
    { name: 'keys', path: '/keys' },
    { name: 'keys-new', path: '/keys', press: /^(?:新建密钥|New key)$/ },
    { name: 'users', path: '/users' },
    { name: 'users-new', path: '/users', press: /^(?:添加成员|New member)$/ },
    { name: 'audit', path: '/audit' },
    { name: 'audit-entry', path: '/audit', press: /^(?:详情|Details)$/ },
    { name: 'nodes', path: '/nodes' },
    { name: 'start', path: '/start' },
    { name: 'sign-in', path: '/', isOutside: true },
    { name: 'first-start', path: '/first-start#hypothetical-token', isOutside: true },
  ];
}

test('pictures', async () => {
  const scene = await pictureScene();
  const { site } = scene;
  const only = process.argv.slice(2);
  const isWanted = ({ name }: { name: string }): boolean => only.length === 0 || only.includes(name);
  const phones = [
    { name: 'phone', path: `/?chat=${site.account.appid}`, isShown: true },
    { name: 'phone-chats', path: '/' },
  ];
  await mkdir(images, { recursive: true });
  await mkdir(all, { recursive: true });
  await using browser = await TestBrowser.launch();
  for (const lang of ['zh', 'en'] as const) {
    await using inside = await browser.visit('about:blank', {
      ...{ lang, headers: { authorization: `Bearer ${adminKey}` } },
    });
    await using outside = await browser.visit('about:blank', { lang });
    for (const picture of picturesOf(scene).filter(isWanted))
      await take(picture.isOutside ? outside : inside, site.url, picture, lang);
    for (const phone of phones.filter(isWanted)) await take(outside, site.wechat.url, phone, lang);
  }
});

async function take(visit: Visit, url: string, picture: Picture, lang: 'zh' | 'en'): Promise<void> {
  const { page } = visit;
  for (const look of looks[lang]) {
    await wear(page, look);
    if (look === looks[lang][0]) {
      await page.goto(url + picture.path);
      await page.getByRole('heading', { level: 1 }).waitFor();
      await visit.settled();
      if (picture.press !== undefined) {
        await page.getByRole('button', { name: picture.press }).first().click();
        await page.locator('[role=dialog], [role=alertdialog]').waitFor();
        if (picture.choose !== undefined) {
          await page.getByRole('dialog').getByRole('button', { name: picture.choose.field }).click();
          await page.getByRole('option', { name: picture.choose.option }).click();
        }
      }
    }
    if (look.isShown && picture.isShown)
      await page.screenshot({ path: `${images}${picture.name}-${look.name}.png` });
    const fullPage = picture.press === undefined;
    await page.screenshot({ path: `${all}${picture.name}-${look.name}.png`, fullPage });
  }
}

async function wear(page: Page, { isDark = false, isNarrow = false }: Look): Promise<void> {
  await page.emulateMedia({ colorScheme: isDark ? 'dark' : 'light' });
  await page.setViewportSize(isNarrow ? { width: 390, height: 844 } : { width: 1280, height: 900 });
}
