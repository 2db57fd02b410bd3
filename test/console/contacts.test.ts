import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { until } from '../support/cli.ts';
import { consoleSite, views } from '../support/console.ts';
import { announcement, planCampaign } from '../support/contract/campaigns.ts';
import { withClient } from '../support/postgres.ts';

const site = await consoleSite({
  ...{ kind: 'service', followers: 120, openPlatform: 'one company' },
  tags: [{ name: 'vip', share: 0.5 }],
});
const { account } = site;
const { appid } = account;
const template_id = account.templates()[0]?.template_id ?? '';
const subscribed = 'fTrW0cYk6pXvJ3nB1sQm8uLgHdZaEoRi9xKtC5yVwN2';
const person = account.openid(7);
/** Nobody's follower, though somebody sends to them. */
const stranger = `o${'x'.repeat(27)}`;

before(async () => {
  for (const touser of [person, stranger]) {
    const { status } = await site.call('POST /v1/messages', {
      body: {
        ...{ appid, channel: 'oa-template', touser, template_id, ref: 'SF-42', wait: 5_000 },
        data: { keyword1: '标题', keyword2: '您的订单已发货', keyword3: '2026年3月8日' },
      },
    });
    assert.equal(status, 202);
  }
  const { status, body } = await site.call('POST /v1/contacts/{openid}/credits', {
    params: { openid: person },
    body: { appid, results: { [subscribed]: 'accept' }, key: 'tap-1' },
  });
  assert.equal(status, 200, JSON.stringify(body));
});

describe('people', () => {
  test('followers are synced from here: its progress, why it stopped, and the people once it is done', async () => {
    await using visit = await site.open('/contacts');
    const { page } = visit;
    await page.getByText('尚未同步').waitFor();
    await page.getByText('还没有用户').waitFor();
    account.setIpWhitelist(['203.0.113.7']);
    await page.getByRole('button', { name: '同步关注者' }).click();
    const ask = page.getByRole('dialog', { name: '同步关注者' });
    await ask.getByText('同时获取标签').click();
    await ask.getByRole('button', { name: '开始同步' }).click();
    await page.getByText(/同步已停止.*WECHAT_ERROR/).waitFor();
    account.setIpWhitelist(undefined);
    // Until it is let go, nobody is written down. By a connection of its own: those of the server are few.
    await withClient(site.database.connection, async (client) => {
      await client.query('begin; lock table hongyan.contacts in share row exclusive mode');
      await page.getByRole('button', { name: '继续同步' }).click();
      await ask.getByRole('button', { name: '开始同步' }).click();
      await page.getByRole('progressbar', { name: '正在同步' }).waitFor();
      assert.equal(await page.getByRole('button', { name: '同步关注者' }).isDisabled(), true);
    });
    await page.getByText('最近一次同步的关注者').waitFor();
    await page.getByRole('definition').filter({ hasText: /^120$/ }).first().waitFor();
    await page.getByRole('link', { name: /^o/ }).nth(49).waitFor();
    await page.getByRole('button', { name: '加载更多' }).click();
    await page.getByRole('link', { name: /^o/ }).nth(99).waitFor();
    // WeChat's tags may have been asked for while it refused this machine.
    visit.clean(/502/);
  });

  test('somebody is found by openid, unionid and tag; the address says what was asked', async () => {
    const details = async (): Promise<boolean> => {
      const { body } = await site.call('GET /v1/contacts', { query: { appid, limit: 200 } });
      const { data } = body as { data: { detailedAt: unknown }[] }; // as its row says
      return data.length === 120 && data.every(({ detailedAt }) => detailedAt !== null);
    };
    const body = { details: true };
    await site.call('POST /v1/accounts/{appid}/follower-syncs', { params: { appid }, body });
    await until('the details are there', details);
    const { rows } = await site.store.pool.query<{ unionid: string; vips: number }>(
      `select (select unionid from contacts where appid = $1 and openid = $2) as unionid,
         count(*)::int as vips from contacts where appid = $1 and cardinality(tag_ids) > 0`,
      [appid, person],
    );
    const [{ unionid, vips } = { unionid: '', vips: 0 }] = rows;
    await using visit = await site.open('/contacts');
    const { page } = visit;
    const box = page.getByRole('textbox', { name: 'openid 或 unionid' });
    const people = page.getByRole('link', { name: /^o[\w-]{27}$/ });
    const only = async (): Promise<void> => {
      await until('one is left', async () => (await people.count()) === 1);
      assert.equal(await people.textContent(), person);
    };
    await people.nth(49).waitFor();
    await box.fill(person);
    await page.keyboard.press('Enter');
    await only();

    await box.fill(unionid);
    await page.getByRole('button', { name: /按/ }).click();
    await page.getByRole('option', { name: 'unionid' }).click();
    await page.getByRole('button', { name: '查询' }).click();
    await until('asked by unionid', async () => page.url().includes('by=unionid'));
    await only();

    await page.goto(`${site.url}/contacts`);
    await page.getByRole('button', { name: /标签/ }).click();
    await page.getByRole('option', { name: `vip（${vips}）` }).click();
    await page.getByRole('button', { name: '查询' }).click();
    await until('asked by tag', async () => new URL(page.url()).searchParams.has('tag'));
    const pageOf50 = Math.min(50, vips);
    await until('only they are left', async () => {
      const tagged = await page.getByRole('row').filter({ hasText: 'vip' }).count();
      return tagged === pageOf50 && (await people.count()) === pageOf50;
    });
    await page.goto(`${site.url}/contacts`);
    await people.nth(49).waitFor();
    await page.getByRole('row', { name: /无/ }).first().waitFor();
    assert.equal(await page.getByText('未获取').count(), 0);
    visit.clean();
  });

  test('one person: what they got, their credits and why; put on the suppression list with a note, and off', async () => {
    await using visit = await site.open(`/contacts/${person}?account=${appid}`);
    const { page } = visit;
    await page.getByRole('heading', { level: 1, name: person }).waitFor();
    const got = page.getByRole('region', { name: '发送记录' });
    await got.getByRole('row', { name: /微信已受理|已送达/ }).waitFor();
    await page.getByRole('row', { name: `${subscribed} 1 0` }).waitFor();
    await page.getByRole('row', { name: /客户端上报：同意.*\+1/ }).waitFor();

    await page.getByRole('textbox', { name: '备注' }).fill('用户来电投诉');
    await page.getByRole('button', { name: '加入禁发名单' }).click();
    await page.getByText('在禁发名单中', { exact: true }).waitFor();
    await page.getByText('用户来电投诉').waitFor();
    const listed = async (): Promise<unknown> =>
      (await site.call('GET /v1/accounts/{appid}/suppressions', { params: { appid } })).body;
    const { data } = (await listed()) as { data: { openid: string; note: string }[] };
    assert.deepEqual(
      data.map(({ openid, note }) => [openid, note]),
      [[person, '用户来电投诉']],
    );
    await page.getByRole('button', { name: '移出禁发名单' }).click();
    await page.getByText('不在禁发名单中').waitFor();
    assert.deepEqual(await listed(), { data: [], next: null });
    visit.clean();
  });

  test('a file of people is looked through here, its bad rows are given back, and a campaign takes it', async () => {
    await using visit = await site.open('/contacts');
    const { page } = visit;
    await page.getByLabel('名单文件', { exact: true }).setInputFiles({
      name: '三月.csv',
      mimeType: 'text/csv',
      buffer: Buffer.from(`会员,openid\n小雁,${person}\n生人,nobody\n`),
    });
    await page.getByText('1 人，1 行有问题').waitFor();
    const bad = page.getByRole('link', { name: '下载有问题的行' });
    assert.match((await bad.getAttribute('href')) ?? '', /^\/v1\/audiences\/\d+\/bad-rows$/);
    // The column that was found is another one's to choose; the same file is read again.
    await page.getByRole('button', { name: /openid 所在列/ }).click();
    await page.getByRole('option', { name: '会员' }).click();
    await page.getByText('0 人，2 行有问题').or(page.getByRole('alert')).first().waitFor();
    await page.reload();
    await page.getByRole('link', { name: '用此名单新建推送' }).click();
    await page.waitForURL(/campaigns\/new\?upload=\d+/);
    visit.clean(/4\d\d/);
  });

  test('an openid that nobody knows has what was sent to it, and can be suppressed', async () => {
    await using visit = await site.open(`/contacts?q=${stranger}`);
    const { page } = visit;
    await page.getByText('没有查到用户').waitFor();
    await page.getByRole('link', { name: '查看此 openid 的发送记录' }).click();
    await page.getByText('此账号没有该用户的资料').waitFor();
    await page.getByRole('row', { name: /被拒绝.*40003/ }).waitFor();
    await page.getByText('没有该用户的订阅记录').waitFor();
    await page.getByRole('button', { name: '加入禁发名单' }).waitFor();
    visit.clean();
  });

  test('somebody is erased once their openid was typed; before, it says what goes and what stays', async () => {
    const erased = account.openid(60);
    await using visit = await site.open(`/contacts/${erased}?account=${appid}`);
    const { page } = visit;
    await page.getByText('关注时间').waitFor();
    await page.getByRole('button', { name: '删除用户信息' }).click();
    const ask = page.getByRole('alertdialog', { name: '删除用户信息' });
    await ask.getByText(/会保留：.*不可还原的摘要/).waitFor();
    const yes = ask.getByRole('button', { name: '永久删除' });
    await ask.getByRole('textbox').fill(erased.slice(0, -1));
    assert.ok(await yes.isDisabled());
    await visit.accessible();
    await ask.getByRole('textbox').fill(erased);
    await yes.click();
    await page.getByText(/已删除该用户的信息，共处理 \d+ 条记录。/).waitFor();
    await page.waitForURL(`${site.url}/contacts`);
    const { status } = await site.call('GET /v1/contacts/{openid}', {
      params: { openid: erased },
      query: { appid },
    });
    assert.equal(status, 404);
    visit.clean();
  });

  test('somebody to whom a campaign may still send is not erased, and the reason is said', async () => {
    const busy = account.openid(61);
    const id = await planCampaign(site, announcement(account, [busy]));
    await using visit = await site.open(`/contacts/${busy}?account=${appid}`);
    const { page } = visit;
    await page.getByRole('button', { name: '删除用户信息' }).click();
    const ask = page.getByRole('alertdialog', { name: '删除用户信息' });
    await ask.getByRole('textbox').fill(busy);
    await ask.getByRole('button', { name: '永久删除' }).click();
    await ask.getByText('CONTACT_BUSY').waitFor();
    await ask.getByText(new RegExp(`推送任务 ${id} 还可能发送给该用户`)).waitFor();
    assert.equal(await ask.getByRole('textbox').inputValue(), busy);
    await ask.getByRole('button', { name: '取消' }).click();
    await page.getByText('关注时间').waitFor();
    visit.clean(/409/);
  });

  test('whoever may only read is offered no sync and no suppression; without the deliveries, none are asked for', async () => {
    const as = await site.key(['account.read', 'contact.read']);
    await using visit = await site.open(`/contacts/${person}`, { as });
    const { page } = visit;
    await page.getByText('不在禁发名单中').waitFor();
    assert.equal(await page.getByRole('button', { name: '加入禁发名单' }).count(), 0);
    assert.equal(await page.getByRole('button', { name: '删除用户信息' }).count(), 0);
    assert.equal(await page.getByRole('heading', { name: '消息记录' }).count(), 0);
    await page.getByRole('link', { name: '全部用户' }).click();
    await page.getByText('最近一次同步的关注者').waitFor();
    assert.equal(await page.getByRole('button', { name: '同步关注者' }).count(), 0);
    visit.clean(/403/);
  });

  test('a sync that would lose many asks first, and goes on when somebody says so', async () => {
    for (let gone = 80; gone < 120; gone++) account.unfollow(account.openid(gone));
    await site.call('POST /v1/accounts/{appid}/follower-syncs', { params: { appid }, body: {} });
    await using visit = await site.open('/contacts');
    const { page } = visit;
    await page.getByText('超过 5% 的关注者将被标记为已取消关注').waitFor();
    await page.getByRole('button', { name: '确实已流失，继续同步' }).click();
    await page.getByRole('dialog').getByRole('button', { name: '开始同步' }).click();
    await page.getByRole('definition').filter({ hasText: /^40$/ }).waitFor();
    await page.getByRole('button', { name: /状态/ }).click();
    await page.getByRole('option', { name: '已取消关注' }).click();
    await page.getByRole('button', { name: '查询' }).click();
    const left = page.getByRole('row', { name: /已取消关注/ });
    await until('only they are left', async () => (await left.count()) === 40);
    visit.clean();
  });

  for (const { name, ...view } of views) {
    test(`can be read by everybody: ${name}`, async () => {
      await using visit = await site.open('/contacts', view);
      const { page } = visit;
      await page.getByRole('row').nth(5).waitFor();
      await visit.accessible();
      await visit.fits();
      await page.goto(`${site.url}/contacts/${person}`);
      await page.getByRole('row').nth(5).waitFor();
      await visit.accessible();
      await visit.fits();
      visit.clean();
    });
  }
});
