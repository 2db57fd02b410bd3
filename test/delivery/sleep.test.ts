/**
 * A machine that slept: its monotonic clock stood, its wall clock went on, and WeChat has forgotten the keys. The campaign's
 * channel is one where WeChat drops repeats; whoever is sent to again an hour later gets the message twice.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { until } from '../support/cli.ts';
import { makeScene, type Scene } from '../support/deliver.ts';
import { signal } from '../support/in-time.ts';
import { type MachineClock, machineClock } from '../support/manual-clock.ts';
import { linkDatabase } from '../support/store/database-link.ts';

const hourMs = 3_600_000;
const scene = await makeScene('oa-template', { latencyMs: 3 });
const link = await linkDatabase(scene.site.database);

function fresh(): Scene {
  scene.account.clearReceived();
  scene.simulator.clearFaults();
  return scene;
}

/** The machine sleeps; WeChat does not. */
function sleep(clock: MachineClock, ms = hourMs): void {
  clock.sleepFor(ms);
  scene.simulator.advance(ms);
}

function assertNobodyTwice(planned: number): void {
  for (let no = 1; no <= planned; no++)
    assert.ok(scene.received(no) <= 1, `no. ${no} got ${scene.received(no)}`);
}

test('a machine that slept does not repeat −1 under a key that WeChat has forgotten', async () => {
  fresh();
  // WeChat took them all the same. The last before the sleep: −1 is repeated some 0.4 s later, and a busy machine is at none by then.
  scene.simulator.addFault({ kind: -1, at: [9, 10, 11], accepted: true, path: scene.path });
  const clock = machineClock();
  const id = await scene.campaign(12);
  const node = await scene.node({
    clock,
    window: 1,
    hooks: {
      reached(point, _run, item) {
        if (point === 'dispatch' && item?.no === 12 && item.attempt === 1) sleep(clock);
      },
    },
  });
  const report = await scene.done(id);
  assert.deepEqual(report.unknownBy, { '-1': 3 });
  assert.equal(report.accepted, 9);
  assertNobodyTwice(12);
  await node.stop();
});

test('a wall clock that was set back does not lengthen the time in which −1 is repeated', async () => {
  fresh();
  scene.simulator.addFault({ kind: -1, at: [1], accepted: true, path: scene.path });
  const clock = machineClock();
  let ahead = 0;
  const id = await scene.campaign(2);
  const node = await scene.node({
    window: 1,
    clock: { ...clock, monotonic: () => clock.monotonic() + ahead, now: () => clock.now() + ahead },
    hooks: {
      reached(point, _run, item) {
        if (point !== 'dispatch' || item?.no !== 2 || item.attempt > 1) return;
        clock.sleepFor(-hourMs);
        ahead += 9 * 60_000;
        scene.simulator.advance(9 * 60_000);
      },
    },
  });
  assert.deepEqual((await scene.done(id)).unknownBy, { '-1': 1 });
  assertNobodyTwice(2);
  await node.stop();
});

test('a machine that slept leaves those in doubt unknown whom it would have sent once more', async () => {
  for (const moment of ['while they wait', 'while it reads what was left'] as const) {
    fresh();
    const id = await scene.campaign(200);
    const child = scene.child({
      after: { point: 'answer', no: 20, attempt: 1 },
      signal: 'SIGKILL',
      window: 4,
    });
    await child.killed();
    const clock = machineClock();
    const reading = link.holdNext('chunk-recipients');
    const node = await scene.node({ clock, connection: link.connection });
    await reading.held;
    if (moment === 'while it reads what was left') sleep(clock);
    reading.release();
    if (moment === 'while they wait') {
      await until('the others are sent', async () => scene.received(200) === 1);
      sleep(clock);
    }
    const report = await scene.done(id);
    const doubts = (await scene.facts(id)).filter((fact) => fact.kind === 'in_doubt');
    assert.ok(doubts.length > 0);
    assert.deepEqual(report.unknownBy, { crash: doubts.length }, moment);
    assertNobodyTwice(200);
    await node.stop();
  }
});

test('a machine that slept while the database answered knows that its lease is over', async () => {
  fresh();
  const clock = machineClock();
  const id = await scene.campaign(300);
  const reached = signal('the eighth message leaves');
  const flushes = { left: Number.POSITIVE_INFINITY, done: signal('two flushes are over') };
  const first = await scene.node({
    clock,
    connection: link.connection,
    window: 1,
    leaseMs: 10_000,
    hooks: {
      reached(point, _run, item) {
        if (point === 'dispatch' && item?.no === 8) reached.give();
        if (point === 'flushed' && --flushes.left === 0) flushes.done.give();
      },
    },
  });
  await reached.promise;
  // It reserves numbers, and has not heard of it when the lid is closed.
  let flush = link.holdNext('flush-chunks');
  for (;;) {
    await flush.held;
    await until('it has sent what it knew of', async () => {
      const calls = scene.calls;
      await new Promise((resolve) => setTimeout(resolve, 100));
      return scene.calls === calls;
    });
    const sent = [...Array(300).keys()].filter((i) => scene.received(i + 1) > 0).length;
    if (((await scene.chunks(id))[0]?.watermark ?? 0) > sent) break;
    const { release } = flush;
    flush = link.holdNext('flush-chunks');
    release();
  }
  clock.hold();
  await scene.pool.query(
    "update chunks set lease_until = lease_until - interval '10 s' where campaign_id = $1",
    [id],
  );
  // Another process sends those in doubt once more, and finishes; it waits for the first one's last answer, which is long over.
  const second = await scene.node({ answerTimeoutMs: 4_000 });
  await scene.done(id);
  const twice = scene.account.summary().duplicates;
  sleep(clock);
  // The one that was held, and the one that says that the chunk is another's.
  flushes.left = 2;
  clock.go();
  flush.release();
  await flushes.done.promise;
  await first.stop();
  assertNobodyTwice(300);
  assert.equal(scene.account.summary().duplicates, twice);
  await second.stop();
});

test('what is stored after a sleep is stored with the time at which it happened', async () => {
  fresh();
  scene.simulator.addFault({ kind: -1, at: [1], accepted: true, path: scene.path });
  const clock = machineClock();
  const id = await scene.campaign(1);
  const node = await scene.node({
    clock,
    hooks: {
      async reached(point, run, item) {
        if (point === 'answer') run.drain();
        if (point === 'flush' && item !== undefined) sleep(clock);
      },
    },
  });
  await until('the chunk is handed back', async () =>
    (await scene.chunks(id)).every((chunk) => chunk.owner === null && chunk.epoch > 0),
  );
  const [refused] = await scene.facts(id);
  assert.equal(refused?.kind, 'retry');
  assert.ok(Math.abs(Date.now() - hourMs - (refused?.at.getTime() ?? 0)) < 60_000, `${refused?.at}`);
  await node.stop();
  const other = await scene.node();
  assert.deepEqual((await scene.done(id)).unknownBy, { '-1': 1 });
  assertNobodyTwice(1);
  await other.stop();
});
