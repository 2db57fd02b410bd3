import assert from 'node:assert/strict';
import { beforeEach, describe, test } from 'node:test';
import { silentLogger } from '../../src/base/logger.ts';
import { decideDue } from '../../src/engine/campaigns/schedule-clock.ts';
import { runSchedule } from '../../src/engine/campaigns/schedules.ts';
import { AccountClients } from '../../src/engine/sending/account-clients.ts';
import { listCampaigns } from '../../src/store/campaigns/campaigns.ts';
import {
  createSchedule,
  listSchedules,
  pauseSchedule,
  resumeSchedule,
  storeRun,
} from '../../src/store/campaigns/schedules.ts';
import { inTransaction } from '../../src/store/database/pool.ts';
import { makeSite } from '../support/campaign.ts';
import { startWechat } from '../support/wechat.ts';

const site = await makeSite();
const { pool } = site.store;
const jobs = await site.store.jobs();
const simulator = await startWechat({ kind: 'service', followers: 5 });
const appid = await site.add(simulator, simulator.account());
const deps = { pool, jobs, logger: silentLogger };
const zone = 'Asia/Shanghai';

const request = { channel: 'template', message: { parts: {} }, audienceName: 'all' };

/** A schedule that nobody has looked at for some minutes. */
async function schedule(cron: string, minutesAgo: number): Promise<number> {
  const id = await createSchedule(pool, { appid, cron, request, createdBy: 'test', validMinutes: 60 });
  await lookedAt(id, minutesAgo);
  return id;
}

async function lookedAt(id: number, minutesAgo: number): Promise<void> {
  await pool.query(
    `update schedules set looked_until = clock_timestamp() - $2 * interval '1 minute' where id = $1`,
    [id, minutesAgo],
  );
}

/** Once a day, so many minutes ago. */
function dailyAt(minutesAgo: number): string {
  const shown = new Date(Date.now() - minutesAgo * 60_000).toLocaleTimeString('sv-SE', { timeZone: zone });
  return `${Number(shown.slice(3, 5))} ${Number(shown.slice(0, 2))} * * *`;
}

async function runs(id: number): Promise<{ started: number; missed: number; jobs: number }> {
  const { rows } = await pool.query<{ started: number; missed: number; jobs: number }>(
    `select count(*) filter (where state = 'started')::int as started,
       count(*) filter (where state = 'missed')::int as missed,
       (select count(*) from pgboss.job where name = 'schedule' and data ->> 'scheduleId' = $1::text)::int as jobs
     from schedule_runs where schedule_id = $1::bigint`,
    [id],
  );
  assert.ok(rows[0]);
  return rows[0];
}

describe('a time of a schedule', () => {
  beforeEach(async () => {
    await pool.query('delete from schedules');
    await pool.query('update installation set history_at = null');
  });

  test('is decided once, by however many nodes at once', async () => {
    const id = await schedule(dailyAt(2), 5);
    await Promise.all(Array.from({ length: 8 }, () => decideDue(deps)));
    assert.deepEqual(await runs(id), { started: 1, missed: 0, jobs: 1 });
  });

  test('of a schedule that is paused is neither carried out nor missed, also not afterwards', async () => {
    const id = await schedule('*/10 * * * *', 180);
    assert.equal(await pauseSchedule(pool, id), true);
    await decideDue(deps);
    assert.deepEqual(await runs(id), { started: 0, missed: 0, jobs: 0 });
    assert.equal(await resumeSchedule(pool, id), true);
    await lookedAt(id, 0);
    await decideDue(deps);
    assert.deepEqual(await runs(id), { started: 0, missed: 0, jobs: 0 });
  });

  test('that was decided is not decided again, whatever was looked at since', async () => {
    const id = await schedule(dailyAt(2), 5);
    await decideDue(deps);
    await lookedAt(id, 5); // a clock that was set back, or a copy of the row
    await decideDue(deps);
    assert.deepEqual(await runs(id), { started: 1, missed: 0, jobs: 1 });
  });

  test('at which nothing ran is made up for once, with the newest, and the others are missed', async () => {
    const id = await schedule('*/10 * * * *', 180);
    await decideDue(deps);
    const { started, missed, jobs } = await runs(id);
    assert.deepEqual([started, jobs], [1, 1]);
    assert.ok(missed === 17 || missed === 18, `${missed} missed`);
    const { rows } = await pool.query<{ local: string }>(
      `select max(local_time) as local from schedule_runs where state = 'missed'
       having max(local_time) < (select local_time from schedule_runs where state = 'started')`,
    );
    assert.equal(rows.length, 1);
  });

  test('of which many were missed is kept for the newest only', async () => {
    const id = await schedule('* * * * *', 180);
    await decideDue(deps);
    const { started, missed } = await runs(id);
    assert.deepEqual([started, missed], [1, 50]);
    const { rows } = await pool.query<{ before: string; span: string }>(
      `select ((select local_time from schedule_runs where state = 'started')::timestamp - max(local_time)::timestamp)::text as before,
         (max(local_time)::timestamp - min(local_time)::timestamp)::text as span
       from schedule_runs where state = 'missed'`,
    );
    assert.deepEqual(rows, [{ before: '00:01:00', span: '00:49:00' }]);
  });

  test('that is over for longer than a run is good for is missed, and the list says so', async () => {
    const id = await schedule(dailyAt(61), 180);
    await decideDue(deps);
    assert.deepEqual(await runs(id), { started: 0, missed: 1, jobs: 0 });
    const [listed] = await listSchedules(pool);
    assert.match(listed?.lastMissed ?? '', /^\d{4}-\d\d-\d\dT\d\d:\d\d$/);
    const table = await site.cli.ok(['schedules', 'list']);
    assert.match(table, /next run/);
    assert.ok(table.includes(listed?.lastMissed?.replace('T', ' ') ?? 'nothing'), table);
  });

  test('from before a restore may have been carried out and forgotten: it is missed', async () => {
    const id = await schedule(dailyAt(2), 5);
    await pool.query('update installation set history_at = clock_timestamp()');
    await decideDue(deps);
    assert.deepEqual(await runs(id), { started: 0, missed: 1, jobs: 0 });
  });

  test('whose job comes too late is missed, and nobody is sent to', async () => {
    const id = await schedule('0 0 1 1 *', 0);
    const local = '2026-01-01T00:00';
    const late = { local, at: Date.now() - 62 * 60_000, state: 'started' } as const;
    await inTransaction(pool, (client) => storeRun(client, id, late));
    const clients = new AccountClients({ store: site.store, logger: silentLogger });
    const run = { store: site.store, clients, logger: silentLogger };
    await runSchedule(run, id, local, new AbortController().signal);
    await clients.close();
    assert.deepEqual(await listCampaigns(pool, appid, 10), []);
    assert.deepEqual(await runs(id), { started: 0, missed: 1, jobs: 0 });
  });
});
