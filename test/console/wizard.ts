/** The wizard of a new campaign, as somebody sees it, and drafts that are written beforehand. */
import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';
import { newCampaignWords as words } from '../../src/texts/console/new-campaign.ts';
import { until } from '../support/cli.ts';
import type { ConsoleSite } from '../support/console.ts';

type Lang = 'zh' | 'en';

/** As far as somebody sees it. */
export function wizard(page: Page, lang: Lang = 'zh') {
  const say = (key: keyof typeof words): string => words[key][lang];
  return {
    at: async (step: string) => {
      await page
        .getByRole('heading', { level: 2, name: say(`step.${step}` as keyof typeof words), exact: true })
        .waitFor();
      // The address follows the step that is shown.
      await page.waitForURL((url) => url.searchParams.get('step') === step);
    },
    next: (step: string) =>
      page
        .getByRole('button', {
          name: say('next').replace('{name}', say(`step.${step}` as keyof typeof words)),
        })
        .click(),
    back: () => page.getByRole('button', { name: say('back') }).click(),
    choose: (name: string) => page.locator('label').filter({ hasText: name }).first().click(),
    rail: page.getByRole('navigation', { name: say('steps') }),
    kept: () => page.getByText(say('kept')).waitFor(),
    say,
  };
}

/** What tests of the wizard need of a site. */
export function wizardScene(site: ConsoleSite) {
  const { account } = site;
  const { appid } = account;
  const templateOf = (title: string): string =>
    account.templates().find((one) => one.family === 'oa' && one.title === title)?.template_id ?? '';
  const synced = () => site.call('POST /v1/accounts/{appid}/templates/sync', { params: { appid } });
  return {
    templateOf,
    synced,
    /** A draft with content for the template of three texts, and these people. */
    async written(to: Record<string, unknown>, client: Record<string, unknown> = {}): Promise<number> {
      await synced();
      const templateId = templateOf('消息通知');
      const values = { keyword1: '会员日', keyword2: '您的权益已到账', keyword3: '2026年3月8日' };
      const { status, body } = await site.call('POST /v1/drafts', {
        body: {
          ...{ appid, name: '消息通知' },
          client: { templateId, values, ...to, ...client },
        },
      });
      assert.equal(status, 201, JSON.stringify(body));
      return (body as { id: number }).id;
    },
    /** The followers are known, with when they followed. */
    async known(): Promise<void> {
      await site.call('POST /v1/accounts/{appid}/follower-syncs', {
        params: { appid },
        body: { details: true },
      });
      await until('the followers are known', async () => {
        const rules = { subscribedWithinDays: 3650 };
        const found = await site.call('POST /v1/accounts/{appid}/filters/count', {
          params: { appid },
          body: { rules },
        });
        return (found.body as { count: number; unknown: number }).count > 0;
      });
    },
  };
}
