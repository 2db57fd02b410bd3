import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { HookedChunk } from '../../src/engine/delivery/hooks.ts';
import { setRate } from '../../src/store/accounts/pace.ts';
import { cancelStarted, markProbed } from '../../src/store/campaigns/campaigns.ts';
import { until } from '../support/cli.ts';
import { makeScene, type TestNode } from '../support/deliver.ts';

const scene = await makeScene('mp-subscribe', { latencyMs: 5 });
/** What "within a second" is on a machine that does other things as well. */
const withinMs = 2_500;

interface Running {
  id: number;
  nodes: TestNode[];
  /** When each request was begun, by which node and under which claim. */
  sent: { at: number; node: number; run: HookedChunk }[];
  /** Flushes of each claim: when they were begun and when they were acknowledged. */
  flushes: Map<HookedChunk, { begun: number; ended: number }[]>;
}

/** A campaign that three nodes deliver together, each with a lease as in production. */
async function threeNodes(ratePerS: number): Promise<Running> {
  scene.account.clearReceived();
  await scene.pool.query('update accounts set rate_per_s = $1', [ratePerS]);
  const id = await scene.campaign(4_000, { chunkSize: 100 });
  const sent: Running['sent'] = [];
  const flushes: Running['flushes'] = new Map();
  const nodes: TestNode[] = [];
  for (let node = 0; node < 3; node++)
    nodes.push(
      await scene.node({
        leaseMs: 10_000,
        window: 16,
        answerTimeoutMs: 10_000,
        hooks: {
          reached(point, run) {
            const at = performance.now();
            if (point === 'dispatch') sent.push({ at, node, run });
            const mine = flushes.get(run) ?? [];
            flushes.set(run, mine);
            const last = mine.at(-1);
            if (point === 'flush') mine.push({ begun: at, ended: Number.POSITIVE_INFINITY });
            if (point === 'flushed' && last !== undefined) last.ended = at;
          },
        },
      }),
    );
  await until('all three of them send', async () =>
    [0, 1, 2].every((node) => sent.filter((one) => one.node === node).length > 20),
  );
  return { id, nodes, sent, flushes };
}

async function end(running: Running): Promise<void> {
  for (const node of running.nodes) await node.stop();
}

for (const what of ['pause', 'cancel'] as const) {
  test(`every node stops at its next flush, some 20 ms later (${what})`, async (t) => {
    const running = await threeNodes(300);
    const { id, sent } = running;
    if (what === 'pause') assert.ok(await scene.pause(id));
    else assert.ok(await cancelStarted(scene.pool, id, 'operator'));
    const changed = performance.now();
    await until('every chunk is handed back', async () =>
      (await scene.chunks(id)).every((chunk) => chunk.owner === null),
    );
    for (let node = 0; node < 3; node++) {
      const mine = sent.filter((one) => one.node === node);
      const last = Math.max(...mine.map((one) => one.at));
      t.diagnostic(`node ${node} sent the last one after ${Math.round(last - changed)} ms`);
      assert.ok(last < changed + withinMs);
      // The answer to a flush that was begun after the change says so, and nothing leaves after it.
      for (const { at, run } of mine) {
        const told = running.flushes.get(run)?.find((flush) => flush.begun > changed);
        if (told !== undefined) assert.ok(at <= told.ended, `node ${node} sent on after it knew`);
      }
    }
    const report = await scene.report(id);
    assert.ok(report.unsent > 0);
    assert.deepEqual(report.unknownBy, {});
    await end(running);
    if (what === 'pause') await cancelStarted(scene.pool, id, 'operator');
  });
}

test('every node keeps a lower rate soon after it is set', async () => {
  const running = await threeNodes(300);
  const { id, sent } = running;
  await setRate(scene.pool, scene.account.appid, 30);
  const changed = performance.now();
  await until('it is over', async () => performance.now() > changed + withinMs + 2_000);
  const later = sent.filter((one) => one.at > changed + withinMs && one.at <= changed + withinMs + 2_000);
  // Two seconds of 30/s, and what a slice leased before may still hold: 100 ms for each of three nodes.
  assert.ok(later.length <= 60 + 15, `${later.length} messages in two seconds of 30/s`);
  await cancelStarted(scene.pool, id, 'operator');
  await end(running);
});

test('a chunk that was opened while the campaign was probed has its whole window once another node has probed it', async () => {
  // Nothing is answered in this test's time: whatever leaves after the first ten does so without an answer.
  const scene = await makeScene('oa-template', { latencyMs: 600_000 });
  const id = await scene.campaign(60, { probed: false });
  const seen = { dispatch: 0, answer: 0 };
  const node = await scene.node({
    answerTimeoutMs: 60_000,
    leaseMs: 10_000,
    hooks: {
      reached(point) {
        if (point === 'dispatch' || point === 'answer') seen[point]++;
      },
    },
  });
  await until('ten are in flight', async () => seen.dispatch === 10);
  await markProbed(scene.pool, id);
  await until('all are in flight', async () => seen.dispatch === 60);
  assert.equal(seen.answer, 0);
  // Nobody waits for the answers.
  await scene.simulator.close();
  await node.stop(100);
});
