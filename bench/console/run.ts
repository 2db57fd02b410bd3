/**
 * `npm run bench:console`: how fast the console is in a real browser, against the limits of its design.
 *
 *   npm run bench:console [-- --rows 10000000] [--minutes 5] [--rounds 5]
 *
 * First paint and interactive with the CPU slowed four times; turning the page of a long list; memory and CPU of the page of a
 * campaign that runs. Browser, server, database and WeChat share this machine. Exit code 1 where a limit is broken.
 */
import { availableParallelism, loadavg } from 'node:os';
import { test } from 'node:test';
import { parseArgs } from 'node:util';
import type { CDPSession, Page } from 'playwright-core';
import { TestBrowser } from '../../test/support/browser.ts';
import { until } from '../../test/support/cli.ts';
import { adminKey, type ContractSite, contractSite } from '../../test/support/contract.ts';
import { lengthen } from './long-campaign.ts';

const { values } = parseArgs({
  options: {
    rows: { type: 'string', default: '10000000' },
    minutes: { type: 'string', default: '5' },
    rounds: { type: 'string', default: '5' },
  },
});
const [rows, minutes, rounds] = [Number(values.rows), Number(values.minutes), Number(values.rounds)];

const slowedBy = 4;
/** A page is interactive once it stands and nothing held it up for so long. */
const quietMs = 500;
const limits = { paintMs: 1_000, interactiveMs: 1_500, turnMs: 200, cpuPercent: 5, growthPercent: 20 };

interface Figure {
  what: string;
  value: number;
  unit: string;
  limit: number;
}

const figures: Figure[] = [];

function tell(what: string, value: number, unit: string, limit: number): void {
  figures.push({ what, value, unit, limit });
  const verdict = value <= limit ? '' : '   OVER';
  console.log(
    `${what.padEnd(58)} ${value.toFixed(1).padStart(9)} ${unit.padEnd(3)} (limit ${limit})${verdict}`,
  );
}

const median = (all: number[]): number =>
  [...all].sort((one, other) => one - other)[Math.floor(all.length / 2)] ?? 0;
const highest = (all: number[]): number => Math.max(...all);

test('console', { timeout: (minutes + 60) * 60_000 }, async () => {
  const site = await contractSite({ kind: 'service', followers: 20_000, latencyMs: 40 });
  console.log(
    `${availableParallelism()} cores, load ${loadavg()[0]?.toFixed(2)}, ${rows.toLocaleString('en-US')} rows`,
  );
  const long = await planned(site, 2);
  await lengthen(site.store.pool, long, rows);
  await using browser = await TestBrowser.launch();
  await openings(site, browser);
  await turns(site, browser, long);
  await running(site, browser);
  const over = figures.filter(({ value, limit }) => value > limit);
  if (over.length > 0) throw new Error(`over the limit: ${over.map(({ what }) => what).join('; ')}`);
});

async function planned(site: ContractSite, people: number): Promise<number> {
  const { account } = site;
  const { appid } = account;
  await site.call('POST /v1/accounts/{appid}/templates/sync', { params: { appid } });
  const { body } = await site.call('POST /v1/campaigns', {
    body: {
      ...{ appid, channel: 'oa-template', again: true },
      message: {
        template_id: account.templates().find(({ title }) => title === '消息通知')?.template_id,
        data: { keyword1: '三月会员日', keyword2: '您的权益已更新', keyword3: '2026年3月8日' },
      },
      audience: { kind: 'list', openids: Array.from({ length: people }, (_, n) => account.openid(n)) },
    },
  });
  const { id } = (body as { campaign: { id: number } }).campaign; // as its row says
  const state = async (): Promise<string> =>
    ((await site.call('GET /v1/campaigns/{id}', { params: { id } })).body as { state: string }).state;
  await until('it is planned', async () => (await state()) === 'planned');
  return id;
}

const headers = { authorization: `Bearer ${adminKey}` };

/** A browser that has nothing yet, each time anew. */
async function openings(site: ContractSite, browser: TestBrowser): Promise<void> {
  const paints: number[] = [];
  const interactives: number[] = [];
  for (let round = 0; round <= rounds; round++) {
    await using visit = await browser.visit('about:blank', { headers });
    const { page } = visit;
    const session = await page.context().newCDPSession(page);
    await session.send('Emulation.setCPUThrottlingRate', { rate: slowedBy });
    await page.addInitScript(`
      globalThis.held = 0;
      new PerformanceObserver((list) => {
        for (const one of list.getEntries()) globalThis.held = Math.max(globalThis.held, one.startTime + one.duration);
      }).observe({ type: 'longtask', buffered: true });
      new MutationObserver((_, observer) => {
        if (document.querySelector('main h1') === null) return;
        globalThis.stood = performance.now();
        observer.disconnect();
      }).observe(document, { childList: true, subtree: true });`);
    await page.goto(`${site.url}/nodes`);
    await page.getByRole('heading', { level: 1 }).waitFor();
    await until('it is interactive', () =>
      page.evaluate<boolean>(
        `performance.now() - Math.max(globalThis.held, globalThis.stood ?? Infinity) > ${quietMs}`,
      ),
    );
    const [paint, interactive] = await page.evaluate<number[]>(
      `[performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? Infinity, Math.max(globalThis.held, globalThis.stood)]`,
    );
    // The first one warms the server.
    if (round === 0) continue;
    paints.push(paint ?? 0);
    interactives.push(interactive ?? 0);
  }
  tell(
    `first contentful paint, CPU ÷ ${slowedBy}, median of ${rounds}`,
    median(paints),
    'ms',
    limits.paintMs,
  );
  tell(
    `interactive, CPU ÷ ${slowedBy}, median of ${rounds}`,
    median(interactives),
    'ms',
    limits.interactiveMs,
  );
}

/** From the press to the rows. */
async function turns(site: ContractSite, browser: TestBrowser, id: number): Promise<void> {
  await using visit = await browser.visit(`${site.url}/campaigns/${id}`, { headers });
  const { page } = visit;
  const table = page.getByRole('region', { name: '接收人' }).getByRole('row');
  await table.nth(50).waitFor();
  const took: number[] = [];
  for (let turn = 1; turn <= 20; turn++) {
    const before = await table.count();
    const more = page.getByRole('button', { name: '加载更多' });
    await page.evaluate(`{
      const rows = () => document.querySelectorAll('main table tbody tr').length;
      const first = rows();
      let began = Infinity;
      addEventListener('pointerdown', () => { began = performance.now(); }, { capture: true, once: true });
      globalThis.turn = new Promise((done) => {
        new MutationObserver((_, observer) => {
          if (rows() === first) return;
          observer.disconnect();
          requestAnimationFrame(() => done(performance.now() - began));
        }).observe(document, { childList: true, subtree: true });
      });
      undefined; // not the promise, which would be waited for
    }`);
    await more.click();
    await table.nth(before).waitFor();
    took.push(await page.evaluate<number>('globalThis.turn'));
  }
  tell(`page turn in ${rows.toLocaleString('en-US')} rows, median of 20`, median(took), 'ms', limits.turnMs);
  tell(
    `page turn in ${rows.toLocaleString('en-US')} rows, slowest of 20`,
    highest(took),
    'ms',
    limits.turnMs * 2,
  );
}

/** What is left after a collection, and the share of one core that the page takes. */
async function running(site: ContractSite, browser: TestBrowser): Promise<void> {
  const { appid } = site.account;
  const id = await planned(site, 10_000);
  const ratePerS = Math.max(1, Math.floor(9_000 / (minutes * 60 + 30)));
  await site.call('PATCH /v1/accounts/{appid}', { params: { appid }, body: { ratePerS } });
  const plan = await site.call('GET /v1/campaigns/{id}/plan', { params: { id } });
  const { planHash } = plan.body as { planHash: string }; // as its row says
  await site.call('POST /v1/campaigns/{id}/confirm', { params: { id }, body: { planned: 10_000, planHash } });
  await using visit = await browser.visit(`${site.url}/campaigns/${id}`, { headers });
  const { page } = visit;
  await page.getByText('推送中').first().waitFor();
  const session = await page.context().newCDPSession(page);
  await session.send('Performance.enable');
  // Everything that it keeps is there after half a minute; what comes later is growth.
  await wait(page, 30_000);
  const first = await look(session);
  let last = first;
  for (let minute = 1; minute <= minutes; minute++) {
    await wait(page, 60_000);
    last = await look(session);
    console.log(`  minute ${minute}: ${(last.heap / 1e6).toFixed(1)} MB`);
  }
  const cpu = ((last.busyS - first.busyS) / (last.atS - first.atS)) * 100;
  const growth = (last.heap / first.heap - 1) * 100;
  tell(`CPU of a live campaign over ${minutes} min, of one core`, cpu, '%', limits.cpuPercent);
  tell(
    `growth of its memory from ${(first.heap / 1e6).toFixed(1)} MB`,
    Math.max(0, growth),
    '%',
    limits.growthPercent,
  );
}

const wait = (page: Page, ms: number): Promise<void> => page.waitForTimeout(ms);

async function look(session: CDPSession): Promise<{ heap: number; busyS: number; atS: number }> {
  await session.send('HeapProfiler.collectGarbage');
  const { metrics } = await session.send('Performance.getMetrics');
  const of = (name: string): number => metrics.find((one) => one.name === name)?.value ?? 0;
  // What the page's process used, painting included; the length of its tasks would grow with what else the machine does.
  return { heap: of('JSHeapUsedSize'), busyS: of('ProcessTime'), atS: of('Timestamp') };
}
