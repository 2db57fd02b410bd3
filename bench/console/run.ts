/**
 * `npm run bench:console`: how fast the console is in a real browser, against the limits of its design.
 *
 *   npm run bench:console [-- --rows 10000000] [--minutes 5] [--rounds 5] [--rate 30] [--only live]
 *
 * First paint and interactive with the CPU slowed four times; turning the page of a long list; memory and CPU of the page of a
 * campaign that runs, at so many messages a second (`--only live --minutes 60 --rate 200`: an hour of nothing else). Browser, server, database and WeChat share this machine. Exit code 1 where a limit is broken.
 */
import { availableParallelism, loadavg } from 'node:os';
import { test } from 'node:test';
import { parseArgs } from 'node:util';
import type { CDPSession, Page } from 'playwright-core';
import { TestBrowser } from '../../test/support/browser.ts';
import { announcement, confirmCampaign, submitCampaign } from '../../test/support/contract/campaigns.ts';
import { adminKey, type ContractSite, contractSite } from '../../test/support/contract.ts';
import { until, untilMoved } from '../../test/support/in-time.ts';
import { lengthen } from './long-campaign.ts';

const { values } = parseArgs({
  options: {
    rows: { type: 'string', default: '10000000' },
    minutes: { type: 'string', default: '5' },
    rounds: { type: 'string', default: '5' },
    rate: { type: 'string', default: '30' },
    only: { type: 'string' },
  },
});
const [rows, minutes, rounds] = [Number(values.rows), Number(values.minutes), Number(values.rounds)];
const rate = Number(values.rate);
const isLiveOnly = values.only === 'live';
/** It runs until all is measured, at the rate; what starts and ends it is no part of that. */
const people = Math.ceil(rate * (minutes + 2) * 60);

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
  const path = '/cgi-bin/message/template/send';
  const site = await contractSite({
    ...{ kind: 'service', followers: people, latencyMs: 40 },
    quotas: { [path]: null },
    // Outcomes of every kind, so that the page has all its parts.
    faults: [
      { kind: 43004, rate: 0.01, path },
      { kind: 'cut', rate: 0.0005, path },
    ],
  });
  console.log(`${availableParallelism()} cores, load ${loadavg()[0]?.toFixed(2)}`);
  await using browser = await TestBrowser.launch();
  if (!isLiveOnly) {
    console.log(`${rows.toLocaleString('en-US')} rows`);
    const { account } = site;
    const openids = [account.openid(0), account.openid(1)];
    const long = await planned(site, { kind: 'list', openids });
    await lengthen(site.store.pool, long, rows);
    await openings(site, browser);
    await turns(site, browser, long);
  }
  await running(site, browser);
  const over = figures.filter(({ value, limit }) => value > limit);
  if (over.length > 0) throw new Error(`over the limit: ${over.map(({ what }) => what).join('; ')}`);
});

async function planned(site: ContractSite, audience: object): Promise<number> {
  const { account } = site;
  await site.call('POST /v1/accounts/{appid}/templates/sync', { params: { appid: account.appid } });
  const id = await submitCampaign(site, { ...announcement(account, []), audience });
  await untilMoved('it is planned', async () => {
    const answer = await site.call('GET /v1/campaigns/{id}', { params: { id } });
    const { state } = answer.body as { state: string }; // as its row says
    if (state === 'planned') return null;
    // A large audience is read page by page.
    const { rows: sizes } = await site.store.pool.query(
      "select pg_total_relation_size('contacts') + pg_total_relation_size('staging') + pg_total_relation_size('recipients') as size",
    );
    return `${state} ${JSON.stringify(sizes)}`;
  });
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
  const { body } = await site.call('POST /v1/accounts/{appid}/follower-syncs', {
    params: { appid },
    body: {},
  });
  const { id: syncId } = body as { id: number }; // as its row says
  await untilMoved('the followers are there', async () => {
    const params = { appid, id: syncId };
    const sync = await site.call('GET /v1/accounts/{appid}/follower-syncs/{id}', { params });
    const { state, seen } = sync.body as { state: string; seen: number }; // as its row says
    return state === 'done' ? null : `${state} ${seen}`;
  });
  const id = await planned(site, { kind: 'all' });
  await site.call('PATCH /v1/accounts/{appid}', { params: { appid }, body: { ratePerS: rate } });
  await confirmCampaign(site, id);
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
    const before = last;
    last = await look(session);
    const share = ((last.busyS - before.busyS) / (last.atS - before.atS)) * 100;
    const { heap, nodes, listeners } = last;
    const answer = await site.call('GET /v1/campaigns/{id}', { params: { id } });
    const { state, accepted, rejected, unknown } = answer.body as Record<string, unknown>; // as its row says
    console.log(
      `  minute ${minute}: ${(heap / 1e6).toFixed(2)} MB, ${nodes} nodes, ${listeners} listeners, CPU ${share.toFixed(1)} %; ` +
        `${state}, accepted ${accepted}, rejected ${rejected}, unknown ${unknown}`,
    );
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

interface Look {
  heap: number;
  nodes: number;
  listeners: number;
  busyS: number;
  atS: number;
}

async function look(session: CDPSession): Promise<Look> {
  await session.send('HeapProfiler.collectGarbage');
  const { metrics } = await session.send('Performance.getMetrics');
  const of = (name: string): number => metrics.find((one) => one.name === name)?.value ?? 0;
  // What the page's process used, painting included; the length of its tasks would grow with what else the machine does.
  return {
    ...{ heap: of('JSHeapUsedSize'), nodes: of('Nodes'), listeners: of('JSEventListeners') },
    ...{ busyS: of('ProcessTime'), atS: of('Timestamp') },
  };
}
