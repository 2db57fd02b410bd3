import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { silentLogger } from '../../src/base/logger.ts';
import { Alerts } from '../../src/engine/alerts/alerts.ts';
import { addChannel, getChannel, listChannels } from '../../src/store/alerts/channels.ts';
import { type Robot, startRobot } from '../support/alerts/stand-ins.ts';
import { makeSite } from '../support/campaign.ts';
import { until } from '../support/cli.ts';

const site = await makeSite();
const { store } = site;
const { pool, sealer } = store;
const appid = 'wx00000000000000a1';
await pool.query(`insert into accounts (appid, kind, token_source) values ($1, 'service', 'none')`, [appid]);

const running = new Set<Alerts>();
// A test that fails leaves its own running.
after(() => Promise.all([...running].map((one) => one.close())));

function startAlerts(): { close(): Promise<void> } {
  const alerts = new Alerts({
    ...{ store, logger: silentLogger, allow: ['127.0.0.1'] },
    ...{ publicUrl: 'https://push.example.com', databaseDirectory: null },
  });
  running.add(alerts);
  return {
    close: async () => {
      running.delete(alerts);
      await alerts.close();
    },
  };
}

async function addRobot(robot: Robot): Promise<number> {
  const { kind, url } = robot.target;
  const { host } = new URL(url);
  const channel = { kind, name: '', appids: [appid], host, createdBy: 'test', target: robot.target };
  return await addChannel(pool, sealer, { ...channel, lang: 'zh' });
}

/** A campaign that failed just now: an incident at the next look. */
async function fail(): Promise<number> {
  const { rows } = await pool.query<{ id: number }>(
    `insert into campaigns (appid, channel, state, state_reason, fingerprint, audience, message, variables, dedupe, on_invalid, finished_at)
     values ($1, 'oa-template', 'failed', 'nobody', '', '{}', '{}', '{}', 'openid', 'skip', clock_timestamp()) returning id`,
    [appid],
  );
  return rows[0]!.id; // an insert … returning gives its row
}

/** A schedule that missed its last run; its end is told too. Gives what mends it. */
async function miss(): Promise<{ id: number; mend(): Promise<unknown> }> {
  const { rows } = await pool.query<{ id: number }>(
    `with made as (insert into schedules (appid, cron, request) values ($1, '0 9 * * *', '{}') returning id)
     insert into schedule_runs (schedule_id, local_time, due_at, state)
     select id, '2026-11-26T09:00', clock_timestamp(), 'missed' from made returning schedule_id as id`,
    [appid],
  );
  const id = rows[0]!.id; // an insert … returning gives its row
  return { id, mend: () => pool.query('delete from schedules where id = $1', [id]) };
}

/** What is waited for is due: the next look, the next message, the end of an incident. */
async function hurry(): Promise<void> {
  await pool.query(`update incident_looks set looked_at = '-infinity'`);
  await pool.query(
    `update incidents set gone_at = gone_at - interval '1 hour' where gone_at is not null and state = 'open'`,
  );
  await pool.query('update alert_channels set next_at = steady_now() where next_at > steady_now()');
}

async function soon(what: string, look: () => Promise<boolean>): Promise<void> {
  await until(what, async () => {
    await hurry();
    return await look();
  });
}

async function reset(): Promise<void> {
  for (const table of ['alert_channels', 'campaigns', 'schedules', 'incidents'])
    await pool.query(`delete from ${table}`);
}

const says = ({ texts }: Robot, words: RegExp): number =>
  texts.join('\n').match(new RegExp(words, 'g'))?.length ?? 0;

test('a beginning and its end are told once each, whichever nodes run and are started again', async () => {
  const robot = await startRobot('wecom');
  await addRobot(robot);
  const nodes = [startAlerts(), startAlerts(), startAlerts()];
  const { id, mend } = await miss();
  await soon('its beginning is told', async () => robot.texts.length > 0);
  await Promise.all(nodes.map((one) => one.close()));
  const again = [startAlerts(), startAlerts()];
  await mend();
  await soon('its end is told', async () => says(robot, /已恢复/) > 0);
  const other = await fail();
  await soon('something later is told', async () => says(robot, new RegExp(`推送任务 ${other} 失败`)) > 0);
  await Promise.all(again.map((one) => one.close()));
  assert.equal(says(robot, new RegExp(`🔴 定时任务 ${id} 错过一次`)), 1);
  assert.equal(says(robot, new RegExp(`🟢 已恢复：定时任务 ${id} 错过一次`)), 1);
  assert.equal(robot.texts.length, 3);
  await reset();
});

test('many things at once are told with few messages, in their order, within the limit of the robot', async () => {
  const robot = await startRobot('dingtalk', { signs: true });
  await addRobot(robot);
  const ids: number[] = [];
  for (let i = 0; i < 12; i++) ids.push(await fail());
  const alerts = startAlerts();
  await soon('all are told', async () => says(robot, /🔴/) === 12);
  await alerts.close();
  assert.equal(robot.texts.length, 3);
  const told = [...robot.texts.join('\n').matchAll(/推送任务 (\d+) 失败/g)].map(([, id]) => Number(id));
  assert.deepEqual(told, ids);
  await reset();
});

test('one message at a time leaves for a robot, and the next one after its gap', async () => {
  const robot = await startRobot('wecom');
  const channelId = await addRobot(robot);
  await fail();
  const gap = async (): Promise<{ now: Date; left: number; since: (then: Date) => number }> => {
    const { rows } = await pool.query<{ now: Date; next: Date }>(
      'select steady_now() as now, next_at as next from alert_channels where id = $1',
      [channelId],
    );
    const { now, next } = rows[0]!; // it was added above
    return { now, left: Number(next) - Number(now), since: (then) => Number(next) - Number(then) };
  };
  const before = await gap();
  const alerts = startAlerts();
  await until('the first one is told', async () => robot.texts.length === 1);
  const { left, since } = await gap();
  assert.ok(since(before.now) > 1_000 && left <= 4_000, '15 a minute, of which it takes 20');
  robot.silent = true;
  await fail();
  await soon('the second one is under way', async () => robot.asked === 2);
  await fail();
  await soon('the third one waits', async () => (await getChannel(pool, channelId)).waiting === 2);
  const others = [startAlerts(), startAlerts()];
  await Promise.all(others.map((one) => one.close()));
  assert.equal(robot.asked, 2, 'it is not told beside the one that has not been answered');
  await alerts.close();
  await reset();
});

test('a channel that fails is tried again, later each time, and shows it; once it takes messages all is told', async () => {
  const robot = await startRobot('feishu');
  robot.status = 500;
  const id = await addRobot(robot);
  const campaign = await fail();
  const alerts = startAlerts();
  const failing = await until('it failed', async () => {
    const channel = await getChannel(pool, id);
    return channel.failingSince !== null && channel;
  });
  assert.deepEqual([failing.lastError, failing.waiting], ['HTTP 500', 1]);
  const waits: number[] = [];
  for (let failures = 1; failures <= 4; failures++) {
    const gap = await until('it has failed once more', async () => {
      const { rows } = await pool.query<{ failures: number; gap: number }>(
        `select failures, extract(epoch from next_at - failed_at)::double precision as gap from alert_channels where id = $1`,
        [id],
      );
      return rows[0]?.failures === failures && rows[0].gap;
    });
    waits.push(gap);
    await hurry();
  }
  assert.ok(
    waits.every((gap, i) => i === 0 || gap > (waits[i - 1] ?? 0) * 1.5),
    waits.join(', '),
  );
  robot.status = null;
  await soon('it is told', async () => says(robot, new RegExp(`推送任务 ${campaign} 失败`)) === 1);
  const healed = await until('it is stored', async () => {
    const channel = await getChannel(pool, id);
    return channel.waiting === 0 && channel;
  });
  assert.deepEqual([healed.failingSince, healed.lastError, healed.givenUp], [null, null, 0]);
  assert.ok(healed.toldAt !== null);
  await alerts.close();
  await reset();
});

test('a robot that takes no more for now is not a channel that fails', async () => {
  const robot = await startRobot('wecom');
  robot.status = 429;
  const id = await addRobot(robot);
  await fail();
  const alerts = startAlerts();
  const busy = await until('it said so', async () => {
    const channel = await getChannel(pool, id);
    return channel.lastError !== null && channel;
  });
  assert.deepEqual([busy.lastError, busy.failingSince, busy.waiting], ['HTTP 429', null, 1]);
  robot.status = null;
  await soon('it is told afterwards', async () => robot.texts.length === 1);
  await alerts.close();
  await reset();
});

test('what could not be told for a day is given up, and what happened since is told', async () => {
  const robot = await startRobot('wecom');
  robot.status = 500;
  const id = await addRobot(robot);
  await fail();
  const alerts = startAlerts();
  await until('it failed', async () => (await getChannel(pool, id)).failingSince !== null);
  await pool.query(`update incident_tellings set created_at = created_at - interval '1 day'`);
  await soon('it is given up', async () => (await getChannel(pool, id)).givenUp === 1);
  robot.status = null;
  const later = await fail();
  await soon('the later one is told', async () => robot.texts.length === 1);
  assert.equal(says(robot, new RegExp(`推送任务 ${later} 失败`)), 1);
  await alerts.close();
  await reset();
});

test('one channel that does not answer holds up no other', async () => {
  const [mute, good] = [await startRobot('wecom'), await startRobot('feishu')];
  mute.silent = true;
  await addRobot(mute);
  await addRobot(good);
  await fail();
  const alerts = startAlerts();
  await until('both are asked', async () => mute.asked === 1 && good.texts.length === 1);
  await fail();
  await soon('the other one is told more', async () => good.texts.length === 2);
  assert.equal(mute.asked, 1);
  await alerts.close();
  await reset();
});

test('a process that is killed while it tells: the next one tells it again, nothing is lost', async () => {
  const robot = await startRobot('wecom');
  robot.silent = true;
  const channelId = await addRobot(robot);
  const campaign = await fail();
  site.cli.env.HONGYAN_WEBHOOK_ALLOW = '127.0.0.1';
  const first = site.cli.start(['worker']);
  await soon('it is under way', async () => robot.asked === 1);
  await first.kill('SIGKILL');
  robot.silent = false;
  const second = site.cli.start(['worker']);
  await second.printed(/node started|running|started/i);
  assert.equal(robot.texts.length, 0, 'for as long as the claim of the dead process may hold');
  await pool.query('update incident_tellings set lease_until = steady_now()');
  await soon('it is told', async () => robot.texts.length === 1);
  assert.equal(says(robot, new RegExp(`推送任务 ${campaign} 失败`)), 1);
  await until('it is stored', async () => (await getChannel(pool, channelId)).waiting === 0);
  const { stderr, stdout } = await second.kill('SIGTERM');
  assert.doesNotMatch(stderr + stdout, /key-of-the-group/);
  await reset();
});

test('the key of a robot is in the database sealed only', async () => {
  const robot = await startRobot('dingtalk', { signs: true, keyword: true });
  const id = await addRobot(robot);
  const { rows } = await pool.query<{ row: string }>(
    'select c::text as row from alert_channels c where id = $1',
    [id],
  );
  assert.doesNotMatch(rows[0]?.row ?? '', /token-of-the-group|this is secret/);
  assert.doesNotMatch(JSON.stringify(await listChannels(pool)), /token-of-the-group|this is secret/);
  await reset();
});
