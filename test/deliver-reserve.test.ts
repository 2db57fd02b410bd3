import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeScene } from './support/deliver.ts';

const scene = await makeScene('mp-subscribe', { latencyMs: 20 });

/** How many numbers each flush reserved beyond the last one that was started, from the number `from` on. */
async function reserved(options: { window: number; planned: number; from: number }): Promise<number[]> {
  const id = await scene.campaign(options.planned);
  let started = 0;
  const ahead: number[] = [];
  let startedAtFlush = 0;
  const node = await scene.node({
    window: options.window,
    hooks: {
      async reached(point, run, item) {
        if (run.claim.campaignId !== id) return;
        if (point === 'dispatch' && item !== undefined) started = Math.max(started, item.no);
        // The mark of a flush is settled in the turn in which this is called.
        if (point === 'flush') startedAtFlush = started;
        if (point !== 'flushed') return;
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
  return ahead;
}

test('a chunk reserves what goes out during two commits, not more: few when it is slow', async () => {
  // One in flight at 20 ms: 50/s, so 2 numbers at the 20 ms that a flush waits; a busy machine makes it some more.
  const ahead = (await reserved({ window: 1, planned: 250, from: 60 })).sort((a, b) => a - b);
  assert.ok(ahead.every((n) => n >= 0));
  const middle = ahead[Math.floor(ahead.length / 2)] ?? 0;
  assert.ok(middle >= 1 && middle <= 16, `${middle} numbers ahead at 50/s`);
});

test('a chunk never reserves more than a hundred, however fast it is', async () => {
  const ahead = await reserved({ window: 64, planned: 4_000, from: 200 });
  const most = Math.max(...ahead);
  assert.ok(most <= 100, `${most} numbers ahead`);
  assert.ok(most > 16, `only ${most} ahead, so that sending would wait for the commits`);
});
