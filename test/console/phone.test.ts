import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { type SimulatedAccount, type Simulator, startSimulator } from '../../src/simulator/index.ts';
import { WechatClient } from '../../src/wechat/index.ts';
import { TestBrowser, type View, type Visit } from '../support/browser.ts';
import { CallbackReceiver } from '../support/callback/receiver.ts';

let browser: TestBrowser;
let simulator: Simulator;
let service: SimulatedAccount;
let miniprogram: SimulatedAccount;
const clients = new Map<string, WechatClient>();

before(async () => {
  browser = await TestBrowser.launch();
  simulator = await startSimulator({
    record: 'full',
    accounts: [
      { kind: 'service', followers: 200 },
      { kind: 'miniprogram', followers: 200 },
      { kind: 'sandbox', followers: 20, legacy: true },
    ],
  });
  [service, miniprogram] = simulator.accounts as [SimulatedAccount, SimulatedAccount]; // as listed above
  for (const { appid, secret } of simulator.accounts) {
    const token = { kind: 'secret', secret } as const;
    clients.set(appid, new WechatClient({ appid, token, baseUrl: simulator.url }));
  }
});

after(async () => {
  for (const client of clients.values()) await client.close();
  await simulator.close();
  await browser[Symbol.asyncDispose]();
});

const templateOf = (account: SimulatedAccount, title: string): string =>
  account.templates().find((one) => one.title === title)?.template_id ?? '';

async function order(person: number, more: object = {}): Promise<void> {
  await clients.get(service.appid)?.messages.oaTemplate({
    touser: service.openid(person),
    template_id: templateOf(service, '订单发货通知'),
    data: {
      character_string1: { value: 'SF-42' },
      thing2: { value: '鸿雁牌毛笔' },
      time3: { value: '2026年3月8日 09:12' },
      amount4: { value: '￥100.00' },
      const5: { value: '已发货' },
    },
    ...more,
  });
}

const open = (query: string, view?: View): Promise<Visit> =>
  browser.visit(`${simulator.url}/?${query}`, view);

describe('the phone', () => {
  test('shows a card the moment it is sent, worded by its template, in the chat of its account', async () => {
    await using visit = await open('person=3');
    const { page } = visit;
    await page.getByRole('button', { name: /示例服务号.*还没有消息/ }).click();
    await order(3);
    const card = page.getByRole('article', { name: '订单发货通知' });
    await card.waitFor();
    assert.deepEqual(await card.locator('dt').allTextContents(), [
      '订单编号',
      '商品名称',
      '发货时间',
      '订单金额',
      '订单状态',
    ]);
    assert.equal(await card.getByRole('button', { name: '查看详情' }).count(), 0);
    visit.clean();
  });

  test("shows values as today's cards do: one line, no emoji, 20 characters", async () => {
    await clients.get(service.appid)?.messages.oaTemplate({
      touser: service.openid(2),
      template_id: templateOf(service, '消息通知'),
      data: {
        keyword1: { value: '两行\n成一行', color: '#ff0000' },
        keyword2: { value: '𠮷😀四五六七八九十一二三四五六七八九十一二三' },
        keyword3: { value: '正好是二十个字的一段话它不会被截断的啊哈' },
      },
    });
    await using visit = await open(`person=2&chat=${service.appid}`);
    const values = visit.page.getByRole('article').locator('dd');
    await values.first().waitFor();
    assert.deepEqual(await values.allTextContents(), [
      '两行 成一行',
      '𠮷□四五六七八九十一二三四五六七八九十一…',
      '正好是二十个字的一段话它不会被截断的啊哈',
    ]);
    visit.clean();
  });

  test('opens a card that has a target, and only such a one', async () => {
    await order(4, { url: 'https://example.com/orders/42' });
    await using visit = await open(`person=4&chat=${service.appid}`);
    await visit.page.getByRole('button', { name: '查看详情' }).click();
    const dialog = visit.page.getByRole('dialog', { name: '点开后进入' });
    await dialog.getByText('https://example.com/orders/42').waitFor();
    await visit.page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    visit.clean();
  });

  test('puts what Mini Programs send into 服务通知, under their name', async () => {
    await clients.get(miniprogram.appid)?.messages.mpSubscribe({
      touser: miniprogram.openid(5),
      template_id: templateOf(miniprogram, '订单发货通知'),
      page: 'pages/order?id=42',
      data: {
        character_string1: { value: 'SF-42' },
        thing2: { value: '鸿雁牌毛笔' },
        time3: { value: '2026年3月8日 09:12' },
        name4: { value: '张三' },
      },
    });
    await using visit = await open('person=5');
    await visit.page.getByRole('button', { name: /^服务通知/ }).click();
    const card = visit.page.getByRole('article', { name: '订单发货通知' });
    await card.getByText('示例小程序').waitFor();
    visit.clean();
  });

  test('follows and leaves: whoever left cannot be sent to', async () => {
    await using visit = await open(`person=6&chat=${service.appid}`);
    const { page } = visit;
    await page.getByRole('button', { name: '公众号资料' }).click();
    await page.getByRole('dialog').getByRole('button', { name: '取消关注' }).click();
    await page.getByText('关注后才能发消息').waitFor();
    await assert.rejects(order(6), { errcode: 43004 });
    await page.getByRole('button', { name: '公众号资料' }).click();
    await page.getByRole('dialog').getByRole('button', { name: '关注公众号' }).click();
    await page.getByRole('textbox', { name: '发消息' }).waitFor();
    await order(6);
    await page.getByRole('article').waitFor();
    visit.clean();
  });

  test('allows what is ticked in the subscribe popup, and remembers 总是保持', async () => {
    const id = templateOf(miniprogram, '订单发货通知');
    const openid = miniprogram.openid(7);
    const creditsBefore = miniprogram.credits(openid, id);
    await using visit = await open(`person=7&account=${miniprogram.appid}`);
    const { page } = visit;
    const popup = page.getByRole('dialog', { name: /申请向你发送以下通知/ });
    await page.getByRole('button', { name: '弹出订阅授权' }).click();
    await popup.getByRole('checkbox', { name: /洗衣机故障提醒/ }).click();
    await popup.getByRole('checkbox', { name: '总是保持以上选择，不再询问' }).click();
    await popup.getByRole('button', { name: '允许' }).click();
    await popup.waitFor({ state: 'detached' });
    assert.equal(miniprogram.credits(openid, id), creditsBefore + 1);
    await page.getByRole('button', { name: '弹出订阅授权' }).click();
    await page.getByText('已按“总是保持”的选择允许，不再弹窗').waitFor();
    assert.equal(miniprogram.credits(openid, id), creditsBefore + 2);
    visit.clean();
  });

  test('a kept choice is what was ticked then, and 取消 gives no credit', async () => {
    const [first, second] = miniprogram.templates().filter(({ title }) => title !== '');
    const [one, other] = [first?.template_id ?? '', second?.template_id ?? ''];
    const openid = miniprogram.openid(17);
    const credits = (): number[] => [one, other].map((id) => miniprogram.credits(openid, id));
    const before = credits();
    await using visit = await open(`person=17&account=${miniprogram.appid}`);
    const { page } = visit;
    const popup = page.getByRole('dialog', { name: /申请向你发送以下通知/ });
    const ask = page.getByRole('button', { name: '弹出订阅授权' });
    await ask.click();
    assert.ok((await popup.getByRole('checkbox').count()) <= 6, 'five templates and 总是保持');
    await popup.getByRole('button', { name: '取消' }).click();
    await popup.waitFor({ state: 'detached' });
    assert.deepEqual(credits(), before);
    await ask.click();
    await popup.getByRole('checkbox', { name: new RegExp(second?.title ?? '') }).click();
    await popup.getByRole('checkbox', { name: '总是保持以上选择，不再询问' }).click();
    await popup.getByRole('button', { name: '允许' }).click();
    await popup.waitFor({ state: 'detached' });
    await ask.click();
    await page.getByText('已按“总是保持”的选择').waitFor();
    const [gained, kept] = credits();
    assert.deepEqual([gained, kept], [(before[0] ?? 0) + 2, before[1]]);
    visit.clean();
  });

  test('refuses a subscribe template by the menu of its card: no credits are left', async () => {
    const id = templateOf(service, '活动开始提醒');
    await clients.get(service.appid)?.messages.oaSubscribe({
      touser: service.openid(8),
      template_id: id,
      data: { thing1: { value: '读书会' }, time2: { value: '2026年3月8日 09:12' } },
    });
    service.grantCredits(service.openid(8), id, 3);
    await using visit = await open(`person=8&chat=${service.appid}`);
    const { page } = visit;
    await page.getByRole('button', { name: '这条消息的更多操作' }).click();
    await page.getByRole('dialog').getByRole('button', { name: '拒收此类消息' }).click();
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    assert.equal(service.credits(service.openid(8), id), 0);
    visit.clean();
  });

  test('shows the receipt on its way to the callback, and what it says of a person who blocks', async () => {
    await using receiver = await new CallbackReceiver().listen();
    await service.events.setCallback({ url: receiver.url, verify: false });
    service.events.configure({ jitterMs: 0 });
    try {
      await using visit = await open(`person=9&chat=${service.appid}`);
      const { page } = visit;
      await page.getByText('暂无事件').waitFor();
      await order(9);
      await page.getByRole('row', { name: /TEMPLATESENDJOBFINISH success 已推送/ }).waitFor();
      await page.getByText('拒收此公众号的消息').click();
      await page.getByRole('switch', { name: '拒收此公众号的消息', checked: true }).waitFor();
      await order(9);
      await page.getByRole('row', { name: /TEMPLATESENDJOBFINISH failed:user block 已推送/ }).waitFor();
      await page.getByRole('textbox', { name: '发消息' }).fill('什么时候发货？');
      await page.keyboard.press('Enter');
      await page.getByRole('row', { name: /text: 什么时候发货？/ }).waitFor();
      await page.getByRole('log').getByText('什么时候发货？').waitFor();
      visit.clean();
    } finally {
      await service.events.setCallback(null);
    }
  });

  test('holds the next message, and shows it once it is released', async () => {
    await using visit = await open(`person=10&chat=${service.appid}`);
    const { page } = visit;
    await page.getByRole('button', { name: '下一条转审核（40252）' }).click();
    await page.getByText('下一条消息将转入审核').waitFor();
    await assert.rejects(order(10), { errcode: 40252 });
    await page.getByText('审核中：此人 1 条，共 1 条').waitFor();
    assert.equal(await page.getByRole('article').count(), 0);
    await page.getByRole('button', { name: '放行' }).click();
    await page.getByRole('article', { name: '订单发货通知' }).waitFor();
    visit.clean();
  });

  test('blocks what is under review: it never comes, and its receipt says why', async () => {
    await using visit = await open(`person=14&chat=${service.appid}`);
    const { page } = visit;
    await page.getByRole('button', { name: '下一条转审核（40252）' }).click();
    await page.getByText('下一条消息将转入审核').waitFor();
    await assert.rejects(order(14), { errcode: 40252 });
    await page.getByText(/审核中：此人 1 条/).waitFor();
    await page.getByRole('button', { name: '拦截' }).click();
    await page.getByText(/审核中：此人 0 条/).waitFor();
    assert.equal(await page.getByRole('article').count(), 0);
    visit.clean();
  });

  test("uses up today's quota until it is given back", async () => {
    await using visit = await open('person=15');
    const { page } = visit;
    await page.getByText('今日额度用完（45009）').click();
    await page.getByRole('switch', { name: '今日额度用完（45009）', checked: true }).waitFor();
    await assert.rejects(order(15), { errcode: 45009 });
    await page.getByText('今日额度用完（45009）').click();
    await page.getByRole('switch', { name: '今日额度用完（45009）', checked: false }).waitFor();
    await order(15);
    visit.clean();
  });

  test('makes WeChat busy, cuts connections, moves time', async () => {
    await using visit = await open('person=11');
    const { page } = visit;
    await page.getByText('系统繁忙（-1）').click();
    await page.getByRole('switch', { name: '系统繁忙（-1）', checked: true }).waitFor();
    await assert.rejects(order(11), { errcode: -1 });
    await page.getByText('系统繁忙（-1）').click();
    await page.getByRole('switch', { name: '系统繁忙（-1）', checked: false }).waitFor();
    await page.getByRole('button', { name: '断开下一次连接' }).click();
    await page.getByText('下一次发送会被受理，但收不到应答').waitFor();
    await assert.rejects(order(11), { code: 'WECHAT_NO_ANSWER' });
    await page.getByRole('button', { name: /示例服务号.*\[订单发货通知\]/ }).waitFor();
    const now = simulator.now();
    // Awaited from before the click: the answer may be there when the click is over.
    const moved = page.waitForResponse((answer) => answer.url().endsWith('/_simulator/clock'));
    await page.getByRole('button', { name: '快进 1 小时' }).click();
    await moved;
    assert.ok(simulator.now() - now >= 3_600_000);
    visit.clean();
  });

  test('finds a person by any openid, and says when there is none', async () => {
    await using visit = await open('person=0');
    const { page } = visit;
    const box = page.getByRole('textbox', { name: '按 openid 查找' });
    await box.fill(miniprogram.openid(137));
    await page.keyboard.press('Enter');
    await page.getByText('第 138 位，共 200 位').waitFor();
    await page.waitForURL((url) => url.searchParams.get('person') === '137');
    await box.fill('oNobody');
    await page.keyboard.press('Enter');
    await page.getByText('这里没有这个 openid。').waitFor();
    visit.clean(/400/);
  });

  test('issues form_ids and prepay_ids where the retired message works', async () => {
    const sandbox = simulator.accounts[2] as SimulatedAccount; // as listed above
    await using visit = await open(`person=1&account=${sandbox.appid}`);
    await visit.page.getByRole('button', { name: '提交表单' }).click();
    await visit.page.getByText('form_id', { exact: true }).waitFor();
    await visit.page.getByRole('button', { name: '支付' }).click();
    await visit.page.getByText('prepay_id', { exact: true }).waitFor();
    visit.clean();
  });

  for (const lang of ['zh', 'en'] as const) {
    for (const dark of [false, true]) {
      test(`can be read by everybody: ${lang}, ${dark ? 'dark' : 'light'}, also 390 px wide`, async () => {
        await order(12, { url: 'https://example.com/' });
        await using visit = await open(`person=12&chat=${service.appid}`, { lang, dark });
        const { page } = visit;
        await page.getByRole('article').first().waitFor();
        await visit.accessible();
        await page.getByRole('button', { name: lang === 'zh' ? '弹出订阅授权' : 'Subscribe popup' }).click();
        await page.getByRole('dialog').waitFor();
        await visit.accessible();
        await page.setViewportSize({ width: 390, height: 844 });
        await visit.fits();
        visit.clean();
      });
    }
  }

  test('is worked by keyboard alone', async () => {
    await order(13, { url: 'https://example.com/' });
    await using visit = await open('person=13');
    const { page } = visit;
    const row = page.getByRole('button', { name: /示例服务号/ }).first();
    await row.waitFor();
    await visit.tabTo(row);
    await page.keyboard.press('Enter');
    await visit.tabTo(page.getByRole('button', { name: '查看详情' }));
    await page.keyboard.press('Enter');
    await page.getByRole('dialog', { name: '点开后进入' }).waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    // Where it was before the dialog.
    await visit.hasFocus(page.getByRole('button', { name: '查看详情' }));
    visit.clean();
  });

  test('says when the simulator is gone, and keeps what it showed', async () => {
    const own = await startSimulator({ kind: 'service', followers: 3 });
    await using visit = await browser.visit(`${own.url}/?person=0`);
    await visit.page.getByText('第 1 位，共 3 位').waitFor();
    await own.close();
    await visit.page.getByText('连接不上模拟器，正在重试…').waitFor();
    await visit.page.getByText('第 1 位，共 3 位').waitFor();
    visit.clean(/ERR_CONNECTION|ERR_INCOMPLETE|ERR_EMPTY/);
  });
});
