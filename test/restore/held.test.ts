import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { silentLogger } from '../../src/base/logger.ts';
import { resendCampaign } from '../../src/engine/campaigns/resend.ts';
import { startEngine } from '../../src/engine/engine.ts';
import { AccountClients } from '../../src/engine/sending/account-clients.ts';
import { cancelStarted } from '../../src/store/campaigns/campaigns.ts';
import { claimChunk } from '../../src/store/campaigns/chunks.ts';
import { type FlushAnswer, flushChunk } from '../../src/store/campaigns/flush.ts';
import { createSchedule, storeRun } from '../../src/store/campaigns/schedules.ts';
import { inTransaction } from '../../src/store/database/pool.ts';
import { factKind } from '../../src/store/facts.ts';
import { findMessage } from '../../src/store/messages/reports.ts';
import { until } from '../support/cli.ts';
import { makeScene, type Scene } from '../support/deliver.ts';
import { signal } from '../support/in-time.ts';
import { messageNode, messageTo, openMessages, settled } from '../support/messages.ts';
import { linkDatabase } from '../support/store/database-link.ts';

/** As if a standby had taken over: this database was on another timeline when it was last seen. */
async function failOver(scene: Scene): Promise<void> {
  await scene.pool.query('update installation set timeline = timeline - 1');
  await scene.site.store.installation.guard.check();
}

async function assertHeld(scene: Scene, id: number): Promise<void> {
  const { state, stateReason } = await scene.find(id);
  assert.deepEqual([state, stateReason], ['paused', 'restored']);
}

test('whoever waits for another attempt when the backup is made is not sent to again', async () => {
  const scene = await makeScene('mp-subscribe');
  scene.simulator.addFault({ kind: 43108, at: [1], path: scene.path });
  const id = await scene.campaign(1);
  const refused = signal('the first attempt was refused for now');
  const node = await scene.node({
    hooks: {
      reached(point) {
        if (point === 'answer') refused.give();
      },
    },
  });
  await refused.promise;
  // Within the second after which it would be tried again.
  await node.stop();
  assert.equal((await scene.facts(id))[0]?.kind, 'retry');
  assert.equal(scene.received(1), 0);
  await failOver(scene);
  await assertHeld(scene, id);
  await scene.resume(id);
  const calls = scene.calls;
  await scene.node();
  const report = await scene.done(id);
  assert.deepEqual([report.unknownBy, scene.calls - calls], [{ crash: 1 }, 0]);
});

test('a flush that does not find what was acknowledged before it holds everything', async () => {
  const scene = await makeScene('mp-subscribe', { latencyMs: 5 });
  const planned = 200;
  const id = await scene.campaign(planned);
  const { guard } = scene.site.store.installation;
  const { history } = guard;
  let rewound = false;
  const node = await scene.node({
    window: 4,
    hooks: {
      async reached(point) {
        if (point !== 'flush' || rewound) return;
        // Of the last group nothing is there any more: a disk that lost what it had confirmed.
        const lost = await scene.pool.query(
          `with back as (
             update chunks set flush_group = flush_group - 1,
               watermark = (select min(no) from facts f where f.campaign_id = $1 and f.flush_group = chunks.flush_group) - 1
             where campaign_id = $1 and flush_group > 2
               and exists (select 1 from facts f where f.campaign_id = $1 and f.flush_group = chunks.flush_group)
             returning flush_group + 1 as lost)
           delete from facts using back where campaign_id = $1 and facts.flush_group = lost`,
          [id],
        );
        rewound = (lost.rowCount ?? 0) > 0;
      },
    },
  });
  await until('it is held', async () => (await scene.find(id)).stateReason === 'restored');
  assert.notEqual(guard.history, history);
  await node.stop();
  for (let no = 1; no <= planned; no++) assert.ok(scene.received(no) <= 1, `no. ${no} got it twice`);
  const outcomes = async (): Promise<void> => {
    const report = await scene.report(id);
    assert.equal(report.unsent, 0);
    for (const { no, outcome } of await scene.outcomes(id))
      assert.ok(outcome === 'accepted' || outcome === 'unknown', `no. ${no} is ${outcome}`);
  };
  await outcomes();
  const { calls } = scene;
  await scene.resume(id);
  await scene.node();
  await scene.done(id);
  await outcomes();
  assert.equal(scene.calls, calls, 'not one more request');
});

test('a claim of a message, and a flush, that were acknowledged and are not there any more are found missing', async () => {
  const scene = await makeScene('mp-subscribe', { latencyMs: 30 });
  const { guard } = scene.site.store.installation;
  const link = await linkDatabase(scene.site.database);
  const connection = { ...link.connection, application_name: 'linked' };
  let { history } = guard;
  /** The last thing that was committed is undone while nobody is there: nothing else is forgotten, and the log goes on. */
  const lose = async (statement: string, values: unknown[] = []): Promise<void> => {
    link.down();
    // A claim that the server still carries out for a line that is gone would take what is undone now.
    await until('the server has noticed', async () => {
      const { rowCount } = await scene.pool.query(
        "select from pg_stat_activity where datname = current_database() and application_name = 'linked'",
      );
      return rowCount === 0;
    });
    await scene.pool.query(statement, values);
    link.up();
    await until('it is noticed', async () => guard.history !== history);
    history = guard.history;
  };
  const reached = signal('a flush begins');
  const messages = await messageNode(scene, {
    connection,
    leaseMs: 10_000,
    hooks: {
      async reached(point) {
        if (point !== 'flush') return;
        reached.give();
        await new Promise(() => {}); // it never comes back
      },
    },
  });
  await messages.messages.submit(messageTo(scene, 1));
  await reached.promise;
  await lose('update open_messages set owner = null, epoch = 0, batch = 0, claimed_at = null');
  assert.deepEqual(
    (await openMessages(scene)).map((one) => one.owner === null),
    [false],
  );
  assert.equal(scene.received(1), 1);

  scene.account.clearReceived();
  const id = await scene.campaign(20, { chunkSize: 10 });
  await scene.pool.query(
    "update chunks set not_before = now() + interval '1 hour' where campaign_id = $1 and first_no > 1",
    [id],
  );
  await scene.node({ connection });
  // Either node does it, and others see a commit before whoever made it has its acknowledgement.
  await until('its first chunk is done, and its process knows', async () => {
    const { rows } = await scene.pool.query<{ group: number }>(
      `select flush_group as "group" from chunks where campaign_id = $1 and first_no = 1 and state = 'done'`,
      [id],
    );
    return guard.acknowledged.chunks.some(
      (one) => one.campaignId === id && one.firstNo === 1 && one.group === rows[0]?.group,
    );
  });
  await lose(
    `with back as (
       update chunks set state = 'open', flush_group = flush_group - 1, watermark = 0 where campaign_id = $1 and first_no = 1)
     delete from facts where campaign_id = $1`,
    [id],
  );
  await assertHeld(scene, id);
  assert.equal((await scene.report(id)).unknown, 20);
  for (let no = 1; no <= 20; no++) assert.ok(scene.received(no) <= 1, `no. ${no} got it twice`);
});

test('a claim of before a restore is nobody’s, whatever its numbers are; its late facts are appended', async () => {
  const scene = await makeScene('mp-subscribe');
  const id = await scene.campaign(5);
  const claim = await claimChunk(scene.pool, id, randomUUID(), 60_000, 0, []);
  assert.ok(claim !== null);
  await failOver(scene);
  const { history } = scene.site.store.installation.guard;
  const at = { monotonic: 0, wall: 0 };
  const fact = {
    attempt: 1,
    kind: factKind.accepted,
    errcode: null,
    msgid: null,
    reason: null,
    waitMs: null,
    at,
  };
  const flush = (no: number): Promise<FlushAnswer> =>
    flushChunk(scene.pool, {
      ...{ claim, group: no, facts: [{ ...fact, no }], watermark: 0, recount: false, end: 'release' },
      counts: {
        accepted: 0,
        rejected: 0,
        unknown: 0,
        held: 0,
        outcomes: { rejected: {}, unknown: {}, unsent: {} },
      },
      ...{ notBeforeMs: null, leaseMs: 1_000, now: at, doubtFrom: at },
    });
  // Epochs are raised at random; these are the two that would be met by mistake, and seem to have been forgotten.
  for (const [no, epoch] of [claim.epoch, claim.epoch - 1].entries()) {
    await scene.pool.query('update chunks set epoch = $2, flush_group = $3 where campaign_id = $1', [
      id,
      epoch,
      no,
    ]);
    assert.equal((await flush(no + 1)).owned, false);
    const [chunk] = await scene.chunks(id);
    assert.deepEqual([chunk?.watermark, chunk?.accepted], [5, no + 1]);
    assert.notEqual(chunk?.owner, null);
  }
  assert.equal(scene.site.store.installation.guard.history, history, 'and no alarm');
});

test('a campaign that waited for its confirmation may have been sent since; one whose time has not come was not', async () => {
  const scene = await makeScene('mp-subscribe');
  const asked = await scene.campaign(5);
  const later = await scene.campaign(5);
  await scene.pool.query("update campaigns set state = 'planned' where id = $1", [asked]);
  await scene.pool.query("update campaigns set start_at = now() + interval '1 day' where id = $1", [later]);
  await failOver(scene);
  assert.equal((await scene.find(asked)).state, 'cancelled');
  assert.deepEqual((await scene.report(asked)).unknownBy, { crash: 5 });
  assert.deepEqual([...new Set((await scene.outcomes(asked)).map((one) => one.outcome))], ['unknown']);
  await assertHeld(scene, later);
  assert.equal((await scene.report(later)).unsent, 5);
  await scene.resume(later);
  await scene.pool.query('update campaigns set start_at = now() where id = $1', [later]);
  await scene.node();
  assert.equal((await scene.done(later)).accepted, 5);
});

test('a campaign that was being planned when the backup was made may have been sent since', async () => {
  const scene = await makeScene('mp-subscribe');
  // Some of its recipients are decided about, and no chunk is cut yet.
  const asked = await scene.campaign(1_500);
  const later = await scene.campaign(5);
  await scene.pool.query("update campaigns set state = 'planning', plan_bucket = 1");
  await scene.pool.query("update campaigns set start_at = now() + interval '1 day' where id = $1", [later]);
  await scene.pool.query('delete from chunks');
  await failOver(scene);
  for (const [id, unknown] of [
    [asked, 1_500],
    [later, 0],
  ] as const) {
    const { state, stateReason, plannedCount } = await scene.find(id);
    assert.deepEqual([state, stateReason], ['cancelled', 'restored']);
    const report = await scene.report(id);
    assert.deepEqual([report.unknown, report.unsent], [unknown, plannedCount - unknown]);
  }
  await assert.rejects(resendCampaign(scene.site.store, asked, ['unsent']), { code: 'RESEND_NOBODY' });
});

test('whom a killed process may have reached is not called unsent once its campaign is cancelled or paused', async () => {
  const scene = await makeScene('mp-subscribe');
  for (const end of ['cancelled', 'paused'] as const) {
    scene.account.clearReceived();
    const id = await scene.campaign(40);
    const child = scene.child({
      after: { point: 'answer', no: 10, attempt: 1 },
      signal: 'SIGKILL',
      window: 4,
    });
    await child.killed();
    if (end === 'cancelled') assert.ok(await cancelStarted(scene.pool, id, 'operator'));
    else assert.ok(await scene.pause(id));
    await until('its lease is over', async () => {
      const { rows } = await scene.pool.query(
        'select 1 from chunks where campaign_id = $1 and lease_until > clock_timestamp()',
        [id],
      );
      return rows.length === 0;
    });
    const resent =
      end === 'cancelled' ? await resendCampaign(scene.site.store, id, ['unsent']) : { recipients: null };
    const report = await scene.report(id);
    const outcomes = await scene.outcomes(id);
    const unsent = outcomes.filter((one) => one.outcome === 'unsent');
    for (const { no } of unsent)
      assert.equal(scene.received(no), 0, `no. ${no} has it, and is called unsent`);
    assert.ok(outcomes.some((one) => one.outcome === 'unknown' && scene.received(one.no) === 1));
    assert.deepEqual(
      [report.unsent, report.unknown],
      [unsent.length, outcomes.filter((one) => one.outcome === 'unknown').length],
    );
    if (end === 'cancelled') {
      assert.equal(resent.recipients, unsent.length);
      continue;
    }
    await scene.resume(id);
    await scene.node();
    const done = await scene.done(id);
    assert.equal(done.unknown, report.unknown);
    for (let no = 1; no <= 40; no++) assert.ok(scene.received(no) <= 1, `no. ${no} got it twice`);
  }
});

test('what a process still hears of a message that was forgotten is not taken for a message of today', async () => {
  const scene = await makeScene('mp-subscribe');
  const [reached, go] = [signal('a flush begins'), signal('the flush may go on')];
  const old = await messageNode(scene, {
    leaseMs: 10_000,
    hooks: {
      async reached(point) {
        if (point !== 'flush') return;
        reached.give();
        await go.promise;
      },
    },
  });
  const { id } = await old.messages.submit(messageTo(scene, 1));
  await reached.promise;
  assert.equal(scene.received(1), 1);
  // A copy of before it was put back.
  await scene.pool.query('delete from open_messages');
  await scene.pool.query('delete from messages');
  await scene.pool.query("select setval(pg_get_serial_sequence('messages', 'id'), $1, false)", [id]);
  await failOver(scene);
  await scene.pool.query("update accounts set state = 'paused'");
  const node = await messageNode(scene);
  const next = await node.messages.submit(messageTo(scene, 2));
  go.give();
  await old.stop();
  const found = await findMessage(scene.pool, next.id);
  assert.equal(found?.state, 'waiting', 'nothing was heard of it');
  await scene.pool.query("update accounts set state = 'active'");
  assert.equal((await settled(scene, next.id)).state, 'accepted');
  assert.equal(scene.received(2), 1);
});

test('a run of a schedule from before a restore is left out: it may have been sent, and forgotten', async () => {
  const scene = await makeScene('mp-subscribe');
  const { store } = scene.site;
  const request = { channel: 'none' };
  const { appid } = scene.account;
  const scheduleId = await createSchedule(scene.pool, {
    appid,
    cron: '0 0 1 1 *',
    request,
    createdBy: 'test',
    validMinutes: 60,
  });
  const localTime = '2026-01-01T00:00';
  const run = { local: localTime, at: Date.now(), state: 'started' } as const;
  assert.ok(await inTransaction(scene.pool, (client) => storeRun(client, scheduleId, run)));
  const jobs = await store.jobs();
  const said: string[] = [];
  const logger = {
    ...silentLogger,
    error: (_: object, message: string) => said.push(message),
  };
  const clients = new AccountClients({ store, logger });
  await jobs.send(scene.pool, 'schedule', { scheduleId, localTime }, '00000000-0000-4000-8000-000000000001');
  await failOver(scene);
  const engine = await startEngine({ store, clients, logger, role: 'serve', version: '0' });
  try {
    await until('it is left out', async () =>
      said.some((one) => one.startsWith('a run of a schedule is left out')),
    );
    // One of today is carried out: this one only as far as its channel, which is none.
    await scene.pool.query("update installation set history_at = now() - interval '1 hour'");
    await jobs.send(
      scene.pool,
      'schedule',
      { scheduleId, localTime },
      '00000000-0000-4000-8000-000000000002',
    );
    await until('it is tried', async () => {
      const { rows } = await scene.pool.query(
        "select 1 from pgboss.job where name = 'schedule' and state = 'retry'",
      );
      return rows.length === 1;
    });
  } finally {
    await engine.stop();
    await clients.close();
  }
});
