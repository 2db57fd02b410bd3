import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setRate } from '../../src/store/accounts/pace.ts';
import { until } from '../support/cli.ts';
import { makeScene } from '../support/deliver.ts';

const scene = await makeScene('mp-subscribe', { latencyMs: 20 });

const middleOf = (numbers: number[]): number =>
  [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? 0;

/**
 * How many numbers each flush reserved beyond the last one that was started, from the number `from` on, and how long a flush
 * took, as the middle one did, ms.
 */
async function reserved(options: {
  window: number;
  planned: number;
  from: number;
}): Promise<{ ahead: number[]; flushMs: number }> {
  const id = await scene.campaign(options.planned);
  let started = 0;
  const ahead: number[] = [];
  const flushes: number[] = [];
  let startedAtFlush = 0;
  let begun = 0;
  const node = await scene.node({
    window: options.window,
    hooks: {
      async reached(point, run, item) {
        if (run.claim.campaignId !== id) return;
        if (point === 'dispatch' && item !== undefined) started = Math.max(started, item.no);
        // The mark of a flush is settled in the turn in which this is called.
        if (point === 'flush') [startedAtFlush, begun] = [started, performance.now()];
        if (point !== 'flushed') return;
        flushes.push(performance.now() - begun);
        const was = startedAtFlush;
        const [chunk] = await scene.chunks(id);
        // At the end of the chunk there is nobody left to reserve.
        if (was >= options.from && chunk?.state === 'open' && chunk.watermark < options.planned)
          ahead.push(chunk.watermark - was);
      },
    },
  });
  await scene.done(id);
  await node.stop();
  assert.ok(ahead.length > 5, `${ahead.length} flushes were seen`);
  return { ahead, flushMs: middleOf(flushes) };
}

test('a chunk reserves what goes out during two commits, not more: few when it is slow', async () => {
  // One in flight at 20 ms: 50/s, so 2 numbers at the 20 ms that a flush waits; a busy machine makes it some more, and as many
  // more as go out during two commits.
  const { ahead, flushMs } = await reserved({ window: 1, planned: 250, from: 60 });
  assert.ok(ahead.every((n) => n >= 0));
  const middle = middleOf(ahead);
  const most = 16 + 0.05 * 2 * flushMs;
  assert.ok(middle >= 1 && middle <= most, `${middle} numbers ahead at 50/s and ${Math.round(flushMs)} ms`);
});

test('a chunk never reserves more than a hundred, however fast it is', async () => {
  const { ahead } = await reserved({ window: 64, planned: 4_000, from: 200 });
  const most = Math.max(...ahead);
  assert.ok(most <= 100, `${most} numbers ahead`);
  assert.ok(most > 16, `only ${most} ahead, so that sending would wait for the commits`);
});

/** What a node had reserved in each chunk at each of its flushes, and the longest time that one took, ms. */
async function watched(
  id: number,
  window: number,
): Promise<{ ahead: Map<number, number>[]; slowestMs: number }> {
  const started = new Map<number, number>();
  const begun = new Map<number, number>();
  const ahead: Map<number, number>[] = [];
  let slowestMs = 0;
  const node = await scene.node({
    window,
    hooks: {
      async reached(point, { claim }, item) {
        const { campaignId, firstNo } = claim;
        if (campaignId !== id) return;
        if (point === 'dispatch' && item !== undefined) started.set(firstNo, item.no);
        if (point === 'flush') begun.set(firstNo, performance.now());
        if (point !== 'flushed') return;
        slowestMs = Math.max(slowestMs, performance.now() - (begun.get(firstNo) ?? 0));
        // What is started while this is asked only makes it less.
        const open = (await scene.chunks(id)).filter(({ owner }) => owner !== null);
        ahead.push(
          new Map(
            open.map((chunk) => [
              chunk.firstNo,
              chunk.watermark - (started.get(chunk.firstNo) ?? chunk.firstNo - 1),
            ]),
          ),
        );
      },
    },
  });
  await scene.done(id);
  await node.stop();
  return { ahead, slowestMs };
}

async function atRate(ratePerS: number, work: () => Promise<void>): Promise<void> {
  const { appid } = scene.account;
  const before = await scene.pool.query<{ rate: number }>('select rate_per_s as rate from accounts');
  await setRate(scene.pool, appid, ratePerS);
  await work();
  await setRate(scene.pool, appid, before.rows[0]?.rate ?? 100);
}

test('the open chunks of a campaign share one lead, which the ceiling bounds from the first message on', async () => {
  await atRate(10, async () => {
    const id = await scene.campaign(45, { chunkSize: 15 });
    const { ahead, slowestMs } = await watched(id, 64);
    assert.ok(ahead.length > 10, `${ahead.length} flushes were seen`);
    assert.ok(
      ahead.some((chunks) => chunks.size > 1),
      'several chunks were open',
    );
    // 1 with commits of 5 ms, and more where this machine's are much slower. Each other chunk may have one that it asked for.
    const lead = Math.ceil(0.01 * (20 + 2 * Math.max(5, slowestMs))) + 2;
    const most = Math.max(...ahead.map((chunks) => [...chunks.values()].reduce((a, b) => a + b, 0)));
    assert.ok(
      most <= lead,
      `${most} numbers ahead, where ${lead} do with flushes of ${Math.round(slowestMs)} ms`,
    );
  });
});

test('a chunk whose next person waits for an answer does not keep the lead from the others', async () => {
  // No answer comes while this is looked at, so that the lead is the one of the beginning on any machine.
  const slow = await makeScene('mp-subscribe', { latencyMs: 5_000 });
  const id = await slow.campaign(200, { chunkSize: 100 });
  // One after the other: messages to one person do not overlap.
  await slow.pool.query('update recipients set openid = $2 where campaign_id = $1 and no <= 100', [
    id,
    slow.account.openid(0),
  ]);
  const started = new Map<number, number>();
  const ahead: number[] = [];
  const node = await slow.node({
    window: 64,
    answerTimeoutMs: 30_000,
    hooks: {
      async reached(point, { claim: { firstNo } }, item) {
        if (point === 'dispatch' && item !== undefined) started.set(firstNo, item.no);
        if (point !== 'flushed' || !started.has(1)) return;
        const second = (await slow.chunks(id)).find((chunk) => chunk.firstNo === 101);
        ahead.push((second?.watermark ?? 100) - (started.get(101) ?? 100));
      },
    },
  });
  await until('the second chunk goes on', async () => (started.get(101) ?? 0) > 101);
  await until('it was looked at a few times', async () => ahead.length > 3);
  assert.equal(started.get(1), 1);
  // Those in flight are answered, so that nothing of it is left.
  await node.stop(30_000);
  assert.ok(Math.max(...ahead) > 16, `${ahead} ahead in the second chunk`);
});
