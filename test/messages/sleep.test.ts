/** Single messages of a machine that slept: its monotonic clock stood, its wall clock and WeChat's went on. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { silentLogger } from '../../src/base/logger.ts';
import { NodeLease } from '../../src/engine/sending/node-lease.ts';
import { makeScene } from '../support/deliver.ts';
import { machineClock } from '../support/manual-clock.ts';
import { messageChild, messageFacts, messageNode, messageTo, settled } from '../support/messages.ts';
import { linkDatabase } from '../support/store/database-link.ts';

const hourMs = 3_600_000;

test('a message in doubt is not sent again by a machine that slept when it had claimed it', async () => {
  const scene = await makeScene('oa-template');
  const child = messageChild(scene, { messages: [messageTo(scene, 1)], point: 'answer', signal: 'SIGKILL' });
  await child.killed();
  const clock = machineClock();
  await messageNode(scene, {
    clock,
    hooks: {
      reached(point) {
        if (point !== 'claimed') return;
        clock.sleepFor(hourMs);
        scene.simulator.advance(hourMs);
      },
    },
  });
  const { rows } = await scene.pool.query<{ id: number }>('select id from messages');
  const report = await settled(scene, rows[0]?.id ?? 0);
  assert.deepEqual([report.state, report.reason], ['unknown', 'crash']);
  assert.equal(scene.received(1), 1);
  assert.equal(scene.calls, 1);
});

test('a message that WeChat answered with −1 before a sleep is not repeated after it', async () => {
  const scene = await makeScene('oa-template');
  scene.simulator.addFault({ kind: -1, next: 1, accepted: true, path: scene.path });
  const clock = machineClock();
  const node = await messageNode(scene, {
    clock,
    hooks: {
      reached(point) {
        if (point !== 'flush') return;
        clock.sleepFor(hourMs);
        scene.simulator.advance(hourMs);
      },
    },
  });
  const { id } = await node.messages.submit(messageTo(scene, 1));
  const report = await settled(scene, id);
  assert.equal(report.state, 'unknown');
  assert.deepEqual(await messageFacts(scene, id), ['1 retry -1', '2 unknown maybe-sent']);
  assert.equal(scene.received(1), 1);
});

test('a message that a late renewal held up leaves with the next one, with nothing else to be done', async () => {
  const scene = await makeScene('oa-template');
  const clock = machineClock();
  const link = await linkDatabase(scene.site.database);
  /** A renewal of before a sleep is over when its answer comes. */
  const renewLate = async (): Promise<() => void> => {
    const { held, release } = link.holdNext('renew-node-lease');
    await held;
    clock.sleepFor(hourMs);
    scene.simulator.advance(hourMs);
    return release;
  };
  let answer = (): void => {};
  const node = await messageNode(scene, {
    ...{ clock, connection: link.connection },
    hooks: {
      async reached(point) {
        if (point === 'inserted') answer = await renewLate();
      },
    },
  });
  const { id } = await node.messages.submit(messageTo(scene, 1));
  // Until whatever else looked at it, once its slot had come, has looked in vain.
  for (let times = 0; times < 5; times++) {
    answer();
    answer = await renewLate();
  }
  assert.equal(scene.calls, 0);
  answer();
  assert.equal((await settled(scene, id)).state, 'accepted');
  assert.equal(scene.received(1), 1);
});

test('a lease that the database renewed before a sleep is over after it', async (t) => {
  const scene = await makeScene('oa-template');
  const clock = machineClock();
  const node = { id: '00000000-0000-4000-a000-000000000001', role: 'serve', version: 'test' } as const;
  const { pool, installation } = scene.site.store;
  const { guard } = installation;
  const lease = new NodeLease({ pool, clock, logger: silentLogger, node, leaseMs: 10_000, guard });
  t.after(() => lease.close());
  await lease.start();
  assert.ok(lease.isHeld(lease.epoch));
  const renewed = lease.renew();
  clock.sleepFor(hourMs);
  await renewed;
  assert.ok(!lease.isHeld(lease.epoch));
  await lease.renew();
  assert.ok(lease.isHeld(lease.epoch));
});
