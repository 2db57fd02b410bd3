/** The clock of the database is set, in either direction, under working nodes. */
import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { after, test } from 'node:test';
import type { Logger } from '../../src/base/logger.ts';
import { silentLogger } from '../../src/base/logger.ts';
import { blockNode, holdMinute, leaseSlots, readPace } from '../../src/store/accounts/pace.ts';
import { leaseQuota, parkApi, startProbe, storeLimit } from '../../src/store/accounts/quotas.ts';
import { databaseTokenStore } from '../../src/store/accounts/tokens.ts';
import { claimChunk } from '../../src/store/campaigns/chunks.ts';
import { openJobs } from '../../src/store/database/jobs.ts';
import { fenceDeadNodes, liveNodes, takeNodeLease } from '../../src/store/database/nodes.ts';
import { createPool, type Pool } from '../../src/store/database/pool.ts';
import { noteClock } from '../../src/store/database/steady-clock.ts';
import { dueMessages } from '../../src/store/messages/open-messages.ts';
import { until } from '../support/cli.ts';
import { makeScene, type NodeOptions, type Scene } from '../support/deliver.ts';
import type { TestChannel } from '../support/delivery/insert-campaign.ts';
import { signal } from '../support/in-time.ts';
import { messageChild, messageNode, messageTo, settled } from '../support/messages.ts';
import { type DatabaseTime, databaseTime } from '../support/store/database-time.ts';

const hourMs = 3_600_000;

const pools: Pool[] = [];
after(async () => {
  for (const pool of pools) await pool.end();
});

/** A scene whose database's clock can be set, and a pool that sees it. */
async function timedScene(channel: TestChannel): Promise<{ scene: Scene; time: DatabaseTime; pool: Pool }> {
  const scene = await makeScene(channel, { latencyMs: 3 });
  const time = await databaseTime(scene.site.database, scene.pool);
  const { guard } = scene.site.store.installation;
  const pool = createPool(time.connection, { max: 2, guard });
  pools.push(pool);
  return { scene, time, pool };
}

function assertEachOnce(scene: Scene, planned: number): void {
  for (let no = 1; no <= planned; no++) assert.equal(scene.received(no), 1, `no. ${no}`);
}

/** Keeps what is logged. */
function listening(): { logger: Logger; said: { message: string; fields: Record<string, unknown> }[] } {
  const said: { message: string; fields: Record<string, unknown> }[] = [];
  const keep = (fields: object, message: string): void => {
    said.push({ message, fields: { ...fields } });
  };
  return { said, logger: { debug: () => {}, info: () => {}, warn: keep, error: keep } };
}

test('a database whose clock is set back or forward under working nodes goes on, and puts nobody in doubt', async () => {
  for (const ms of [-300_000, -hourMs, 300_000, hourMs]) {
    const { scene, time } = await timedScene('mp-subscribe');
    const { said, logger } = listening();
    const id = await scene.campaign(400, { chunkSize: 100 });
    let stepped: Promise<void> | null = null;
    const options: NodeOptions = {
      // As long as in production: what is left of it is more than the precaution's tolerance.
      ...{ connection: time.connection, watchesClock: true, logger, window: 4, leaseMs: 10_000 },
      hooks: {
        reached(point, _run, item) {
          if (point === 'dispatch' && item?.no === 60) stepped ??= time.step(ms);
        },
      },
    };
    const first = await scene.node(options);
    const second = await scene.node(options);
    const report = await scene.done(id);
    await stepped;
    assert.deepEqual([report.accepted, report.unknown], [400, 0], `${ms} ms`);
    assertEachOnce(scene, 400);
    await until('the step is said', async () =>
      said.some(({ message }) => /^the database's clock/.test(message)),
    );
    const step = said.filter(({ message }) => /^the database's clock/.test(message));
    assert.equal(step.length, 1, 'once, however many nodes there are');
    assert.ok(Math.abs(Number(step[0]?.fields.ms) - Math.abs(ms)) < 4_000, `${step[0]?.fields.ms} of ${ms}`);
    assert.match(step[0]?.message ?? '', ms < 0 ? /set back/ : /went ahead/);
    await first.stop();
    await second.stop();
  }
});

/** Processes that were killed with a single message, and in the middle of a campaign, which is given. */
async function killedTwo(scene: Scene, time: DatabaseTime): Promise<number> {
  const messages = [messageTo(scene, 100)];
  await messageChild(scene, { databaseUrl: time.url, messages, point: 'flush', signal: 'SIGKILL' }).killed();
  const id = await scene.campaign(60);
  const after = { point: 'answer', no: 20, attempt: 1 } as const;
  await scene.child({ databaseUrl: time.url, after, signal: 'SIGKILL' }).killed();
  return id;
}

test('what a dead process held is free after its lease, although the clock was set back', async () => {
  const { scene, time, pool } = await timedScene('oa-template');
  const id = await killedTwo(scene, time);
  await noteClock(pool);
  await time.step(-hourMs);
  const node = await messageNode(scene, { connection: time.connection, watchesClock: true });
  assert.equal((await scene.done(id)).unsent, 0);
  const { rows } = await pool.query<{ id: number }>('select id from messages');
  await settled(scene, rows[0]?.id ?? 0);
  for (const no of [...Array(60).keys(), 99]) assert.ok(scene.received(no + 1) <= 1, `no. ${no + 1}`);
  await node.stop();
});

test('a doubt does not become younger when the clock is set back', async () => {
  const { scene, time, pool } = await timedScene('oa-template');
  const id = await killedTwo(scene, time);
  // An hour passes; a process that sends nothing sees it. Then the clock is set back by that hour.
  await time.step(hourMs);
  scene.simulator.advance(hourMs);
  await noteClock(pool);
  await time.step(-hourMs);
  const node = await messageNode(scene, { connection: time.connection, watchesClock: true });
  const report = await scene.done(id);
  const doubts = (await scene.facts(id)).filter((fact) => fact.kind === 'in_doubt');
  assert.ok(doubts.length > 0);
  assert.deepEqual(report.unknownBy, { crash: doubts.length });
  const { rows } = await pool.query<{ id: number }>('select id from messages');
  assert.equal((await settled(scene, rows[0]?.id ?? 0)).state, 'unknown');
  for (const no of [...Array(60).keys(), 99]) assert.ok(scene.received(no + 1) <= 1, `no. ${no + 1}`);
  await node.stop();
});

test('every wait ends in its time although the clock is set back in the middle of it', async () => {
  const { scene, time, pool } = await timedScene('oa-template');
  const { appid } = scene.account;
  const [me, other] = ['a', 'b'].map((digit) => `${digit.repeat(8)}-0000-4000-8000-000000000000`);
  assert.ok(me !== undefined && other !== undefined);
  const pace = async () => (await readPace(pool, [appid], me))[0];
  const store = databaseTokenStore(pool, scene.site.store.sealer);
  const token = { token: 'T0KEN', expiresAt: Date.now() + 2 * hourMs };
  const campaign = await scene.campaign(10);
  const waits: { what: string; begin(): Promise<unknown>; isOver(): Promise<boolean> }[] = [
    {
      what: 'the lease of a chunk',
      begin: () => claimChunk(pool, campaign, other, 1_000, 0, []),
      isOver: async () => (await claimChunk(pool, campaign, me, 1_000, 0, [])) !== null,
    },
    {
      what: 'a chunk that is handed back for a while',
      begin: async () =>
        await pool.query(
          `insert into chunks (campaign_id, first_no, last_no, watermark, not_before) values ($1, 11, 20, 10, steady_now() + interval '1 s')`,
          [campaign],
        ),
      isOver: async () => (await claimChunk(pool, campaign, me, 60_000, 0, []))?.firstNo === 11,
    },
    {
      what: 'the slots of an account',
      begin: () => leaseSlots(pool, appid, 100),
      isOver: async () => ((await leaseSlots(pool, appid, 1))?.endMs ?? 0) < 1_000,
    },
    {
      what: "WeChat's minute",
      begin: async () => {
        await holdMinute(pool, appid);
        // Not for a whole minute.
        await pool.query("update account_pace set minute_until = minute_until - interval '1 minute'");
      },
      isOver: async () => ((await pace())?.minuteMs ?? 0) <= 0,
    },
    {
      what: 'a refused address',
      begin: () => blockNode(pool, { nodeId: me, appid, reason: 'ip', ms: 1_000, ip: null }),
      isOver: async () => ((await pace())?.blockedMs ?? 0) <= 0,
    },
    {
      what: 'a parked path, and the probe of a node that died',
      begin: async () => {
        await parkApi(pool, appid, '/parked', 45009);
        await pool.query('update api_quotas set parked_until = steady_now()');
        await startProbe(pool, appid, '/parked', other);
        await pool.query("update api_quotas set probe_until = probe_until - interval '29 s'");
      },
      isOver: () => startProbe(pool, appid, '/parked', me),
    },
    {
      what: 'what is reserved',
      begin: async () => {
        await storeLimit(pool, appid, '/reserved', { daily: 1, source: 'operator', used: null });
        await leaseQuota(pool, appid, '/reserved', 10, true);
        await pool.query(
          `update api_quotas set reserved_until = steady_now() + interval '1 s' where path = '/reserved'`,
        );
      },
      isOver: async () => !(await pace())?.parks.some((park) => park.path === '/reserved'),
    },
    {
      what: 'the lease of a process that died while it fetched a token',
      begin: async () => {
        await pool.query('insert into account_tokens (appid) values ($1) on conflict do nothing', [appid]);
        await pool.query(
          `update account_tokens set refresh_owner = gen_random_uuid(), refresh_until = steady_now() + interval '1 s'`,
        );
      },
      isOver: async () => (await store.refresh(appid, null, async () => token)).token === 'T0KEN',
    },
    {
      what: 'a node that died',
      begin: async () => {
        await takeNodeLease(pool, { id: other, role: 'serve', version: 'test' }, 1, 1_000);
        await pool.query(
          `insert into open_messages (message_id, appid, channel, owner, epoch, claimed_at) values (1, $1, 'kf', $2, 1, clock_timestamp())`,
          [appid, other],
        );
        await pool.query("update nodes set seen_at = seen_at - interval '14 s'");
      },
      isOver: async () => (await liveNodes(pool)).length === 0 && (await fenceDeadNodes(pool)) === 1,
    },
    {
      what: 'a message that is tried again later',
      begin: async () =>
        await pool.query(
          `insert into open_messages (message_id, appid, channel, ready_at) values (2, $1, 'kf', steady_now() + interval '1 s')`,
          [appid],
        ),
      isOver: async () => (await dueMessages(pool, ['kf'])).length === 1,
    },
  ];
  for (const { begin } of waits) await begin();
  await noteClock(pool);
  await time.step(-hourMs);
  const { setBackMs } = await noteClock(pool);
  assert.ok(setBackMs !== null && Math.abs(setBackMs - hourMs) < 4_000, `${setBackMs}`);
  assert.equal((await noteClock(pool)).setBackMs, null, 'said once');
  for (const { what, isOver } of waits) await until(`${what} is over`, isOver);
});

test('leases of others are not believed to be over for a lease after the clock was set forward', async () => {
  const { scene, time, pool } = await timedScene('mp-subscribe');
  const id = await scene.campaign(40);
  const owner = 'cccccccc-0000-4000-8000-000000000000';
  await claimChunk(pool, id, owner, hourMs / 2, 0, []);
  // One that is alive has renewed, and one that is not has not.
  const node = await scene.node({ connection: time.connection, watchesClock: true, leaseMs: 3_000 });
  await time.step(hourMs);
  await until('the step is noticed', async () => {
    const { rows } = await pool.query('select 1 from clock_steps');
    return rows.length === 1;
  });
  assert.equal((await scene.chunks(id))[0]?.owner, owner);
  assert.ok(
    (await claimChunk(pool, id, owner, 1_000, 0, [])) !== null,
    'without the precaution it is taken over',
  );
  await scene.done(id);
  await node.stop();
});

test('background jobs go on when the clock is set back', async (t) => {
  const { scene, time, pool } = await timedScene('mp-subscribe');
  const jobs = await openJobs({ ...scene.site.database.connection }, silentLogger);
  t.after(() => jobs.stop(1_000));
  const ran = signal<number>('the job ran');
  // What was to be done at once, or tried again in a moment, by the clock before the step.
  await jobs.send(scene.pool, 'plan', { campaignId: 4 }, 'dddddddd-0000-4000-8000-000000000000');
  await scene.pool.query("update pgboss.job set start_after = start_after + interval '1 hour'");
  await noteClock(pool);
  await time.step(-hourMs);
  await noteClock(pool);
  await jobs.work('plan', async ({ campaignId }) => ran.give(campaignId));
  assert.equal(await ran.promise, 4);
  // Another process, which may have brought another pg-boss.
  await scene.pool.query(
    'create or replace function pgboss.job_now() returns timestamptz language sql stable as $$ select pg_catalog.now() $$',
  );
  await (await openJobs({ ...scene.site.database.connection }, silentLogger)).stop(1_000);
  const { rows } = await scene.pool.query<{ ahead: number }>(
    'select extract(epoch from pgboss.job_now() - now())::double precision as ahead',
  );
  assert.ok(Math.abs((rows[0]?.ahead ?? 0) * 1000 - hourMs) < 4_000);
});

test('doctor says when and by how much the clock was set', async () => {
  const { scene, time, pool } = await timedScene('mp-subscribe');
  await noteClock(pool);
  assert.doesNotMatch((await scene.site.cli.run(['doctor'])).stdout, /set back/);
  await time.step(-300_000);
  // A node looks, whose sessions see the clock that is set; the command's do not.
  await noteClock(pool);
  const { stdout, code } = await scene.site.cli.run(['doctor']);
  assert.match(
    stdout,
    /BAD +clock steps: the database's clock was set back by (?:29\d|30\d) s \(noticed at .*\n +→ .*NTP/,
  );
  assert.equal(code, 1);
});

test('nothing that is waited for is compared with a clock that may be set back', async () => {
  const waits =
    /\b(lease_until|not_before|next_slot|minute_until|ready_at|refresh_until|probe_until|parked_until|reserved_until)\b/;
  const directory = new URL('../../src/store/', import.meta.url);
  for (const name of (await readdir(directory)).filter((one) => one.endsWith('.ts'))) {
    const lines = (await readFile(new URL(name, directory), 'utf8')).split('\n');
    for (const [i, line] of lines.entries()) {
      const near = line.replaceAll(/\b(?:steady|wall)_now\(\)/g, '');
      const isMixed = new RegExp(
        `${waits.source}\\s*(?:[<>=]+|-)[^,]*?\\b(?:clock_timestamp|now)\\(\\)`,
      ).test(near);
      assert.ok(!isMixed, `${name}:${i + 1}: ${line.trim()}`);
    }
  }
});
