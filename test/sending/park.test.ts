import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pino } from 'pino';
import { campaignWait } from '../../src/store/accounts/pace.ts';
import {
  countClears,
  leaseQuota,
  listQuotas,
  noteClear,
  setQuotaRules,
  storeLimit,
} from '../../src/store/accounts/quotas.ts';
import { until } from '../support/cli.ts';
import { makeScene, type Scene } from '../support/deliver.ts';
import { untilDayIsLong } from '../support/in-time.ts';

/** The path is parked, as the database has it. */
async function parkedUntil(scene: Scene): Promise<Date | null> {
  const rows = await listQuotas(scene.pool, scene.account.appid);
  return rows.find((row) => row.path === scene.path)?.parkedUntil ?? null;
}

/** Nobody has a chunk, twenty times in a row: a claim may be on its way when the path is parked. */
async function quiet(scene: Scene, id: number): Promise<void> {
  let inRow = 0;
  await until('the chunks are handed back', async () => {
    inRow = (await scene.chunks(id)).every((chunk) => chunk.owner === null) ? inRow + 1 : 0;
    return inRow >= 20;
  });
}

/** Moves the parking time into the past, as if the reset had come. */
async function letResetPass(scene: Scene): Promise<void> {
  await scene.pool.query(
    "update api_quotas set parked_until = clock_timestamp() - interval '1 ms' where appid = $1",
    [scene.account.appid],
  );
}

test('45009 parks the API on every node until the reset, and one probe opens it', async () => {
  const scene = await makeScene('oa-template', {
    quotas: { '/cgi-bin/message/template/send': { daily: 50 } },
  });
  await untilDayIsLong();
  const { appid } = scene.account;
  const id = await scene.campaign(300, { chunkSize: 50 });
  await scene.node();
  await scene.node();
  const until45009 = await until('the path is parked', async () => (await parkedUntil(scene)) ?? undefined);
  const midnight = await scene.pool.query<{ at: Date }>(
    "select (date_trunc('day', clock_timestamp() at time zone 'Asia/Shanghai') + interval '1 day') at time zone 'Asia/Shanghai' as at",
  );
  assert.deepEqual(until45009, midnight.rows[0]?.at);
  await quiet(scene, id);
  const calls = scene.calls;
  assert.equal(scene.account.summary().accepted, 50);
  const wait = await campaignWait(scene.pool, id, [scene.path]);
  assert.deepEqual(wait, { what: 'quota', until: until45009 });
  assert.equal((await scene.find(id)).state, 'running');

  // The reset was not where we assumed it: one probe, then ten minutes.
  await letResetPass(scene);
  await until('the probe failed', async () => ((await parkedUntil(scene))?.getTime() ?? 0) > Date.now());
  const again = (await parkedUntil(scene))?.getTime() ?? 0;
  assert.ok(Math.abs(again - Date.now() - 600_000) < 60_000, 'parked for ten minutes');
  assert.equal(scene.calls, calls + 1, 'one message found out');

  scene.account.setQuota(scene.path, { daily: 1_000 });
  await letResetPass(scene);
  const report = await scene.done(id);
  assert.equal(report.accepted, 300);
  assert.equal(scene.account.summary().duplicates, 0);
  assert.equal(await parkedUntil(scene), null);
  assert.equal((await listQuotas(scene.pool, appid)).length, 1);
});

test('40251, a limit lowered for violations, parks the API like 45009 and tells a person why', async () => {
  const scene = await makeScene('oa-template');
  const { cli } = scene.site;
  const lines: { level: number; errcode?: number }[] = [];
  const logger = pino({ level: 'error' }, { write: (line: string) => void lines.push(JSON.parse(line)) });
  scene.simulator.addFault({ kind: 40251, at: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12], path: scene.path });
  const id = await scene.campaign(30, { probed: false });
  await scene.node({ logger, window: 4 });
  await until('the path is parked', async () => (await parkedUntil(scene)) ?? undefined);
  await quiet(scene, id);
  assert.deepEqual([(await scene.find(id)).state, (await scene.report(id)).unsent], ['running', 30]);
  assert.ok(
    lines.some((line) => line.errcode === 40251),
    'an error in the log',
  );
  assert.equal((await scene.report(id)).waitsFor?.errcode, 40251);
  const shown = await cli.ok(['--lang', 'zh', 'campaigns', 'show', String(id)]);
  assert.match(shown, /等待至 .*：40251 该账号因历史违规被微信下调/);

  scene.simulator.clearFaults();
  await letResetPass(scene);
  assert.equal((await scene.done(id)).accepted, 30, 'nobody was taken for refused');
  const left = await scene.pool.query('select 1 from api_quotas where parked_errcode is not null');
  assert.equal(left.rows.length, 0);
});

test('the reset is a time of the account', async () => {
  const scene = await makeScene('oa-template', {
    quotas: { '/cgi-bin/message/template/send': { daily: 5 } },
  });
  const { appid } = scene.account;
  const soon = await scene.pool.query<{ time: string }>(
    "select to_char((clock_timestamp() + interval '4 seconds') at time zone 'Asia/Shanghai', 'HH24:MI:SS') as time",
  );
  await setQuotaRules(scene.pool, appid, { reset: soon.rows[0]?.time ?? '', reservePercent: null });
  const id = await scene.campaign(20);
  await scene.node();
  await until('the path is parked', async () => (await parkedUntil(scene)) ?? undefined);
  scene.account.setQuota(scene.path, { daily: 1_000 });
  assert.equal((await scene.done(id)).accepted, 20);
});

test('a parked API of one channel does not stop another one, nor another account', async () => {
  const scene = await makeScene('oa-template', { accounts: [{ kind: 'service' }, { kind: 'service' }] });
  const [, second] = scene.simulator.accounts;
  assert.ok(second !== undefined);
  await scene.site.add(scene.simulator, second);
  const id = await scene.campaign(20);
  await scene.pool.query(
    `insert into api_quotas (appid, path, day, parked_until)
     values ($1, '/cgi-bin/message/subscribe/bizsend', current_date, 'infinity'), ($2, $3, current_date, 'infinity')`,
    [scene.account.appid, second.appid, scene.path],
  );
  await scene.node();
  assert.equal((await scene.done(id)).accepted, 20);
});

test('with a known limit the reserve is kept from campaigns, and the count is shared by the nodes', async () => {
  await untilDayIsLong();
  const scene = await makeScene('oa-template');
  const { appid } = scene.account;
  await setQuotaRules(scene.pool, appid, { reset: null, reservePercent: 20 });
  await storeLimit(scene.pool, appid, scene.path, { daily: 100, source: 'operator', used: null });
  const id = await scene.campaign(200, { chunkSize: 20 });
  const nodes = [await scene.node(), await scene.node(), await scene.node()];
  const wait = await until('the campaign waits for its quota', async () => {
    const found = await campaignWait(scene.pool, id, [scene.path]);
    return found?.what === 'reserve' ? found : undefined;
  });
  assert.ok((wait.until?.getTime() ?? 0) > Date.now());
  for (const node of nodes) await node.stop();
  assert.ok(scene.calls <= 80, `${scene.calls} of 80 used`);
  const [row] = await listQuotas(scene.pool, appid);
  assert.equal(row?.leased, scene.calls, 'what was not used was given back');

  await noteClear(scene.pool, appid);
  assert.equal(await countClears(scene.pool, appid), 1);
  await storeLimit(scene.pool, appid, scene.path, { daily: 1_000, source: 'operator', used: null });
  await scene.node();
  assert.equal((await scene.done(id)).accepted, 200);
});

test('leases of attempts never add up to more than the limit, and start again with the day', async () => {
  await untilDayIsLong();
  const scene = await makeScene('oa-template');
  const { appid } = scene.account;
  await setQuotaRules(scene.pool, appid, { reset: null, reservePercent: 0 });
  await storeLimit(scene.pool, appid, scene.path, { daily: 1_000, source: 'wechat', used: 300 });
  const taken = await Promise.all(
    Array.from({ length: 20 }, () => leaseQuota(scene.pool, appid, scene.path, 90, false)),
  );
  assert.equal(
    taken.reduce<number>((sum, one) => sum + (one ?? 0), 0),
    700,
  );
  await scene.pool.query('update api_quotas set day = day - 1');
  assert.equal(await leaseQuota(scene.pool, appid, scene.path, 90, false), 90);
});

test('a limit of more than 21 million is leased from like any other', async () => {
  const scene = await makeScene('oa-template');
  const { appid } = scene.account;
  await storeLimit(scene.pool, appid, scene.path, { daily: 1_000_000_000, source: 'wechat', used: 0 });
  for (const forMessages of [false, true])
    assert.equal(await leaseQuota(scene.pool, appid, scene.path, 5_000, true, forMessages), 5_000);
});

test('single messages take a quarter of what is left at most, and campaigns the rest', async () => {
  await untilDayIsLong();
  const scene = await makeScene('oa-template');
  const { appid } = scene.account;
  await storeLimit(scene.pool, appid, scene.path, { daily: 1_000, source: 'operator', used: null });
  const lease = (block: number, out: boolean, forMessages: boolean): Promise<number | null> =>
    leaseQuota(scene.pool, appid, scene.path, block, out, forMessages);
  // As much as a fast account sends in a second.
  assert.equal(await lease(5_000, true, true), 250);
  assert.equal(await lease(5_000, true, true), 188);
  // Less the reserve of 5 %, as long as there is one.
  assert.equal(await lease(5_000, true, false), 512);
  assert.equal(await lease(5_000, true, true), 13);
  assert.equal(await lease(5_000, true, true), 10);
  assert.equal(await lease(5_000, true, false), 0);
});
