import assert from 'node:assert/strict';
import { test } from 'node:test';
import { silentLogger } from '../../src/base/logger.ts';
import { openInstallation } from '../../src/store/installation/installation.ts';
import { findMessage } from '../../src/store/messages/reports.ts';
import { RestoreGuard } from '../../src/store/restore/restore-guard.ts';
import { until } from '../support/cli.ts';
import { makeScene, type Scene } from '../support/deliver.ts';
import { signal } from '../support/in-time.ts';
import {
  messageChild,
  messageFacts,
  messageNode,
  messageTo,
  openMessages,
  settled,
} from '../support/messages.ts';

/** The id of the only message to this person. */
async function idOf(scene: Scene, no: number): Promise<number> {
  const { rows } = await scene.pool.query<{ id: number }>('select id from messages where openid = $1', [
    scene.account.openid(no - 1),
  ]);
  assert.equal(rows.length, 1);
  return rows[0]?.id ?? 0;
}

for (const channel of ['oa-template', 'mp-subscribe'] as const) {
  test(`a killed process leaves its single messages in doubt, and nobody gets one twice (${channel})`, async () => {
    const scene = await makeScene(channel);
    // After the commit and before it left; with the answer in hand and not stored; after that.
    const points = ['inserted', 'flush', 'flushed'] as const;
    const children = points.map((point, i) =>
      messageChild(scene, { messages: [messageTo(scene, i + 1)], point, signal: 'SIGKILL' }),
    );
    for (const child of children) await child.killed();
    assert.deepEqual(
      points.map((_, i) => scene.received(i + 1)),
      [0, 1, 1],
    );
    await messageNode(scene);
    for (const no of [1, 2]) {
      const id = await idOf(scene, no);
      const report = await settled(scene, id);
      if (channel === 'oa-template') {
        // Sent once more under the same key: WeChat drops it if it had the first.
        assert.equal(report.state, 'accepted');
        assert.deepEqual(await messageFacts(scene, id), ['1 in_doubt crash', '2 accepted']);
      } else {
        assert.deepEqual([report.state, report.reason], ['unknown', 'crash']);
        assert.deepEqual(await messageFacts(scene, id), ['1 in_doubt crash', '2 unknown crash']);
      }
    }
    assert.deepEqual(await messageFacts(scene, await idOf(scene, 3)), ['1 accepted']);
    assert.deepEqual(
      points.map((_, i) => scene.received(i + 1)),
      channel === 'oa-template' ? [1, 1, 1] : [0, 1, 1],
    );
    assert.deepEqual(await openMessages(scene), []);
  });
}

test('a second takeover counts its ten minutes from the first doubt', async () => {
  const scene = await makeScene('oa-template');
  const child = messageChild(scene, { messages: [messageTo(scene, 1)], point: 'answer', signal: 'SIGKILL' });
  await child.killed();
  const id = await idOf(scene, 1);
  const first = await messageNode(scene);
  await until('it is in doubt', async () => (await openMessages(scene))[0]?.doubted);
  await first.stop();
  // The next node claims it and dies as well; by then the first attempt lies too far back.
  await scene.pool.query(
    `update open_messages set doubt_from = doubt_from - interval '10 minutes', owner = gen_random_uuid(), epoch = 1,
       claimed_at = clock_timestamp()`,
  );
  await messageNode(scene);
  const report = await settled(scene, id);
  assert.deepEqual([report.state, report.reason], ['unknown', 'crash']);
  assert.equal(scene.calls, 1);
});

test('a process stopped past its lease and continued sends nothing, and its late facts count', async () => {
  const scene = await makeScene('mp-subscribe');
  // One stops with a message at its client's door and two behind it, the other with an answer in hand.
  // A lease that no busy machine outlasts before they stop; while they are stopped it ends here, and by their own clocks.
  const stopped = { signal: 'SIGSTOP', leaseMs: 20_000, asleepMs: 60_000 } as const;
  const early = messageChild(scene, {
    ...stopped,
    messages: [1, 2, 3].map((no) => messageTo(scene, no)),
    point: 'dispatch',
    window: 1,
  });
  const late = messageChild(scene, { ...stopped, messages: [messageTo(scene, 4)], point: 'answer' });
  await early.stopped();
  await late.stopped();
  await scene.pool.query("update nodes set lease_until = steady_now() - interval '1 s'");
  await messageNode(scene);
  const ids = await Promise.all([1, 2, 3, 4].map((no) => idOf(scene, no)));
  for (const id of ids) assert.equal((await settled(scene, id)).state, 'unknown');
  early.go();
  late.go();
  await until('both have a lease of their own again', async () => {
    const live = await scene.pool.query(
      'select 1 from nodes where epoch > 1 and lease_until > clock_timestamp() and pid = any ($1::integer[])',
      [[early.process.pid, late.process.pid]],
    );
    return live.rowCount === 2;
  });
  await until('the late facts are stored', async () => {
    const facts = await Promise.all(ids.map((id) => messageFacts(scene, id)));
    return facts.flat().includes('1 retry deadline') && facts[3]?.includes('1 accepted');
  });
  const states = await Promise.all(ids.map(async (id) => (await findMessage(scene.pool, id))?.state));
  assert.deepEqual(states, ['unknown', 'unknown', 'unknown', 'accepted']);
  assert.deepEqual(
    [1, 2, 3, 4].map((no) => scene.received(no)),
    [0, 0, 0, 1],
  );
});

test('a stopping node hands back what it has not started, and nobody is in doubt', async () => {
  const scene = await makeScene('mp-subscribe', { latencyMs: 300 });
  const under = signal('a message leaves');
  const node = await messageNode(scene, {
    window: 1,
    hooks: {
      reached(point) {
        if (point === 'dispatch') under.give();
      },
    },
  });
  // As one batch, so that all are stored before the first one leaves; and it stops before the second one can.
  const submitting = node.messages.submitBatch(
    [1, 2, 3].map((no) => messageTo(scene, no)),
    { all: true },
  );
  await under.promise;
  const stopping = node.stop();
  await Promise.all([submitting, stopping]);
  const ids = await Promise.all([1, 2, 3].map((no) => idOf(scene, no)));
  const open = await openMessages(scene);
  assert.equal(open.length, 2);
  assert.ok(open.every(({ owner, attempt, doubted }) => owner === null && attempt === 1 && !doubted));
  await messageNode(scene);
  for (const id of ids) assert.deepEqual(await settled(scene, id).then(({ state }) => state), 'accepted');
  for (const no of [1, 2, 3]) assert.equal(scene.received(no), 1);
});

test('in a restored database every open message is in doubt, too long ago to be repeated', async () => {
  const scene = await makeScene('oa-template');
  const node = await messageNode(scene);
  await scene.pool.query("update accounts set state = 'paused'");
  await until('the node knows that the account is paused', async () => {
    const { id } = await node.messages.submit(messageTo(scene, 1));
    return (await openMessages(scene)).some((one) => one.id === id && one.owner === null);
  });
  await node.stop();
  const { rows } = await scene.pool.query<{ id: number }>('select message_id as id from open_messages');
  assert.ok(rows.length > 0);
  const calls = scene.calls;
  const open = (): Promise<unknown> =>
    openInstallation(scene.pool, scene.site.store.sealer, new RestoreGuard(silentLogger, null));
  await open();
  await scene.pool.query('update installation set timeline = timeline - 1');
  await open();
  await scene.pool.query("update accounts set state = 'active'");
  await messageNode(scene);
  for (const { id } of rows) {
    const report = await settled(scene, id);
    assert.deepEqual([report.state, report.reason], ['unknown', 'crash']);
  }
  assert.equal(scene.calls, calls, 'not one request');
});
