import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Timed, Timeouts } from './timeouts.ts';

function timed(timeOut: () => void): Timed {
  return { timeOut, expiresAt: 0, earlier: null, later: null };
}

test('those that were not removed time out, in order and never early', async () => {
  const timeouts = new Timeouts(30);
  const out: number[] = [];
  const begun = performance.now();
  const all: Timed[] = [];
  const hold = setInterval(() => {}, 1_000); // their timer does not keep the process alive
  await new Promise<void>((resolve) => {
    for (let i = 0; i < 6; i++) {
      const one = timed(() => {
        assert.ok(performance.now() - begun >= 30, 'not early');
        out.push(i);
        if (i === 4) resolve();
      });
      all.push(one);
      timeouts.add(one);
    }
    // The first, one in the middle and the last.
    for (const i of [0, 2, 5]) timeouts.remove(all[i] as Timed); // six were added
    timeouts.remove(all[2] as Timed); // once more does no harm
  });
  clearInterval(hold);
  assert.deepEqual(out, [1, 3, 4]);
  timeouts.close();
});

test('a timeout may add the next one, which has its whole time', async () => {
  const timeouts = new Timeouts(20);
  const hold = setInterval(() => {}, 1_000);
  const first = performance.now();
  const second = await new Promise<number>((resolve) => {
    timeouts.add(timed(() => timeouts.add(timed(() => resolve(performance.now())))));
  });
  assert.ok(second - first >= 40);
  clearInterval(hold);
  timeouts.close();
});
