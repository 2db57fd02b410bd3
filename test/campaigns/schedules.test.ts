import assert from 'node:assert/strict';
import { test } from 'node:test';
import { silentLogger } from '../../src/base/logger.ts';
import { runSchedule } from '../../src/engine/campaigns/schedules.ts';
import { startEngine } from '../../src/engine/engine.ts';
import { AccountClients } from '../../src/engine/sending/account-clients.ts';
import { listCampaigns } from '../../src/store/campaigns/campaigns.ts';
import { listSchedules, storeRun } from '../../src/store/campaigns/schedules.ts';
import { inTransaction } from '../../src/store/database/pool.ts';
import { makeSite } from '../support/campaign.ts';
import { until } from '../support/in-time.ts';
import { received, startWechat, tutorialData } from '../support/wechat.ts';

const site = await makeSite();
const simulator = await startWechat({ kind: 'service', followers: 50 });
const account = simulator.account();
const appid = await site.add(simulator, account);
const template = account.templates().find((one) => one.content.includes('{{keyword3.DATA}}'));
const push = [
  'push',
  '--account',
  appid,
  '--channel',
  'template',
  '--template',
  template?.template_id ?? '',
  ...tutorialData,
  '--to',
  'all',
];

test('a run of a schedule syncs, plans and sends by itself, once per run', async () => {
  await site.cli.ok([...push, '--sync', '--cron', '0 9 * * 1']);
  const [schedule] = await listSchedules(site.store.pool);
  assert.ok(schedule);

  const clients = new AccountClients({ store: site.store, logger: silentLogger });
  const engine = await startEngine({
    store: site.store,
    clients,
    logger: silentLogger,
    role: 'serve',
    version: 'test',
  });
  try {
    const run = async (id: string): Promise<void> => {
      const time = { local: id, at: Date.now(), state: 'started' } as const;
      await inTransaction(site.store.pool, (client) => storeRun(client, schedule.id, time));
      await runSchedule(
        { store: site.store, clients, logger: silentLogger },
        schedule.id,
        id,
        new AbortController().signal,
      );
    };
    await run('monday');
    await run('monday');
    await untilDone(1);
    await run('next monday');
    await untilDone(2);
  } finally {
    await engine.stop();
    await clients.close();
  }
  const campaigns = await listCampaigns(site.store.pool, appid, 10);
  assert.equal(campaigns.length, 2);
  assert.deepEqual(
    campaigns.map((one) => one.plannedCount),
    [50, 50],
  );
  const got = await received(simulator, appid);
  assert.equal(got.size, 50);
  assert.deepEqual([...new Set(got.values())], [2]);

  const list = await site.cli.ok(['schedules', 'list']);
  assert.match(list, /0 9 \* \* 1/);
  await site.cli.ok(['schedules', 'remove', String(schedule.id)]);
  assert.deepEqual(await listSchedules(site.store.pool), []);
});

test('refuses what is no cron expression and recipients that cannot be fetched again', async () => {
  const wrong = await site.cli.run([...push, '--cron', 'every monday']);
  assert.equal(wrong.code, 2);
  assert.match(wrong.stderr, /cron expression/);
  const list = await site.cli.run([...push.slice(0, -1), account.openid(1), '--cron', '0 9 * * 1']);
  assert.equal(list.code, 2);
  assert.equal((await listSchedules(site.store.pool)).length, 0);
});

test('--at without --valid-until holds for six hours, and the preview says so', async () => {
  const plan = [...push, '--at', '2099-12-01 09:00', '--dry-run', '--again'];
  const shown = await site.cli.ok(plan);
  assert.match(shown, /Starts at 2099-12-01 09:00:00/);
  assert.match(shown, /not sent by 2099-12-01 15:00:00/);
  const said = await site.cli.ok([...plan, '--valid-until', '2099-12-01 10:00']);
  assert.match(said, /not sent by 2099-12-01 10:00:00/);
});

test('times at which nothing could be sent are refused', async () => {
  const to = [...push.slice(0, -1), account.openid(1)];
  const at = (...more: string[]): string[] => [...to, '--dry-run', '--again', ...more];
  const before = await site.cli.fails(2, at('--at', '2099-12-01 09:00', '--valid-until', '2099-12-01 09:00'));
  assert.match(before, /--valid-until 2099-12-01 09:00:00 \+08:00 is not after --at 2099-12-01 09:00:00/);
  assert.match(await site.cli.fails(2, at('--valid-until', '2020-01-01 09:00')), /--valid-until .* is over/);
});

test('a schedule is shown, paused, resumed and edited', async () => {
  const { id } = await site.cli.json([...push, '--cron', '0 9 * * 1', '--json']);
  const shown = await site.cli.ok(['schedules', 'show', String(id)]);
  assert.match(shown, /Schedule \d+ · 0 9 \* \* 1 \(Asia\/Shanghai\)/);
  assert.match(shown, new RegExp(`template +${template?.title}`));
  assert.match(await site.cli.ok(['schedules', 'pause', String(id)]), /is paused/);
  assert.match(await site.cli.ok(['schedules', 'list']), new RegExp(`^${id} .* paused `, 'm'));
  const paused = await site.cli.json(['schedules', 'show', String(id), '--json']);
  assert.equal(paused.nextRunAt, null);
  assert.match(await site.cli.ok(['schedules', 'resume', String(id)]), /runs again, next at \d{4}-/);
  const edited = await site.cli.json(['schedules', 'edit', String(id), '--cron', '30 8 * * *', '--json']);
  assert.deepEqual([edited.cron, edited.validMinutes, edited.version], ['30 8 * * *', 60, 2]);
  assert.match(await site.cli.fails(2, ['schedules', 'edit', String(id), '--cron', 'x']), /CRON_INVALID/);
  await site.cli.ok(['schedules', 'remove', String(id)]);
  assert.match(await site.cli.fails(1, ['schedules', 'show', String(id)]), /SCHEDULE_NOT_FOUND/);
});

async function untilDone(count: number): Promise<void> {
  await until(`${count} campaigns are done`, async () => {
    const campaigns = await listCampaigns(site.store.pool, appid, 10);
    return campaigns.filter((one) => one.state === 'done').length === count;
  });
}
