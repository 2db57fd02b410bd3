/** Everybody sees what is theirs and may do what is theirs; what is not, is not offered, and its address says so. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { before, describe, test } from 'node:test';
import { isPermission, type Role, roles } from '../../src/contract/permissions.ts';
import { frameWords } from '../../src/texts/console/frame.ts';
import type { Visit } from '../support/browser.ts';
import { until } from '../support/cli.ts';
import { consoleSite } from '../support/console.ts';

const site = await consoleSite();
const { account } = site;
const { appid } = account;

interface PageRow {
  path: string;
  menu: string | null;
  permission: string | null;
}

/** The table of pages, read from its source: a new page is walked too. */
async function table(): Promise<PageRow[]> {
  const source = await readFile(new URL('../../console/frame/routes.tsx', import.meta.url), 'utf8');
  const rows = [...source.matchAll(/^ {2}page\(\s*'([^']+)',\s*(?:'([^']+)'|null),\s*(?:'([^']+)'|null),/gm)];
  assert.ok(rows.length > 15);
  return rows.map(([, path = '', menu = null, permission = null]) => ({ path, menu, permission }));
}

const ids: Record<string, string> = {};

before(async () => {
  const params = { appid };
  await site.call('POST /v1/accounts/{appid}/templates/sync', { params });
  await site.call('PATCH /v1/accounts/{appid}/callback', {
    params,
    body: { publicUrl: site.url, mode: 'plain' },
  });
  await site.call('POST /v1/accounts/{appid}/follower-syncs', { params, body: {} });
  await until('the followers are known', async () => {
    const found = await site.call('GET /v1/accounts/{appid}/followers/count', { params });
    return (found.body as { following: number }).following > 0; // as its row says
  });
  const template = account.templates().find(({ title }) => title === '消息通知');
  const message = {
    template_id: template?.template_id,
    data: { keyword1: '三月会员日', keyword2: '您的权益已更新', keyword3: '2026年3月8日' },
  };
  const { body } = await site.call('POST /v1/campaigns', {
    body: {
      ...{ appid, channel: 'oa-template', again: true, message },
      audience: { kind: 'list', openids: [account.openid(0), account.openid(1)] },
    },
  });
  await site.call('POST /v1/schedules', {
    body: { ...{ appid, channel: 'oa-template', message }, cron: '0 9 * * 1', audience: { kind: 'all' } },
  });
  const hook = await site.call('POST /v1/webhooks', {
    body: { appid, url: 'http://127.0.0.1:9/', topics: ['campaign'] },
  });
  ids['/campaigns/:id'] = `/campaigns/${(body as { campaign: { id: number } }).campaign.id}`;
  ids['/accounts/:appid'] = `/accounts/${appid}`;
  ids['/contacts/:openid'] = `/contacts/${account.openid(0)}`;
  ids['/webhooks/:id'] = `/webhooks/${(hook.body as { id: number }).id}`;
});

/** As a link within the console does. */
async function go(visit: Visit, path: string): Promise<void> {
  await visit.page.evaluate(
    `history.pushState(null, '', ${JSON.stringify(path)}); dispatchEvent(new Event('hongyan:moved'))`,
  );
  await visit.page.getByRole('heading', { level: 1 }).waitFor();
  await visit.settled();
}

const addressOf = ({ path }: PageRow): string => {
  const address = path.includes(':') ? ids[path] : path;
  assert.ok(address !== undefined, `say in this test where ${path} is`);
  return address;
};

/** Buttons and links of a campaign that waits for its confirmation, of a schedule, and of the overview, by who may press them. */
const offered: Record<Role, { create: boolean; send: boolean; schedule: boolean }> = {
  viewer: { create: false, send: false, schedule: false },
  editor: { create: true, send: false, schedule: false },
  sender: { create: true, send: true, schedule: true },
  approver: { create: false, send: false, schedule: false },
  admin: { create: true, send: true, schedule: true },
};

describe('a role', () => {
  for (const role of ['viewer', 'editor', 'sender', 'approver'] as const)
    test(`${role} walks every page: theirs ask for nothing that is refused, others say what is missing`, async () => {
      const cookie = await site.signedIn(`a-${role}`, role, role === 'approver' ? null : [appid]);
      await using visit = await site.open('/', { as: null, cookie });
      const { page } = visit;
      await page.getByRole('heading', { level: 1 }).waitFor();
      const rows = await table();
      const granted: readonly string[] = roles[role];
      const may = ({ permission }: PageRow): boolean => permission === null || granted.includes(permission);
      const menu = page.getByRole('navigation').getByRole('link');
      const expected = rows
        .filter((row) => row.menu !== null && may(row))
        .map(({ menu: key }) => frameWords[key as keyof typeof frameWords].zh); // a key of the table
      assert.deepEqual((await menu.allTextContents()).slice(1), expected);
      for (const row of rows) {
        assert.ok(row.permission === null || isPermission(row.permission));
        await go(visit, addressOf(row));
        const isRefused = (await page.getByRole('heading', { level: 1, name: '没有权限' }).count()) > 0;
        assert.equal(isRefused, !may(row), row.path);
        assert.equal(await page.getByRole('alert').count(), 0, row.path);
      }
      await page.goto(`${site.url}/keys`);
      await page.getByText(/你的角色是“.*”，没有“管理成员与密钥”的权限。/).waitFor();

      const { create, send, schedule } = offered[role];
      await go(visit, '/campaigns');
      await page.getByRole('row').nth(1).waitFor();
      assert.equal(
        await page.getByRole('main').getByRole('link', { name: '新建推送' }).count(),
        Number(create),
      );
      await go(visit, ids['/campaigns/:id'] ?? '');
      await page
        .getByRole('button', { name: '向 2 人发送' })
        .or(page.getByText('需由有发送权限的人确认。'))
        .waitFor();
      assert.equal(await page.getByRole('button', { name: '向 2 人发送' }).count(), Number(send));
      assert.equal(await page.getByRole('button', { name: '取消推送' }).count(), Number(send));
      await go(visit, '/schedules');
      await page.getByRole('row').nth(1).waitFor();
      assert.equal(await page.getByRole('button', { name: '新建定时任务' }).count(), Number(schedule));
      assert.equal(await page.getByRole('button', { name: /更多操作/ }).count(), Number(schedule));
      visit.clean();
    });
});

describe('every page', () => {
  for (const [name, view] of Object.entries({ light: { dark: false }, dark: { dark: true } }))
    test(`has no serious finding of axe-core, ${name}`, async () => {
      await using visit = await site.open('/', view);
      await visit.page.getByRole('heading', { level: 1 }).waitFor();
      for (const row of await table()) {
        await go(visit, addressOf(row));
        await visit.accessible();
        await visit.reads();
      }
      visit.clean();
    });
});
